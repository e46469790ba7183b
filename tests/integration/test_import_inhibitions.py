"""What hides what, from a list: all rows or none, two persons for what hides more, every change in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from cli.imports import ImportRefusedError, import_file
from core.inhibition import Equal, Inhibition
from core.roles import Role
from store.inhibitions import inhibitions
from store.users import add_user

HEAD = "抑制规则,被抑制规则,相同项,延续秒数,原因,启用\n"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database) as opened:
        add_user(opened, "lin", "x", Role.LEADER)
        yield opened
        opened.rollback()


def bring(connection: Connection[Any], folder: Path, rows: str, second: str | None = None) -> int:
    path = folder / "inhibitions.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return import_file(
        connection, "inhibitions", path, actor="cli:chen", zone="Asia/Shanghai", language="en", second=second
    ).changed


def refused(
    connection: Connection[Any], folder: Path, rows: str, second: str | None = None
) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, folder, rows, second)
    return [(fault.row, fault.column, fault.message) for fault in caught.value.faults]


def audited(connection: Connection[Any]) -> list[tuple[str, str, Any]]:
    return connection.execute(
        "select action, subject, detail ->> 'second' from audit where action like 'inhibition.%' order by id"
    ).fetchall()


def test_a_new_row_needs_two_persons_and_stands_in_the_audit(
    connection: Connection[Any], tmp_path: Path
) -> None:
    rows = "link_sms,device,area,60,短信中断\n"
    ((number, column, message),) = refused(connection, tmp_path, rows)
    assert (number, column) == (2, "target")
    assert "second person" in message
    assert bring(connection, tmp_path, rows, "lin") == 1
    assert Inhibition("link_sms", "device", Equal.AREA, 60, "短信中断") in inhibitions(connection)
    assert bring(connection, tmp_path, rows) == 0, "what stands just so hides no more than before"
    assert audited(connection) == [("inhibition.set", "inhibition/link_sms/device", "lin")]


def test_what_hides_less_one_person_does_alone(connection: Connection[Any], tmp_path: Path) -> None:
    before = len(inhibitions(connection))
    rows = "link_broker,device,none,0,更短\nlink_broker,camera,none,,不再抑制,no\n"
    assert bring(connection, tmp_path, rows) == 2
    assert Inhibition("link_broker", "device", Equal.NONE, 0, "更短") in inhibitions(connection)
    assert len(inhibitions(connection)) == before - 1
    assert [action for action, *_ in audited(connection)] == ["inhibition.remove", "inhibition.set"]


def test_a_row_may_be_turned_around_in_one_list(connection: Connection[Any], tmp_path: Path) -> None:
    rows = "link_telemetry,link_broker,none,,倒置,yes\nlink_broker,link_telemetry,none,,倒置,no\n"
    assert bring(connection, tmp_path, rows, "lin") == 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("link_sms,river_level,none,,x\n", "only equipment is"),
        ("link_sms,isolation,none,,x\n", "only equipment is"),
        ("silence_value,silence_station,station,,x\n", "would hide each other"),
        ("battery,device,area,,x\n", "calls less urgently"),
        ("camera,battery,none,,x\n", "calls less urgently"),
        ("device,device,none,,x\n", "would hide each other"),
        ("link_sms,nothing,none,,x\n", "there is no rule"),
        ("link_sms,device,river,,x\n", "'river' is none of none, station, area, subject"),
        ("link_sms,device,none,43201,x\n", "43201"),
        ("link_sms,device,none,,\n", "is empty"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cell(
    connection: Connection[Any], tmp_path: Path, rows: str, expected: str
) -> None:
    before = inhibitions(connection)
    assert any(expected in message for *_, message in refused(connection, tmp_path, rows, "lin"))
    assert inhibitions(connection) == before


def test_who_imports_cannot_be_the_second(connection: Connection[Any], tmp_path: Path) -> None:
    add_user(connection, "chen", "x", Role.LEADER)
    ((_, _, message),) = refused(connection, tmp_path, "link_sms,device,area,60,x\n", "chen")
    assert "it must be another person" in message
