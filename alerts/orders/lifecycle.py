"""The end of an order: 解除 (the danger is over), 撤回 (sent in error), given up, or by its own time.

Every order ends; none is abandoned: one whose alarm still stands warns before its end and stays until a
person ends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.orders.actors import CENTRE, Actor, require, require_reason
from alerts.orders.notices import by_sms, create_notice
from core.errors import ConflictError
from core.language import translator
from core.orders import Order, OrderKind, OrderState
from core.roles import Act
from core.settings import Settings
from store import audit
from store import deliveries as delivery_store
from store import orders as store

WARN_BEFORE = timedelta(minutes=10)
"""How long before its end an order whose alarm stands says so."""
STAY = timedelta(minutes=30)
"""An order that outlives its end is kept on the screens for this long at a time."""


def end(
    connection: Connection[Any], order_id: int, actor: Actor, *, reason: str, at: datetime, settings: Settings
) -> None:
    """解除: the danger is over. Texts leave the screens, calls stop, who was called is told.

    Raises ConflictError if the order does not run, ForbiddenError, InputError without a reason.
    """
    _finish(connection, order_id, actor, OrderState.ENDED, reason, at, settings)


def withdraw(
    connection: Connection[Any], order_id: int, actor: Actor, *, reason: str, at: datetime, settings: Settings
) -> None:
    """撤回: it was sent in error. As `end`, but those who got it are told that it never held."""
    _finish(connection, order_id, actor, OrderState.WITHDRAWN, reason, at, settings)


def give_up(connection: Connection[Any], order_id: int, actor: Actor, *, reason: str, at: datetime) -> None:
    """A draft that will not be issued; it keeps its number."""
    reason = require_reason(reason)
    order = store.order(connection, order_id, lock=True)
    if order.state not in (OrderState.DRAFT, OrderState.CHECKED):
        raise ConflictError(f"order {order.number} is {order.state}: only a draft can be given up")
    require(connection, actor, Act.DRAFT_ORDER, order.area)
    store.mark_over(connection, order_id, OrderState.CANCELLED, at=at, by=actor.name, reason=reason)
    _record(connection, order, "cancelled", actor.name, at, reason)


def call_again(connection: Connection[Any], order_id: int, actor: Actor, *, at: datetime) -> int:
    """补叫: one more call, now, to everybody who has not answered; returns to how many."""
    order = _running(connection, order_id)
    require(connection, actor, Act.DRAFT_ORDER, order.area)
    called = delivery_store.call_unanswered(connection, order_id, at)
    store.add_event(connection, order_id, "called_again", at=at, actor=actor.name, detail={"persons": called})
    audit.append(
        connection, actor=actor.name, action="order.called_again", subject=f"order/{order_id}",
        detail={"persons": called},
    )  # fmt: skip
    return called


def tend(connection: Connection[Any], *, at: datetime) -> None:
    """What time brings to running orders: warnings before the end, ends, overdue countersignatures.

    Safe to call as often as one likes; dispatch does every few seconds.
    """
    delivery_store.take_off_heard(connection, at)
    for known in store.orders_in_state(connection, OrderState.ISSUED):
        overdue = known.emergency and known.countersigned_at is None and (known.countersign_due or at) < at
        if not overdue and known.ends_at - WARN_BEFORE > at:
            continue
        order = store.order(connection, known.id, lock=True)
        if order.state is not OrderState.ISSUED:
            continue
        if overdue and not store.has_event(connection, order.id, "countersign_overdue"):
            store.add_event(connection, order.id, "countersign_overdue", at=at, actor=CENTRE)
        if order.ends_at - WARN_BEFORE <= at:
            _approach_end(connection, order, at)


def _approach_end(connection: Connection[Any], order: Order, at: datetime) -> None:
    stands = store.alarm_stands(connection, order.id)
    if not stands:
        if order.ends_at <= at:
            store.mark_over(connection, order.id, OrderState.ENDED, at=at, by=CENTRE, reason="time")
            delivery_store.stop_calls(connection, order.id, "ended")
            delivery_store.take_off(connection, order.id, at, "ended")
            store.add_event(connection, order.id, "ended", at=at, actor=CENTRE, detail={"reason": "time"})
        return
    if not store.has_event(connection, order.id, "ending_soon"):
        store.add_event(
            connection, order.id, "ending_soon", at=at, actor=CENTRE,
            detail={"ends_at": order.ends_at.isoformat()},
        )  # fmt: skip
    holds_until = order.stays_until or order.ends_at
    if holds_until - at < timedelta(minutes=5):
        first = order.stays_until is None
        store.mark_staying(connection, order.id, max(at, holds_until) + STAY)
        delivery_store.show_again(connection, order.id, at)
        if first:
            store.add_event(connection, order.id, "stays", at=at, actor=CENTRE)


def _finish(
    connection: Connection[Any],
    order_id: int,
    actor: Actor,
    state: OrderState,
    reason: str,
    at: datetime,
    settings: Settings,
) -> None:
    reason = require_reason(reason)
    order = _running(connection, order_id)
    require(connection, actor, Act.END_ORDER, order.area)
    store.mark_over(connection, order_id, state, at=at, by=actor.name, reason=reason)
    delivery_store.stop_calls(connection, order_id, state)
    delivery_store.take_off(connection, order_id, at, state)
    if order.kind is not OrderKind.NOTICE:
        _tell(connection, order, state, reason, at, settings)
    _record(connection, order, state, actor.name, at, reason)


def _running(connection: Connection[Any], order_id: int) -> Order:
    order = store.order(connection, order_id, lock=True)
    if order.state is not OrderState.ISSUED:
        raise ConflictError(f"order {order.number} is {order.state}: it does not run")
    return order


def _tell(
    connection: Connection[Any],
    order: Order,
    state: OrderState,
    reason: str,
    at: datetime,
    settings: Settings,
) -> None:
    """A message that needs no answer to everybody whom a call of the order may have reached."""
    persons = store.called_persons(connection, order.id)
    if not persons:
        return
    words = translator("alerts", settings.language)
    told = create_notice(
        connection,
        recipients=by_sms(persons),
        severity=order.severity,
        title=words(f"{state}.title", number=order.number),
        text=words(f"{state}.text", number=order.number, title=order.title, reason=reason),
        area=order.area,
        exercise=order.exercise,
        at=at,
        needs_answer=False,
        zone=settings.time_zone,
    )
    store.add_event(
        connection, order.id, "persons_told", at=at, actor=CENTRE,
        detail={"notice": told, "persons": len(persons)},
    )  # fmt: skip


def _record(
    connection: Connection[Any], order: Order, kind: str, actor: str, at: datetime, reason: str
) -> None:
    store.add_event(connection, order.id, kind, at=at, actor=actor, detail={"reason": reason})
    audit.append(
        connection, actor=actor, action=f"order.{kind}", subject=f"order/{order.id}",
        detail={"number": order.number, "reason": reason},
    )  # fmt: skip
