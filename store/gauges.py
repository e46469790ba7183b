"""Counts for those who watch the system itself (metrics)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from store.connection import rows


@dataclass(frozen=True, slots=True)
class OpenAlarms:
    """Open alarms of one severity and state; severity None where the alarm carries no colour."""

    severity: str | None
    state: str
    exercise: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Messages in the quarantine that nobody has settled, by reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries of running orders by channel and state."""

    channel: str
    state: str
    exercise: str | None
    count: int


def open_alarms(connection: Connection[Any]) -> list[OpenAlarms]:
    """Open alarms by severity, state and exercise."""
    return rows(
        connection,
        OpenAlarms,
        "select severity, state, exercise, count(*)::integer as count from alarm where closed_at is null"
        " group by severity, state, exercise",
    )


def unread(connection: Connection[Any]) -> list[Unread]:
    """Unsettled quarantine by reason."""
    return rows(
        connection,
        Unread,
        "select reason, count(*)::integer as count from quarantine"
        " where resolved_at is null and closed_at is null group by reason",
    )


def deliveries(connection: Connection[Any]) -> list[Waiting]:
    """Deliveries of orders that are issued and not over."""
    return rows(
        connection,
        Waiting,
        "select channel, delivery.state, delivery.exercise, count(*)::integer as count"
        " from delivery join orders on orders.id = delivery.order_id where orders.state = 'issued'"
        " group by channel, delivery.state, delivery.exercise",
    )


def living_sessions(connection: Connection[Any], now: datetime) -> int:
    """Sessions that have not ended."""
    found = connection.execute("select count(*) from session where expires_at > %s", (now,)).fetchone()
    return int(found[0]) if found else 0


def newest_observation(connection: Connection[Any]) -> datetime | None:
    """Observation time of the newest real reading."""
    found = connection.execute(
        "select max(latest.time) from latest join series on series.id = latest.series where exercise is null"
    ).fetchone()
    return found[0] if found else None
