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


def read_table(path: Path, columns: tuple[Column, ...]) -> list[Row]:
    """The rows of a file, keyed by column name; empty rows are left out.

    CSV may be UTF-8 or GBK (GB 18030), parted by comma, semicolon or tab. Raises InputError for a file
    that cannot be read, without the required columns, or with columns that are unknown or given twice.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise InputError("unreadable", f"{path} cannot be read: {error.strerror}") from error
    if size > MAX_BYTES:
        raise InputError("too_large", f"{path} has {size} bytes, at most {MAX_BYTES}: split it")
    lines = _excel(path, content) if content[:4] == b"PK\x03\x04" else _csv(path, content)
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise InputError("empty", f"{path} holds no rows")
    if len(filled) > MAX_ROWS:
        raise InputError("too_large", f"{path} has {len(filled)} rows, at most {MAX_ROWS}: split it")
    (_, heading), *body = filled
    names = _headings(path, heading, columns)
    rows = []
    for number, cells in body:
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise InputError(
                "too_many_cells",
                f"{path}, row {number}: {len(cells)} cells under {len(names)} headings;"
                " put a text that holds the separator into quotes",
            )
        padded = cells + [""] * (len(names) - len(cells))
        rows.append(Row(number, {name: cell for name, cell in zip(names, padded, strict=False) if name}))
    return rows


def _headings(path: Path, heading: list[str], columns: tuple[Column, ...]) -> list[str]:
    known = {alias: column.name for column in columns for alias in (column.name, *column.aliases)}
    while heading and not heading[-1]:
        heading = heading[:-1]
    strange = [title for title in heading if title.strip().lower() not in known]
    if strange:
        raise InputError(
            "unknown_column",
            f"{path}: unknown columns {', '.join(map(repr, strange))};"
            f" there are {', '.join(column.name for column in columns)}",
        )
    names = [known[title.strip().lower()] for title in heading]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError("column_twice", f"{path}: column {', '.join(twice)} is there twice; keep one")
    missing = [column.name for column in columns if column.required and column.name not in names]
    if missing:
        raise InputError("missing_column", f"{path}: column {', '.join(missing)} is missing; add it")
    return names


def _csv(path: Path, content: bytes) -> list[tuple[int, list[str]]]:
    text = _decoded(path, content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        found = []
        for cells in reader:
            found.append((reader.line_num - sum(cell.count("\n") for cell in cells), cells))
    except csv.Error as error:
        raise InputError("bad_csv", f"{path}: this is no CSV (line {reader.line_num}: {error})") from error
    return [(number, [cell.strip() for cell in cells]) for number, cells in found]


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("bad_encoding", f"{path} is neither UTF-8 nor GBK; save it as CSV UTF-8")


def _excel(path: Path, content: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unfolded = sum(member.file_size for member in archive.infolist())
        if unfolded > MAX_UNFOLDED_BYTES:
            raise InputError(
                "too_large", f"{path} unfolds to {unfolded} bytes, at most {MAX_UNFOLDED_BYTES}: split it"
            )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, values_only=True)
        found = []
        for number, cells in enumerate(rows, start=1):
            if number > _LAST_ROW:
                raise InputError("too_large", f"{path} has a row number that no spreadsheet has: split it")
            if cells.count(None) == len(cells):
                continue
            found.append((number, [_text(value) for value in cells]))
            if len(found) > MAX_ROWS + 1:
                raise InputError("too_large", f"{path} has more than {MAX_ROWS} rows: split it")
        return found
    except _NO_WORKBOOK as error:
        raise InputError(
            "bad_excel", f"{path} is no Excel workbook (.xlsx) that can be read: {error}"
        ) from error


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
