"""What stations send in the benchmarks: one level a message, or packs of a hundred, smooth as rivers are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from formats.observations import encode, encode_pack

STEP = timedelta(minutes=1)
PACK = 100


def singles(codes: Sequence[str], start: datetime, count: int) -> Iterator[tuple[str, bytes]]:
    """So many messages of one reading, the stations in turn."""
    for number in range(count):
        turn, station = divmod(number, len(codes))
        payload = encode(start + turn * STEP, {"water_level": _level(turn, station)})
        yield f"anlan/obs/{codes[station]}", payload


def packs(codes: Sequence[str], start: datetime, count: int) -> Iterator[tuple[str, bytes]]:
    """So many messages of a hundred readings, the stations in turn."""
    for number in range(count):
        turn, station = divmod(number, len(codes))
        first = turn * PACK
        items = [
            (start + step * STEP, {"water_level": _level(step, station)})
            for step in range(first, first + PACK)
        ]
        yield f"anlan/obs/{codes[station]}", encode_pack(items)


def last_time(start: datetime, codes: int, count: int, each: int = 1) -> datetime:
    """The observation time of the last reading of the last message."""
    return start + (((count - 1) // codes + 1) * each - 1) * STEP


def _level(turn: int, station: int) -> float:
    return round(3 + station / 1000 + math.sin(turn / 60), 3)
