"""How long after its limit a silence becomes an alarm, while the evaluator has its crossings to do.

Stations beside those that send were heard so long ago that they pass their limit one after the other during the
measure: nobody waits a quarter of an hour for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.place import Place

STATIONS = 20
_PERIOD_S = 300
_HEARD = 6
"""Readings of each before it fell silent: how often it sends is known."""
_RULE = """
select code, greatest((terms ->> 'missed')::float8 * %s, (terms ->> 'least_s')::float8)
from rule where kind = 'silence' and active and coalesce((terms ->> 'whole')::boolean, false)
order by version desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Silences:
    """Stations with the moment (epoch seconds) at which each has been silent for too long, by this rule."""

    rule: str
    limits: dict[str, float]

    def are_found(self, here: Place) -> bool:
        """Whether each has its alarm."""
        return len(self._alarms(here)) >= len(self.limits)

    def _alarms(self, here: Place) -> list[tuple[str, int]]:
        return here.connection.execute(
            "select station, id from alarm where rule = %s and station = any(%s)",
            (self.rule, list(self.limits)),
        ).fetchall()

    def found_s(self, here: Place, heard: Mapping[int, float]) -> float:
        """The longest, from limit to commit; `heard` are alarms by when they were heard of on the steady clock.

        Raises RuntimeError if a silence was not found, or found before it was one.
        """
        steady = time.time() - time.monotonic()
        alarms = self._alarms(here)
        delays = {
            station: heard[number] + steady - self.limits[station]
            for station, number in alarms
            if number in heard
        }
        if delays.keys() != self.limits.keys() or len(alarms) != len(delays):
            raise RuntimeError(f"{len(alarms)} alarms of {len(self.limits)} silences")
        if (first := min(delays.values())) < 0:
            raise RuntimeError(f"a silence was an alarm {-first:.1f} s before its limit")
        return max(delays.values())


def prepare(here: Place, *, after_s: float, over_s: float) -> Silences | None:
    """Stations of which the first passes its limit after so many seconds, the last so many later.

    None if no rule looks for silent stations.
    """
    found = here.connection.execute(_RULE, (_PERIOD_S,)).fetchone()
    if found is None:
        return None
    rule, limit_s = found
    codes = [f"SI{number:03d}" for number in range(STATIONS)]
    here.connection.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat, period_s)"
        " select code, code, code, 'ZZ', 'C', 121.9, 29.5, %s from unnest(%s::text[]) as code",
        (_PERIOD_S, codes),
    )
    now = datetime.now(UTC)
    limits = {}
    for number, code in enumerate(codes):
        limit = now + timedelta(seconds=after_s + over_s * number / STATIONS)
        limits[code] = limit.timestamp()
        _hear(here, code, limit - timedelta(seconds=limit_s))
    return Silences(rule, limits)


def _hear(here: Place, code: str, last: datetime) -> None:
    series = here.one("insert into series (station, property) values (%s, 'water_level') returning id", code)
    times = [last - timedelta(seconds=_PERIOD_S * back) for back in range(_HEARD)]
    here.connection.execute(
        "insert into observation (series, time, value, quality, received_at, source)"
        " select %s, time, 3.0, 1, time, 'bench' from unnest(%s::timestamptz[]) as time",
        (series, times),
    )
    here.connection.execute(
        "insert into latest (series, time, value, quality, received_at, usable_time, usable_value)"
        " values (%s, %s, 3.0, 1, %s, %s, 3.0)",
        (series, last, last, last),
    )
