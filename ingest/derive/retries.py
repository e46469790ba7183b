"""Reads quarantined messages again where somebody at a page asked for it, a slice at a turn.

The web process may not read telemetry, and the receiver must not wait: so it is done here, on the path of
new messages. A mapping that was added is known once this role was started again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from core.settings import Settings
from ingest.retry import retry
from store import quarantine, quarantine_requests

SLICE = 100
"""Entries of one transaction: well below a second, and others have their turn."""


def step(connection: Connection[Any], settings: Settings, now: datetime) -> int:
    """Goes on with the oldest wish; returns how many entries were tried, or 1 where one came to its end."""
    wish = quarantine_requests.next_open(connection)
    if wish is None:
        return 0
    numbers = quarantine.open_numbers(
        connection, wish.filter, after=wish.reached, upto=wish.upto, limit=SLICE
    )
    if numbers:
        done = retry(connection, settings.ingest, lambda: now, numbers)
        quarantine_requests.go_on(
            connection,
            wish.id,
            reached=numbers[-1],
            resolved=done.resolved,
            remaining=done.remaining,
            readings=done.readings,
        )
    if len(numbers) < SLICE:
        quarantine_requests.finish(connection, wish.id, now)
    return len(numbers) or 1
