"""`anlan import limits`: all rows or none, with history, and ingest follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from psycopg import Connection

from cli.imports import Imported, ImportRefusedError, import_file
from core.judgement_limits import JudgementLimit
from store.connection import connect
from store.judgement_limits import standing
from tests.integration.ingesting import seed

HEAD = "station,property,sensor,name,month,value,neighbour,source"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    seed(database)
    with connect(database, name="test-limits") as made:
        yield made
        made.rollback()


def importing(connection: Connection[Any], folder: Path, *rows: str) -> Imported:
    path = folder / "limits.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return import_file(
        connection, "limits", path, actor="test", zone="Asia/Shanghai", language="en", origin="scenario:test"
    )


def test_limits_are_set_and_what_they_replace_is_kept(connection: Connection[Any], tmp_path: Path) -> None:
    first = importing(
        connection,
        tmp_path,
        "RIVER1,water_level,,sensor_top,,12.5,,data sheet",
        "RIVER1,water_level,,rise_per_h,,off,,gate upstream",
        "RIVER1,water_level,2,neighbour_difference,,0.3,RIVER2:1,same reach",
        "RIVER1,air_temperature,,soft_high,7,41,,climate table",
    )
    assert (first.rows, first.changed) == (4, 4)
    assert importing(connection, tmp_path, "RIVER1,water_level,,sensor_top,,12.5,,data sheet").changed == 0
    assert importing(connection, tmp_path, "RIVER1,water_level,,sensor_top,,13,,new sensor").changed == 1
    found = {(one.name, one.sensor): one for one in standing(connection, "RIVER1")}
    assert found["sensor_top", None] == JudgementLimit(
        "RIVER1", "water_level", None, "sensor_top", None, 13.0, None, "new sensor", 2
    )
    assert found["rise_per_h", None].value is None
    assert found["neighbour_difference", 2].neighbour == "RIVER2:1"
    assert found["soft_high", None].month == 7
    history = connection.execute(
        "select value, set_by, replaced_at is null from judgement_limit where name = 'sensor_top' order by version"
    ).fetchall()
    assert history == [(12.5, "test", False), (13.0, "test", True)]


def test_every_bad_row_is_named_and_none_is_stored(connection: Connection[Any], tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        importing(
            connection,
            tmp_path,
            "RIVER1,water_level,,sensor_top,,12.5,,data sheet",
            "NOBODY,water_level,,high,,12.5,,x",
            "RIVER1,colour,,high,,1,,x",
            "RIVER1,water_level,,highest,,1,,x",
            "RIVER1,water_level,,high,,much,,x",
            "RIVER1,water_level,,high,5,3,,x",
            "RIVER1,water_level,,spike,,-1,,x",
            "RIVER1,water_level,,stuck_s,,5,,x",
            "RIVER1,water_level,,step,,0.1,RIVER2,x",
            "RIVER1,water_level,,neighbour_difference,,0.1,NOWHERE,x",
            "RIVER1,water_level,,neighbour_difference,,0.1,a b,x",
            "RIVER2,water_level,,low,,5,,x",
            "RIVER2,water_level,,high,,4,,x",
            "RIVER1,water_level,,sensor_top,,12.5,,again",
            "RIVER1,water_level,,low,,1,,",
        )
    found = {(fault.row, fault.column) for fault in refused.value.faults}
    assert found >= {
        (3, "station"), (4, "property"), (5, "name"), (6, "value"), (7, "month"), (8, "value"), (9, "value"),
        (10, "neighbour"), (11, "neighbour"), (12, "neighbour"), (13, "value"), (15, "name"), (16, "source"),
    }  # fmt: skip
    assert not any(fault.row == 2 for fault in refused.value.faults)
    assert standing(connection) == []


def test_a_workbook_with_chinese_headings(connection: Connection[Any], tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["测站", "要素", "限值名称", "月份", "限值", "依据"])
    sheet.append(["RIVER3", "water_level", "soft_high", 7, 4.5, "多年资料"])
    sheet.append(["RIVER3", "water_level", "stuck_s", None, "关", "渠道"])
    path = tmp_path / "限值.xlsx"
    book.save(path)
    done = import_file(
        connection, "limits", path, actor="test", zone="Asia/Shanghai", language="zh", origin="scenario:test"
    )
    assert done.changed == 2
    assert [(one.name, one.month, one.value) for one in standing(connection, "RIVER3")] == [
        ("soft_high", 7, 4.5),
        ("stuck_s", None, None),
    ]


def test_an_invented_list_does_not_judge_real_stations(connection: Connection[Any], tmp_path: Path) -> None:
    connection.execute("update station set origin = null where code = 'RIVER4'")
    with pytest.raises(ImportRefusedError, match="row 2, column station"):
        importing(connection, tmp_path, "RIVER4,water_level,,high,,1,,x")
