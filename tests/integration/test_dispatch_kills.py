"""`kill -9` on dispatch at any moment: at most one message per attempt number, and everybody is called."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.orders import by_sms, create_notice
from cli.services import Services
from core.people import Person
from core.severity import Severity
from store.people import save_person
from tests.integration.order_world import (
    Dispatch,
    Phones,
    build_county,
    connected,
    environment,
    eventually,
    found,
    now,
)


@pytest.fixture(autouse=True)
def none_outlives_its_test() -> Iterator[None]:
    """A dispatch left by a failed test would hold the lead against the next one."""
    Dispatch.started.clear()
    yield
    for role in Dispatch.started:
        if role.process is not None and role.process.poll() is None:
            role.kill()


@pytest.fixture
def phones(services: Services) -> Iterator[Phones]:
    """Phones that the test turns on when it likes."""
    phones = Phones(services.env()["ANLAN_FIELD__SMSC"])
    yield phones
    phones.close()


def test_a_killed_dispatch_sends_nothing_twice_and_forgets_nobody(
    services: Services, database: str, tmp_path: Path, phones: Phones, full: bool
) -> None:
    persons, kills = (400, 60) if full else (80, 12)
    dice = random.Random(20260701)
    phones.start()
    role = Dispatch(
        environment(services, database, tmp_path, ANLAN_SMS__PER_SECOND="40"), tmp_path / "dispatch.log"
    )
    with connected(database) as connection:
        build_county(connection)
        codes = [f"k{number:03d}" for number in range(persons)]
        for number, code in enumerate(codes):
            save_person(connection, Person(code, f"人{number}", f"1370000{number:04d}", "V1", "巡查"))
        with connection.transaction():
            order = create_notice(
                connection, recipients=by_sms(codes), severity=Severity.RED, title="警戒",
                text="请立即巡查", area="T1", exercise=None, at=now(),
            )  # fmt: skip
        role.start()
        for _ in range(kills):
            time.sleep(0.7 + dice.random() * 0.6)
            role.kill()
            role.start()
        called = "select count(*) from delivery where order_id = %s and state in ('sent', 'delivered')"
        eventually(lambda: found(connection, called, order) == persons, 90, "somebody was never called")
        connection.execute("update delivery set due_at = null")  # no further attempts while we count
        time.sleep(1.5)
        role.stop()
        twice = [what for what, times in Counter(phones.received).items() if times > 1]
        assert not twice, f"one attempt number was sent twice: {twice[:3]}"
        assert len({number for number, _ in phones.received}) == persons
        attempts = dict(
            connection.execute(
                "select state, count(*) from delivery_attempt group by 1",
            ).fetchall()
        )
        assert "sending" not in attempts, attempts
        sent = len(phones.received)
        assert sent <= sum(attempts.values())
        repeated = found(
            connection,
            "select count(*) from (select from delivery_attempt"
            " group by delivery, number, purpose having count(*) > 1) as repeated",
        )
        assert repeated == 0


def test_a_stand_by_takes_over(services: Services, database: str, tmp_path: Path, phones: Phones) -> None:
    phones.start()
    variables = environment(services, database, tmp_path)
    one, other = Dispatch(variables, tmp_path / "one.log"), Dispatch(variables, tmp_path / "other.log")
    with connected(database) as connection:
        one.start()
        eventually(lambda: "leading" in one.log.read_text(), 30)
        other.start()
        time.sleep(2)
        assert "leading" not in other.log.read_text()
        one.kill()
        eventually(lambda: "leading" in other.log.read_text(), 30, "the stand-by did not take over")
        with connection.transaction():
            create_notice(
                connection, recipients=by_sms(["p1"]), severity=None, title="x", text="接管之后",
                area="T1", exercise=None, at=now(), needs_answer=False,
            )  # fmt: skip
        eventually(lambda: phones.texts_to("13900000001"))
        assert other.stop() == 0


def test_the_database_goes_and_comes_back(
    services: Services, database: str, tmp_path: Path, phones: Phones
) -> None:
    phones.start()
    role = Dispatch(environment(services, database, tmp_path), tmp_path / "dispatch.log")
    role.start()
    eventually(lambda: "leading" in role.log.read_text(), 30)
    services.processes()["postgresql"].send(9)
    eventually(lambda: role.log.read_text().count("leading") == 2 or None, 40, "the lead was not taken again")
    with connected(database) as connection, connection.transaction():
        order = create_notice(
            connection, recipients=by_sms(["p2"]), severity=None, title="x", text="数据库恢复之后",
            area="T1", exercise=None, at=now(),
        )  # fmt: skip
    eventually(lambda: phones.texts_to("13900000002"))
    phones.reply("13900000002", "1")
    with connected(database) as connection:
        eventually(
            lambda: found(connection, "select state from delivery where order_id = %s", order) == "answered"
        )
    assert role.stop() == 0


def test_a_gateway_that_is_away_burns_no_calls(
    services: Services, database: str, tmp_path: Path, phones: Phones
) -> None:
    variables = environment(services, database, tmp_path)
    role = Dispatch(
        {**variables, "ANLAN_SMS__URL": "http://127.0.0.1:9/cgi-bin/sendsms"}, tmp_path / "away.log"
    )
    with connected(database) as connection:
        with connection.transaction():
            order = create_notice(
                connection, recipients=by_sms(["p4"]), severity=None, title="x", text="网关恢复之后",
                area="T1", exercise=None, at=now(),
            )  # fmt: skip
        role.start()
        reason = "select reason from delivery where order_id = %s"
        eventually(lambda: found(connection, reason, order) == "gateway_unreachable")
        time.sleep(12)
        attempts = found(connection, "select attempts from delivery where order_id = %s", order)
        assert 2 <= attempts <= 5
        assert found(connection, "select due_at is not null from delivery where order_id = %s", order)
        assert role.stop() == 0
        phones.start()
        back = Dispatch(variables, tmp_path / "back.log")
        back.start()
        eventually(lambda: phones.texts_to("13900000004"))
        assert back.stop() == 0
