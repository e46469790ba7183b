"""Lets go at night what is older than its class is kept, a small piece at a turn.

A round goes through the classes in a fixed order and remembers where it stands, so that a restart loses
nothing and no transaction is long. What a round took is written into the log and the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from psycopg import Connection

from core.retention import READING_CLASSES
from core.settings import Settings
from hydrology.buckets import DAY
from store import audit, retention, rollups
from store.retention import Old, Run

log = structlog.get_logger("anlan.derive")

SLICE = 5_000
"""Rows of one transaction."""
_SETTLE = timedelta(hours=1)
"""A reading that was received this lately stays until the next round, even if it is old: its marks may be
written after ours are read."""

EXERCISES, RAW_MESSAGES, AREA_RAIN = "exercises", "raw_messages", "area_rain"
FORECASTS, REQUESTS = "forecasts", "quarantine_requests"
_READINGS = (*READING_CLASSES, EXERCISES)
_CHUNKS = (RAW_MESSAGES, AREA_RAIN, FORECASTS)
_ROWS = ("quarantine", REQUESTS, "station_texts", "login_attempts", "sessions", "heartbeats")
STAGES = (*_READINGS, *_CHUNKS, *_ROWS)


@dataclass(frozen=True, slots=True)
class Term:
    """A class and since when it is kept; `before` None is for ever."""

    name: str
    days: int
    before: datetime | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a class would lose now."""

    term: Term
    old: Old


def terms(settings: Settings, now: datetime) -> list[Term]:
    """Every class in the order of a round; times are whole UTC days, so that hours and days stay whole."""
    kept = settings.retention
    elsewhere = {
        RAW_MESSAGES: settings.ingest.raw_days, AREA_RAIN: kept.derived_days, REQUESTS: kept.quarantine_days,
    }  # fmt: skip
    days = {name: elsewhere.get(name, getattr(kept, f"{name}_days", 0)) for name in STAGES}
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    return [Term(name, days[name], today - days[name] * DAY if days[name] else None) for name in STAGES]


def step(connection: Connection[Any], settings: Settings, now: datetime) -> int:
    """One piece of a round, or the beginning of the night's; returns how much was done."""
    run = retention.open_run(connection)
    if run is None:
        return int(_begin_if_due(connection, settings, now))
    # Times count from the round's beginning: one that takes long does not wander.
    stages = terms(settings, run.started_at)
    if run.stage >= len(stages):
        _finish(connection, run, now)
        return 1
    term = stages[run.stage]
    removed, reached = _remove(connection, term, run) if term.before else (0, None)
    counts = run.removed
    if removed:
        counts = {**counts, term.name: counts.get(term.name, 0) + removed}
    over = reached is None
    retention.go_on(
        connection, run.id, stage=run.stage + over, reached=0 if reached is None else reached, removed=counts
    )
    return removed or 1


def prospects(connection: Connection[Any], settings: Settings, now: datetime) -> Iterator[Prospect]:
    """What a round would take now, class by class."""
    for term in terms(settings, now):
        yield Prospect(term, _count(connection, term) if term.before else Old(0, None))


def _begin_if_due(connection: Connection[Any], settings: Settings, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(settings.time_zone))
    if local.hour < settings.retention.hour or retention.has_run(connection, local.date()):
        return False
    return retention.begin_run(connection, local.date(), now)


def _remove(connection: Connection[Any], term: Term, run: Run) -> tuple[int, int | None]:
    """At most `SLICE` rows of a class: how many went, and the series where to go on (None: the class is done)."""
    assert term.before is not None
    if term.name in _CHUNKS:
        return retention.drop_chunks(connection, term.name, term.before), None
    if term.name in _ROWS:
        removed = retention.remove_rows(connection, term.name, term.before, SLICE)
        return removed, 0 if removed == SLICE else None
    rollups.lock(connection)
    removed, reached = 0, run.reached
    for series in _series(connection, term, run.started_at, run.reached):
        room = SLICE - removed
        taken = retention.remove_readings(
            connection, series, _until(term, run), run.started_at - _SETTLE, room
        )
        removed += taken
        if taken == room:
            return removed, reached
        reached = series
    return removed, reached if reached > run.reached else None


def _until(term: Term, run: Run) -> datetime:
    """Of a real class its time; of an exercise that is long over, everything."""
    assert term.before is not None
    return datetime.max.replace(tzinfo=UTC) if term.name == EXERCISES else term.before


def _series(
    connection: Connection[Any], term: Term, now: datetime, after: int, limit: int = 100
) -> list[int]:
    assert term.before is not None
    if term.name == EXERCISES:
        forever = datetime.max.replace(tzinfo=UTC)
        return retention.series_of_exercises(connection, term.before, forever, after=after, limit=limit)
    return retention.series_of(
        connection, sorted(READING_CLASSES[term.name]), term.before, after=after, limit=limit
    )


def _count(connection: Connection[Any], term: Term) -> Old:
    assert term.before is not None
    if term.name in _CHUNKS:
        return retention.old_chunks(connection, term.name, term.before)
    if term.name in _ROWS:
        return retention.old_rows(connection, term.name, term.before)
    before = datetime.max.replace(tzinfo=UTC) if term.name == EXERCISES else term.before
    return retention.old_readings(
        connection, _series(connection, term, term.before, 0, limit=1_000_000), before
    )


def _finish(connection: Connection[Any], run: Run, now: datetime) -> None:
    retention.end_run(connection, run.id, now)
    log.info("retention", run=run.id, removed=run.removed)
    if run.removed:
        audit.append(
            connection,
            actor=run.ordered_by or "derive",
            action="retention.removed",
            subject=f"retention/{run.id}",
            detail={"day": run.day.isoformat(), **run.removed},
        )
