"""What can be a rule, and what of its change could keep a flood from being heard. Pure."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from alerts.standing.terms import unreadable
from core.properties import PROPERTIES
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS, Rule
from core.severity import Severity
from core.stations import StationKind
from core.topics import CODE

LONGEST_TEXT = 1000
LONGEST_WITHIN_S = 7 * 86_400
_COLOURS = frozenset(Severity)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `where` is a column, or a path as `terms.wind[1].force`."""

    where: str
    message: str


class RuleRelaxation(StrEnum):
    """In what way the new version may be heard later or less often than the one that stands."""

    SWITCHED_OFF = "switched_off"
    TERMS_CHANGED = "terms_changed"
    REQUIRES_CHANGED = "requires_changed"
    STATIONS_TAKEN_OUT = "stations_taken_out"
    PRIORITY_LOWERED = "priority_lowered"


def rule_relaxations(old: Rule | None, new: Rule) -> tuple[RuleRelaxation, ...]:
    """What needs a second person; texts, sources and what is switched on do not.

    Which way a changed parameter works depends on its kind, so every one counts.
    """
    if old is None or not old.active:
        return ()
    found = []
    if not new.active:
        found.append(RuleRelaxation.SWITCHED_OFF)
    if new.terms != old.terms:
        found.append(RuleRelaxation.TERMS_CHANGED)
    if new.requires != old.requires:
        found.append(RuleRelaxation.REQUIRES_CHANGED)
    if set(old.kinds) - set(new.kinds):
        found.append(RuleRelaxation.STATIONS_TAKEN_OUT)
    if (new.priority.rank if new.priority else 0) < (old.priority.rank if old.priority else 0):
        found.append(RuleRelaxation.PRIORITY_LOWERED)
    return tuple(found)


def faults_of(rule: Rule, standing: Sequence[Rule]) -> list[Fault]:
    """All that is wrong with a rule, beside the rules that stand (their newest versions).

    A rule keeps its class and kind for good: alarms of older versions stand by them. The terms must have the shape
    of those that the evaluator reads: of the rule itself, else of another one of its kind.
    """
    known = {one.code: one for one in standing}
    old = known.get(rule.code)
    found: list[Fault] = []
    if not CODE.fullmatch(rule.code):
        found.append(Fault("code", "use 1 to 64 letters, digits, point, hyphen, underscore"))
    if old is not None and (rule.alarm_class, rule.kind, rule.property) != (
        old.alarm_class,
        old.kind,
        old.property,
    ):
        found.append(
            Fault("kind", "a rule keeps its class, kind and property; give another one a code of its own")
        )
    like = old or next((one for one in standing if one.kind == rule.kind), None)
    if like is None:
        kinds = ", ".join(sorted({one.kind for one in standing}))
        found.append(Fault("kind", f"{rule.kind!r} is no kind of rule that is evaluated ({kinds})"))
    else:
        wrong = _shape(rule.terms, like.terms, "terms")
        if not wrong and (said := unreadable(rule.kind, rule.terms)) is not None:
            wrong = [Fault("terms", said)]
        found += wrong
    of_others = {one.property for one in standing}
    if rule.property is not None and rule.property not in PROPERTIES and rule.property not in of_others:
        found.append(Fault("property", f"{rule.property!r} is no property that is measured"))
    strange = sorted(set(rule.kinds) - set(StationKind) - set(old.kinds if old else ()))
    if strange:
        found.append(
            Fault("kinds", f"{', '.join(strange)}: no kinds of stations (SL 323: PP ZZ ZQ RR DD TT DP MM)")
        )
    found += _requires(rule, known)
    found += _card(rule.card)
    found += _text("source", rule.source, needed=True)
    return found


def merged_terms(rule_terms: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """The terms with what is left out taken from those that stand."""
    return {**standing, **rule_terms}


def _shape(value: Any, like: Any, where: str) -> list[Fault]:
    """Faults where a value has not the shape of another one: same names, same types, plausible numbers."""
    if like is None:
        return []
    if isinstance(like, Mapping):
        if not isinstance(value, Mapping):
            return [Fault(where, "must be an object")]
        found = [
            Fault(f"{where}.{name}", "is unknown to this kind of rule") for name in value if name not in like
        ]
        found += [Fault(f"{where}.{name}", "is missing") for name in like if name not in value]
        for name in like:
            if name in value:
                found += _shape(value[name], like[name], f"{where}.{name}")
        return found
    if isinstance(like, list):
        if not isinstance(value, list):
            return [Fault(where, "must be a list")]
        if len(value) > 100:
            return [Fault(where, "holds more than 100 entries")]
        return [
            fault
            for number, entry in enumerate(value)
            for fault in (_shape(entry, like[0], f"{where}[{number}]") if like else [])
        ]
    return _plain_value(value, like, where)


def _plain_value(value: Any, like: Any, where: str) -> list[Fault]:
    if value is None:
        return []
    if isinstance(like, bool):
        return [] if isinstance(value, bool) else [Fault(where, "must be true or false")]
    if isinstance(like, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return [Fault(where, f"{value!r} is no number")]
        if abs(value) > 1e9 or (value < 0 <= like):
            return [Fault(where, f"{value:g} cannot be right")]
        return []
    if not isinstance(value, str):
        return [Fault(where, "must be a text")]
    if like in _COLOURS and value not in _COLOURS:
        return [Fault(where, f"{value!r} is none of red, orange, yellow, blue")]
    return _text(where, value, needed=False)


def _requires(rule: Rule, known: Mapping[str, Rule]) -> list[Fault]:
    asked = rule.requires
    if asked is None:
        return []
    if set(asked) - {"least", "of", "within_s"} or not isinstance(asked.get("of"), list) or not asked["of"]:
        return [
            Fault("requires", 'write {"least": k, "of": [{"rule", "subject", "severity"}], "within_s": n}')
        ]
    found: list[Fault] = []
    least, within = asked.get("least", len(asked["of"])), asked.get("within_s", 3600)
    if not isinstance(least, int) or isinstance(least, bool) or not 1 <= least <= len(asked["of"]):
        found.append(Fault("requires.least", f"must lie between 1 and {len(asked['of'])}"))
    if not isinstance(within, int) or isinstance(within, bool) or not 0 < within <= LONGEST_WITHIN_S:
        found.append(Fault("requires.within_s", f"must lie between 1 and {LONGEST_WITHIN_S} seconds"))
    for number, one in enumerate(asked["of"]):
        where = f"requires.of[{number}]"
        if not isinstance(one, Mapping) or set(one) - {"rule", "subject", "severity"}:
            found.append(Fault(where, "names a rule, perhaps a subject and a severity"))
            continue
        code = str(one.get("rule"))
        if code == rule.code or (code in known and _leads_to(known[code], rule.code, known)):
            found.append(Fault(f"{where}.rule", f"{code} would wait for itself"))
        elif code not in known:
            found.append(Fault(f"{where}.rule", f"there is no rule {code!r}"))
        if one.get("severity") is not None and one["severity"] not in _COLOURS:
            found.append(
                Fault(f"{where}.severity", f"{one['severity']!r} is none of red, orange, yellow, blue")
            )
        if not isinstance(one.get("subject", "same"), str):
            found.append(Fault(f"{where}.subject", "is same, area, or the code of a subject"))
    return found


def _leads_to(rule: Rule, code: str, known: Mapping[str, Rule], depth: int = 0) -> bool:
    """True if a rule waits, by whatever way, for the one named."""
    if depth > len(known):
        return True
    waits = [str(one.get("rule")) for one in (rule.requires or {}).get("of", ()) if isinstance(one, Mapping)]
    return code in waits or any(
        _leads_to(known[one], code, known, depth + 1) for one in waits if one in known and one != rule.code
    )


def _card(card: Mapping[str, Any]) -> list[Fault]:
    """A card has all its parts in both languages, or there is none."""
    found = []
    for language in CARD_LANGUAGES:
        parts = card.get(language)
        if not isinstance(parts, Mapping) or set(parts) - set(CARD_PARTS):
            found.append(Fault(f"card.{language}", "has cause, consequence, action and within"))
            continue
        for part in CARD_PARTS:
            found += _text(f"card.{language}.{part}", parts.get(part, ""), needed=True)
    return found


def _text(where: str, text: Any, *, needed: bool) -> list[Fault]:
    if not isinstance(text, str) or (needed and not text.strip()):
        return [Fault(where, "is empty; fill it in")]
    if len(text) > LONGEST_TEXT:
        return [Fault(where, f"is longer than {LONGEST_TEXT} characters; shorten it")]
    if any(unicodedata.category(letter) in ("Cf", "Cs", "Co", "Cc") and letter != "\n" for letter in text):
        return [Fault(where, "holds control or invisible characters; type it again")]
    if "<" in text or ">" in text:
        return [Fault(where, "holds < or >; texts are plain, take the markup out")]
    return []
