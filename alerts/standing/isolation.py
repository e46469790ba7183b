"""失联: most of an area's stations, devices, cameras and people fell silent together.

Nothing mutes it. It goes by the silences of its parts, which stand also while something explains them: a broken
backbone explains why nobody is heard, and nobody is heard all the same. Where nearly every town is silent it is
one alarm of the whole county, which says so, instead of one for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.moments import moment
from alerts.standing.words import both
from core import notices
from core.areas import Area
from core.language import LANGUAGES
from store.areas import areas
from store.isolation import Thing, people, things
from store.open_alarms import open_subjects

LINKS = ("link_ingest", "link_broker", "link_telemetry")
"""Rules whose alarm says that the centre itself may be deaf; the text then says to look there first."""
_NAMED = 50
"""So many silent things are listed by name."""


@dataclass(frozen=True, slots=True)
class Terms:
    """At least `least` things of `kinds` kinds, `share` of all, that fell silent within `window_s` of each other.

    It is over below `share_off`. People count who were called within `called_s` and had `answer_s` to answer.
    From `county_share` of the towns (`county_least` at least) on it is the county's.
    """

    least: int = 4
    kinds: int = 2
    share: float = 0.6
    share_off: float = 0.4
    window_s: float = 3600.0
    answer_s: float = 300.0
    called_s: float = 7200.0
    county_share: float = 0.6
    county_least: int = 3

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(**{name: terms[name] for name in cls.__slots__ if name in terms})


@dataclass(frozen=True, slots=True)
class Together:
    """The things of an area that fell silent together, and how many are heard."""

    silent: tuple[Thing, ...]
    heard: tuple[Thing, ...]

    @property
    def share(self) -> float:
        """Of all that could be heard."""
        whole = len(self.silent) + len(self.heard)
        return len(self.silent) / whole if whole else 0.0

    @property
    def since(self) -> datetime | None:
        """When the first of them fell silent."""
        return min((thing.since for thing in self.silent if thing.since), default=None)

    def is_isolated(self, terms: Terms) -> bool:
        """True if that is 失联."""
        kinds = len({thing.kind for thing in self.silent})
        return len(self.silent) >= terms.least and kinds >= terms.kinds and self.share >= terms.share

    def is_small_and_silent(self, terms: Terms) -> bool:
        """True if there is too little of it to be 失联 by itself, and that is silent: it counts for its county."""
        return 0 < len(self.silent) + len(self.heard) < terms.least and self.share >= terms.share


def together(of: Sequence[Thing], terms: Terms) -> Together:
    """The largest number that fell silent within the window, of those that make an isolation if any do.

    What was silent long before, or fell silent long after, is neither: a camera that has been broken for weeks
    says nothing of tonight.
    """
    heard = tuple(thing for thing in of if thing.since is None)
    silent = sorted(
        ((thing.since, thing) for thing in of if thing.since is not None),
        key=lambda one: (one[0], one[1].kind, one[1].code),
    )
    best = Together((), heard)
    end = 0
    for start, (since, _) in enumerate(silent):
        until = since + timedelta(seconds=terms.window_s)
        while end < len(silent) and silent[end][0] <= until:
            end += 1
        found = Together(tuple(thing for _, thing in silent[start:end]), heard)
        if (found.is_isolated(terms), len(found.silent)) > (best.is_isolated(terms), len(best.silent)):
            best = found
    return best


@dataclass(frozen=True, slots=True)
class Isolated:
    """An area nobody hears."""

    area: Area
    what: Together
    county_wide: bool = False


def judge(
    known: Sequence[Area], of: Sequence[Thing], terms: Terms, standing: Collection[str] = ()
) -> tuple[list[Isolated], set[str]]:
    """The areas that are isolated, and codes of those `standing` ones of which it cannot be said that it is over.

    Of an area within another isolated one only what stood before stays: one alarm for one event.
    """
    by_code = {area.code: area for area in known}
    found = {code: together(members, terms) for code, members in _members(by_code, of).items()}
    isolated = {code for code, what in found.items() if what.is_isolated(terms)}
    towns = [code for code in found if by_code[code].kind == "town"]
    silent_towns = [code for code in towns if code in isolated]
    small = [code for code in towns if found[code].is_small_and_silent(terms)]
    counties = set()
    for code, what in found.items():
        stood = code in standing
        whole = what.is_isolated(terms) or (stood and what.share >= terms.share_off)
        silent = len(silent_towns) + (len(small) if whole else 0)
        if by_code[code].kind == "county" and _is_county_wide(silent, len(towns), stood, terms):
            counties.add(code)
    named = {code for code in isolated if by_code[code].kind != "county"} | counties
    told = [
        Isolated(by_code[code], found[code], county_wide=code in counties)
        for code in sorted(named)
        if code in standing or not any(above in named for above in _really_above(by_code, code))
    ]
    unsure = {
        code
        for code in standing
        if code not in named and code in found and by_code[code].kind != "county"
        and found[code].silent and found[code].share >= terms.share_off
    }  # fmt: skip
    return told, unsure


def _is_county_wide(silent: int, towns: int, stood: bool, terms: Terms) -> bool:
    share = terms.share_off if stood else terms.county_share
    return silent >= terms.county_least and silent >= share * towns


def _members(by_code: Mapping[str, Area], of: Sequence[Thing]) -> dict[str, list[Thing]]:
    """The things of every area, those of the areas below it included; each once."""
    members: dict[str, dict[tuple[str, str], Thing]] = {}
    for thing in of:
        for area in thing.areas:
            for code in _above(by_code, area):
                members.setdefault(code, {})[thing.kind, thing.code] = thing
    return {code: list(kept.values()) for code, kept in members.items()}


def _above(by_code: Mapping[str, Area], code: str | None) -> list[str]:
    """The area, then those above it."""
    found: list[str] = []
    while code is not None and code in by_code and code not in found:
        found.append(code)
        code = by_code[code].parent
    return found


def _really_above(by_code: Mapping[str, Area], code: str) -> list[str]:
    return [above for above in _above(by_code, code)[1:] if code not in _above(by_code, above)]


class IsolationFinder:
    """`terms` as `Terms`."""

    kind = "isolation"
    every_s = 10.0
    wakes = frozenset({notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Areas nobody hears, for real and in every running exercise."""
        terms = Terms.of(rule.terms)
        called, answer = timedelta(seconds=terms.called_s), timedelta(seconds=terms.answer_s)
        parts = [*things(connection), *people(connection, look.now, called=called, answer=answer)]
        known = areas(connection)
        standing = open_subjects(connection, (rule.code,))
        deaf = {subject for exercise, _, subject in open_subjects(connection, LINKS) if exercise is None}
        findings: list[Finding] = []
        held: set[SubjectKey] = set()
        for exercise in sorted({part.exercise for part in parts}, key=str):
            before = {subject for e, _, subject in standing if e == exercise}
            mine = [part for part in parts if part.exercise == exercise]
            told, unsure = judge(known, mine, terms, before)
            findings += [_finding(one, exercise, deaf, look) for one in told]
            held |= {key for key in standing if key[0] == exercise and key[2] in unsure}
        return Found(tuple(findings), frozenset(held))


def _finding(one: Isolated, exercise: str | None, deaf: Collection[str], look: Look) -> Finding:
    since = one.what.since or look.now
    silent = Counter(thing.kind for thing in one.what.silent)
    heard = Counter(thing.kind for thing in one.what.heard)
    counts = {kind: [silent[kind], silent[kind] + heard[kind]] for kind in sorted(silent | heard)}
    listed = {
        language: both("standing.comma")[language].join(
            both(f"standing.kind.{kind}", silent=part, all=whole)[language]
            for kind, (part, whole) in counts.items()
        )
        for language in LANGUAGES
    }
    centre = both(f"standing.deaf.{min(deaf)}") if deaf else dict.fromkeys(LANGUAGES, "")
    return Finding(
        subject_kind=one.area.kind,
        subject=one.area.code,
        observed_at=since,
        area=one.area.code,
        exercise=exercise,
        facts={
            "place": {"zh": one.area.name, "en": one.area.name_en},
            "since": moment(since, look.zone),
            "counts": counts,
            "listed": listed,
            "county_wide": one.county_wide,
            "wide": both("standing.county_wide") if one.county_wide else dict.fromkeys(LANGUAGES, ""),
            "centre": centre,
            "silent": [
                {
                    "kind": thing.kind, "code": thing.code, "name": {"zh": thing.name, "en": thing.name_en},
                    "since": thing.since.isoformat() if thing.since else None,
                }
                for thing in one.what.silent[:_NAMED]
            ],
        },
    )  # fmt: skip
