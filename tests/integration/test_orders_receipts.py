"""Receipts and replies as they really come: late, twice, in the wrong order, for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.orders import by_sms, create_notice
from alerts.orders.receipts import take_sms_receipt
from alerts.orders.replies import take_reply
from core.orders import DeliveryState
from core.severity import Severity
from store import deliveries as store
from store.order_views import delivery_lines, timeline
from tests.integration.order_world import add_alarm, build_county, connected, found, now

AT = now()


@pytest.fixture(scope="module")
def built(database: str) -> str:
    with connected(database) as connection, connection.transaction():
        build_county(connection)
    return database


@pytest.fixture
def county(built: str) -> Iterator[Connection[Any]]:
    with connected(built) as connection, connection.transaction(force_rollback=True):
        yield connection


def called(
    county: Connection[Any], person: str = "p2", *, alarm: int | None = None, exercise: str | None = None
) -> int:
    """A delivery whose first attempt left; its reference is `ref`."""
    order = create_notice(
        county, alarms={alarm: Severity.RED} if alarm else {}, recipients=by_sms([person]), severity=None, title="x", text="x", area="T1",
        exercise=exercise, at=AT,
    )  # fmt: skip
    delivery = int(found(county, "select id from delivery where order_id = %s", order))
    store.open_attempt(
        county, delivery, number=1, purpose="send", started_at=AT, lease_until=AT, reference=f"ref-{delivery}"
    )
    store.mark_called(county, delivery, DeliveryState.SENT, number=1, due=AT + timedelta(seconds=90))
    county.execute("update delivery set submitted_at = %s where id = %s", (AT, delivery))
    return delivery


def receipt(county: Connection[Any], delivery: int, code: int) -> bool:
    return take_sms_receipt(county, f"ref-{delivery}", code, answer="", at=AT + timedelta(seconds=2))


def column(county: Connection[Any], delivery: int, name: str) -> Any:
    return found(county, f"select {name} from delivery where id = %s", delivery)


@pytest.mark.parametrize("codes", [(8, 1), (1, 8), (4, 8, 1), (1, 1, 8, 4)])
def test_delivered_is_delivered_in_any_order(county: Connection[Any], codes: tuple[int, ...]) -> None:
    delivery = called(county)
    for code in codes:
        assert receipt(county, delivery, code)
    assert column(county, delivery, "state") == "delivered"
    assert column(county, delivery, "due_at") == AT + timedelta(seconds=90)
    assert found(county, "select state from delivery_attempt where delivery = %s", delivery) == "delivered"


@pytest.mark.parametrize("code", [2, 16])
def test_a_failure_brings_the_next_call_forward(county: Connection[Any], code: int) -> None:
    delivery = called(county)
    receipt(county, delivery, code)
    assert (column(county, delivery, "state"), column(county, delivery, "reason")) == (
        "failed",
        "not_delivered",
    )
    assert column(county, delivery, "due_at") == AT + timedelta(seconds=7)


def test_a_late_receipt_settles_an_unknown_attempt(county: Connection[Any]) -> None:
    delivery = called(county)
    county.execute("update delivery_attempt set state = 'unknown' where delivery = %s", (delivery,))
    store.mark_called(county, delivery, DeliveryState.UNKNOWN, number=1, due=AT)
    receipt(county, delivery, 1)
    assert column(county, delivery, "state") == "delivered"


def test_a_receipt_for_nothing_of_ours_is_kept(county: Connection[Any]) -> None:
    assert not take_sms_receipt(county, "s9-1-old", 1, answer="", at=AT)
    assert found(county, "select detail ->> 'reference' from receipt where delivery is null") == "s9-1-old"


def test_a_repeated_call_back_is_one_answer(county: Connection[Any]) -> None:
    delivery = called(county)
    for _ in range(3):
        take_reply(county, sender="13900000002", text="1", at=AT, message_id="m-1")
    assert found(county, "select count(*) from answer") == 1
    order = column(county, delivery, "order_id")
    assert [line.kind for line in timeline(county, order)] == ["issued", "answered"]


def test_the_latest_unanswered_call_is_what_one_means(county: Connection[Any]) -> None:
    first, second = called(county), called(county)
    county.execute("update delivery set submitted_at = %s where id = %s", (AT + timedelta(seconds=5), second))
    assert take_reply(county, sender="13900000002", text="收到", at=AT, message_id="a") == second
    assert take_reply(county, sender="13900000002", text="收到", at=AT, message_id="b") == first


def test_a_stranger_and_a_wrong_branch_answer_nothing(county: Connection[Any]) -> None:
    drill = called(county, exercise="ex-1")
    assert take_reply(county, sender="13111111111", text="1", at=AT, message_id=None) is None
    assert take_reply(county, sender="13900000002", text="1", at=AT, message_id=None) is None
    assert take_reply(county, sender="16600000002", text="1", at=AT, message_id=None) == drill
    assert found(county, "select count(*) from answer") == 3


def test_a_second_answer_to_an_acknowledged_alarm_harms_nothing(county: Connection[Any]) -> None:
    alarm = add_alarm(county)
    delivery = called(county, alarm=alarm)
    take_reply(county, sender="13900000002", text="1", at=AT, message_id="a")
    take_reply(county, sender="13900000002", text="收到", at=AT + timedelta(seconds=9), message_id="b")
    assert found(county, "select acknowledged_by from alarm where id = %s", alarm) == "陈书记"
    assert delivery_lines(county, column(county, delivery, "order_id"))[0].answer == "收到"
    assert column(county, delivery, "answered_at") == AT


def test_who_cannot_does_not_acknowledge(county: Connection[Any]) -> None:
    alarm = add_alarm(county)
    delivery = called(county, alarm=alarm)
    take_reply(county, sender="13900000002", text="0", at=AT, message_id=None)
    assert found(county, "select state from alarm where id = %s", alarm) == "unacknowledged"
    lines = delivery_lines(county, column(county, delivery, "order_id"))
    assert {(line.recipient, line.escalated_from_name) for line in lines} == {("p2", None), ("p1", "陈书记")}


def test_the_chain_of_superiors_ends_and_says_so(county: Connection[Any]) -> None:
    county.execute("update person set superior = 'p2' where code = 'p0'")  # a loop in the list of persons
    delivery = called(county)
    order = column(county, delivery, "order_id")
    for phone in ("13900000002", "13900000001", "13900000000"):
        county.execute("update delivery set attempts = 1 where order_id = %s", (order,))
        take_reply(county, sender=phone, text="无法", at=AT, message_id=None)
    kinds = [line.kind for line in timeline(county, order)]
    assert kinds.count("escalated") == 2
    assert kinds[-1] == "nobody_left"
    assert len(delivery_lines(county, order)) == 3


def test_a_hostile_text_is_kept_as_text(county: Connection[Any]) -> None:
    delivery = called(county)
    text = "<script>alert(1)</script>'; drop table answer; --\0" + "长" * 5000
    take_reply(county, sender="13900000002", text=text, at=AT, message_id=None)
    kept = found(county, "select text from answer")
    assert kept.startswith("<script>")
    assert len(kept) == 1000
    assert column(county, delivery, "answered_at") is None
