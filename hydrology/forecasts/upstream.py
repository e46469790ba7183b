"""Corresponding stages (相应水位法): what rose upstream rises here when the flood has travelled.

    level(t + L) = level(t) + a_L · (upstream(t + L − τ) − upstream(t − τ)) + b_L · (level(t) − level(t − 1 h)),   L ≤ τ

τ is the travel time of SL 323 ST_FSDR_B; a_L and b_L are fitted to the changes in the stored history by least squares. The
second term is what this station does by itself (its own rain, the water between): without it the forecast was worse than
the trend on the floods it was tried on. Beyond the travel time nothing has been seen upstream yet, so nothing is said. The
range holds the shortest and the longest travel time, and what four of five of the past errors were.
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
_OWN_S = 3_600
"""Over so long a time this station's own change is taken."""
_RIDGE = 1e-6
"""Keeps the fit solvable where one of the two hardly moved."""


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
class Step:
    """For one lead time: the share a of the change upstream, b of the own change in an hour, the error (m)."""

    of_upstream: float
    of_own: float
    error_m: float


@dataclass(frozen=True, slots=True)
class Relation:
    """What history teaches, for lead times of a quarter, a half … hour.

    It rests on so many `pairs` that moved, whose changes upstream and here have this `correlation`.
    """

    steps: tuple[Step, ...]
    pairs: int
    correlation: float


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes upstream, here a travel time later, and here in the hour before; only where all is known."""

    above: Values
    below: Values
    own: Values


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
    whole = _changes(grids, leads, lag)
    moved = int((np.abs(whole.above) >= _MOVED_M).sum())
    if moved < _LEAST_MOVED:
        return None
    product = float((whole.above * whole.below).sum())
    size = float(np.sqrt((whole.above**2).sum() * (whole.below**2).sum()))
    correlation = product / size if size else 0.0
    if correlation < _LEAST_CORRELATION:
        return None
    steps = (_fit(_changes(grids, lead, lag)) for lead in range(1, leads + 1))
    return Relation(tuple(steps), moved, correlation)


def _fit(changes: _Changes) -> Step:
    """Least squares; the error is that of the times when the river moved: calm days would flatter it."""
    terms = np.stack([changes.above, changes.own], axis=1)
    square = terms.T @ terms + _RIDGE * np.eye(2)
    of_upstream, of_own = (float(one) for one in np.linalg.solve(square, terms.T @ changes.below))
    stirred = (np.abs(changes.above) >= _LEAST_M) | (np.abs(changes.below) >= _LEAST_M)
    errors = np.abs(changes.below - terms @ np.array([of_upstream, of_own]))[stirred]
    error = float(np.percentile(errors, _SHARE)) if len(errors) else 0.0
    return Step(of_upstream, of_own, max(_LEAST_M, error))


def project(
    issued_s: float, level: float, here: Stretch, upstream: Stretch, travel: Travel, relation: Relation
) -> Forecast | None:
    """The forecast at the newest reading here, `level` at `issued_s`; None where upstream fell silent.

    `here` must reach back for an hour, `upstream` for the longest travel time. A lead for which nothing was read
    upstream ends it.
    """
    before, now = at(here.times_s, here.values, np.array([issued_s - _OWN_S, issued_s]), _GAP_S)
    if np.isnan(before) or np.isnan(now):
        return None
    own = float(now - before)
    made = [point(issued_s, level, 0.0, 0.0)]
    half = 0.0
    for number, step in enumerate(relation.steps, start=1):
        lead_s = number * STEP_S
        usual = _rise(upstream, issued_s, lead_s, travel.usual_s)
        if usual is None:
            break
        others = [_rise(upstream, issued_s, lead_s, one) for one in (travel.least_s, travel.longest_s)]
        rises = [step.of_upstream * one for one in [usual, *others] if one is not None]
        half = max(half, step.error_m)
        rise = step.of_upstream * usual
        value = level + rise + step.of_own * own
        made.append(point(issued_s + lead_s, value, rise - min(rises) + half, max(rises) - rise + half))
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


def _changes(grids: Sequence[tuple[Values, Values]], lead: int, lag: int) -> _Changes:
    found = [_of_stretch(up, down, lead, lag) for up, down in grids]
    return _Changes(
        np.concatenate([one.above for one in found]),
        np.concatenate([one.below for one in found]),
        np.concatenate([one.own for one in found]),
    )


def _of_stretch(up: Values, down: Values, lead: int, lag: int) -> _Changes:
    """In steps of the grid."""
    hour = _OWN_S // STEP_S
    place = np.arange(max(lag, hour), max(lag, hour, min(len(up), len(down)) - lead))
    above = up[place + lead - lag] - up[place - lag]
    below = down[place + lead] - down[place]
    own = down[place] - down[place - hour]
    known = ~(np.isnan(above) | np.isnan(below) | np.isnan(own))
    return _Changes(above[known], below[known], own[known])
