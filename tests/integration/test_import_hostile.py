"""Every list with every kind of wrong file: refused with the row and what to do, and nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from cli.imports import KINDS, ImportRefusedError, import_file
from cli.imports.run import MOST_SHOWN
from core.errors import InputError

VALUES = (
    "<script>alert(1)</script>", "'; drop table rule; --", "nan", "-1e400", "１２", "\u202e红色", "\x00", "x" * 70_000,
    "0", "-1", "99999999999999999999", "9999-12-31", "0001-01-01 00:00", "25:61", "NOPE", '{"a": [1e999]}', "[" * 5000,
    ";;;", "P1;;+", "a:b:c:d:e",
)  # fmt: skip

every_list = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def written(connection: Connection[Any]) -> list[tuple[str, int]]:
    """How many rows every table was given, and lost, up to now."""
    connection.execute("select pg_stat_force_next_flush()")
    return connection.execute(
        "select relname, n_live_tup from pg_stat_user_tables where schemaname = 'public' order by 1"
    ).fetchall()


def bring(connection: Connection[Any], kind: str, path: Path) -> None:
    with connection.transaction():
        import_file(connection, kind, path, actor="test", zone="Asia/Shanghai", language="zh")


@every_list
@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:12])
def test_a_row_of_nonsense_is_named_and_nothing_is_written(
    connection: Connection[Any], tmp_path: Path, kind: str, value: str
) -> None:
    names = [column.name for column in KINDS[kind].columns]
    cell = '"' + value.replace('"', '""') + '"'
    path = tmp_path / "list.csv"
    path.write_text(",".join(names) + "\n" + ",".join([cell] * len(names)) + "\n", encoding="utf-8")
    before = written(connection)
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, kind, path)
    assert {fault.row for fault in caught.value.faults} == {2}
    assert {fault.column for fault in caught.value.faults} <= set(names)
    assert "第 2 行" in str(caught.value)
    assert written(connection) == before


@every_list
def test_columns_that_are_not_there_are_asked_for(
    connection: Connection[Any], tmp_path: Path, kind: str
) -> None:
    required = [column.name for column in KINDS[kind].columns if column.required]
    known = required[1:] or [column.name for column in KINDS[kind].columns if not column.required]
    path = tmp_path / "list.csv"
    path.write_text("\ufeff" + ",".join(known) + "\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"缺少 {required[0]} "):
        bring(connection, kind, path)


@every_list
def test_a_long_list_of_nonsense_tells_its_first_faults(
    connection: Connection[Any], tmp_path: Path, kind: str
) -> None:
    names = [column.name for column in KINDS[kind].columns]
    path = tmp_path / "list.csv"
    path.write_text(",".join(names) + "\n" + (",".join("<" * len(names)) + "\n") * 2_000, encoding="utf-8")
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, kind, path)
    told = str(caught.value).splitlines()
    assert len(caught.value.faults) > MOST_SHOWN
    assert len(told) == MOST_SHOWN + 2
    assert told[-1] == f"另有 {len(caught.value.faults) - MOST_SHOWN} 处"
