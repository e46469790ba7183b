"""Which limits a station should have, which are missing, and which cannot be right. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.datum import comparable
from core.stations import Station, StationKind
from core.thresholds import Threshold, in_season


class Completeness(StrEnum):
    """How a station stands, worst first.

    `OWN`: limits by the names of the station's owner, none of the field's. `NOT_NEEDED`: no rule compares with
    limits at such a station.
    """

    UNSET = "unset"
    REFUSED = "refused"
    IMPLAUSIBLE = "implausible"
    PARTIAL = "partial"
    OWN = "own"
    COMPLETE = "complete"
    NOT_NEEDED = "not_needed"


class Doubt(StrEnum):
    """Why a limit cannot be right, or is not compared at all."""

    DATUM = "datum"
    ZERO = "zero"
    ORDER = "order"
    SEVERITY = "severity"
    SEASON_OVERLAP = "season_overlap"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """One doubt about a limit; `other` is the limit that it contradicts, if it is one."""

    limit: Threshold
    doubt: Doubt
    other: Threshold | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A station's limits against what its kind should have.

    `missing` are (property, name); `rules` codes of rules about its rate or rain for which it has no limit.
    """

    station: Station
    state: Completeness
    limits: tuple[Threshold, ...]
    missing: tuple[tuple[str, str], ...]
    doubts: tuple[Doubtful, ...]
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A rule that compares with limits of `property` at stations of `kinds`.

    `brings`: it has limits of its own for stations that have none.
    """

    code: str
    property: str
    kinds: frozenset[str]
    brings: bool = False


EXPECTED: dict[StationKind, tuple[tuple[str, str], ...]] = {
    kind: tuple((property, name) for name in names)
    for kinds, property, names in (
        (
            (StationKind.RIVER_LEVEL, StationKind.RIVER),
            "water_level",
            ("near_warning", "warning", "guarantee", "historic_highest", "dike_crest"),
        ),
        (
            (StationKind.RESERVOIR,),
            "water_level",
            ("flood_limit", "normal_storage", "design_flood", "check_flood"),
        ),
        ((StationKind.SLUICE,), "water_level", ("sluice_warning", "sluice_guarantee")),
        ((StationKind.TIDE,), "tide_level", ("tide_blue", "tide_yellow", "tide_orange", "tide_red")),
    )
    for kind in kinds
}
"""What the field wants of each kind of station (field.md §2.2)."""

_RISING: tuple[tuple[str, ...], ...] = (
    ("near_warning", "warning", "guarantee", "dike_crest"),
    ("warning", "historic_highest"),
    ("flood_limit", "normal_storage", "design_flood", "check_flood"),
    ("sluice_warning", "sluice_guarantee"),
    ("tide_blue", "tide_yellow", "tide_orange", "tide_red"),
    ("alert", "minor_flood", "major_flood"),
)
_MAY_BE_EQUAL = frozenset({"normal_storage", "dike_crest"})
"""A flood limit may be the normal storage level, a guarantee level the crest's."""
_YEAR = tuple(date(2024, 1, 1) + timedelta(days=n) for n in range(366))
"""A leap year: its days are all days that a season can name."""


def assess(station: Station, thresholds: Iterable[Threshold], rules: Iterable[LimitRule] = ()) -> Assessment:
    """Looks at all limits of one station."""
    limits = tuple(sorted(thresholds, key=_order))
    usable = [one for one in limits if is_set(one) and comparable(one.property, station.datum, one.datum)]
    named = {(one.property, one.name) for one in usable}
    expected = EXPECTED.get(station.kind, ())
    of_value = {property for property, _ in expected}
    own = not named.intersection(expected) and any(one.property in of_value for one in usable)
    missing = () if own else tuple(each for each in expected if each not in named)
    without = tuple(
        rule.code
        for rule in rules
        if station.kind in rule.kinds
        and not rule.brings
        and not any(property == rule.property for property, _ in named)
    )
    judged = bool(expected) or any(station.kind in rule.kinds for rule in rules)
    doubts = (*_unusable(station, limits), *_contradictions(usable))
    state = _state(expected, usable, missing or without, doubts, own=own, judged=judged)
    return Assessment(station, state, limits, missing, doubts, without)


def is_set(limit: Threshold) -> bool:
    """False for a limit of 0, which is how owners write "none" (未设)."""
    return limit.value != 0 and math.isfinite(limit.value)


def contradictions(limits: Sequence[Threshold]) -> tuple[Doubtful, ...]:
    """What cannot be right among limits of one station that are set over one datum."""
    return _contradictions([one for one in limits if is_set(one)])


def days_in_force(season_from: str | None, season_to: str | None) -> frozenset[date]:
    """The days of a leap year on which a season holds, both ends included; it may cross New Year."""
    return frozenset(day for day in _YEAR if in_season(season_from, season_to, day))


def _state(
    expected: Sequence[tuple[str, str]],
    usable: Sequence[Threshold],
    missing: Sequence[object],
    doubts: Sequence[Doubtful],
    *,
    own: bool,
    judged: bool,
) -> Completeness:
    if any(one.doubt is Doubt.DATUM for one in doubts):
        return Completeness.REFUSED
    if not usable and (expected or missing):
        return Completeness.UNSET
    if any(one.doubt is not Doubt.ZERO for one in doubts):
        return Completeness.IMPLAUSIBLE
    if missing:
        return Completeness.PARTIAL
    if not judged:
        return Completeness.NOT_NEEDED
    return Completeness.OWN if own and expected else Completeness.COMPLETE


def _unusable(station: Station, limits: Sequence[Threshold]) -> list[Doubtful]:
    found = []
    for one in limits:
        if not is_set(one):
            found.append(Doubtful(one, Doubt.ZERO))
        elif not comparable(one.property, station.datum, one.datum):
            found.append(Doubtful(one, Doubt.DATUM))
    return found


def _contradictions(limits: Sequence[Threshold]) -> tuple[Doubtful, ...]:
    found: list[Doubtful] = []
    for one in limits:
        for other in limits:
            if one is other or (one.property, one.period_s) != (other.property, other.period_s):
                continue
            if not _together(one, other):
                continue
            if one.name == other.name and _order(one) < _order(other):
                found.append(Doubtful(other, Doubt.SEASON_OVERLAP, one))
            elif _must_be_below(one.name, other.name) and not _below(one, other):
                found.append(Doubtful(other, Doubt.ORDER, one))
            elif (
                one.severity.rank < other.severity.rank
                and one.value > other.value
                and not _chained(one, other)
            ):
                found.append(Doubtful(other, Doubt.SEVERITY, one))
    return tuple(found)


def _together(one: Threshold, other: Threshold) -> bool:
    """True if both are in force on at least one day."""
    if one.season_from is None or other.season_from is None:
        return True
    return bool(
        days_in_force(one.season_from, one.season_to) & days_in_force(other.season_from, other.season_to)
    )


def _must_be_below(name: str, other: str) -> bool:
    return any((name, other) == pair for chain in _RISING for pair in _pairs(chain))


def _pairs(chain: Sequence[str]) -> set[tuple[str, str]]:
    """Neighbours in the chain, and all that follow from them."""
    return {(chain[i], chain[j]) for i in range(len(chain)) for j in range(i + 1, len(chain))}


def _chained(one: Threshold, other: Threshold) -> bool:
    """True if the order of their names is judged already."""
    return _must_be_below(one.name, other.name) or _must_be_below(other.name, one.name)


def _below(one: Threshold, other: Threshold) -> bool:
    return one.value < other.value or (one.value == other.value and other.name in _MAY_BE_EQUAL)


def _order(limit: Threshold) -> tuple[str, int, float, str, str]:
    return limit.property, limit.period_s, limit.value, limit.name, limit.season_from or ""
