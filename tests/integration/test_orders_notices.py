"""Notices: written in the caller's transaction, numbered without gaps, due at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from alerts.orders import by_sms, create_notice
from core.areas import Area
from core.errors import InputError
from core.people import Person
from core.severity import Severity
from store.areas import save_area
from store.people import save_person

AT = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def county(database: str) -> str:
    """A county with one town and two persons."""
    with psycopg.connect(database) as connection:
        save_area(connection, Area("C", "演示县", "Demo", "county"))
        save_area(connection, Area("T1", "泗洲头镇", "Sizhoutou", "town", parent="C"))
        save_person(connection, Person("p1", "周镇长", "13800000001", "T1", "镇长"))
        save_person(connection, Person("p2", "陈书记", "13800000002", "T1", "书记", superior="p1"))
    return database


def notice(connection: Connection[Any], *persons: str, exercise: str | None = None) -> int:
    return create_notice(
        connection, recipients=by_sms(persons), severity=Severity.RED, title="泗洲头 警戒",
        text="泗洲头水位 3.42 米，超警戒 0.12 米", area="T1", exercise=exercise, at=AT,
    )  # fmt: skip


def test_a_person_named_twice_is_called_once(county: str) -> None:
    with psycopg.connect(county) as connection:
        order = notice(connection, "p1", "p2", "p1")
        found = connection.execute(
            "select recipient, state, due_at, priority from delivery where order_id = %s order by 1", (order,)
        ).fetchall()
    assert found == [("p1", "waiting", AT, 40), ("p2", "waiting", AT, 40)]


def test_nobody_to_call_is_refused(county: str) -> None:
    with psycopg.connect(county) as connection, pytest.raises(InputError) as refused:
        notice(connection)
    assert refused.value.reason == "no_recipients"


def test_numbers_have_no_gap_under_concurrency_and_rollback(county: str) -> None:
    def one(turn: int) -> str | None:
        with psycopg.connect(county) as connection:
            order = notice(connection, "p1")
            found = connection.execute("select number from orders where id = %s", (order,)).fetchone()
            if turn % 3 == 0:
                connection.rollback()
                return None
            assert found is not None
            return str(found[0])

    with psycopg.connect(county) as connection:
        before = connection.execute("select last from order_number where scope = '通'").fetchone()
    start = before[0] if before else 0
    with ThreadPoolExecutor(8) as threads:
        given = sorted(number for number in threads.map(one, range(30)) if number)
    assert given == [f"通-2026-{number:03d}" for number in range(start + 1, start + 21)]


def test_the_year_is_the_county_s_own(county: str) -> None:
    with psycopg.connect(county) as connection:
        order = create_notice(
            connection, recipients=by_sms(["p1"]), severity=None, title="x", text="x", area="T1",
            exercise=None, at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
        )  # fmt: skip
        found = connection.execute("select number from orders where id = %s", (order,)).fetchone()
        connection.rollback()
    assert found == ("通-2027-001",)


def test_a_newer_notice_of_the_same_alarm_supersedes_the_older(county: str) -> None:
    with psycopg.connect(county) as connection:
        alarm = connection.execute(
            "insert into alarm (class, subject_kind, subject, area, rule, rule_version, severity, state,"
            " raised_at) values ('water', 'station', 'S1', 'T1', 'level', 1, 'red', 'unacknowledged', %s) returning id",
            (AT,),
        ).fetchone()
        assert alarm is not None
        first, second = (
            create_notice(
                connection, alarms={alarm[0]: Severity.RED}, recipients=by_sms(["p1"]), severity=Severity.RED, title="x",
                text="x", area="T1", exercise=None, at=AT,
            )
            for _ in range(2)
        )  # fmt: skip
        states: dict[Any, Any] = dict(
            connection.execute(
                "select id, state from orders where id = any(%s)", ([first, second],)
            ).fetchall()
        )
        calls: dict[Any, Any] = dict(
            connection.execute(
                "select order_id, due_at from delivery where order_id = any(%s)", ([first, second],)
            ).fetchall()
        )
    assert states == {first: "ended", second: "issued"}
    assert calls == {first: None, second: AT}
