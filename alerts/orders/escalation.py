"""转呼上级: nobody answered, so the superior is called; bounded, and never the same person twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.orders.actors import CENTRE
from core.orders import Channel, Order, OrderKind, Recipient
from core.severity import Severity
from store import deliveries as delivery_store
from store import orders as store
from store import people

MOST_LEVELS = 3
"""Village → town → county: a chain longer than this is a loop in the list of persons."""


def escalate(
    connection: Connection[Any], order_id: int, delivery: int, person: str, *, reason: str, at: datetime
) -> str | None:
    """Calls the superior of `person`; returns the superior's code, None if nobody is left to call.

    The timeline says either: a chain that ends must be seen by the desk, which then goes to the door.
    """
    detail: dict[str, Any] = {"person": person, "reason": reason}
    superior = delivery_store.superior_of(connection, person)
    called = delivery_store.recipients_of(connection, order_id)
    if superior is None:
        outcome = "no_superior"
    elif superior in called:
        outcome = "superior_called_already"
    elif delivery_store.escalation_depth(connection, delivery) >= MOST_LEVELS:
        outcome = "chain_too_long"
    else:
        order = store.order(connection, order_id)
        delivery_store.create_deliveries(
            connection,
            order_id,
            _numbers(connection, superior, order),
            order.exercise,
            delivery_store.priority_of(connection, delivery),
            at,
            escalated_from=delivery,
        )
        store.add_event(
            connection, order_id, "escalated", at=at, actor=CENTRE, delivery=delivery,
            detail=detail | {"to": superior},
        )  # fmt: skip
        return superior
    store.add_event(
        connection, order_id, "nobody_left", at=at, actor=CENTRE, delivery=delivery,
        detail=detail | {"outcome": outcome},
    )  # fmt: skip
    return None


def _numbers(connection: Connection[Any], superior: str, order: Order) -> list[Recipient]:
    """The superior's first number; for a red notice the second one at the same time, never in an exercise."""
    recipients = [Recipient("person", superior, Channel.SMS)]
    red = order.kind is OrderKind.NOTICE and order.severity is Severity.RED and order.exercise is None
    if red and people.person(connection, superior).phone2:
        recipients.append(Recipient("person", superior, Channel.SMS2))
    return recipients
