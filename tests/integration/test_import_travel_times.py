"""Travel times from a list: all rows or none, every bad cell named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from cli.imports import ImportRefusedError, import_file
from store.travel_times import TravelTime, travel_times
from tests.integration.deriving import place

HEAD = "upstcd,dwstcd,qmgn,rchlen,mntrtm,avtrtm,mxtrtm,来源\n"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database) as opened:
        for code, kind in (("UP", "ZQ"), ("MID", "ZZ"), ("LOW", "ZZ"), ("DAM", "RR"), ("RAIN", "PP")):
            place(opened, code, kind)
        place(opened, "DEMO", "ZZ", origin="scenario:test")
        yield opened
        opened.rollback()


def bring(connection: Connection[Any], folder: Path, rows: str) -> int:
    path = folder / "travel.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return import_file(
        connection, "travel-times", path, actor="test", zone="Asia/Shanghai", language="en"
    ).changed


def refused(connection: Connection[Any], folder: Path, rows: str) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, folder, rows)
    return [(fault.row, fault.column) for fault in caught.value.faults]


def test_rows_of_the_field_are_taken_and_the_same_file_again_changes_nothing(
    connection: Connection[Any], tmp_path: Path
) -> None:
    rows = "UP,MID,,20.5,1,1.5,2,手册\nUP,MID,500,20.5,0.6,0.8,1,手册\nDAM,LOW,,,0.5,1,2,手册\n"
    assert bring(connection, tmp_path, rows) == 3
    assert bring(connection, tmp_path, rows) == 0
    assert travel_times(connection, ["MID"]) == [
        TravelTime("UP", "MID", None, 20.5, 1.0, 1.5, 2.0, "手册"),
        TravelTime("UP", "MID", 500.0, 20.5, 0.6, 0.8, 1.0, "手册"),
    ]


def test_what_replaces_a_row_leaves_the_old_one_as_history(
    connection: Connection[Any], tmp_path: Path
) -> None:
    bring(connection, tmp_path, "UP,MID,,,1,1.5,2,手册\n")
    bring(connection, tmp_path, "UP,MID,,,1,1.8,2.5,2026 年复核\n")
    found = connection.execute("select usual_h, replaced_at is null from travel_time order by id").fetchall()
    assert found == [(1.5, False), (1.8, True)]


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("UP,UP,,,1,2,3,x\n", [(2, "downstream")]),
        ("UP,MID,,,2,1,3,x\n", [(2, "usual_h")]),
        ("UP,MID,,,0,1,3,x\n", [(2, "least_h")]),
        ("UP,MID,,,1,2,nan,x\n", [(2, "longest_h"), (2, "usual_h")]),
        ("UP,MID,-1,,1,2,3,x\n", [(2, "flow")]),
        ("UP,NONE,,,1,2,3,x\n", [(2, "downstream")]),
        ("UP,RAIN,,,1,2,3,x\n", [(2, "downstream")]),
        ("UP,DEMO,,,1,2,3,x\n", [(2, "downstream")]),
        ("UP,MID,,,1,2,3,\n", [(2, "source")]),
        ("UP,MID,,,1,2,3,x\nUP,MID,,,1,2,3,x\n", [(3, "downstream")]),
        ("UP,MID,,,1,2,3,x\nMID,UP,,,1,2,3,x\n", [(2, "downstream"), (3, "downstream")]),
    ],
)
def test_a_bad_row_is_named_and_keeps_all_out(
    connection: Connection[Any], tmp_path: Path, rows: str, faults: list[tuple[int, str]]
) -> None:
    assert refused(connection, tmp_path, rows) == faults
    assert travel_times(connection) == []


def test_a_pair_that_stands_the_other_way_round_is_refused(
    connection: Connection[Any], tmp_path: Path
) -> None:
    bring(connection, tmp_path, "UP,MID,,,1,2,3,x\n")
    assert refused(connection, tmp_path, "MID,UP,,,1,2,3,x\n") == [(2, "downstream")]
