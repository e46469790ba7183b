"""When an exercise ends, all of it ends: alarms, orders, screens, response levels; nothing more is stored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.acknowledge import acknowledge
from alerts.exercises import REASON, end_exercise
from alerts.orders import Selection, approve, create_draft
from cli.services import Services
from core.errors import ConflictError, NotFoundError
from core.orders import OrderState
from core.settings import Settings
from store import alarms, audit, orders, response
from store.exercises import exercise
from tests.integration.levels import Field
from tests.integration.order_world import (
    COMMANDER,
    DUTY,
    LEADER,
    add_alarm,
    build_county,
    connected,
    draft,
    environment,
    found,
    now,
    settings_from,
)


@pytest.fixture
def settings(services: Services, another_database: str, tmp_path: Path) -> Iterator[Settings]:
    with settings_from(environment(services, another_database, tmp_path)) as known:
        yield known


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with connected(another_database) as connection:
        build_county(connection)
        yield Field(connection)


def order(county: Field, settings: Settings, exercise: str | None, *, issued: bool = True) -> int:
    """To one screen, in an exercise or for real."""
    selection = Selection(areas=("T1",), sms=exercise is not None, led=True)
    with county.connection.transaction():
        made = create_draft(
            county.connection,
            draft(selection=selection, exercise=exercise),
            DUTY,
            at=now(),
            settings=settings,
        )
        content = found(county.connection, "select content_hash from orders where id = %s", made)
        for signer in (LEADER, COMMANDER) if issued else ():
            approve(county.connection, made, signer, content_hash=content, at=now(), settings=settings)
    return made


def test_alarms_orders_and_levels_end_with_it_and_the_real_ones_stay(
    county: Field, settings: Settings
) -> None:
    connection = county.connection
    drill, real = add_alarm(connection, exercise="ex-1"), add_alarm(connection)
    known = add_alarm(connection, exercise="ex-1", subject="S2")
    with connection.transaction():
        acknowledge(connection, known, actor="duty", at=now())
    played, drafted = order(county, settings, "ex-1"), order(county, settings, "ex-1", issued=False)
    meant = order(county, settings, None)
    connection.execute(
        "update delivery set state = 'showing', attempts = 1, due_at = null where recipient_kind = 'device'"
    )
    for code in ("ex-1", None):
        response.start(connection, hazard="flood", level=3, exercise=code, by="x", reason="r", at=now())

    with connection.transaction():
        ended = end_exercise(connection, "ex-1", actor="commander", at=now())
    assert ended is not None
    assert (ended.alarms, ended.orders, ended.responses) == (2, 2, 1)

    for number in (drill, known):
        alarm = alarms.get(connection, number)
        assert (alarm.state, alarm.severity, alarm.highest_severity) == ("normal", None, "red")
        assert alarm.closed_at is not None
        last = alarms.events(connection, number)[-1]
        assert (last.kind, last.actor, last.detail) == ("closed", "commander", {"reason": REASON})
    assert alarms.get(connection, real).state == "unacknowledged"

    states = {number: orders.order(connection, number).state for number in (played, drafted, meant)}
    assert states == {
        played: OrderState.ENDED, drafted: OrderState.CANCELLED, meant: OrderState.ISSUED
    }  # fmt: skip
    due = connection.execute(
        "select distinct orders.id, delivery.due_at is not null from delivery join orders on orders.id = order_id"
        " where recipient_kind = 'device' order by 1"
    ).fetchall()
    assert due == [(played, True), (meant, False)], "dispatch clears the exercise's screens, and no other"
    called = "select count(*) from delivery where order_id = %s and recipient_kind = 'person' and due_at is not null"
    assert found(connection, called, played) == 0
    assert [one.exercise for one in response.responses(connection, None, running=True)] == [None]
    assert response.responses(connection, "ex-1", running=True) == []
    (line,) = audit.lines(connection, action="exercise.end")
    assert (line.actor, line.subject) == ("commander", "exercise/ex-1")


def test_what_is_stored_late_raises_nothing_any_more(county: Field) -> None:
    code = county.station("R1", area="T1")
    county.send(code, [(0, 9.9)], exercise="ex-1")
    county.send(code, [(0, 9.9)])
    with county.connection.transaction():
        end_exercise(county.connection, "ex-1", actor="commander", at=now())
    county.evaluate()
    assert [alarm.exercise for alarm in county.alarms(code)] == [None]


def test_it_ends_once_and_an_unknown_one_is_named(county: Field) -> None:
    at = now()
    first = end_exercise(county.connection, "ex-1", actor="commander", at=at)
    assert first is not None
    assert end_exercise(county.connection, "ex-1", actor="x", at=at + timedelta(hours=1)) is None
    assert exercise(county.connection, "ex-1").ended_at == at
    with pytest.raises(NotFoundError):
        end_exercise(county.connection, "never", actor="x", at=at)


def test_nothing_new_begins_in_it(county: Field, settings: Settings) -> None:
    end_exercise(county.connection, "ex-1", actor="commander", at=now())
    with pytest.raises(ConflictError):
        order(county, settings, "ex-1", issued=False)
    with pytest.raises(ConflictError):
        response.start(
            county.connection, hazard="flood", level=3, exercise="ex-1", by="x", reason="r", at=now()
        )


def test_the_command_ends_it(
    county: Field, services: Services, another_database: str, tmp_path: Path
) -> None:
    alarm = add_alarm(county.connection, exercise="ex-1")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "replay", "--stop", "ex-1"],
        env={"PATH": "/usr/bin:/bin"} | environment(services, another_database, tmp_path),
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "exercise ex-1 has ended, and with it 1 alarms, 0 orders" in done.stdout
    assert alarms.get(county.connection, alarm).closed_at is not None
