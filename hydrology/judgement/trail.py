"""What was last read of a series, and the judgement of what comes next.

Readings are taken one by one in the order of their time. The trail follows the water by a *reference*: the
last reading that is believed. What lies too far from it is suspect and does not move it, with one exception:
two readings in a row that went too fast *towards* danger move it (the second is `rises_on`, and good where it
bears the first out), since then the water may well be there. Away from danger nothing but time moves it:
readings are believed again when the water could have receded so far. So a gauge that was swept away after
a steep rise cannot read its alarm away, and one wild value between two others costs only itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.quality import Quality
from hydrology.judgement import counter, neighbour, rate
from hydrology.judgement.calm_run import calm_since
from hydrology.judgement.defaults import rain_envelope_mm
from hydrology.judgement.limits import SeriesLimits
from hydrology.judgement.physical import fits_in_other_unit, impossible
from hydrology.judgement.reasons import INFORMATION, OFF_THE_WAY, Reason, joined
from hydrology.judgement.spike import is_spike
from hydrology.judgement.stuck import stuck

_ON = {Reason.RISES_FAST: Reason.RISES_ON, Reason.FALLS_FAST: Reason.FALLS_ON}


@dataclass(frozen=True, slots=True)
class Reflag:
    """The reading before the newest one turned out to be a spike: it is suspect now.

    `position` is what the reading was taken with; -1 was remembered from the store.
    """

    position: int
    time: datetime
    value: float


class Trail:
    """One series; for one thread. `quality` and `reason` are those of the reading taken last.

    Times are given twice, as they are and as seconds since 1970: arithmetic on floats is what keeps a
    reading below two microseconds.
    """

    __slots__ = (
        "before", "before_s", "beside", "fled", "former", "former_s", "is_all_the_same", "limits",
        "position", "power_low", "quality", "reason", "reference", "reference_s", "reflag", "run_since", "step_s", "time", "time_s", "uneasy",
        "value",
    )  # fmt: skip

    def __init__(self, limits: SeriesLimits) -> None:
        self.limits = limits
        self.time: datetime | None = None
        self.time_s = -math.inf
        self.value = math.nan
        self.quality = Quality.NOT_EVALUATED
        self.reason = ""
        self.position = -1
        self.before = math.nan
        self.before_s = -math.inf
        self.reference = self.former = math.nan
        self.reference_s = self.former_s = -math.inf
        self.run_since = math.inf
        self.is_all_the_same = True
        self.fled = False
        self.uneasy = False
        self.step_s = 0.0
        self.reflag: Reflag | None = None
        self.beside: tuple[float, float] | None = None
        self.power_low = False

    def watch(self, beside: tuple[float, float] | None, *, power_low: bool) -> None:
        """What else is known before a reading is taken.

        `beside` is the neighbour's last reading (seconds, value), `power_low` that the station's battery is
        nearly empty.
        """
        self.beside, self.power_low = beside, power_low
        self.uneasy = self.uneasy or beside is not None

    def is_calm(self, time: datetime, time_s: float, value: float, position: int) -> bool:
        """Takes a reading that no test can object to; False if it must be looked at `closely`.

        The way of nearly all readings: good, without a reason.
        """
        limits = self.limits
        if (
            self.uneasy
            or not limits.calm_low <= value <= limits.calm_high
            or not -limits.calm_change <= value - self.reference <= limits.calm_change
        ):
            return False
        if value != self.value:
            self.run_since = time_s
        elif time_s - self.run_since >= limits.calm_s:
            return False
        self.before, self.before_s = self.value, self.time_s
        self.step_s = time_s - self.time_s if self.time else 0.0
        self.time, self.time_s, self.value, self.position = time, time_s, value, position
        self.former, self.former_s = self.reference, self.reference_s
        self.reference, self.reference_s = value, time_s
        self.quality, self.reason = Quality.GOOD, ""
        return True

    def are_calm(
        self, last: datetime, times_s: Sequence[float], values: Sequence[float], position: int
    ) -> bool:
        """Takes two or more readings at once, as `is_calm` would one after the other; False takes none.

        `last` and `position` are those of the last one.
        """
        if self.uneasy or self.reference_s != self.time_s:
            return False
        since = calm_since(self.limits, (self.time_s, self.value), self.run_since, times_s, values)
        if since is None:
            return False
        self.run_since = since
        self.before, self.before_s = values[-2], times_s[-2]
        self.step_s = times_s[-1] - times_s[-2]
        self.time, self.time_s, self.value, self.position = last, times_s[-1], values[-1], position
        self.former, self.former_s = values[-2], times_s[-2]
        self.reference, self.reference_s = values[-1], times_s[-1]
        self.quality, self.reason = Quality.GOOD, ""
        return True

    def closely(self, time: datetime, time_s: float, value: float, position: int) -> None:
        """Takes a reading through every test; the verdict is in `quality`, `reason` and `reflag`."""
        self.reflag = self._spike_before(value, time_s)
        quality, reason = self._verdict(time, time_s, value)
        self._advance(time, time_s, value, position, quality, reason)

    def recall(
        self, time: datetime, time_s: float, value: float | None, quality: Quality, reason: str
    ) -> None:
        """Takes a reading that the store holds, as it was judged then (or by a person).

        It may show in `reflag` that a new reading before it was a spike.
        """
        if value is None or quality in (Quality.BAD, Quality.MISSING) or self._is_impossible(value):
            self.skip(time, time_s, quality, reason)
            return
        self.reflag = self._spike_before(value, time_s) if self.position >= 0 else None
        self._follow(time_s, value, reason)
        self._advance(time, time_s, value, -1, quality, reason)

    def foresee(self, time_s: float, value: float | None) -> None:
        """Shows in `reflag` if the reading taken last is a spike beside one that comes later in time."""
        self.reflag = None if value is None else self._spike_before(value, time_s)

    def skip(self, time: datetime, time_s: float, quality: Quality, reason: str) -> None:
        """Takes a reading without a value, or one that cannot exist: nothing is compared with it."""
        self.step_s = time_s - self.time_s if self.time else 0.0
        self.time, self.time_s, self.position = time, time_s, -1
        self.before, self.before_s = math.nan, -math.inf
        self.value, self.quality, self.reason = math.nan, quality, reason
        self.reflag = None
        self.uneasy = True

    def _verdict(self, time: datetime, time_s: float, value: float) -> tuple[Quality, str]:
        limits = self.limits
        known = limits.known
        if known is None:
            return Quality.NOT_EVALUATED, ""
        if not known.low <= value <= known.high:
            return impossible(known, value)
        reasons = self._by_range(value, time.month)
        moved = self._by_counter(value, time_s) if limits.is_counter else self._by_rate(value, time_s)
        reasons += moved
        since = self.run_since if value == self.value else time_s
        if found := stuck(value, time_s - since, limits, power_low=self.power_low):
            reasons.append(found)
        if self.beside and neighbour.differs(
            value, time_s, self.beside[1], self.beside[0], limits.neighbour_difference
        ):
            reasons.append(Reason.NEIGHBOUR_DIFFERS)
        in_doubt = any(reason not in INFORMATION for reason in reasons)
        quality = Quality.SUSPECT if in_doubt else Quality.GOOD
        reason = ",".join(reasons)
        self._follow(time_s, value, reason)
        return quality, reason

    def _by_range(self, value: float, month: int) -> list[Reason]:
        """Gross range of the series, what is usual in the month, and the top of the sensor."""
        limits = self.limits
        found = []
        if value > limits.high:
            found.append(Reason.ABOVE_LIMIT)
        elif value < limits.low:
            found.append(Reason.BELOW_LIMIT)
        elif usual := limits.soft.get(month):
            if value > usual[1]:
                found.append(Reason.ABOVE_USUAL)
            elif value < usual[0]:
                found.append(Reason.BELOW_USUAL)
        if value >= limits.sensor_top:
            found.append(Reason.AT_LEAST)
        return found

    def _by_rate(self, value: float, time_s: float) -> list[Reason]:
        limits = self.limits
        if math.isnan(self.reference):
            return []
        change = value - self.reference
        fast = rate.too_fast(change, time_s - self.reference_s, limits, fled=self.fled)
        if fast is None:
            return []
        if rate.towards(fast, limits) and (fast in self.reason or _ON[fast] in self.reason):
            borne_out = rate.agree(value - self.value, time_s - self.time_s, limits)
            return [] if borne_out else [_ON[fast]]
        if limits.known and fits_in_other_unit(limits.known, value, self.reference, limits.step):
            return [fast, Reason.WRONG_UNIT]
        return [fast]

    def _by_counter(self, value: float, time_s: float) -> list[Reason]:
        if math.isnan(self.reference):
            return []
        rain, event = counter.increment(self.reference, value)
        if event is Reason.COUNTER_RESET:
            goes_on = Reason.COUNTER_RESET in self.reason and value >= self.value
            return [] if goes_on else [event]
        found: list[Reason] = [event] if event else []
        goes_on = Reason.RISES_FAST in self.reason and value >= self.value
        if rain > rain_envelope_mm(max(1, int(time_s - self.reference_s))) and not goes_on:
            found.append(Reason.RISES_FAST)
        return found

    def _follow(self, time_s: float, value: float, reason: str) -> None:
        """Moves the reference, unless the way to this reading is what is doubtful of it."""
        off_the_way = OFF_THE_WAY.intersection(reason.split(",")) if reason else frozenset()
        was_believed = off_the_way == {Reason.SPIKE} and (value - self.reference) * self.limits.danger > 0
        if not off_the_way or was_believed:
            self.former, self.former_s = self.reference, self.reference_s
            self.reference, self.reference_s, self.fled = value, time_s, False
        elif not off_the_way.isdisjoint((Reason.RISES_FAST, Reason.FALLS_FAST)):
            away = Reason.FALLS_FAST if self.limits.danger > 0 else Reason.RISES_FAST
            self.fled = self.limits.danger != 0 and away in off_the_way

    def _is_impossible(self, value: float) -> bool:
        known = self.limits.known
        return known is not None and not known.low <= value <= known.high

    def _spike_before(self, value: float, time_s: float) -> Reflag | None:
        if self.time is None or math.isnan(self.before) or math.isnan(self.value):
            return None
        if Reason.SPIKE in self.reason or self.quality in (Quality.BAD, Quality.MISSING):
            return None
        if not is_spike(self.before, self.value, value, time_s - self.before_s, self.limits.spike):
            return None
        if self.reference_s == self.time_s and (value - self.value) * self.limits.danger >= 0:
            # A low spike was believed: the water is where it was before. A high one may have been true.
            self.reference, self.reference_s = self.former, self.former_s
        self.quality = Quality.SUSPECT
        self.reason = joined(self.reason, Reason.SPIKE)
        return Reflag(self.position, self.time, self.value)

    def _advance(
        self, time: datetime, time_s: float, value: float, position: int, quality: Quality, reason: str
    ) -> None:
        if self._is_impossible(value):
            reflag = self.reflag
            self.skip(time, time_s, quality, reason)
            self.reflag = reflag
            return
        if value != self.value:
            self.is_all_the_same = math.isinf(self.run_since)
            self.run_since = time_s
        self.before, self.before_s = self.value, self.time_s
        self.step_s = time_s - self.time_s if self.time else 0.0
        self.time, self.time_s, self.value, self.position = time, time_s, value, position
        self.quality, self.reason = quality, reason
        self.uneasy = not quality.usable or self.beside is not None
