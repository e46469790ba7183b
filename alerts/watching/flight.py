"""The canary's order and its answer: real rows of orders, deliveries and attempts, and no person anywhere.

Nothing of it stands in the audit chain, takes an order number, or outlives a day (`store.canary.forget`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Acknowledged
from alerts.orders.actors import CENTRE
from alerts.orders.contents import Contents
from alerts.orders.notices import NOTICE_LIFE
from core import canary
from core.alarms import Alarm
from core.errors import ConflictError
from core.orders import Channel, OrderKind, OrderState, Recipient
from store import alarms, deliveries, orders
from store import canary as store
from store.areas import top_area

_PRIORITY = 5
"""As an order without colour: the canary never goes before a warning."""
_TEXT = "自检"


def order(connection: Connection[Any], alarm: Alarm, at: datetime) -> int | None:
    """The order for the canary's alarm, in the evaluator's transaction; None while no area is known.

    An earlier one that nobody answered ends: the newest flight is the one that counts.
    """
    area = top_area(connection)
    if area is None:
        return None
    for earlier in store.flying(connection, alarm.id):
        _end(connection, earlier, at, "superseded")
    recipient = Recipient("canary", canary.RECIPIENT, Channel.CANARY)
    ends_at = at + NOTICE_LIFE
    contents = Contents(
        OrderKind.TEST, canary.EXERCISE, area, None, _TEXT, _TEXT, None, None, None, ends_at, 1, True, (recipient,)
    )  # fmt: skip
    order_id = orders.insert_order(
        connection,
        orders.NewOrder(
            number=f"{canary.EXERCISE}-{alarm.id}-{at:%Y%m%d%H%M%S%f}",
            kind=OrderKind.TEST, state=OrderState.ISSUED, exercise=canary.EXERCISE, area=area,
            severity=None, title=_TEXT, text=_TEXT, led_text=None, spoken_text=None, audio_sha256=None,
            created_at=at, created_by=CENTRE, issued_at=at, ends_at=ends_at, content_hash=contents.hash,
            selection={}, alarms={alarm.id: None},
        ),
    )  # fmt: skip
    orders.set_recipients(connection, order_id, [recipient])
    deliveries.create_deliveries(connection, order_id, [recipient], canary.EXERCISE, _PRIORITY, at)
    return order_id


def land(connection: Connection[Any], delivery: int, at: datetime) -> bool:
    """The canary heard: its delivery is answered, its alarm acknowledged, its order over. The caller's transaction.

    False if it was answered or superseded before.
    """
    order_id, alarm_id = store.of_delivery(connection, delivery)
    alarm = alarms.lock(connection, alarm_id)
    if orders.order(connection, order_id, lock=True).state is not OrderState.ISSUED:
        return False
    if not store.land(connection, delivery, at):
        return False
    orders.mark_over(connection, order_id, OrderState.ENDED, at=at, by=canary.RECIPIENT, reason="answered")
    _acknowledge(connection, alarm, at)
    return True


def _acknowledge(connection: Connection[Any], alarm: Alarm, at: datetime) -> None:
    try:
        moved, _ = act(connection, alarm, Acknowledged(), actor=canary.RECIPIENT, at=at, detail={})
    except ConflictError:
        return  # acknowledged or over already
    alarms.save(connection, replace(moved, acknowledged_at=at, acknowledged_by=canary.RECIPIENT))


def _end(connection: Connection[Any], order_id: int, at: datetime, reason: str) -> None:
    orders.mark_over(connection, order_id, OrderState.ENDED, at=at, by=CENTRE, reason=reason)
    store.give_up(connection, order_id, reason)
