"""Long columns as PostgreSQL takes them: arrays in its binary form, made at once instead of value by value.

psycopg makes an array by asking a dumper for every element; for the columns of a batch that was a quarter of
all that ingest did. Layout: `array_send` in PostgreSQL's arrayfuncs.c (dimensions, flag of nulls, type, length
and lower bound, then length and bytes of each element); timestamps are microseconds since 2000-01-01 UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEAD = struct.Struct("!iiIii")


def microseconds(times: Sequence[datetime]) -> list[int]:
    """As the server counts them. Stations measure at the same times: few are different.

    A message was received at one moment, which is then the same object for all that it brought.
    """
    counted: dict[datetime, int] = {}
    found = []
    before, number = _EPOCH, 0
    for time in times:
        if time is not before:
            if time not in counted:
                counted[time] = (time - _EPOCH) // _MICROSECOND
            before, number = time, counted[time]
        found.append(number)
    return found


class _Column:
    """One array without nulls, ready to send."""

    element_oid = 0
    element = ">i4"

    __slots__ = ("data",)

    def __init__(self, values: Sequence[Any]) -> None:
        made = np.empty(len(values), dtype=[("length", ">i4"), ("value", self.element)])
        made["length"] = made.dtype["value"].itemsize
        made["value"] = values
        self.data = _HEAD.pack(1, 0, self.element_oid, len(values), 1) + made.tobytes()


class Integers(_Column):
    """`integer[]`"""

    element_oid = 23
    element = ">i4"


class Smallints(_Column):
    """`smallint[]`"""

    element_oid = 21
    element = ">i2"


class Doubles(_Column):
    """`double precision[]`"""

    element_oid = 701
    element = ">f8"


class Times(_Column):
    """`timestamptz[]`"""

    element_oid = 1184
    element = ">i8"

    def __init__(self, values: Sequence[datetime]) -> None:
        super().__init__(microseconds(values))


def doubles(values: Sequence[float | None]) -> Doubles | list[float | None]:
    """A column that may have nulls: those go psycopg's way."""
    return list(values) if None in values else Doubles(values)


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Column) -> Buffer:
        return obj.data


def _register(column: type[_Column], array_oid: int) -> None:
    dumper = type(f"{column.__name__}Dumper", (_ColumnDumper,), {"oid": array_oid})
    psycopg.adapters.register_dumper(column, dumper)


_register(Integers, 1007)
_register(Smallints, 1005)
_register(Doubles, 1022)
_register(Times, 1185)
