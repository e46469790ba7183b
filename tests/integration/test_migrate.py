"""The schema: created once by however many, and never silently different."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psycopg
import pytest
from psycopg import sql

from cli.services import Services
from core.errors import ConfigurationError
from store.migrate import available, migrate, pending


@pytest.fixture
def empty(services: Services) -> Iterator[str]:
    """The address of a database without a schema."""
    name = "test_migrate_empty"
    with psycopg.connect(services.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER anlan").format(sql.Identifier(name)))
    with psycopg.connect(services.postgres.superuser_url(name), autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        connection.execute("CREATE EXTENSION timescaledb")
    yield f"{services.postgres.url.rpartition('/')[0]}/{name}"
    with psycopg.connect(services.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_migrating_twice_and_by_two_at_once_applies_each_file_once(empty: str) -> None:
    assert [m.version for m in pending(empty)] == [m.version for m in available()]
    with ThreadPoolExecutor(4) as workers:
        applied = [m.version for result in workers.map(migrate, [empty] * 4) for m in result]
    assert sorted(applied) == [m.version for m in available()]
    assert migrate(empty) == []
    assert pending(empty) == []


def test_an_applied_file_that_was_changed_is_refused(empty: str) -> None:
    migrate(empty)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("update schema_migration set checksum = 'other' where version = 1")
    with pytest.raises(ConfigurationError, match="new migration"):
        migrate(empty)


def test_the_observation_table_is_a_hypertable(database: str) -> None:
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "select hypertable_name from timescaledb_information.hypertables"
        ).fetchall()
    assert ("observation",) in found


VIEWS = {
    "observation": "station property sensor period_s exercise time value quality reason received_at",
    "latest": "station property sensor period_s exercise time value quality reason received_at",
    "alarm": "id class subject_kind subject station property rule rule_version exercise severity state "
    "raised_at returned_at acknowledged_at acknowledged_by value threshold",
    "alarm_event": "alarm at kind severity value threshold observed_at received_at actor",
    "delivery": "id order_id exercise recipient channel state attempts submitted_at delivered_at "
    "answered_at acted_at",
}


@pytest.mark.parametrize("view", VIEWS)
def test_public_views_have_the_columns_of_the_contract(database: str, view: str) -> None:
    with psycopg.connect(database) as connection:
        columns = connection.execute(
            "select column_name from information_schema.columns"
            " where table_schema = 'public_v1' and table_name = %s order by ordinal_position",
            (view,),
        ).fetchall()
    assert [name for (name,) in columns] == VIEWS[view].split()


HISTORY = ["audit", "alarm_event", "order_event", "order_approval", "receipt", "answer"]


@pytest.mark.parametrize(
    ("table", "act"),
    [
        *((table, "truncate {} cascade") for table in HISTORY),
        *((table, "delete from {}") for table in HISTORY if table not in ("alarm_event", "order_event")),
    ],
)
def test_history_can_only_be_added_to(database: str, table: str, act: str) -> None:
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL(act).format(sql.Identifier(table)))


@pytest.mark.parametrize("exercise", [None, "canary"])
def test_only_what_the_canary_did_can_be_let_go(database: str, exercise: str | None) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into exercise (code, name, started_by) values ('canary', 'c', 'test') on conflict do nothing"
        )
        connection.execute("insert into area (code, name, name_en, kind) values ('X', 'x', 'x', 'county')")
        (alarm,) = connection.execute(
            "insert into alarm (class, subject_kind, subject, rule, rule_version, state, raised_at, exercise)"
            " values ('water', 'station', 'S', 'r', 1, 'normal', now(), %s) returning id",
            (exercise,),
        ).fetchone() or (0,)
        (order,) = connection.execute(
            "insert into orders (number, kind, state, exercise, area, title, text, created_by, ends_at, content_hash)"
            " values ('1', 'test', 'issued', %s, 'X', '', '', 'x', now(), '') returning id",
            (exercise,),
        ).fetchone() or (0,)
        connection.execute(
            "insert into alarm_event (alarm, at, kind, state, actor) values (%s, now(), 'raised', 'normal', 'x')",
            (alarm,),
        )
        connection.execute(
            "insert into order_event (order_id, kind, actor) values (%s, 'issued', 'x')", (order,)
        )
        for act, number in (
            (b"delete from alarm_event where alarm = %s", alarm),
            (b"delete from order_event where order_id = %s", order),
        ):
            if exercise == "canary":
                assert connection.execute(act, (number,)).rowcount == 1
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(act, (number,))
        connection.rollback()


def test_audit_lines_written_at_once_form_one_chain(database: str) -> None:
    def append(number: int) -> None:
        with psycopg.connect(database) as connection:
            connection.execute("select audit_append('test', 'write', %s)", (str(number),))

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(append, range(40)))
    with psycopg.connect(database) as connection:
        lines = connection.execute("select id, previous, hash from audit order by id").fetchall()
    assert [line[0] for line in lines] == list(range(1, 41))
    assert all(earlier[2] == later[1] for earlier, later in pairwise(lines))
