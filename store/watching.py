"""What the centre knows of its own health: one reading for the judgement of `core.watching`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from core.watching import Clock, Facts, Look
from store import canary
from store.connection import rows

# A process whose clock is ahead of the database's lives no longer for it. Where all that can lead stand by, nobody has
# led since the newest of them began.
_ROLES: LiteralString = """
with beat as (
    select role, coalesce(detail ->> 'leading', detail ->> 'leads', 'true')::boolean as leads,
           (detail ->> 'began')::timestamptz as began,
           least(at, at - coalesce((detail ->> 'clock_off_s')::double precision, 0) * interval '1 second') as at
    from heartbeat
)
select role, max(at) filter (where leads) as led, least(max(at), max(began)) as stood_by from beat group by role
"""

_CLOCKS: LiteralString = """
select role, coalesce(detail ->> 'host', '') as host, (detail ->> 'synchronised')::boolean as synchronised,
       coalesce((detail ->> 'clock_since')::timestamptz, at) as since,
       (detail ->> 'clock_off_s')::double precision as off_s
from heartbeat where at > %(living)s and detail ? 'clock_off_s'
"""

_LAGS: LiteralString = """
select clock_timestamp() as now,
       (select extract(epoch from clock_timestamp() - at)::double precision from mark
        where consumer = 'evaluator' and fresh order by id limit 1) as evaluator,
       (select extract(epoch from clock_timestamp() - min(due_at))::double precision from delivery
        where due_at <= clock_timestamp()) as dispatch,
       (select max((detail ->> 'lag_ms')::double precision) / 1000 from heartbeat
        where role = 'ingest' and at > clock_timestamp() - interval '30 seconds') as ingest,
       (select min(time) from observation join series on series.id = observation.series
        where series.exercise = 'canary' and time > clock_timestamp() - interval '1 day') as begun
"""

_LOOKS: LiteralString = """
select name, looked_at as at, (detail ->> 'can_call')::boolean as can_call from watcher
where looked_at > %s
"""

_LOOKED: LiteralString = """
insert into watcher (name, looked_at, asked_at, address, detail) values (%s, %s, %s, %s, %s)
on conflict (name) do update set looked_at = excluded.looked_at, asked_at = excluded.asked_at,
    address = excluded.address, detail = excluded.detail
where watcher.asked_at < excluded.asked_at
"""

_LIVING = timedelta(minutes=2)
_PASSAGES_BACK = timedelta(hours=1)
_WATCHERS_BACK = timedelta(days=30)
"""A watcher that was taken away on purpose is forgotten in the end."""


@dataclass(frozen=True, slots=True)
class _Role:
    role: str
    led: datetime | None
    stood_by: datetime


@dataclass(frozen=True, slots=True)
class _Lags:
    now: datetime
    evaluator: float | None
    dispatch: float | None
    ingest: float | None
    begun: datetime | None


def facts(connection: Connection[Any], *, watched: bool) -> Facts:
    """All that is known now, by the database's clock. `watched`: a watcher's secret is set (who looked once is waited for anyway)."""
    lags = rows(connection, _Lags, _LAGS)[0]
    flights = canary.passages(connection, lags.now - _PASSAGES_BACK)
    whole = next((flight for flight in flights if flight.answered is not None), None)
    looks = rows(connection, Look, _LOOKS, (lags.now - _WATCHERS_BACK,))
    return Facts(
        now=lags.now,
        beats={role.role: role.led or role.stood_by for role in rows(connection, _Role, _ROLES)},
        begun=lags.begun,
        whole=whole,
        newest=flights[0] if flights else None,
        ingest_lag_s=lags.ingest,
        evaluator_lag_s=lags.evaluator or 0.0,
        dispatch_lag_s=lags.dispatch or 0.0,
        clocks=rows(connection, Clock, _CLOCKS, {"living": lags.now - _LIVING}),
        looks=looks,
        watched=watched or bool(looks),
    )


def note_look(
    connection: Connection[Any],
    name: str,
    *,
    at: datetime,
    asked_at: datetime,
    address: str,
    detail: dict[str, Any],
) -> bool:
    """Keeps that a watcher looked; False if this very question (or an older one) was seen before."""
    return connection.execute(_LOOKED, (name, at, asked_at, address, Jsonb(detail))).rowcount > 0
