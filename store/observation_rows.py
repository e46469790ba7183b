"""Observations as rows of PostgreSQL's binary COPY, made many at once.

COPY writes a row for a third of what INSERT … ON CONFLICT costs the database, but knows no conflicts: it is for
batches that are likely all new, in a savepoint. Rows of one kind (the same reason, source and person; a value or
none) have all fields at the same places, so that a whole kind is one table of numbers with fixed text between.
Layout: PostgreSQL's documentation of COPY, "Binary Format"; times as in `store.columns`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString

import numpy as np
from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.pq import TransactionStatus

from core.observations import Observation
from store.columns import microseconds

_COPY: LiteralString = """
copy observation (series, time, value, quality, reason, received_at, source, by_user)
from stdin (format binary)
"""
_HEAD = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_END = struct.pack("!h", -1)
_FIELDS = 8
_NULL = struct.pack("!i", -1)

_Kind = tuple[str, str, str | None]
_KIND = attrgetter("reason", "source", "by")


def copy_new(connection: Connection[Any], parts: Iterable[Sequence[Observation]]) -> bool:
    """Writes observations that are all new; False if one was there already, and then nothing is written.

    The server writes a part while the next is made. In the caller's transaction; where there is none, a
    savepoint would commit, so nothing is done either.
    """
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        return False
    try:
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_HEAD)
            for part in parts:
                copy.write(b"".join(_tables(part)))
            copy.write(_END)
    except UniqueViolation:
        return False
    return True


def _tables(entries: Sequence[Observation]) -> Iterator[bytes]:
    kinds: dict[_Kind, list[Observation]] = {}
    for kind, run in groupby(entries, key=_KIND):
        kinds.setdefault(kind, []).extend(run)
    for kind, members in kinds.items():
        if None not in [entry.value for entry in members]:
            yield _table(kind, members, without_value=False)
            continue
        for without_value in (True, False):
            alike = [entry for entry in members if (entry.value is None) == without_value]
            if alike:
                yield _table(kind, alike, without_value=without_value)


def _table(kind: _Kind, entries: Sequence[Observation], *, without_value: bool) -> bytes:
    """The rows of one kind: every field is its length and its bytes, -1 for null."""
    reason, source, by = kind
    places: list[tuple[str, str]] = [("fields", ">i2")]
    fixed: dict[str, Any] = {"fields": _FIELDS}
    columns: dict[str, Any] = {}

    def number(name: str, form: str, values: list[Any]) -> None:
        places.extend([(f"{name}_length", ">i4"), (name, form)])
        fixed[f"{name}_length"] = np.dtype(form).itemsize
        columns[name] = values

    def constant(name: str, data: bytes) -> None:
        places.append((name, f"V{len(data)}"))
        fixed[name] = np.void(data)

    number("series", ">i4", [entry.series for entry in entries])
    number("time", ">i8", microseconds([entry.time for entry in entries]))
    if without_value:
        constant("value", _NULL)
    else:
        number("value", ">f8", [entry.value for entry in entries])
    number("quality", ">i2", [entry.quality for entry in entries])
    constant("reason", _text(reason))
    number("received_at", ">i8", microseconds([entry.received_at for entry in entries]))
    constant("source", _text(source))
    constant("by", _text(by))
    table = np.empty(len(entries), dtype=places)
    for name, value in (fixed | columns).items():
        table[name] = value
    return table.tobytes()


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    data = str(text).encode()
    return struct.pack("!i", len(data)) + data
