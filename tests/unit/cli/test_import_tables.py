"""Files that people really send: Excel, GBK, semicolons, Chinese headings, and broken ones."""

from __future__ import annotations

import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from cli.imports.cells import Cells, Faults
from cli.imports.table import MAX_ROWS, Column, Row, read_table
from core.errors import InputError
from core.language import translator

COLUMNS = (Column("code", ("编码",), True), Column("name", ("名称",), True), Column("phone", ("电话",)))


def rows_of(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in read_table(path, COLUMNS, translator("cli", "zh"))]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "code,name\nA1,石浦站\n"),
        ("utf-8-sig", "编码,名称\nA1,石浦站\n"),
        ("gbk", "编码;名称\r\nA1;石浦站\r\n"),
        ("gb18030", "编码\t名称\nA1\t石浦站\n\n\n"),
    ],
)
def test_csv_of_many_writers_is_read(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    assert rows_of(path) == [{"code": "A1", "name": "石浦站"}]


def test_an_excel_phone_number_stays_whole(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编码", "名称", "电话"])
    sheet.append(["A1", datetime(2026, 7, 1, 8, 0), 19900000001])  # noqa: DTZ001
    book.save(tmp_path / "list.xlsx")
    assert rows_of(tmp_path / "list.xlsx") == [
        {"code": "A1", "name": "2026-07-01 08:00", "phone": "19900000001"}
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"code,name\n", "empty"),
        (b"code,name\n\n,\n", "empty"),
        (b"A1,x\nA2,y\n", "unknown_column"),
        (b"code\nA1\n", "missing_column"),
        (b"code,name,colour\nA1,x,y\n", "unknown_column"),
        (b"code,name,\xb1\xe0\xc2\xeb\nA1,x,y\n", "column_twice"),
        (b"code,name\nA1,x,y\n", "too_many_cells"),
        (b'code,name\nA1,"x\n', "bad_csv"),
        (b"code,name\n\xff\xff,x\n", "bad_encoding"),
        (b"PK\x03\x04nonsense", "bad_excel"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(path, COLUMNS, translator("cli", "zh"))
    assert caught.value.reason == reason
    assert str(path) in str(caught.value)
    assert re.search("[一-龥]", str(caught.value)), "it is said in the reader's language"


def test_who_errs_in_the_headings_is_told_which_there_are(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("站码,名称\nA1,x\n")
    with pytest.raises(InputError, match="不认识的列：'站码'。可用的列：code 编码, name 名称, phone 电话"):
        rows_of(path)
    path.write_text("编码\nA1\n")
    with pytest.raises(InputError, match="缺少 name 名称 列，请补上"):
        rows_of(path)


def test_as_many_rows_as_there_may_be_are_read_beside_the_headings(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("code,name\n" + "A1,x\n" * MAX_ROWS)
    assert len(rows_of(path)) == MAX_ROWS
    path.write_text("code,name\n" + "A1,x\n" * (MAX_ROWS + 1))
    with pytest.raises(InputError, match="100001"):
        rows_of(path)


def workbook(path: Path, change: Callable[[Worksheet], object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["code", "name"])
    sheet.append(["A1", "x"])
    change(sheet)
    book.save(path)
    return path


def test_an_archive_that_unfolds_without_end_is_not_unfolded(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", lambda sheet: None)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", b" " * 150_000_000)
    with pytest.raises(InputError) as raised:
        rows_of(path)
    assert raised.value.reason == "too_large"


def test_a_cell_in_the_last_corner_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    """17 thousand million cells, said in 5 kB."""
    path = workbook(tmp_path / "corner.xlsx", lambda sheet: sheet.cell(1_048_576, 16_384, "x"))
    tracemalloc.start()
    try:
        assert rows_of(path) == [{"code": "A1", "name": "x"}]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def far_away(sheet: bytes) -> bytes:
    """Row 3 becomes a row that no spreadsheet has."""
    moved = sheet.replace(b'<row r="3"', b'<row r="99999999999"').replace(b'r="A3"', b'r="A99999999999"')
    return moved.replace(b'ref="A1:B3"', b'ref="A1:B99999999999"')


def test_a_row_beyond_all_rows_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "far.xlsx", lambda sheet: sheet.cell(3, 1, "A2"))
    far = tmp_path / "farther.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            new.writestr(name, far_away(old.read(name)))
    with pytest.raises(InputError) as raised:
        rows_of(far)
    assert raised.value.reason == "too_large"


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("code,name\nA1,x\n\nA2,y\n")
    assert [row.number for row in read_table(path, COLUMNS, translator("cli", "zh"))] == [2, 4]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("石浦站", None),
        ("<b>石浦</b>", "<"),
        ("石浦\x07站", "control"),
        ("石浦\u202e站", "control"),
        ("", "empty"),
        ("长" * 201, "200"),
    ],
)
def test_names_are_plain_text(value: str, fault: str | None) -> None:
    faults = Faults(translator("cli", "en"))
    Cells(Row(7, {"name": value}), faults).text("name")
    assert [one.row for one in faults.found] == ([] if fault is None else [7])
    if fault:
        assert fault in faults.found[0].message


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "abc", "91"])
def test_numbers_are_finite_and_within_bounds(value: str) -> None:
    faults = Faults(translator("cli", "en"))
    Cells(Row(2, {"lat": value}), faults).number("lat", -90, 90)
    assert len(faults.found) == 1


def test_every_fault_text_is_in_both_catalogues() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[3] / "cli" / "imports").glob("*.py")
    )
    joined = re.sub(r'"\s*\n\s*"', "", source)
    texts = re.findall(
        r'(?:fault\(\s*"\w+"|add\(\s*(?:row\.)?number,\s*(?:"\w+"|column)|fault\(\s*column),\s*"([^"]+)"',
        joined,
    )
    assert len(texts) > 20
    for text in texts:
        assert translator("cli", "en")(text) == text
        assert translator("cli", "zh")(text) != text, text
