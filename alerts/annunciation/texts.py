"""What a notice of many alarms says. Pure.

An SMS names the worst few and how many there are; the order's page lists every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from alerts.annunciation.plan import Group
from alerts.orders.texts import SMS_PART, sms_units
from core.severity import Severity, worse

Words = Callable[..., str]

MOST_LINES = 4
MOST_PARTS = 5
"""Of the SMS of a notice of many alarms, signature and request to answer included."""
_AROUND_UNITS = 45
"""For the signature, the marks of a drill, and which call it is."""
_LONGEST_LINES, _LONGEST_NAME = (60, 30), 24
"""UCS-2 units; what an owner names longer is cut short, for a text that cannot be sent calls nobody."""


@dataclass(frozen=True, slots=True)
class Item:
    """An alarm as a notice tells it; `new`: nobody was called for it before."""

    alarm: int
    group: Group
    title: str
    text: str
    line: str
    severity: Severity
    colour: Severity | None
    new: bool
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Heading and sentence of a notice."""

    title: str
    text: str


def worst_first(items: Iterable[Item]) -> list[Item]:
    """The order in which alarms are told: the worst, then what is new, then as they came."""
    return sorted(items, key=lambda one: (one.returned, -one.severity.rank, not one.new, one.alarm))


def group_text(items: Sequence[Item], place: str, words: Words) -> Told:
    """The notice of one group; of one alarm alone it is the alarm's own."""
    told = worst_first(one for one in items if not one.returned)
    if len(told) == 1:
        return Told(told[0].title, told[0].text)
    facts = {
        "place": _cut(place, _LONGEST_NAME),
        "hazard": words(f"hazard.{told[0].group.hazard}"),
        "count": len(told),
        "worst": _worst(told, words),
        "colours": _colours(told, words),
        "new": _new(told, words),
    }
    return _fitted("notice.group", facts, [one.line for one in told], "notice.more", words)


def bundle_text(items: Sequence[Item], desk: str, places: Callable[[Group], str], words: Words) -> Told:
    """The notice of everything at a desk: one line a group, the worst first."""
    told = worst_first(one for one in items if not one.returned)
    groups: dict[Group, list[Item]] = {}
    for one in told:
        groups.setdefault(one.group, []).append(one)
    lines = [
        words(
            "notice.bundle.line",
            place=_cut(places(group), _LONGEST_NAME),
            hazard=words(f"hazard.{group.hazard}"),
            count=len(members),
            colours=_colours(members, words),
        )
        for group, members in groups.items()
    ]
    facts = {
        "desk": _cut(desk, _LONGEST_NAME),
        "count": len(told),
        "worst": _worst(told, words),
        "colours": _colours(told, words),
        "new": _new(told, words),
        "first": told[0].line if told else "",
    }
    return _fitted("notice.bundle", facts, lines, "notice.more_groups", words)


def _fitted(key: str, facts: dict[str, object], lines: Sequence[str], more: str, words: Words) -> Told:
    """As many of the first lines as fit, one at the least, and how many there are in all if some do not."""
    units = MOST_PARTS * SMS_PART - sms_units(words("sms.ask")) - _AROUND_UNITS
    title, text = words(f"{key}.title", **facts), ""
    for longest, count in product(_LONGEST_LINES, range(min(MOST_LINES, len(lines)), 0, -1)):
        joined = words("notice.between").join(_cut(line, longest) for line in lines[:count])
        if count < len(lines):
            joined += words(more, count=len(lines))
        first = _cut(str(facts.get("first", "")), longest)
        text = words(f"{key}.text", **facts | {"first": first, "lines": joined})
        if sms_units(text) <= units:
            break
    return Told(title, text)


def _cut(text: str, units: int) -> str:
    """The text, or as much of its beginning as fits, with … for the rest."""
    while sms_units(text) > units:
        text = text.rstrip("…")[:-1] + "…"
    return text


def _worst(items: Sequence[Item], words: Words) -> str:
    worst: Severity | None = None
    for one in items:
        worst = worse(worst, one.colour)
    return words(f"severity.{worst}") if worst else words("severity.none")


def _colours(items: Sequence[Item], words: Words) -> str:
    """红1橙2: how many of each colour, the worst first."""
    colours = sorted(Severity, key=lambda one: -one.rank)
    counts = [(f"notice.count.{colour}", sum(one.colour is colour for one in items)) for colour in colours]
    counts.append(("notice.count.none", sum(one.colour is None for one in items)))
    return "".join(words(key, number=number) for key, number in counts if number).strip()


def _new(items: Sequence[Item], words: Words) -> str:
    new = sum(one.new for one in items)
    return words("notice.new", number=new) if new < len(items) else ""
