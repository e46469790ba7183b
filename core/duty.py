"""Turns of duty: made from shifts, covered or not, and when they change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.people import Absence

LONGEST_ROTA = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift (班次): local times, the days of the week (1 is Monday) on which it starts, and its rota.

    An `ends` not later than `starts` is on the next day. The rota begins on `first_day` and then again; persons
    of one entry are there together (A/B 角).
    """

    code: str
    name: str
    area: str
    position: str
    starts: time
    ends: time
    days: tuple[int, ...]
    first_day: date
    rota: tuple[tuple[str, ...], ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """`person` is on the roster of `area` from `starts` until `ends`; `id` None is not stored yet."""

    area: str
    position: str
    person: str
    starts: datetime
    ends: datetime
    shift: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is there for `area`."""

    area: str
    position: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """`person` has two turns at once in different places (or positions), as themselves or standing in."""

    person: str
    first: Turn
    second: Turn
    starts: datetime
    ends: datetime


def turns_of(shift: Shift, since: date, until: date, zone: ZoneInfo) -> list[Turn]:
    """The turns that start on the days from `since` to `until`, both included; none before `first_day`."""
    turns = []
    day, number = shift.first_day, 0
    while day <= until:
        if day.isoweekday() in shift.days:
            if day >= since:
                starts = datetime.combine(day, shift.starts, zone)
                last = day if shift.ends > shift.starts else day + timedelta(days=1)
                ends = datetime.combine(last, shift.ends, zone)
                turns += [
                    Turn(shift.area, shift.position, person, starts, ends, shift.code)
                    for person in shift.rota[number % len(shift.rota)]
                ]
            number += 1
        day += timedelta(days=1)
    return turns


def rota_of(text: str) -> tuple[tuple[str, ...], ...]:
    """`P1+P2;P3`: entries by semicolons, persons who are there together by plus signs."""
    entries = [tuple(filter(None, map(str.strip, part.split("+")))) for part in text.split(";")]
    return tuple(entry for entry in entries if entry)


def days_of(text: str) -> tuple[int, ...] | None:
    """`1-5`, `6,7`, or nothing for every day; None if it is neither."""
    if not text.strip():
        return (1, 2, 3, 4, 5, 6, 7)
    days: set[int] = set()
    for part in text.replace("，", ",").split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdecimal() and (not last or last.isdecimal())):
            return None
        span = range(int(first), int(last or first) + 1)
        if not span or span[0] < 1 or span[-1] > 7:
            return None
        days.update(span)
    return tuple(sorted(days))


def there_at(code: str, absences: Sequence[Absence], at: datetime) -> str | None:
    """Who is there for a person at `at`."""
    return stand_in(code, away_at(absences, at))


def stand_in(code: str, away: Mapping[str, str | None]) -> str | None:
    """Who is there for a person: themselves, or who stands in at last; None is nobody."""
    seen: set[str] = set()
    there: str | None = code
    while there is not None and there in away:
        if there in seen:
            return None
        seen.add(there)
        there = away[there]
    return there


def never_there(
    absences: Sequence[Absence], person: str, since: datetime, until: datetime
) -> datetime | None:
    """From when on nobody at all is there for a person within the span; None if always somebody is."""
    edges = sorted({since, *(one.starts for one in absences), *(one.ends for one in absences)})
    return next((at for at in edges if since <= at < until and there_at(person, absences, at) is None), None)


def away_at(absences: Iterable[Absence], at: datetime) -> dict[str, str | None]:
    """Who is away at `at`, and who stands in. Of several absences one with a substitute counts, else the newest."""
    away: dict[str, str | None] = {}
    now = [one for one in absences if one.starts <= at < one.ends]
    for one in sorted(now, key=lambda one: (one.substitute is not None, one.id)):
        away[one.person] = one.substitute
    return away


def gaps(
    turns: Sequence[Turn],
    absences: Sequence[Absence],
    wanted: Iterable[tuple[str, str]],
    since: datetime,
    until: datetime,
) -> list[Gap]:
    """When nobody is there for the `wanted` (area, position) from `since` to `until`, by area and time."""
    found = []
    for area, position in wanted:
        own = [one for one in turns if (one.area, one.position) == (area, position)]
        begun: datetime | None = None
        for start, _ in _spans([*own, *_of(own, absences)], since, until):
            there = any(
                _covers(one, start) and there_at(one.person, absences, start) is not None for one in own
            )
            if there and begun is not None:
                found.append(Gap(area, position, begun, start))
                begun = None
            elif not there and begun is None:
                begun = start
        if begun is not None:
            found.append(Gap(area, position, begun, until))
    return found


def clashes(
    turns: Sequence[Turn], absences: Sequence[Absence], since: datetime, until: datetime
) -> list[Clash]:
    """Who would have to be in two places at once, each pair once from its first moment on."""
    found: dict[tuple[str, Turn, Turn], Clash] = {}
    for start, end in _spans([*turns, *absences], since, until):
        present: dict[str, list[Turn]] = {}
        for one in turns:
            if _covers(one, start) and (there := there_at(one.person, absences, start)) is not None:
                present.setdefault(there, []).append(one)
        for person, own in present.items():
            for first, second in _pairs(own):
                key = (person, first, second)
                known = found.get(key)
                found[key] = Clash(person, first, second, known.starts if known else start, end)
    return sorted(found.values(), key=lambda one: (one.starts, one.person))


def last_change(turns: Sequence[Turn], absences: Sequence[Absence], at: datetime) -> datetime | None:
    """When the persons who are there at `at` took over from others; None if nobody is there, or nobody was before.

    `turns` are those of one area and position. A time without anybody between two shifts is no shift.
    """
    now = _there(turns, absences, at)
    if not now:
        return None
    things: list[Turn | Absence] = [*turns, *_of(turns, absences)]
    edges = sorted({edge for one in things for edge in (one.starts, one.ends) if edge <= at}, reverse=True)
    begun = None
    for edge in edges:
        if _there(turns, absences, edge) == now:
            begun = edge
        before = _there(turns, absences, edge - timedelta(microseconds=1))
        if before and before != now:
            return begun
    return None


def _there(turns: Sequence[Turn], absences: Sequence[Absence], at: datetime) -> frozenset[str]:
    there = {there_at(one.person, absences, at) for one in turns if _covers(one, at)}
    return frozenset(one for one in there if one is not None)


def _of(turns: Sequence[Turn], absences: Sequence[Absence]) -> list[Absence]:
    """The absences that may matter to these turns: of their persons, and of who stands in for them."""
    persons, grown = {one.person for one in turns}, -1
    while len(persons) != grown:
        grown = len(persons)
        persons |= {
            one.substitute for one in absences if one.person in persons and one.substitute is not None
        }
    return [one for one in absences if one.person in persons]


def _covers(turn: Turn, at: datetime) -> bool:
    return turn.starts <= at < turn.ends


def _pairs(turns: list[Turn]) -> Iterator[tuple[Turn, Turn]]:
    for number, first in enumerate(turns):
        for second in turns[number + 1 :]:
            if (first.area, first.position) != (second.area, second.position):
                yield first, second


def _spans(
    things: Iterable[Turn | Absence], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """The spans between which nothing begins or ends."""
    edges = {since, until}
    for one in things:
        edges.update(edge for edge in (one.starts, one.ends) if since < edge < until)
    ordered = sorted(edges)
    return list(pairwise(ordered))
