"""A reply comes in: matched to a delivery, understood, and what follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import Connection

from alerts.acknowledge import acknowledge
from alerts.orders.actors import Actor, require
from alerts.orders.answers import Meaning, Reply, parse
from alerts.orders.escalation import escalate
from core.errors import ConflictError, InputError, NotFoundError
from core.orders import DeliveryState, OrderKind, OrderState
from core.roles import Act
from store import answers as store
from store import audit
from store import orders as order_store
from store.people import person

log = structlog.get_logger("anlan.dispatch")

LATE = timedelta(hours=24)
"""A reply to an order that ended is matched to it for this long."""
LONGEST_TEXT = 1000


def take_reply(
    connection: Connection[Any],
    *,
    sender: str,
    text: str,
    at: datetime,
    message_id: str | None,
    channel: str = "sms",
) -> int | None:
    """A message from a phone; returns the delivery that it answers, None if there is none.

    Kept in any case, once per `message_id`: the gateway repeats a call-back that was not answered.
    """
    number = domestic(sender)
    text = text.replace("\0", "")[:LONGEST_TEXT]
    reply = parse(text)
    acted = reply.meaning is Meaning.ACTED
    delivery = store.delivery_for_answer(connection, number, acted=acted, since=at - LATE)
    known = store.add_answer(
        connection,
        received_at=at,
        channel=channel,
        sender=number,
        text=text,
        delivery=delivery,
        meaning=reply.meaning,
        people=reply.people,
        by_user=None,
        message_id=message_id,
    )
    if not known or delivery is None:
        return delivery
    _apply(connection, delivery, reply, text, at, noted_by=None)
    return delivery


def take_oral_answer(
    connection: Connection[Any], delivery: int, actor: Actor, *, text: str, at: datetime
) -> None:
    """代录: an officer notes what a person answered by voice. Raises InputError if it has no meaning."""
    reply = parse(text)
    if reply.meaning is Meaning.OTHER:
        raise InputError(
            "answer_unclear", "note the answer as 收到, 已转移 N 人 or 无法, as the person said it"
        )
    order_store.hold_alarms(connection, delivery)
    locked = store.lock(connection, delivery)
    if locked is None:
        raise NotFoundError(f"there is no delivery {delivery}")
    order = order_store.order(connection, locked.order_id)
    require(connection, actor, Act.ACKNOWLEDGE, order.area)
    store.add_answer(
        connection,
        received_at=at,
        channel="oral",
        sender=locked.recipient,
        text=text[:LONGEST_TEXT],
        delivery=delivery,
        meaning=reply.meaning,
        people=reply.people,
        by_user=actor.name,
        message_id=None,
    )
    _apply(connection, delivery, reply, text[:LONGEST_TEXT], at, noted_by=actor.name)
    audit.append(
        connection, actor=actor.name, action="order.oral_answer", subject=f"order/{order.id}",
        detail={"delivery": delivery, "text": text[:LONGEST_TEXT]},
    )  # fmt: skip


def _apply(
    connection: Connection[Any], delivery: int, reply: Reply, text: str, at: datetime, *, noted_by: str | None
) -> None:
    order_store.hold_alarms(connection, delivery)
    locked = store.lock(connection, delivery)
    if locked is None:
        return
    name = person(connection, locked.recipient).name
    detail = {"text": text, "meaning": reply.meaning, "people": reply.people, "person": locked.recipient}
    if noted_by is not None:
        detail["noted_by"] = noted_by
    if reply.meaning is Meaning.OTHER:
        order_store.add_event(
            connection, locked.order_id, "reply_unclear", at=at, actor=name, delivery=delivery, detail=detail
        )
        return
    state = DeliveryState.ACTED if reply.meaning is Meaning.ACTED else DeliveryState.ANSWERED
    if locked.state is DeliveryState.ACTED:
        state = DeliveryState.ACTED
    cannot = reply.meaning is Meaning.CANNOT
    store.mark_answered(
        connection,
        delivery,
        state,
        at=at,
        answer=text,
        people=reply.people,
        reason="cannot" if cannot else None,
    )
    kind = {Meaning.HEARD: "answered", Meaning.ACTED: "acted", Meaning.CANNOT: "cannot"}[reply.meaning]
    order_store.add_event(
        connection, locked.order_id, kind, at=at, actor=name, delivery=delivery, detail=detail
    )
    if cannot:
        if locked.order_state == OrderState.ISSUED:
            escalate(connection, locked.order_id, delivery, locked.recipient, reason="cannot", at=at)
    elif locked.kind == OrderKind.NOTICE:
        _acknowledge(connection, locked.order_id, name, at, text)


def _acknowledge(connection: Connection[Any], order_id: int, name: str, at: datetime, note: str) -> None:
    """The answer to a notice acknowledges its alarms, but none that has become worse than what was told."""
    for alarm, told in order_store.told_alarms(connection, order_id).items():
        try:
            with connection.transaction():
                acknowledge(connection, alarm, actor=name, at=at, note=note, told=told)
        except ConflictError as error:
            log.info("alarm is not acknowledged", alarm=alarm, person=name, reason=str(error))


def domestic(number: str) -> str:
    """A number as the list of persons has it: digits only, without +86, 0086 or 86 before a mobile's 11."""
    digits = "".join(one for one in number if one.isdigit())[:32]
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 11:
            return digits.removeprefix(prefix)
    return digits
