"""All figures of one desk, or of the county, over a time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.performance.answering import Answering, answering
from alerts.performance.limits import Limits
from alerts.performance.nuisance import Chatter, Fleeting, Stale, Top, chattering, fleeting, stale, top
from alerts.performance.rates import Bin, Flood, Rate, bins, floods, rate
from core.alarm_load import Asked, Load
from core.severity import Severity

_MOST_BINS = 400
_LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (10, 60, 360, 1440))


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One line for each desk; `desk` None: alarms of no area."""

    desk: str | None
    rate: Rate
    floods: int
    flood_s: float
    answering: Answering
    uncalled: int


@dataclass(frozen=True, slots=True)
class Report:
    """`flood_share` is the part of the time in flood. `spread` counts by severity."""

    start: datetime
    end: datetime
    rate: Rate
    bins: tuple[Bin, ...]
    bin_s: float
    floods: tuple[Flood, ...]
    flood_share: float
    chattering: tuple[Chatter, ...]
    fleeting: tuple[Fleeting, ...]
    stale: tuple[Stale, ...]
    top: tuple[Top, ...]
    top_share: float
    answering: tuple[Answering, ...]
    spread: dict[Severity, int]
    uncalled: int
    desks: tuple[DeskRow, ...]


def report(load: Load, limits: Limits) -> Report:
    """Everything that the page shows. A figure of nothing is 0 or None, never invented."""
    asked = sorted(load.asked, key=lambda one: one.at)
    times = [one.at for one in asked]
    found = floods(times, load.end, limits)
    tops = top(asked)
    length = bin_length(load.end - load.start)
    return Report(
        start=load.start,
        end=load.end,
        rate=rate(times, load.start, load.end),
        bins=tuple(bins(times, load.start, load.end, length)),
        bin_s=length.total_seconds(),
        floods=tuple(found),
        flood_share=_flood_share(found, load),
        chattering=tuple(chattering(load.turns, limits)),
        fleeting=tuple(fleeting(load.turns, limits)),
        stale=tuple(stale(load.stood, load.end, limits)),
        top=tuple(tops),
        top_share=sum(one.share for one in tops),
        answering=tuple(answering(asked, load.end, limits)),
        spread={severity: sum(one.severity is severity for one in asked) for severity in Severity},
        uncalled=sum(one.uncalled for one in asked),
        desks=tuple(_desks(asked, load, limits)),
    )


def bin_length(span: timedelta) -> timedelta:
    """The shortest of ten minutes, an hour, six hours and a day that gives a chart that can be read."""
    return next((length for length in _LENGTHS if span / length <= _MOST_BINS), _LENGTHS[-1])


def _desks(asked: Sequence[Asked], load: Load, limits: Limits) -> list[DeskRow]:
    found = []
    for desk in sorted({one.desk for one in asked}, key=lambda code: (code is None, code or "")):
        own = [one for one in asked if one.desk == desk]
        times = [one.at for one in own]
        storms = floods(times, load.end, limits)
        found.append(
            DeskRow(
                desk=desk,
                rate=rate(times, load.start, load.end),
                floods=len(storms),
                flood_s=sum(storm.seconds(load.end) for storm in storms),
                answering=answering(own, load.end, limits)[0],
                uncalled=sum(one.uncalled for one in own),
            )
        )
    return found


def _flood_share(found: Sequence[Flood], load: Load) -> float:
    whole = (load.end - load.start).total_seconds()
    return sum(flood.seconds(load.end) for flood in found) / whole if whole > 0 else 0.0
