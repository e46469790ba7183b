"""Orders, deliveries and call-backs that somebody forges: what dispatch refuses, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from string import ascii_letters
from typing import Any

import pytest
from psycopg import Connection

from alerts.channels.callbacks import DeliveryReport, Message, understand
from alerts.orders import Selection, approve, by_sms, create_draft, create_notice
from alerts.orders.claims import Claims
from alerts.orders.receipts import take_sms_receipt
from alerts.orders.replies import take_reply
from core.orders import Approval
from core.settings import Settings
from core.severity import Severity
from store import orders as order_store
from tests.integration.order_world import (
    COMMANDER,
    DUTY,
    LEADER,
    build_county,
    connected,
    draft,
    found,
    now,
    settings_from,
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with settings_from({"ANLAN_HOME": str(tmp_path_factory.mktemp("home"))}) as settings:
        yield settings


@pytest.fixture(scope="module")
def built(database: str) -> str:
    with connected(database) as connection, connection.transaction():
        build_county(connection)
    return database


@pytest.fixture
def county(built: str) -> Iterator[Connection[Any]]:
    """Each test on its own transaction, taken back at the end."""
    with connected(built) as connection, connection.transaction(force_rollback=True):
        yield connection


def notify(county: Connection[Any], person: str) -> int:
    """A notice to one person; the id of its delivery."""
    order = create_notice(
        county, recipients=by_sms([person]), severity=Severity.RED, title="警戒", text="超警戒",
        area="T1", exercise=None, at=now(),
    )  # fmt: skip
    return int(found(county, "select id from delivery where order_id = %s", order))


def add_above(county: Connection[Any], origin: int, person: str, exercise: str | None = None) -> int:
    """A delivery as escalation writes it, by anybody who may insert."""
    return int(
        found(
            county,
            "insert into delivery (order_id, exercise, recipient_kind, recipient, channel, escalated_from, due_at)"
            " select order_id, %s, 'person', %s, 'sms', id, now() from delivery where id = %s returning id",
            exercise,
            person,
            origin,
        )
    )


def called(county: Connection[Any], settings: Settings) -> set[int]:
    """Deliveries that dispatch would call now."""
    return {job.delivery for job in Claims(settings).persons(county, now() + timedelta(seconds=1), 100)}


def test_superiors_are_called_and_strangers_are_not(county: Connection[Any], settings: Settings) -> None:
    first = notify(county, "p2")
    above = add_above(county, first, "p1")
    top = add_above(county, above, "p0")
    stranger = add_above(county, first, "p4")
    assert called(county, settings) == {first, above, top}
    state = county.execute("select state, reason from delivery where id = %s", (stranger,)).fetchone()
    assert state == ("withheld", "not_a_recipient")


def test_nobody_is_called_for_one_whom_nobody_approved(county: Connection[Any], settings: Settings) -> None:
    first = notify(county, "p4")
    county.execute("update delivery set due_at = null where id = %s", (first,))
    order = found(county, "select order_id from delivery where id = %s", first)
    forged = int(
        found(
            county,
            "insert into delivery (order_id, recipient_kind, recipient, channel)"
            " values (%s, 'person', 'p2', 'sms') returning id",
            order,
        )
    )
    add_above(county, forged, "p1")
    assert called(county, settings) == set()


def test_a_superior_is_called_within_the_exercise_only(county: Connection[Any], settings: Settings) -> None:
    """Should the schema's own rule be gone, dispatch still keeps real and drill apart."""
    county.execute("alter table delivery disable trigger delivery_stays_in_its_exercise")
    first = notify(county, "p2")
    add_above(county, first, "p1", "ex-1")
    assert called(county, settings) == {first}


def forge(county: Connection[Any], settings: Settings, *signed: tuple[str, str, str]) -> int:
    """An order to screens and phones, said to be issued, with (step, user, role) under it."""
    at = now()
    order = create_draft(
        county, draft(selection=Selection(areas=("T1",), led=True)), DUTY, at=at, settings=settings
    )
    content = order_store.order(county, order).content_hash
    for step, user, role in signed:
        order_store.add_approval(county, order, Approval(step, user, role, at, content))
    order_store.mark_issued(county, order, at)
    county.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " select order_id, recipient_kind, recipient, channel, now() from order_recipient where order_id = %s",
        (order,),
    )
    return order


def refused(county: Connection[Any], settings: Settings, order: int) -> Any:
    """Why dispatch refuses the order; None if it calls."""
    calls = called(county, settings)
    reason = found(
        county, "select detail ->> 'reason' from order_event where order_id = %s and kind = 'refused'", order
    )
    assert bool(calls) is (reason is None)
    return reason


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ([("check", "leader", "leader"), ("issue", "commander", "commander")], None),
        ([("emergency", "leader", "leader")], None),
        ([("check", "leader", "leader"), ("issue", "leader", "commander")], "not_approved"),
        ([("check", "leader", "leader"), ("issue", "town", "commander")], "not_approved"),
        ([("check", "duty2", "leader"), ("issue", "commander", "commander")], "not_approved"),
        ([("check", "leader", "leader"), ("issue", "nobody", "commander")], "not_approved"),
        ([("emergency", "duty2", "commander")], "not_approved"),
        ([("emergency", "town", "commander")], "not_approved"),
    ],
)
def test_a_signature_counts_by_the_role_and_area_of_its_user(
    county: Connection[Any], settings: Settings, signed: list[tuple[str, str, str]], reason: str | None
) -> None:
    county.execute("insert into app_user (name, password_hash, role) values ('duty2', 'x', 'duty')")
    assert refused(county, settings, forge(county, settings, *signed)) == reason


@pytest.mark.parametrize(("seconds", "reason"), [(-60, "not_approved"), (60, None)])
def test_who_was_disabled_before_signing_did_not_sign_and_who_was_after_did(
    county: Connection[Any], settings: Settings, seconds: int, reason: str | None
) -> None:
    order = forge(county, settings, ("check", "leader", "leader"), ("issue", "commander", "commander"))
    county.execute(
        "update app_user set disabled_at = %s where name = 'commander'", (now() + timedelta(seconds=seconds),)
    )
    assert refused(county, settings, order) == reason


def test_who_leaves_after_issuing_voids_nothing(county: Connection[Any], settings: Settings) -> None:
    at = now()
    order = create_draft(county, draft(), DUTY, at=at, settings=settings)
    content = order_store.order(county, order).content_hash
    for signer in (LEADER, COMMANDER):
        approve(county, order, signer, content_hash=content, at=at, settings=settings)
    county.execute(
        "update app_user set disabled_at = %s where name in ('leader', 'commander')",
        (at + timedelta(seconds=1),),
    )
    assert refused(county, settings, order) is None


def test_a_reply_with_characters_that_cannot_be_stored_is_kept_and_counts(
    county: Connection[Any], settings: Settings
) -> None:
    delivery = notify(county, "p2")
    assert called(county, settings) == {delivery}
    for _ in range(2):  # the gateway may repeat it
        said = understand("/sms/mo/s?from=1390000%000002&raw=1%00&id=m%00-1", "s")
        assert isinstance(said, Message)
        answers = take_reply(
            county, sender="13900000002", text=said.text, at=now(), message_id=said.message_id
        )
        assert answers == delivery
    assert found(county, "select state from delivery where id = %s", delivery) == "answered"
    assert found(county, "select count(*) from answer") == 1


def test_a_reply_with_an_endless_id_is_kept(county: Connection[Any]) -> None:
    noise = "".join(Random(1).choices(ascii_letters, k=7000))
    said = understand(f"/sms/mo/s?from=138&raw=1&id={noise}", "s")
    assert isinstance(said, Message)
    take_reply(county, sender=said.sender, text=said.text, at=now(), message_id=said.message_id)
    assert found(county, "select count(*) from answer") == 1


def test_a_report_with_characters_that_cannot_be_stored_is_kept(county: Connection[Any]) -> None:
    said = understand("/sms/dlr/s?ref=s1%00-1&code=1&answer=%00", "s")
    assert isinstance(said, DeliveryReport)
    assert not take_sms_receipt(county, said.reference, said.code, answer=said.answer, at=now())
    assert found(county, "select count(*) from receipt where source = 'sms'") == 1
