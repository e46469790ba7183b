"""The canary with real services: it flies from MQTT to dispatch, is seen by nobody, and shows where it is stuck."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from psycopg import Connection

from cli.services import Services
from core.watching import Condition, Limits, Part, judge
from store import canary as store
from store import live, stations, watching
from store.connection import connect
from store.exercises import exercises
from tests.integration.order_world import build_county, eventually, found

ROOT = Path(__file__).resolve().parents[2]
EVERY_S = 2.0
ROLES = ("ingest", "alerts", "dispatch", "canary")


class Roles:
    """The four roles of the chain as processes, each of which can be killed alone."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self._environment, self._logs = environment, logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            with (self._logs / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "cli.main", name],
                    cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT,
                )  # fmt: skip

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for name, process in self._running.items():
            assert process.wait(20) == 0, (name, (self._logs / f"{name}.log").read_text()[-3000:])

    def log(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text()


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Connection[Any]]:
    with connect(database, name="test", autocommit=True) as connection:
        build_county(connection)
        yield connection


@pytest.fixture(scope="module")
def roles(
    environment: dict[str, str], county: Connection[Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Roles]:
    home = tmp_path_factory.mktemp("canary")
    environment = environment | {
        "ANLAN_HOME": str(home),
        "ANLAN_WATCH__CANARY_EVERY_S": str(EVERY_S),
        "ANLAN_SMS__CALLBACK_LISTEN": "127.0.0.1:0",
    }
    running = Roles(environment, home)
    running.start(*ROLES)
    yield running
    running.stop()
    for name in ROLES:
        assert "Traceback" not in running.log(name), running.log(name)[-3000:]


def whole(county: Connection[Any]) -> list[Any]:
    since = datetime.now(UTC) - timedelta(minutes=10)
    return [flight for flight in store.passages(county, since) if flight.answered is not None]


def check(county: Connection[Any], part: Part, **limits: float) -> Any:
    return next(
        one for one in judge(watching.facts(county, watched=False), Limits(**limits)) if one.part is part
    )


def stuck_at(county: Connection[Any]) -> str | None:
    one = check(county, Part.CANARY, canary_s=3 * EVERY_S)
    return str(one.detail["stage"]) if one.condition is Condition.LATE else None


@pytest.mark.usefixtures("roles")
def test_it_flies_from_the_gauge_to_the_answer_again_and_again(county: Connection[Any]) -> None:
    eventually(lambda: len(whole(county)) >= 3, 30)

    flight = whole(county)[0]
    assert flight.missing is None
    assert flight.whole_s is not None and flight.whole_s < 2
    assert check(county, Part.CANARY, canary_s=3 * EVERY_S).condition is Condition.GOOD


@pytest.mark.usefixtures("roles")
def test_it_goes_by_real_deliveries_and_attempts_and_its_alarm_comes_and_goes(
    county: Connection[Any],
) -> None:
    eventually(lambda: len(whole(county)) >= 2, 30)

    delivered = found(
        county,
        "select count(*) from delivery join delivery_attempt on delivery_attempt.delivery = delivery.id"
        " where recipient_kind = 'canary' and delivery.state = 'answered' and delivery_attempt.state = 'sent'",
    )
    assert delivered >= 2
    eventually(lambda: ["raised", "acknowledged", "returned"] in courses(county), 20)


def courses(county: Connection[Any]) -> list[list[str]]:
    """What happened to each alarm that is over. One whose answer came after its return took another order."""
    return [
        row[0]
        for row in county.execute(
            "select array_agg(alarm_event.kind order by alarm_event.id) from alarm_event"
            " join alarm on alarm.id = alarm_event.alarm where exercise = 'canary' and closed_at is not null"
            " and alarm_event.kind in ('raised', 'acknowledged', 'returned') group by alarm.id"
        )
    ]


@pytest.mark.usefixtures("roles")
def test_nobody_meets_it_in_a_list_a_number_or_the_audit_chain(county: Connection[Any]) -> None:
    eventually(lambda: len(whole(county)) >= 1, 30)

    assert [one.code for one in stations.stations(county)] == []
    assert [one.code for one in exercises(county)] == ["ex-1"]
    assert found(county, "select count(*) from order_number") == 0
    assert found(county, "select count(*) from audit") == 0
    assert found(county, "select count(*) from alarm where exercise is null") == 0
    assert found(county, "select count(*) from orders where exercise is distinct from 'canary'") == 0
    assert found(county, "select count(*) from answer") == 0
    assert found(county, "select count(*) from delivery where recipient_kind <> 'canary'") == 0
    screens = live.READERS["stations"](county, None, None, "Asia/Shanghai")
    assert screens == {}
    assert live.READERS["exercises"](county, None, None, "Asia/Shanghai").keys() == {"ex-1"}
    assert live.health(county, None)["stations_total"] == 0


@pytest.mark.usefixtures("roles")
def test_what_stands_still_is_named(county: Connection[Any], roles: Roles) -> None:
    eventually(lambda: len(whole(county)) >= 1, 30)
    for role, stage in (("dispatch", "sent"), ("alerts", "raised"), ("ingest", "received")):
        roles.kill(role)
        eventually(lambda stage=stage: stuck_at(county) == stage, 30, f"stuck at {stage}")  # type: ignore[misc]
        roles.start(role)
        eventually(lambda: stuck_at(county) is None, 40, f"flies again after {role}")


@pytest.mark.usefixtures("roles")
def test_what_is_old_is_let_go_and_nothing_else_can_be(county: Connection[Any]) -> None:
    eventually(lambda: len(whole(county)) >= 2, 30)
    real = found(
        county,
        "insert into alarm (class, subject_kind, subject, rule, rule_version, state, raised_at, closed_at)"
        " values ('equipment', 'link', 'x', 'watch', 1, 'normal', now() - interval '1 day', now()) returning id",
    )
    county.execute(
        "insert into alarm_event (alarm, at, kind, state, actor) values (%s, now(), 'raised', 'normal', 'x')",
        (real,),
    )

    with county.transaction():
        gone = store.forget(county, datetime.now(UTC) - timedelta(seconds=EVERY_S))

    assert gone >= 1
    assert found(county, "select count(*) from alarm_event where alarm = %s", real) == 1
    for statement in (
        "delete from alarm_event where alarm = %s",
        "update alarm_event set actor = 'y' where alarm = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            county.execute(statement.encode(), (real,))


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize(
    "topic", ["anlan/obs/canary", "anlan/drill/canary/obs/G1", "anlan/drill/ex-1/obs/canary", "anlan/drill/canary/senml/x"]
)  # fmt: skip
def test_nothing_else_speaks_in_its_place_nor_it_in_anothers(
    county: Connection[Any], services: Services, topic: str
) -> None:
    county.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat) values"
        " ('G1', '站', 'G1', 'ZZ', 'T1', 0, 0) on conflict do nothing"
    )
    before = found(county, "select count(*) from quarantine")
    payload = json.dumps({"time": datetime.now(UTC).isoformat(), "values": {"station_status": 1.0}})

    with centre(services) as client:
        client.publish(topic, payload, qos=1).wait_for_publish(5)

    eventually(lambda: found(county, "select count(*) from quarantine") == before + 1, 10)
    assert found(county, "select count(*) from series where (station = 'canary') <> (exercise is not distinct from 'canary')") == 0  # fmt: skip


@pytest.mark.usefixtures("roles")
def test_its_order_can_have_no_person_and_no_other_order_its_delivery(county: Connection[Any]) -> None:
    eventually(lambda: len(whole(county)) >= 1, 30)
    order = found(county, "select max(id) from orders where exercise = 'canary'")

    for statement in (
        "insert into delivery (order_id, exercise, recipient_kind, recipient, channel) values (%s, 'canary', 'person', 'p1', 'sms')",
        "insert into delivery (order_id, exercise, recipient_kind, recipient, channel) values (%s, 'canary', 'device', 'LED1', 'led')",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            county.execute(statement.encode(), (order,))


@contextmanager
def centre(services: Services) -> Iterator[Client]:
    """A login that may write anywhere below anlan/."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.username_pw_set("centre", services.broker.accounts()["centre"])
    client.connect("127.0.0.1", services.broker.port)
    client.loop_start()
    eventually(client.is_connected, 5)
    yield client
    client.disconnect()
    client.loop_stop()
