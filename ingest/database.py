"""A writing connection of ingest: it notices a network that died, and never waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from store.connection import connect


@contextmanager
def writing_connection(url: str, name: str, *, statement_s: int = 30) -> Iterator[Connection[Any]]:
    """In autocommit, no statement longer than `statement_s`; closed at the end. Raises UnavailableError."""
    connection = connect(url, name=name, autocommit=True)
    try:
        connection.execute("select set_config('statement_timeout', %s, false)", (f"{statement_s}s",))
        connection.execute("set lock_timeout = '10s'")
        connection.execute("set idle_in_transaction_session_timeout = '60s'")
        # If the network dies silently, the server must not hold our lock against us for hours.
        connection.execute("set tcp_keepalives_idle = 5")
        connection.execute("set tcp_keepalives_interval = 2")
        connection.execute("set tcp_keepalives_count = 3")
        yield connection
    finally:
        connection.close()
