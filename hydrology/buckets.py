"""Hours and days to which readings belong.

A value at an instant belongs to [start, end), a total over a period that ends at its time to
(start, end]: the rain that fell until 08:00 is rain of the hour before. Buckets are hours of UTC, and
days of UTC, which are the hydrological days 08:00 to 08:00 of Beijing (GB/T 50138).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
"""The database's finest step of time: what ends at a full hour begins this much before it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Buckets:
    """Adjoining buckets of one width: their starts are in [start, stop)."""

    start: datetime
    stop: datetime

    def count(self, width: timedelta) -> int:
        """How many buckets these are."""
        return (self.stop - self.start) // width


def shift(period_s: int) -> timedelta:
    """By how much a reading lies after the bucket-time that it belongs to."""
    return INSTANT if period_s > 0 else timedelta()


def buckets(first: datetime, last: datetime, period_s: int, width: timedelta = HOUR) -> Buckets:
    """The buckets to which readings from `first` to `last`, both inclusive, belong."""
    moved = shift(period_s)
    return Buckets(_floor(first - moved, width), _floor(last - moved, width) + width)


def widened(found: Buckets, width: timedelta) -> Buckets:
    """The wider buckets that hold these."""
    return Buckets(_floor(found.start, width), _floor(found.stop - INSTANT, width) + width)


def joined(found: Iterable[Buckets]) -> list[Buckets]:
    """The same buckets, each once, in as few ranges as possible, in order."""
    result: list[Buckets] = []
    for one in sorted(found):
        if result and one.start <= result[-1].stop:
            if one.stop > result[-1].stop:
                result[-1] = Buckets(result[-1].start, one.stop)
        else:
            result.append(one)
    return result


def readings_of(found: Buckets, period_s: int) -> tuple[datetime, datetime]:
    """The first and the last time, both inclusive, at which a reading can belong to these buckets."""
    moved = shift(period_s)
    return found.start + moved, found.stop + moved - INSTANT


def _floor(time: datetime, width: timedelta) -> datetime:
    return time - (time - _EPOCH) % width
