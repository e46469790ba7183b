"""Trend of a level: 涨 (5), 平 (6), 落 (4) as SL 323 codes them, and the rate in metres an hour.

The rate is the median of the slopes between all pairs of points (Theil, 1950; Sen, 1968): a third of wild
points does not move it. The window is the shortest that holds enough points: a flood on a small
river is over before an hour's fit would show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from core.quality import Quality


class TrendCode(IntEnum):
    """SL 323 codes of WPTN and RWPTN."""

    FALLING = 4
    RISING = 5
    STEADY = 6


@dataclass(frozen=True, slots=True)
class Point:
    """One reading: epoch seconds, metres."""

    time_s: float
    value: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class Trend:
    """Rate (m/h) fitted over `window_s` up to the newest point; `quality` 3 if it rests on suspect values."""

    time_s: float
    code: TrendCode
    rate: float
    window_s: int
    points: int
    quality: Quality
    reason: str


WINDOWS_S = ((1_800, 4), (2_700, 4), (3_600, 3), (7_800, 3), (10_800, 3))
"""Windows, shortest first, and the points that each needs; those beyond an hour are for slow stations."""
LONGEST_S = WINDOWS_S[-1][0]
RESOLUTION_M = 0.01
"""A change below the last digit of a gauge, over the whole window, is none."""
_MOST_POINTS = 120

NEWEST_SUSPECT = "newest_suspect"
ALL_SUSPECT = "all_suspect"


def trend(points: Sequence[Point]) -> Trend | None:
    """The trend at the newest of `points` (in order of time), or None where too few are near.

    Suspect values are left out, with two exceptions, because a trend must not hide a rise: where too few
    others are left, and where the two newest are suspect and stand above all others of the window.
    """
    told = [
        one
        for one in points
        if one.quality in (Quality.GOOD, Quality.NOT_EVALUATED, Quality.SUSPECT) and one.value == one.value
    ]
    usable = [one for one in told if one.quality is not Quality.SUSPECT]
    if not told:
        return None
    if _rises_unverified(told):
        return _fitted(told, Quality.SUSPECT, NEWEST_SUSPECT, least_squares=True)
    if found := _fitted([*usable], Quality.GOOD, "", until=told[-1].time_s):
        return found
    return _fitted(told, Quality.SUSPECT, ALL_SUSPECT) if len(usable) < len(told) else None


def _rises_unverified(told: Sequence[Point]) -> bool:
    newest = told[-2:]
    if len(told) < 3 or any(one.quality is not Quality.SUSPECT for one in newest):
        return False
    before = [
        one.value
        for one in told
        if one.quality is not Quality.SUSPECT and one.time_s >= told[-1].time_s - WINDOWS_S[2][0]
    ]
    return bool(before) and min(one.value for one in newest) > max(before)


def _fitted(
    points: Sequence[Point],
    quality: Quality,
    reason: str,
    *,
    until: float | None = None,
    least_squares: bool = False,
) -> Trend | None:
    if not points:
        return None
    end = points[-1].time_s if until is None else until
    thinned = _one_a_minute(points)
    for window_s, needed in WINDOWS_S:
        near = _near(thinned, end, window_s)
        if len(near) < needed or near[-1].time_s - near[0].time_s < window_s / 3:
            continue
        times = np.array([one.time_s for one in near]) - near[0].time_s
        values = np.array([one.value for one in near])
        slope = _least_squares(times, values) if least_squares else _median_slope(times, values)
        rate = round(slope * 3600, 4)
        if abs(slope) * window_s < RESOLUTION_M - 1e-9:
            code = TrendCode.STEADY
        else:
            code = TrendCode.RISING if rate > 0 else TrendCode.FALLING
        return Trend(end, code, rate, window_s, len(near), quality, reason)
    return None


def fitted_points(points: Sequence[Point], found: Trend) -> list[Point]:
    """Those of `points` on which `found` rests."""
    flags = {Quality.GOOD, Quality.NOT_EVALUATED}
    if found.quality is Quality.SUSPECT:
        flags.add(Quality.SUSPECT)
    told = [one for one in points if one.quality in flags and one.value == one.value]
    return _near(_one_a_minute(told), found.time_s, found.window_s)


def _near(thinned: Sequence[Point], end: float, window_s: int) -> list[Point]:
    return [one for one in thinned if one.time_s >= end - window_s][-_MOST_POINTS:]


def _one_a_minute(points: Sequence[Point]) -> list[Point]:
    """The last point of every minute: a gauge that speaks ten times a second would have the ripple of that
    second for its trend, since most pairs of points would lie in it."""
    kept: dict[int, Point] = {}
    for one in points:
        kept[int(one.time_s // 60)] = one
    return list(kept.values())


def _median_slope(times: np.ndarray, values: np.ndarray) -> float:
    later, earlier = np.triu_indices(len(times), 1)[::-1]
    return float(np.median((values[later] - values[earlier]) / (times[later] - times[earlier])))


def _least_squares(times: np.ndarray, values: np.ndarray) -> float:
    around = times - times.mean()
    return float((around * values).sum() / (around * around).sum())
