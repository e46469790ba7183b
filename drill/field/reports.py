"""What each simulated station reports, and when. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.properties import PROPERTIES
from drill.county.model import Model
from drill.field.behaviour import Behaviour
from drill.publisher import Reading
from drill.storm.simulation import STEP_S, Simulation
from drill.story import Story

LEVEL_EVERY_S = 60
FAST_EVERY_S = 15
RAIN_EVERY_S = STEP_S
SILENT_SINCE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Reporter:
    """One station: it reports at whole multiples of `every_s` seconds plus its own `phase_s`.

    One that `dials` tells its live reports by SL 651 (part `rtus`), its history by the gateway as all do.
    Fixed moments make the same history whenever it is computed; phases spread the stations over time.
    """

    station: str
    rain: bool
    every_s: int
    phase_s: int
    silent: bool = False
    dials: bool = False

    def moments(self, after: datetime, until: datetime, every_s: int) -> Iterator[datetime]:
        """Report times in (after, until]."""
        phase = self.phase_s % every_s
        first = (int(after.timestamp() - phase) // every_s + 1) * every_s + phase
        for second in range(first, int(until.timestamp()) + 1, every_s):
            yield datetime.fromtimestamp(second, UTC)


def reporters(model: Model, behaviour: Behaviour) -> list[Reporter]:
    """Every station of the county; some levels report every 15 s, so that the wall visibly lives."""
    rain = [gauge.station for gauge in model.gauges]
    levels = [
        entry.station
        for group in (model.rivers, model.reservoirs, model.sluices, model.tides)
        for entry in group
    ]
    found = []
    for rains, codes in ((True, rain), (False, levels)):
        for number, code in enumerate(codes):
            found.append(
                Reporter(
                    station=code,
                    rain=rains,
                    every_s=RAIN_EVERY_S
                    if rains
                    else FAST_EVERY_S
                    if code in behaviour.fast_stations
                    else LEVEL_EVERY_S,
                    phase_s=number * STEP_S // len(codes),
                    silent=code in behaviour.silent_stations,
                    dials=code in behaviour.dialling_stations,
                )
            )
    return found


def reading(reporter: Reporter, moment: datetime, story: Story, storm: Simulation) -> Reading:
    """What a station reports at a moment of the clock.

    Rain is intensity × period: while the storm goes faster than the clock, a gauge collects what falls
    on it in its five minutes, not the rain of the hours that were skipped.
    """
    at = story.storm_time(moment)
    if reporter.rain:
        middle = at - timedelta(seconds=STEP_S / 2)
        return moment, {
            "rainfall": _rounded("rainfall", storm.rate_mm_h(reporter.station, middle) * STEP_S / 3600)
        }
    values = storm.values(reporter.station, at)
    return moment, {name: _rounded(name, value) for name, value in values.items()}


def history(reporter: Reporter, hours: float, story: Story, storm: Simulation) -> list[Reading]:
    """What the station reported every five minutes in the hours before the story begins."""
    begin = story.origin - timedelta(hours=hours)
    end = story.origin - SILENT_SINCE if reporter.silent else story.origin
    return [reading(reporter, moment, story, storm) for moment in reporter.moments(begin, end, STEP_S)]


def schedule(listed: list[Reporter], begin: datetime) -> Iterator[tuple[datetime, Reporter]]:
    """All reports after `begin`, in time order, without end."""
    queue: list[tuple[datetime, int]] = []
    for number, reporter in enumerate(listed):
        if not reporter.silent:
            horizon = begin + timedelta(seconds=reporter.every_s)
            queue.append((next(reporter.moments(begin, horizon, reporter.every_s)), number))
    heapq.heapify(queue)
    while queue:
        moment, number = queue[0]
        yield moment, listed[number]
        heapq.heapreplace(queue, (moment + timedelta(seconds=listed[number].every_s), number))


def _rounded(name: str, value: float) -> float:
    return round(value, PROPERTIES[name].decimals)
