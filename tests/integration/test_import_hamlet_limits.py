"""`anlan import hamlet-limits`: all rows or none, every bad cell named, what is replaced is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from cli.imports import Imported, ImportRefusedError, import_file
from core.rain_limits import HamletLimit, Soil
from core.stations import Station, StationKind
from store.connection import connect
from store.rain_limits import hamlet_limits
from store.stations import save_station

HEAD = "风险点,时段,土壤,准备转移,立即转移,雨量站,来源"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with connect(database, name="test-hamlet-limits") as made:
        made.execute(
            "insert into area (code, name, name_en, kind, parent) values ('C', '县', 'C', 'county', null),"
            " ('T', '镇', 'T', 'town', 'C'), ('H', '老屋', 'H', 'hamlet', 'T')"
        )
        for code in ("P1", "P2"):
            save_station(made, Station(code, code, code, StationKind.RAIN, "T", 121.0, 29.0, 300))
        yield made
        made.rollback()


def importing(connection: Connection[Any], folder: Path, *rows: str) -> Imported:
    path = folder / "limits.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return import_file(connection, "hamlet-limits", path, actor="test", zone="Asia/Shanghai", language="en")


def test_limits_are_set_and_what_they_replace_is_kept(connection: Connection[Any], tmp_path: Path) -> None:
    rows = ["H,1,较干,50,70,P1;P2,分析评价", "H,1,较湿,30,45,P1；P2,分析评价", "H,3,,80,110,P1、P2,分析评价"]
    assert importing(connection, tmp_path, *rows).changed == 3
    assert importing(connection, tmp_path, *rows).changed == 0
    assert importing(connection, tmp_path, "H,1,wet,28,45,P1;P2,复核").changed == 1
    assert hamlet_limits(connection) == [
        HamletLimit("H", 3600, Soil.DRY, 50, 70, ("P1", "P2"), "分析评价"),
        HamletLimit("H", 3600, Soil.WET, 28, 45, ("P1", "P2"), "复核"),
        HamletLimit("H", 10800, Soil.ANY, 80, 110, ("P1", "P2"), "分析评价"),
    ]
    history = connection.execute(
        "select prepare_mm, set_by, replaced_at is null from hamlet_limit where soil = 'wet' order by id"
    ).fetchall()
    assert history == [(30.0, "test", False), (28.0, "test", True)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("T,1,,50,70,P1,x", "column area: T is no hamlet or village"),
        ("X,1,,50,70,P1,x", "column area: there is no area 'X'"),
        ("H,2,,50,70,P1,x", "column duration_h: there are sums of 0.1667, 0.5, 1, 3, 6, 12, 24 h only"),
        ("H,1,moist,50,70,P1,x", "column soil: 'moist' is none of dry, normal, wet, any"),
        ("H,1,,70,50,P1,x", "column immediate_mm: is less than prepare_mm"),
        ("H,1,,0,50,P1,x", "column prepare_mm: 0 is not between 0.1 and 2000"),
        ("H,1,,50,70,P7,x", "column gauges: there is no station 'P7'"),
        ("H,1,,50,70,,x", "column gauges: is empty"),
        ("H,1,,50,70,P1,", "column source: is empty"),
        ("H,1,,nan,70,P1,x", "column prepare_mm"),
    ],
)
def test_what_cannot_be_is_named_by_its_cell(
    connection: Connection[Any], tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        importing(connection, tmp_path, "H,6,,90,120,P1,good", row)
    assert f"row 3, {said}" in str(caught.value)
    assert not hamlet_limits(connection)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["H,1,dry,30,45,P1,x", "H,1,wet,50,70,P1,x"], "row 3, column prepare_mm: is more than on dry soil"),
        (["H,1,wet,30,45,P1,x", "H,1,wet,20,25,P1,x"], "row 3, column soil: H 1 wet stands already in row 2"),
    ],
)
def test_limits_that_rise_with_the_wetness_or_stand_twice_are_refused(
    connection: Connection[Any], tmp_path: Path, rows: list[str], said: str
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        importing(connection, tmp_path, *rows)
    assert said in str(caught.value)
