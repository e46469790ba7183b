"""Which rendered speech belongs to an order that runs."""

from __future__ import annotations

from typing import Any

from psycopg import Connection


def is_on_air(connection: Connection[Any], sha256: str) -> bool:
    """True if an issued order speaks this file: devices may fetch it."""
    return (
        connection.execute(
            "select 1 from orders where audio_sha256 = %s and state = 'issued' limit 1", (sha256,)
        ).fetchone()
        is not None
    )
