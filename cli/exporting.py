"""Files of exported rows: CSV for people and spreadsheets, Parquet for programs."""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

from core.cells import plain
from store.exports import Cell

Part = list[tuple[Any, ...]]

_TOLD_EVERY_S = 5.0
_ROW_GROUP = 5
"""Parts of one row group of Parquet."""


class Writer(Protocol):
    """Takes parts of rows, and an end."""

    def write(self, part: Part) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """RFC 4180 with a header; times in RFC 3339, UTC; nothing is empty text; no text is a formula."""

    def __init__(self, file: IO[bytes], columns: Mapping[str, Cell], *, bom: bool) -> None:
        self._file = file
        self._lines = csv.writer(_Encoding(file))
        self._shown = [_SHOWN.get(cell) for cell in columns.values()]
        if bom:
            file.write(b"\xef\xbb\xbf")
        self._lines.writerow(columns)

    def write(self, part: Part) -> None:
        columns = zip(*part, strict=True)
        shown = (
            column if show is None else [None if cell is None else show(cell) for cell in column]
            for column, show in zip(columns, self._shown, strict=True)
        )
        self._lines.writerows(zip(*shown, strict=True))

    def close(self) -> None:
        self._file.flush()


class ParquetWriter:
    """Typed columns (times are microseconds in UTC), zstd, row groups of 100,000 rows."""

    def __init__(self, file: IO[bytes], columns: Mapping[str, Cell]) -> None:
        import pyarrow
        from pyarrow import parquet

        types = {
            Cell.TEXT: pyarrow.string(),
            Cell.CODE: pyarrow.string(),
            Cell.INTEGER: pyarrow.int64(),
            Cell.NUMBER: pyarrow.float64(),
            Cell.TIME: pyarrow.timestamp("us", tz="UTC"),
            Cell.YES_NO: pyarrow.bool_(),
        }
        self._arrow = pyarrow
        self._schema = pyarrow.schema([(name, types[cell]) for name, cell in columns.items()])
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._held: list[Any] = []

    def write(self, part: Part) -> None:
        columns = [
            self._arrow.array(column, type=field.type)
            for column, field in zip(zip(*part, strict=True), self._schema, strict=True)
        ]
        self._held.append(self._arrow.RecordBatch.from_arrays(columns, schema=self._schema))
        if len(self._held) >= _ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(self._arrow.Table.from_batches(self._held))
            self._held = []


class _Encoding:
    """What csv writes into, without a text layer that would close the file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_SHOWN: dict[Cell, Callable[[Any], str]] = {
    Cell.TIME: _time,
    Cell.NUMBER: repr,
    Cell.TEXT: plain,
    Cell.YES_NO: lambda value: "true" if value else "false",
}


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when all is written, or not at all."""
    partial = path.with_name(path.name + ".partial")
    # Never into a file or link that somebody else has put there, as anybody can in a shared folder.
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_all(parts: Iterator[Part], writer: Writer) -> int:
    """Writes every part, tells on standard error how far it is where that takes long; returns the rows."""
    rows, told = 0, time.monotonic()
    for part in parts:
        writer.write(part)
        rows += len(part)
        if time.monotonic() - told >= _TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{rows:,} rows …", file=sys.stderr, flush=True)
    writer.close()
    return rows
