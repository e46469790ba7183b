"""Corresponding stages (相应水位法): what rose upstream rises here when the flood has travelled.

    level(t + L) = level(t) + b_L · (upstream(t + L − τ) − upstream(t − τ)),   L ≤ τ

τ is the travel time of SL 323 ST_FSDR_B, b_L the slope of the changes in the stored history. Beyond the travel time
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
    """What history teaches: for lead times of a quarter, a half … hour the slope b_L and the error (m).

    `pairs` moved, and `correlation` is the least over the leads.
    """

    slopes: tuple[float, ...]
    errors_m: tuple[float, ...]
    pairs: int
    correlation: float


def relate(history: Iterable[tuple[Stretch, Stretch]], travel: Travel) -> Relation | None:
    """Fits upstream to downstream over stretches of history (upstream, downstream) of the same time.

    Leads go on as long as each is borne out by enough movement and correlation; None if not even the first is.
    """
    grids = [one for up, down in history if (one := _on_grid(up, down)) is not None]
    slopes, errors, least_pairs, least_correlation = list[float](), list[float](), 0, 1.0
    for lead in range(1, int(min(travel.usual_s, LONGEST_S) // STEP_S) + 1):
        changes = [_changes(up, down, lead, round(travel.usual_s / STEP_S)) for up, down in grids]
        above = np.concatenate([one[0] for one in changes]) if changes else np.empty(0)
        below = np.concatenate([one[1] for one in changes]) if changes else np.empty(0)
        moved = int((np.abs(above) >= _MOVED_M).sum())
        if moved < _LEAST_MOVED:
            break
        slope = float((above * below).sum() / (above * above).sum())
        steady = float((below * below).sum())
        correlation = (
            float((above * below).sum() / np.sqrt((above * above).sum() * steady)) if steady else 0.0
        )
        if slope <= 0 or correlation < _LEAST_CORRELATION:
            break
        stirred = (np.abs(above) >= _MOVED_M) | (np.abs(below) >= _MOVED_M)
        slopes.append(slope)
        errors.append(max(_LEAST_M, float(np.percentile(np.abs(below - slope * above)[stirred], _SHARE))))
        least_pairs = min(moved, least_pairs) if least_pairs else moved
        least_correlation = min(correlation, least_correlation)
    if not slopes:
        return None
    return Relation(tuple(slopes), tuple(errors), least_pairs, least_correlation)


def project(
    issued_s: float, level: float, upstream: Stretch, travel: Travel, relation: Relation
) -> Forecast | None:
    """The forecast at the newest reading here, `level` at `issued_s`; None where upstream fell silent.

    `upstream` must reach back for the longest travel time. A lead for which nothing was read upstream ends it.
    """
    made = [point(issued_s, level, 0.0, 0.0)]
    half = 0.0
    for number, (slope, error) in enumerate(zip(relation.slopes, relation.errors_m, strict=True), start=1):
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
