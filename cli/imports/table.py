"""A CSV or Excel file as rows of text cells, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import InputError
from core.language import Translate

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
MAX_UNFOLDED_BYTES = 100_000_000
"""A workbook is an archive: twenty megabytes of it may unfold to twenty gigabytes."""
_LAST_ROW = 1_048_576
MAX_COLUMNS = 100
"""A workbook may say that one row has 16,384 cells, and then every row is read as that wide."""


_NO_WORKBOOK = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
)  # fmt: skip
"""What openpyxl and zipfile raise for archives that are no workbook, or one that was cut or changed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an import: its name, the Chinese headings that also mean it, whether it must be there."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row's number in the file, as a spreadsheet shows it."""

    number: int
    cells: dict[str, str]


def read_table(path: Path, columns: tuple[Column, ...], translate: Translate) -> list[Row]:
    """The rows of a file, keyed by column name; empty rows are left out.

    CSV may be UTF-8 or GBK (GB 18030), parted by comma, semicolon or tab. Raises InputError, in the words of
    `translate`, for a file that cannot be read, is empty, lacks a required column, or has one that is unknown or
    given twice.
    """
    return _File(path, translate).rows(columns)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    translate: Translate

    def rows(self, columns: tuple[Column, ...]) -> list[Row]:
        lines = self._lines()
        filled = [(number, cells) for number, cells in lines if any(cells)]
        if not filled:
            raise self._refusal(
                "empty", "{path} is empty: the first row names the columns, and the data follow"
            )
        (_, heading), *body = filled
        names = self._headings(heading, columns)
        if not body:
            raise self._refusal("empty", "{path} has headings and no rows")
        if len(body) > MAX_ROWS:
            raise self._refusal(
                "too_large",
                "{path} has {count} rows, at most {limit}: split it",
                count=len(body),
                limit=MAX_ROWS,
            )
        rows = []
        for number, cells in body:
            if len(cells) > len(names) and any(cells[len(names) :]):
                raise self._refusal(
                    "too_many_cells",
                    "{path}, row {row}: {cells} cells under {headings} headings;"
                    " put a text that holds the separator into quotes",
                    row=number, cells=len(cells), headings=len(names),
                )  # fmt: skip
            padded = cells + [""] * (len(names) - len(cells))
            rows.append(Row(number, {name: cell for name, cell in zip(names, padded, strict=False) if name}))
        return rows

    def _refusal(self, reason: str, msgid: str, /, **values: object) -> InputError:
        return InputError(reason, self.translate(msgid, path=self.path, **values))

    def _lines(self) -> list[tuple[int, list[str]]]:
        try:
            size = self.path.stat().st_size
            content = self.path.read_bytes() if size <= MAX_BYTES else b""
        except OSError as error:
            raise self._refusal("unreadable", "{path} cannot be read: {why}", why=error.strerror) from error
        if size > MAX_BYTES:
            raise self._refusal(
                "too_large",
                "{path} has {count} bytes, at most {limit}: split it",
                count=size,
                limit=MAX_BYTES,
            )
        return self._excel(content) if content[:4] == b"PK\x03\x04" else self._csv(content)

    def _headings(self, heading: list[str], columns: tuple[Column, ...]) -> list[str]:
        known = {alias: column.name for column in columns for alias in (column.name, *column.aliases)}
        while heading and not heading[-1]:
            heading = heading[:-1]
        strange = [title for title in heading if title.strip().lower() not in known]
        if strange:
            raise self._refusal(
                "unknown_column",
                "{path}: the first row must name the columns; unknown: {unknown}. There are: {known}",
                unknown=", ".join(map(repr, strange)), known=", ".join(map(_shown, columns)),
            )  # fmt: skip
        names = [known[title.strip().lower()] for title in heading]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise self._refusal(
                "column_twice", "{path}: column {columns} is there twice; keep one", columns=", ".join(twice)
            )
        missing = [column for column in columns if column.required and column.name not in names]
        if missing:
            raise self._refusal(
                "missing_column", "{path}: column {columns} is missing; add it",
                columns=", ".join(map(_shown, missing)),
            )  # fmt: skip
        return names

    def _csv(self, content: bytes) -> list[tuple[int, list[str]]]:
        text = self._decoded(content)
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            found = []
            for cells in reader:
                found.append((reader.line_num - sum(cell.count("\n") for cell in cells), cells))
        except csv.Error as error:
            raise self._refusal(
                "bad_csv", "{path}: this is no CSV (line {line}: {why})", line=reader.line_num, why=error
            ) from error
        return [(number, [cell.strip() for cell in cells]) for number, cells in found]

    def _decoded(self, content: bytes) -> str:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise self._refusal("bad_encoding", "{path} is neither UTF-8 nor GBK; save it as CSV UTF-8")

    def _excel(self, content: bytes) -> list[tuple[int, list[str]]]:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                unfolded = sum(member.file_size for member in archive.infolist())
            if unfolded > MAX_UNFOLDED_BYTES:
                raise self._refusal(
                    "too_large", "{path} unfolds to {count} bytes, at most {limit}: split it",
                    count=unfolded, limit=MAX_UNFOLDED_BYTES,
                )  # fmt: skip
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, values_only=True)
            found = []
            for number, cells in enumerate(rows, start=1):
                if number > _LAST_ROW:
                    raise self._refusal(
                        "too_large", "{path} has a row number that no spreadsheet has: split it"
                    )
                if cells.count(None) == len(cells):
                    continue
                found.append((number, [_text(value) for value in cells]))
                if len(found) > MAX_ROWS + 1:
                    raise self._refusal(
                        "too_large", "{path} has more than {limit} rows: split it", limit=MAX_ROWS
                    )
            return found
        except _NO_WORKBOOK as error:
            raise self._refusal(
                "bad_excel", "{path} is no Excel workbook (.xlsx) that can be read: {why}", why=error
            ) from error


def _shown(column: Column) -> str:
    """Its name with the first Chinese heading."""
    return f"{column.name} {column.aliases[0]}" if column.aliases else column.name


def _text(value: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, so that a phone number stays one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value).strip()
