"""Corresponding stages (相应水位法): what rose upstream rises here when the flood has travelled.

    level(t + L) = level(t) + b · (upstream(t + L − τ) − upstream(t − τ)),   L ≤ τ

τ is the travel time of SL 323 ST_FSDR_B, b the slope of the changes in the stored history. Beyond the travel time
nothing has been seen upstream yet, so nothing is said. The range holds the shortest and the longest travel time, and
what four of five of the past errors were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hydrology.forecasts.grid import Values, at
from hydrology.forecasts.record import LONGEST_S, Forecast, Source, point

STEP_S = 900
_GAP_S = 5_400.0
_MOVED_M = 0.05
_LEAST_MOVED = 24
"""Changes of at least 5 cm upstream that a fit needs (six hours of them): a calm river teaches nothing."""
_LEAST_CORRELATION = 0.7
_SHARE = 80
_LEAST_M = 0.01


@dataclass(frozen=True, slots=True)
class Travel:
    """Travel time of a flood between two stations, in seconds: shortest, usual, longest."""

    least_s: float
    usual_s: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Readings of one station in order of time."""

    times_s: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Relation:
    """What history teaches: the slope b, and the error (m) at lead times of a quarter, a half … hour.

    It rests on so many `pairs` that moved, whose changes have this `correlation`.
    """

    slope: float
    errors_m: tuple[float, ...]
    pairs: int
    correlation: float


def relate(history: Iterable[tuple[Stretch, Stretch]], travel: Travel) -> Relation | None:
    """Fits upstream to downstream over stretches of history (upstream, downstream) of the same time.

    The changes over the whole travel time (at most three hours) must be enough, go the same way and go together:
    those of a quarter of an hour are the last digit of a gauge. None if they do not, or if it takes less than a
    quarter of an hour.
    """
    grids = [one for up, down in history if (one := _on_grid(up, down)) is not None]
    lag, leads = round(travel.usual_s / STEP_S), int(min(travel.usual_s, LONGEST_S) // STEP_S)
    if not grids or not leads:
        return None
    above, below = _all_changes(grids, leads, lag)
    moved = int((np.abs(above) >= _MOVED_M).sum())
    if moved < _LEAST_MOVED:
        return None
    slope = float((above * below).sum() / (above * above).sum())
    steady = float((below * below).sum())
    correlation = float((above * below).sum() / np.sqrt((above * above).sum() * steady)) if steady else 0.0
    if slope <= 0 or correlation < _LEAST_CORRELATION:
        return None
    errors = (_error(*_all_changes(grids, lead, lag), slope) for lead in range(1, leads + 1))
    return Relation(slope, tuple(errors), moved, correlation)


def _all_changes(grids: Sequence[tuple[Values, Values]], lead: int, lag: int) -> tuple[Values, Values]:
    changes = [_changes(up, down, lead, lag) for up, down in grids]
    return np.concatenate([one[0] for one in changes]), np.concatenate([one[1] for one in changes])


def _error(above: Values, below: Values, slope: float) -> float:
    """What four of five errors were while the river moved: calm days would make it look better than it is."""
    stirred = (np.abs(above) >= _LEAST_M) | (np.abs(below) >= _LEAST_M)
    errors = np.abs(below - slope * above)[stirred]
    return max(_LEAST_M, float(np.percentile(errors, _SHARE))) if len(errors) else _LEAST_M


def project(
    issued_s: float, level: float, upstream: Stretch, travel: Travel, relation: Relation
) -> Forecast | None:
    """The forecast at the newest reading here, `level` at `issued_s`; None where upstream fell silent.

    `upstream` must reach back for the longest travel time. A lead for which nothing was read upstream ends it.
    """
    made = [point(issued_s, level, 0.0, 0.0)]
    half = 0.0
    slope = relation.slope
    for number, error in enumerate(relation.errors_m, start=1):
        lead_s = number * STEP_S
        usual = _rise(upstream, issued_s, lead_s, travel.usual_s)
        if usual is None:
            break
        others = [_rise(upstream, issued_s, lead_s, one) for one in (travel.least_s, travel.longest_s)]
        rises = [slope * one for one in [usual, *others] if one is not None]
        half = max(half, error)
        value = slope * usual
        made.append(
            point(issued_s + lead_s, level + value, value - min(rises) + half, max(rises) - value + half)
        )
    return Forecast(Source.UPSTREAM, issued_s, tuple(made)) if len(made) > 1 else None


def _rise(upstream: Stretch, issued_s: float, lead_s: float, travel_s: float) -> float | None:
    """How much upstream rose in the time whose water arrives within the lead; of what is not read yet, the newest."""
    newest = upstream.times_s[-1] if len(upstream.times_s) else float("-inf")
    until = issued_s + lead_s - travel_s
    if until > newest:
        if until - newest > STEP_S and travel_s >= lead_s:
            return None  # it should have been read by now: upstream is silent
        until = newest
    moments = np.array([issued_s - travel_s, until])
    before, after = at(upstream.times_s, upstream.values, moments, _GAP_S)
    return None if np.isnan(before) or np.isnan(after) else float(after - before)


def _on_grid(up: Stretch, down: Stretch) -> tuple[Values, Values] | None:
    if len(up.times_s) < 2 or len(down.times_s) < 2:
        return None
    first = max(up.times_s[0], down.times_s[0] - LONGEST_S * 2)
    moments = np.arange(first, max(up.times_s[-1], down.times_s[-1]) + 1, STEP_S)
    return at(up.times_s, up.values, moments, _GAP_S), at(down.times_s, down.values, moments, _GAP_S)


def _changes(up: Values, down: Values, lead: int, lag: int) -> tuple[Values, Values]:
    """Changes upstream, and those here a travel time later, in steps of the grid; only where all is known."""
    count = len(up) - lag - lead
    if count <= 0:
        return np.empty(0), np.empty(0)
    place = np.arange(lag, lag + count)
    place = place[place + lead < len(down)]
    above = up[place + lead - lag] - up[place - lag]
    below = down[place + lead] - down[place]
    known = ~(np.isnan(above) | np.isnan(below))
    return above[known], below[known]
