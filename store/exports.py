"""Data out of the house: what can be exported, its columns, and its rows as a stream.

Rows come from a server-side cursor over one snapshot, series by series along the primary key, so that
neither side sorts or holds more than one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString

from psycopg import Connection

from core.properties import DERIVED_PROPERTIES, PROPERTIES

PART = 20_000
"""Rows that are fetched, and held, at once."""


class Cell(StrEnum):
    """What a column holds; `TEXT` may come from outside, `CODE` is ours."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: times in [since, until), None for all; None of a list is all of them; `exercise` None is real."""

    since: datetime | None = None
    until: datetime | None = None
    stations: Sequence[str] | None = None
    properties: Sequence[str] | None = None
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A table that can be had; `by` are the filters that mean something for it."""

    columns: Mapping[str, Cell]
    query: LiteralString
    by: frozenset[str]


_IDENTITY = {
    "station": Cell.TEXT, "property": Cell.CODE, "sensor": Cell.INTEGER, "period_s": Cell.INTEGER,
    "exercise": Cell.CODE, "unit": Cell.CODE,
}  # fmt: skip

_CHOSEN: LiteralString = """
from (
    select series.id, series.station, series.property, series.sensor, series.period_s, series.exercise,
           units.unit
    from series
    left join unnest(%(names)s::text[], %(units)s::text[]) as units (property, unit)
        on units.property = series.property
    where series.exercise is not distinct from %(exercise)s
        and (%(stations)s::text[] is null or series.station = any(%(stations)s))
        and (%(properties)s::text[] is null or series.property = any(%(properties)s))
    order by series.station, series.property, series.sensor, series.period_s, series.id
) as chosen
"""
_SERIES_COLUMNS: LiteralString = (
    "select chosen.station, chosen.property, chosen.sensor, chosen.period_s, chosen.exercise, chosen.unit,"
)

_COUNTS = ("readings", "usable", "suspect", "bad", "missing", "late", "revised")
_ROLLUP = {
    **_IDENTITY, "start": Cell.TIME, "stop": Cell.TIME, **dict.fromkeys(_COUNTS, Cell.INTEGER),
    "low": Cell.NUMBER, "low_at": Cell.TIME, "high": Cell.NUMBER, "high_at": Cell.TIME,
    "mean": Cell.NUMBER, "total": Cell.NUMBER,
}  # fmt: skip
_ROLLUP_LIST: LiteralString = (
    "rolled.readings, rolled.usable, rolled.suspect, rolled.bad, rolled.missing, rolled.late, rolled.revised,"
    " rolled.low, rolled.low_at, rolled.high, rolled.high_at, rolled.mean, rolled.total"
)


def _rollups(table: LiteralString, width: LiteralString) -> LiteralString:
    return f"""
{_SERIES_COLUMNS} rolled.bucket, rolled.bucket + interval '{width}', {_ROLLUP_LIST}
{_CHOSEN}
cross join lateral (
    select * from {table} where {table}.series = chosen.id
        and bucket >= %(since)s and bucket < %(until)s order by bucket
) as rolled
"""


_SERIES_FILTERS = frozenset({"time", "station", "property", "exercise"})

KINDS: dict[str, Kind] = {
    "observations": Kind(
        {
            **_IDENTITY, "time": Cell.TIME, "value": Cell.NUMBER, "quality": Cell.INTEGER, "reason": Cell.TEXT,
            "received_at": Cell.TIME, "source": Cell.CODE, "by": Cell.TEXT,
        },
        f"""
{_SERIES_COLUMNS} held.time, held.value, held.quality, held.reason, held.received_at, held.source, held.by_user
{_CHOSEN}
cross join lateral (
    select * from observation where observation.series = chosen.id
        and time >= %(since)s and time < %(until)s order by time
) as held
""",
        _SERIES_FILTERS,
    ),
    "rollups-hour": Kind(_ROLLUP, _rollups("rollup_hour", "1 hour"), _SERIES_FILTERS),
    "rollups-day": Kind(_ROLLUP, _rollups("rollup_day", "1 day"), _SERIES_FILTERS),
    "alarms": Kind(
        {
            "id": Cell.INTEGER, "class": Cell.CODE, "subject_kind": Cell.CODE, "subject": Cell.TEXT,
            "station": Cell.TEXT, "property": Cell.CODE, "rule": Cell.TEXT, "rule_version": Cell.INTEGER,
            "exercise": Cell.CODE, "severity": Cell.CODE, "highest_severity": Cell.CODE, "state": Cell.CODE,
            "raised_at": Cell.TIME, "observed_at": Cell.TIME, "returned_at": Cell.TIME,
            "acknowledged_at": Cell.TIME, "acknowledged_by": Cell.TEXT, "closed_at": Cell.TIME,
            "value": Cell.NUMBER, "threshold": Cell.NUMBER, "threshold_name": Cell.TEXT,
        },
        """
select id, class, subject_kind, subject, station, property, rule, rule_version, exercise, severity,
       highest_severity, state, raised_at, observed_at, returned_at, acknowledged_at, acknowledged_by, closed_at,
       value, threshold, threshold_name
from alarm
where exercise is not distinct from %(exercise)s and raised_at >= %(since)s and raised_at < %(until)s
    and (%(stations)s::text[] is null or station = any(%(stations)s))
    and (%(properties)s::text[] is null or property = any(%(properties)s))
order by raised_at, id
""",
        _SERIES_FILTERS,
    ),
    "orders": Kind(
        {
            "id": Cell.INTEGER, "number": Cell.CODE, "kind": Cell.CODE, "state": Cell.CODE,
            "exercise": Cell.CODE, "alarms": Cell.TEXT, "area": Cell.TEXT, "severity": Cell.CODE,
            "title": Cell.TEXT, "text": Cell.TEXT, "created_at": Cell.TIME, "created_by": Cell.TEXT,
            "issued_at": Cell.TIME, "ends_at": Cell.TIME, "ended_at": Cell.TIME, "ended_by": Cell.TEXT,
            "end_reason": Cell.TEXT, "emergency": Cell.YES_NO, "emergency_reason": Cell.TEXT,
            "countersigned_at": Cell.TIME,
        },
        """
select id, number, kind, state, exercise,
       (select string_agg(alarm::text, ' ' order by position) from order_alarm where order_id = orders.id) as alarms,
       area, severity, title, text, created_at, created_by, issued_at, ends_at, ended_at, ended_by, end_reason, emergency, emergency_reason, countersigned_at
from orders
where exercise is not distinct from %(exercise)s and created_at >= %(since)s and created_at < %(until)s
order by id
""",
        frozenset({"time", "exercise"}),
    ),
    "deliveries": Kind(
        {
            "id": Cell.INTEGER, "order": Cell.CODE, "exercise": Cell.CODE, "recipient_kind": Cell.CODE,
            "recipient": Cell.TEXT, "channel": Cell.CODE, "state": Cell.CODE, "attempts": Cell.INTEGER,
            "submitted_at": Cell.TIME, "delivered_at": Cell.TIME, "answered_at": Cell.TIME, "answer": Cell.TEXT,
            "acted_at": Cell.TIME, "acted_people": Cell.INTEGER, "verified": Cell.YES_NO, "reason": Cell.TEXT,
        },
        """
select delivery.id, orders.number, delivery.exercise, recipient_kind, recipient, channel, delivery.state,
       attempts, submitted_at, delivered_at, answered_at, answer, acted_at, acted_people, verified, reason
from delivery join orders on orders.id = delivery.order_id
where delivery.exercise is not distinct from %(exercise)s
    and orders.created_at >= %(since)s and orders.created_at < %(until)s
order by delivery.id
""",
        frozenset({"time", "exercise"}),
    ),
    "stations": Kind(
        {
            "code": Cell.TEXT, "name": Cell.TEXT, "name_en": Cell.TEXT, "kind": Cell.CODE, "area": Cell.TEXT,
            "river": Cell.TEXT, "basin": Cell.TEXT, "lon": Cell.NUMBER, "lat": Cell.NUMBER, "datum": Cell.TEXT,
            "period_s": Cell.INTEGER, "out_of_service": Cell.YES_NO, "origin": Cell.TEXT,
        },
        """
select code, name, name_en, kind, area, river, basin, lon, lat, datum, period_s, out_of_service, origin
from station where kind <> 'CC' and (%(stations)s::text[] is null or code = any(%(stations)s)) order by code
""",
        frozenset({"station"}),
    ),
}  # fmt: skip


def stream(connection: Connection[Any], kind: Kind, wanted: Wanted) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in parts of at most `PART`, columns in the order of `kind.columns`; within one transaction."""
    known = {**PROPERTIES, **DERIVED_PROPERTIES}
    values = {
        "since": wanted.since or "-infinity",
        "until": wanted.until or "infinity",
        "stations": list(wanted.stations) if wanted.stations is not None else None,
        "properties": list(wanted.properties) if wanted.properties is not None else None,
        "exercise": wanted.exercise,
        "names": list(known),
        "units": [one.unit for one in known.values()],
    }
    with connection.cursor(name="anlan_export") as cursor:
        cursor.execute(kind.query, values)
        while part := cursor.fetchmany(PART):
            yield part


def unknown_stations(connection: Connection[Any], codes: Sequence[str]) -> list[str]:
    """Those of the codes that no station has."""
    found = connection.execute(
        "select code from unnest(%s::text[]) as code where code not in (select code from station)",
        (list(codes),),
    )
    return [row[0] for row in found]


def is_exercise(connection: Connection[Any], code: str) -> bool:
    """True if there is, or was, such an exercise."""
    found = connection.execute("select exists (select from exercise where code = %s)", (code,)).fetchone()
    return bool(found and found[0])
