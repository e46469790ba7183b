"""Rain of an area against its limits: what is reached, and what still holds after it was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.quality import Quality
from core.rain_limits import HamletLimit, Soil
from core.severity import Severity
from hydrology.rain_windows import verified


class Measure(StrEnum):
    """What of an area's gauges is compared: their mean, or the wettest of them."""

    MEAN = "mean"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class GaugeSum:
    """A sum at one gauge: with what nobody has verified, the verified part, and the reported share of its window."""

    station: str
    window_s: int
    time: datetime
    mm: float
    verified_mm: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Level:
    """So much of a measure within a window is of this severity."""

    severity: Severity
    measure: Measure
    window_s: int
    mm: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of one window; `gauge` is the wettest, `reporting` gauges took part."""

    measure: Measure
    window_s: int
    time: datetime
    mm: float
    verified_mm: float
    coverage: float
    gauge: str
    reporting: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The level that stands. `certain`: verified rain alone reaches it. `holds`: it was reached before and is not
    left yet."""

    level: Level
    measured: Measured
    certain: bool
    holds: bool = False


def gauge_sum(
    station: str, window_s: int, time: datetime, value: float, quality: Quality, reason: str
) -> GaugeSum:
    """A kept sum, read back (`hydrology.rain_windows.judged`); nearly all are good and say nothing more."""
    if quality is Quality.GOOD and not reason:
        return GaugeSum(station, window_s, time, value, value, 1.0)
    known = verified(value, quality, reason)
    return GaugeSum(
        station, window_s, time, value, known.millimetres if known else 0.0, known.coverage if known else 0.0
    )


def measure(sums: Iterable[GaugeSum]) -> dict[tuple[Measure, int], Measured]:
    """Mean and wettest of the gauges, by window."""
    by_window: dict[int, list[GaugeSum]] = {}
    for one in sums:
        by_window.setdefault(one.window_s, []).append(one)
    found = {}
    for window_s, listed in by_window.items():
        wettest = max(listed, key=lambda one: (one.mm, one.station))
        newest = max(one.time for one in listed)
        count = len(listed)
        found[Measure.HIGHEST, window_s] = Measured(
            Measure.HIGHEST, window_s, wettest.time, wettest.mm, max(one.verified_mm for one in listed),
            wettest.coverage, wettest.station, count,
        )  # fmt: skip
        found[Measure.MEAN, window_s] = Measured(
            Measure.MEAN, window_s, newest, sum(one.mm for one in listed) / count,
            sum(one.verified_mm for one in listed) / count, sum(one.coverage for one in listed) / count,
            wettest.station, count,
        )  # fmt: skip
    return found


def is_dry(sums: Iterable[GaugeSum], window_s: int) -> bool:
    """True if every gauge says that nothing fell in the window; what nobody reported is not dry."""
    listed = [one for one in sums if one.window_s == window_s]
    return bool(listed) and all(one.mm <= 0 for one in listed)


def judge(
    levels: Sequence[Level],
    measured: Mapping[tuple[Measure, int], Measured],
    held: Severity | None,
    *,
    dry: bool,
    clear_share: float,
) -> Reached | None:
    """The worst level that is reached; of equals the one that is passed by most.

    What is held is left only when its sums are below `clear_share` of their limits and it is dry.
    """

    def passed(level: Level) -> float:
        found = measured.get((level.measure, level.window_s))
        return found.mm / level.mm if found else 0.0

    def most(listed: Sequence[Level]) -> Level | None:
        return max(listed, key=lambda one: (one.severity.rank, passed(one)), default=None)

    now = most([level for level in levels if passed(level) >= 1])
    if held is not None and (now is None or now.severity.rank < held.rank):
        of_held = [level for level in levels if level.severity is held and passed(level) > 0]
        if of_held and (not dry or any(passed(level) >= clear_share for level in of_held)):
            level = max(of_held, key=passed)
            return Reached(level, measured[level.measure, level.window_s], certain=False, holds=True)
    if now is None:
        return None
    found = measured[now.measure, now.window_s]
    return Reached(now, found, certain=found.verified_mm >= now.mm)


def hamlet_levels(limits: Iterable[HamletLimit], soil: Soil) -> list[Level]:
    """准备转移 (orange) and 立即转移 (red) of a hamlet in this state of the soil.

    Of a window without limits for the state those that hold in any count, else the lowest that it has.
    """
    by_window: dict[int, dict[Soil, HamletLimit]] = {}
    for limit in limits:
        by_window.setdefault(limit.window_s, {})[limit.soil] = limit
    found = []
    for window_s, known in sorted(by_window.items()):
        limit = (
            known.get(soil) or known.get(Soil.ANY) or min(known.values(), key=lambda one: one.immediate_mm)
        )
        found.append(Level(Severity.ORANGE, Measure.HIGHEST, window_s, limit.prepare_mm))
        found.append(Level(Severity.RED, Measure.HIGHEST, window_s, limit.immediate_mm))
    return found
