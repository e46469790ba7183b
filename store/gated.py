"""What waits for a gate: series that have reached a limit of a rule with a gate, and no alarm stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_WAITING: LiteralString = """
select rule.code as rule, rule.requires, track.series, series.station, station.area, series.exercise,
       track.observed_at, greatest(track.observed_at, latest.time) as until
from (select distinct on (code) * from rule order by code, version desc) rule
join alarm_track track on track.rule = rule.code and track.severity is not null
join series on series.id = track.series
join station on station.code = series.station and station.kind = any(rule.kinds)
left join latest on latest.series = track.series
where rule.active and rule.requires is not null
  and (series.exercise is null or exists (
        select from exercise where exercise.code = series.exercise and ended_at is null))
  and not exists (
        select from alarm where alarm.rule = rule.code and alarm.station = series.station
          and alarm.exercise is not distinct from series.exercise and alarm.closed_at is null
          and (alarm.severity is not null or alarm.colourless))
order by track.series
"""


@dataclass(frozen=True, slots=True)
class WaitingSeries:
    """A series that has reached a limit, whose rule needs other alarms too.

    It is read until `observed_at`; `until` is the time of its newest reading, later where its clock is ahead.
    """

    rule: str
    requires: dict[str, Any]
    series: int
    station: str
    area: str | None
    exercise: str | None
    observed_at: datetime
    until: datetime


def waiting(connection: Connection[Any]) -> list[WaitingSeries]:
    """All of them, by series; none where no rule has a gate."""
    found = connection.execute(
        "select exists (select from rule where requires is not null and kind in ('level', 'rate', 'rain'))"
    ).fetchone()
    return rows(connection, WaitingSeries, _WAITING) if found and found[0] else []
