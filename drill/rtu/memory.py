"""What a simulated RTU has measured and keeps, and how it tells of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from formats.sl651 import PeriodQuery
from formats.sl651.encode import Group, Hour, Series, Value
from formats.sl651.hours import carry_rain

_SLOT = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_RAIN_SLOTS, _RAIN_5MIN, _LEVEL, _LEVEL_SLOTS = "F4", "22", "39", "F5"


class Memory:
    """Values by element and time; `keep` bounds how long. `base_m` is what relative levels stand on."""

    def __init__(self, base_m: float, keep: timedelta = timedelta(days=3)) -> None:
        self.base_m = base_m
        self._keep = keep
        self._values: dict[str, dict[datetime, float]] = {}

    def measure(self, time: datetime, values: dict[str, float]) -> None:
        """Keeps what was measured."""
        for code, value in values.items():
            kept = self._values.setdefault(code, {})
            kept[time] = value
            if len(kept) % 100 == 0:
                for old in [moment for moment in kept if moment < time - self._keep]:
                    del kept[old]

    def latest(self) -> tuple[datetime, list[Value]] | None:
        """The newest time of all, and the values of it."""
        newest = max((max(kept) for kept in self._values.values() if kept), default=None)
        if newest is None:
            return None
        return newest, [Value(code, kept[newest]) for code, kept in self._values.items() if newest in kept]

    def hour(self, first_slot: datetime, codes: tuple[str, ...]) -> Group:
        """Twelve slots, the first at `first_slot`."""
        return Group(first_slot, [Hour(code, self._slots(code, first_slot)) for code in codes])

    def answer(self, query: PeriodQuery) -> list[Group]:
        """What a 38H asks for."""
        code = query.codes[0]
        if query.step == timedelta(0):
            hours = list(_moments(query.start, query.end - _HOUR, _HOUR))
            return [self.hour(hour + _SLOT, (code,)) for hour in hours]
        kept = self._values.get(code, {})
        values = [kept.get(moment) for moment in _moments(query.start, query.end, query.step)]
        # All values of a series have one length: negative ones would not fit beside positive ones.
        mixed = any(value is not None and value < 0 for value in values)
        if not mixed:
            return [Group(query.start, [Series(code, query.step, values)])]
        return [
            Group(moment, [Value(code, value)])
            for moment, value in zip(_moments(query.start, query.end, query.step), values, strict=True)
            if value is not None
        ]

    def _slots(self, code: str, first: datetime) -> list[float | None]:
        moments = [first + place * _SLOT for place in range(12)]
        if code == _RAIN_SLOTS:
            rain = self._values.get(_RAIN_5MIN, {})
            _, left = carry_rain([rain.get(moment - _HOUR) for moment in moments])
            return carry_rain([rain.get(moment) for moment in moments], left)[0]
        if code != _LEVEL_SLOTS:
            return [None] * 12
        levels = [self._values.get(_LEVEL, {}).get(moment) for moment in moments]
        return [None if level is None else max(round(level - self.base_m, 2), 0.0) for level in levels]


def _moments(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start <= end:
        yield start
        start += step
