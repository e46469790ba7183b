"""Reads quarantined messages again, on the path of new ones, after a station was added or a fault mended.

Times are judged against the moment of the *first* receipt: a reading from the future does not become
true by waiting. What can now be read wholly is resolved; of the rest the newest reason is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from core.clock import Clock
from core.faults import FaultReason, quoted
from core.settings import Ingest
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import describe, write
from store import quarantine


@dataclass(slots=True)
class Retried:
    """How a retry ended: entries resolved, entries that stay, readings stored."""

    resolved: int = 0
    remaining: int = 0
    readings: int = 0


def retry(connection: Connection[Any], settings: Ingest, clock: Clock, numbers: Iterable[int]) -> Retried:
    """Retries these entries in their order, each in a transaction (or savepoint) of its own.

    Safe beside a running ingest and beside another retry.
    """
    limits = Limits.of(settings)
    directory = Directory()
    result = Retried()
    for number in numbers:
        _retry_one(connection, number, settings, limits, directory, clock, result)
    return result


def _retry_one(
    connection: Connection[Any],
    number: int,
    settings: Ingest,
    limits: Limits,
    directory: Directory,
    clock: Clock,
    result: Retried,
) -> None:
    try:
        with connection.transaction():
            entry = quarantine.entry(connection, number, lock=True)
            if not entry.open:
                return
            message = Inbound(entry.topic, entry.payload, entry.received_at)
            written = write(
                connection,
                [message],
                directory,
                limits,
                keeping=Keeping.of(settings),
                keep_faults=False,
            )
            faults = [fault for one in written.understood for fault in one.faults]
            if faults:
                quarantine.fail_again(connection, number, clock(), str(faults[0].reason), describe(faults))
            else:
                quarantine.resolve(connection, number, clock())
    except Exception as error:
        # Whatever it is, what stands behind this entry must have its turn.
        directory.forget()
        if connection.closed or connection.broken:
            raise
        with connection.transaction():
            refused = isinstance(error, psycopg.Error)
            what = "the database refuses it" if refused else "it cannot be stored; please report this"
            detail = f"{what} ({type(error).__name__}: {quoted(str(error), 300)})."
            quarantine.fail_again(connection, number, clock(), str(FaultReason.CANNOT_BE_STORED), detail)
        result.remaining += 1
        return
    result.readings += written.readings
    if faults:
        result.remaining += 1
    else:
        result.resolved += 1
