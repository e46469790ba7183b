"""Connections to the database: one way to open them, readable errors, JSON and time set up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from core.errors import UnavailableError

T = TypeVar("T")

OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def connect(url: str, *, name: str, autocommit: bool = False) -> Connection[tuple[Any, ...]]:
    """Opens one connection in UTC; `name` shows in pg_stat_activity. Raises UnavailableError."""
    try:
        return psycopg.connect(
            url, application_name=name, autocommit=autocommit, options="-c timezone=UTC", **OPTIONS
        )
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"the database does not answer ({str(error).strip()}). Check ANLAN_DATABASE_URL, "
            "or start the embedded one: ./anlan services start"
        ) from error


def open_pool(
    url: str, *, name: str, size: int = 4, longest_s: int = 0
) -> ConnectionPool[Connection[tuple[Any, ...]]]:
    """A pool whose connections are checked before use, so a restarted database heals by itself.

    A statement that takes longer than `longest_s` is given up (0: none is): whoever may ask must not be able to
    hold all connections by asking for much.
    """
    pool: ConnectionPool[Connection[tuple[Any, ...]]] = ConnectionPool(
        url,
        min_size=1,
        max_size=size,
        timeout=10,
        kwargs={
            "application_name": name,
            "options": f"-c timezone=UTC -c statement_timeout={longest_s}s",
            **OPTIONS,
        },
        check=ConnectionPool.check_connection,
        open=False,
    )
    pool.open()
    return pool


@contextmanager
def transaction(pool: ConnectionPool[Connection[tuple[Any, ...]]]) -> Iterator[Connection[tuple[Any, ...]]]:
    """One transaction on a pooled connection: committed at the end, rolled back on an error."""
    with pool.connection() as connection, connection.transaction():
        yield connection


def rows(connection: Connection[Any], record: type[T], query: LiteralString, values: Any = None) -> list[T]:
    """All rows of a query as records whose fields are named like the columns."""
    with connection.cursor(row_factory=class_row(record)) as cursor:
        return cursor.execute(query, values).fetchall()
