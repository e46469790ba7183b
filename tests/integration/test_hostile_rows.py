"""Rows that somebody forges: the schema itself keeps an exercise from a real phone and a real alarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import CheckViolation


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database) as opened:
        opened.execute("insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')")
        opened.execute("insert into exercise (code, name, started_by) values ('EX1', '演练', 'test')")
        yield opened
        opened.rollback()


def order(connection: Connection[Any], number: str, exercise: str | None, alarm: int | None = None) -> int:
    made = connection.execute(
        "insert into orders (number, kind, exercise, area, title, text, state, created_by, ends_at,"
        " content_hash) values (%s, 'notice', %s, 'C', 't', 't', 'issued', 'centre',"
        " now() + interval '1 hour', '') returning id",
        (number, exercise),
    ).fetchone()
    assert made is not None
    if alarm is not None:
        connection.execute("insert into order_alarm (order_id, alarm) values (%s, %s)", (made[0], alarm))
    return int(made[0])


def deliver(
    connection: Connection[Any], order_id: int, exercise: str | None, origin: int | None = None
) -> int:
    made = connection.execute(
        "insert into delivery (order_id, exercise, recipient_kind, recipient, channel, escalated_from)"
        " values (%s, %s, 'person', %s, 'sms', %s) returning id",
        (order_id, exercise, f"p-{origin}", origin),
    ).fetchone()
    assert made is not None
    return int(made[0])


@pytest.mark.parametrize(("of_order", "of_delivery"), [("EX1", None), (None, "EX1")])
def test_a_delivery_is_in_the_exercise_of_its_order(
    connection: Connection[Any], of_order: str | None, of_delivery: str | None
) -> None:
    """Escalated ones too: such a row had dispatch dial the real phone with the text of an exercise."""
    made = order(connection, "F-1", of_order)
    first = deliver(connection, made, of_order)
    deliver(connection, made, of_order, first)
    with pytest.raises(CheckViolation, match="never mixed"), connection.transaction():
        deliver(connection, made, of_delivery, first)
    with pytest.raises(CheckViolation, match="never mixed"), connection.transaction():
        connection.execute("update delivery set exercise = %s where id = %s", (of_delivery, first))


def test_a_delivery_is_escalated_within_its_order(connection: Connection[Any]) -> None:
    elsewhere = deliver(connection, order(connection, "F-1", None), None)
    with pytest.raises(CheckViolation, match="same order"):
        deliver(connection, order(connection, "F-2", None), None, elsewhere)


def test_an_order_stays_in_its_exercise_and_in_that_of_its_alarm(connection: Connection[Any]) -> None:
    made = order(connection, "F-1", "EX1")
    with pytest.raises(CheckViolation, match="stays in its exercise"), connection.transaction():
        connection.execute("update orders set exercise = null where id = %s", (made,))
    alarm = connection.execute(
        "insert into alarm (class, subject_kind, subject, area, rule, rule_version, state, raised_at)"
        " values ('report', 'town', 'C', 'C', 'r', 1, 'unacknowledged', now()) returning id"
    ).fetchone()
    assert alarm is not None
    with pytest.raises(CheckViolation, match="exercise of its alarm"):
        order(connection, "F-2", "EX1", alarm[0])
