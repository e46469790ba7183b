"""Travel times of floods between stations, and what history taught about their levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_COLUMNS: LiteralString = "upstream, downstream, flow, length_km, least_h, usual_h, longest_h, source"

_STANDING: LiteralString = f"""
select {_COLUMNS} from travel_time
where replaced_at is null and (%(downstream)s::text[] is null or downstream = any(%(downstream)s))
order by downstream, upstream, flow nulls first
"""

_HELD: LiteralString = f"""
select {_COLUMNS} from travel_time
where replaced_at is null and upstream = %s and downstream = %s and flow is not distinct from %s
"""

_RELATIONS: LiteralString = """
select upstream, downstream, usual_s, fitted_at, of_upstream, of_own, errors_m, pairs, correlation
from level_relation where downstream = any(%s)
"""

_SAVE_RELATION: LiteralString = """
insert into level_relation as held (upstream, downstream, usual_s, fitted_at, of_upstream, of_own, errors_m, pairs, correlation)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (upstream, downstream, usual_s) do update set
    fitted_at = excluded.fitted_at, of_upstream = excluded.of_upstream, of_own = excluded.of_own,
    errors_m = excluded.errors_m,
    pairs = excluded.pairs, correlation = excluded.correlation
"""

_MOVED: LiteralString = """
select bucket::date from rollup_day
where series = %(series)s and bucket >= %(since)s and bucket < %(until)s and usable > 0
order by high - low desc, bucket desc limit %(most)s
"""

_FLOWS: LiteralString = """
select series.station, series.exercise, latest.usable_value
from series join latest on latest.series = series.id
where series.station = any(%s) and series.property = 'flow' and series.sensor = 1 and series.period_s = 0
  and latest.usable_value is not null and exists (
      select from series as level join latest as newest on newest.series = level.id
      where level.station = series.station and level.exercise is not distinct from series.exercise
        and level.property = 'water_level' and newest.time - latest.usable_time <= interval '3 hours')
"""


@dataclass(frozen=True, slots=True)
class TravelTime:
    """Hours that a flood takes from one station to another, for flows (m³/s) from `flow` on; None: for all."""

    upstream: str
    downstream: str
    flow: float | None
    length_km: float | None
    least_h: float
    usual_h: float
    longest_h: float
    source: str


@dataclass(frozen=True, slots=True)
class LevelRelation:
    """What history up to `fitted_at` taught about two series with this travel time; empty lists: too little.

    By lead time the share of the change upstream, of the own change in an hour, and the error (m).
    """

    upstream: int
    downstream: int
    usual_s: float
    fitted_at: datetime
    of_upstream: list[float]
    of_own: list[float]
    errors_m: list[float]
    pairs: int
    correlation: float


def travel_times(connection: Connection[Any], downstream: Sequence[str] | None = None) -> list[TravelTime]:
    """Those that stand, of these stations downstream (None: all), those for all flows before classes of flow."""
    wanted = None if downstream is None else list(downstream)
    return rows(connection, TravelTime, _STANDING, {"downstream": wanted})


def save(connection: Connection[Any], entry: TravelTime, by: str) -> bool:
    """Sets one, the one that stood before stays as history; False if nothing would change."""
    key = (entry.upstream, entry.downstream, entry.flow)
    held = rows(connection, TravelTime, _HELD, key)
    if held == [entry]:
        return False
    connection.execute(
        "update travel_time set replaced_at = now() where replaced_at is null"
        " and upstream = %s and downstream = %s and flow is not distinct from %s",
        key,
    )
    connection.execute(
        "insert into travel_time (upstream, downstream, flow, length_km, least_h, usual_h, longest_h, source, set_by)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*key, entry.length_km, entry.least_h, entry.usual_h, entry.longest_h, entry.source, by),
    )
    return True


def relations(connection: Connection[Any], downstream: Sequence[int]) -> list[LevelRelation]:
    """What is known of these series downstream."""
    return rows(connection, LevelRelation, _RELATIONS, (list(downstream),))


def save_relation(connection: Connection[Any], entry: LevelRelation) -> None:
    """Replaces what was known of a pair and a travel time."""
    values = (
        entry.upstream, entry.downstream, entry.usual_s, entry.fitted_at, entry.of_upstream,
        entry.of_own, entry.errors_m,
        entry.pairs, entry.correlation,
    )  # fmt: skip
    connection.execute(_SAVE_RELATION, values)


def stirred_days(
    connection: Connection[Any], series: int, since: datetime, until: datetime, most: int
) -> list[date]:
    """UTC days on which a series moved most, the most moving first."""
    values = {"series": series, "since": since, "until": until, "most": most}
    return [day for (day,) in connection.execute(_MOVED, values).fetchall()]


def present_flows(
    connection: Connection[Any], stations: Sequence[str]
) -> dict[tuple[str, str | None], float]:
    """The newest usable flow (m³/s) by station and exercise, where it is not older than three hours behind its level."""
    found = connection.execute(_FLOWS, (list(stations),)).fetchall()
    return {(station, exercise): flow for station, exercise, flow in found}
