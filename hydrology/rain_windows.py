"""Sliding sums of rain: 10 and 30 minutes, 1, 3, 6, 12 and 24 hours that end at a label.

Totals are period-ending, so a window is (t − w, t]. What was not reported is not rain: such a sum is "at
least this", says so, and gives the share of its window that was reported. Rain that nobody has verified
is added and makes the sum suspect (待核实): leaving it out could hide a flood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.quality import Quality
from hydrology.base_rain import BaseRain, Floats, Ints, Windows
from hydrology.hydrological_day import DAY_S

WINDOWS_S = (600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)

AT_LEAST = "at_least"
WITH_SUSPECT = "with_suspect"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class RainSums:
    """Sums of one width at labels; NaN where nothing at all was reported.

    `millimetres` are verified ones, `suspect` those that are not, `coverage` the reported share.
    """

    window_s: int
    labels: Ints
    millimetres: Floats
    suspect: Floats
    coverage: Floats


def sliding_sums(base: BaseRain, window_s: int, ends: Ints) -> RainSums:
    """Sums over (end − window, end] for each of `ends`; totals that span more than the window are left out."""
    return _sums(base, window_s, ends, np.full(len(ends), window_s, np.int64), window_s)


def day_sums(base: BaseRain, ends: Ints) -> RainSums:
    """Rain since 08:00 Beijing time, at 08:00 of the whole day that ends (`hydrological_day`)."""
    widths = ends - (ends - 1) // DAY_S * DAY_S
    return _sums(base, DAY_S, ends, widths, DAY_S)


def _sums(base: BaseRain, window_s: int, ends: Ints, widths: Ints, most_span: int) -> RainSums:
    fitting = base.spans <= most_span
    if fitting.all():
        windows = Windows(base.labels, base.seconds, base.millimetres, base.suspect)
    else:
        windows = Windows(
            base.labels[fitting], base.seconds[fitting], base.millimetres[fitting], base.suspect[fitting]
        )
    found = windows.sums(ends, widths)
    silent = found.last == found.first
    return RainSums(
        window_s,
        ends,
        np.where(silent, np.nan, found.millimetres),
        found.suspect,
        np.minimum(found.seconds / widths, 1.0),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A sum as it is kept: what is said to people, with flag and reason code."""

    value: float | None
    quality: Quality
    reason: str


def judged(millimetres: float, suspect: float, coverage: float) -> Judged:
    """Good if the whole window was reported and verified.

    Else `at_least:83` (percent reported), and `with_suspect:12.5` (millimetres without the suspect ones).
    """
    if millimetres != millimetres:  # NaN
        return Judged(None, Quality.MISSING, MISSING)
    gaps = f"{AT_LEAST}:{int(coverage * 100 + 1e-6)}" if coverage < 0.9999 else ""
    if suspect > 0:
        doubt = f"{WITH_SUSPECT}:{millimetres:g}"
        return Judged(round(millimetres + suspect, 3), Quality.SUSPECT, ",".join(filter(None, [doubt, gaps])))
    return Judged(millimetres, Quality.NOT_EVALUATED if gaps else Quality.GOOD, gaps)


@dataclass(frozen=True, slots=True)
class Verified:
    """The verified part of a kept sum, and the share of its window that was reported."""

    millimetres: float
    coverage: float


def verified(value: float, quality: Quality, reason: str) -> Verified | None:
    """Reads what `judged` wrote; None where nothing verified was reported."""
    if value != value or quality in (Quality.MISSING, Quality.BAD):
        return None
    said = dict(part.split(":", 1) for part in reason.split(",") if ":" in part)
    coverage = int(said.get(AT_LEAST, "100")) / 100
    if quality is Quality.SUSPECT and coverage == 0:
        return None
    return Verified(float(said.get(WITH_SUSPECT, value)), coverage)
