"""What a notice of many alarms says. Pure.

An SMS names the worst few and how many there are; the order's page lists every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alerts.annunciation.plan import Group
from core.severity import Severity, worse

Words = Callable[..., str]

MOST_LINES = 4
LINES_UNITS = 190
"""With heading and signature a text of this length fits four parts of an SMS."""


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
        "place": place,
        "hazard": words(f"hazard.{told[0].group.hazard}"),
        "count": len(told),
        "worst": _worst(told, words),
        "colours": _colours(told, words),
        "new": _new(told, words),
        "lines": _shortened([one.line for one in told], "notice.more", words),
    }
    return Told(words("notice.group.title", **facts), words("notice.group.text", **facts))


def bundle_text(items: Sequence[Item], desk: str, places: Callable[[Group], str], words: Words) -> Told:
    """The notice of everything at a desk: one line a group, the worst first."""
    told = worst_first(one for one in items if not one.returned)
    groups: dict[Group, list[Item]] = {}
    for one in told:
        groups.setdefault(one.group, []).append(one)
    lines = [
        words(
            "notice.bundle.line",
            place=places(group),
            hazard=words(f"hazard.{group.hazard}"),
            count=len(members),
            colours=_colours(members, words),
        )
        for group, members in groups.items()
    ]
    facts = {
        "desk": desk,
        "count": len(told),
        "groups": len(groups),
        "worst": _worst(told, words),
        "colours": _colours(told, words),
        "new": _new(told, words),
        "first": told[0].line if told else "",
        "lines": _shortened(lines, "notice.more_groups", words),
    }
    return Told(words("notice.bundle.title", **facts), words("notice.bundle.text", **facts))


def _shortened(lines: Sequence[str], more: str, words: Words) -> str:
    """The first lines that fit, and how many there are in all if some do not."""
    shown: list[str] = []
    units = 0
    for line in lines[:MOST_LINES]:
        units += len(line)
        if shown and units > LINES_UNITS:
            break
        shown.append(line)
    joined = words("notice.between").join(shown)
    return joined + words(more, count=len(lines)) if len(shown) < len(lines) else joined


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
