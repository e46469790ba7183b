"""Receipts as received, and what they prove of an attempt and its delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.orders import DeliveryState


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as a receipt finds it, with its delivery."""

    id: int
    delivery: int
    number: int
    purpose: str
    state: str
    order_id: int
    recipient: str
    delivery_state: DeliveryState
    verified: bool
    public_key: str | None
    answered_at: datetime | None
    content_hash: str
    order_state: str


_ATTEMPT: LiteralString = """
select delivery_attempt.id, delivery_attempt.delivery, delivery_attempt.number, delivery_attempt.purpose,
       delivery_attempt.state, delivery.order_id, delivery.recipient, delivery.state as delivery_state,
       delivery.verified, device.public_key, delivery.answered_at, orders.content_hash,
       orders.state as order_state
from delivery_attempt
join delivery on delivery.id = delivery_attempt.delivery
join orders on orders.id = delivery.order_id
left join device on delivery.recipient_kind = 'device' and device.code = delivery.recipient
"""


_BACK_ONLINE = """
update delivery set due_at = %(now)s, extra_calls = extra_calls + 2
from orders
where orders.id = delivery.order_id and delivery.recipient_kind = 'device'
  and delivery.recipient = %(device)s and delivery.exercise is not distinct from %(exercise)s
  and delivery.due_at is null
  and (orders.state = 'issued'
       and (delivery.state = 'showing'
            or (delivery.state = 'failed' and delivery.reason in ('offline', 'no_receipt')))
       or delivery.reason = 'not_cleared')
returning delivery.id
"""


def attempt_by_reference(connection: Connection[Any], reference: str) -> Attempt | None:
    """The attempt that a gateway's call-back names; its delivery is locked."""
    return _attempt(connection, " where reference = %s for update of delivery", (reference,))


def attempt_by_sequence(
    connection: Connection[Any], device: str, exercise: str | None, sequence: int
) -> Attempt | None:
    """The attempt that a device's receipt answers; its delivery is locked."""
    return _attempt(
        connection,
        " where delivery.recipient_kind = 'device' and delivery.recipient = %s"
        " and delivery.exercise is not distinct from %s and delivery_attempt.sequence = %s"
        " for update of delivery",
        (device, exercise, sequence),
    )


def set_attempt_state(connection: Connection[Any], attempt: int, state: str, at: datetime) -> None:
    """A receipt settles an attempt, a cut-off one too."""
    connection.execute(
        "update delivery_attempt set state = %s, settled_at = %s,"
        " submitted_at = coalesce(submitted_at, %s) where id = %s",
        (state, at, at, attempt),
    )


def set_state(
    connection: Connection[Any],
    delivery: int,
    state: DeliveryState,
    *,
    due: datetime | None,
    reason: str | None,
    verified: bool,
    delivered_at: datetime | None,
    keep_reason: bool,
) -> None:
    """What a receipt proved; with `keep_reason` the standing reason stays."""
    connection.execute(
        "update delivery set state = %s, due_at = %s, reason = case when %s then reason else %s end,"
        " verified = %s, delivered_at = coalesce(delivered_at, %s) where id = %s",
        (state, due, keep_reason, reason, verified, delivered_at, delivery),
    )


def due_at(connection: Connection[Any], delivery: int) -> datetime | None:
    """When a delivery is looked at next."""
    found = connection.execute("select due_at from delivery where id = %s", (delivery,)).fetchone()
    return found[0] if found else None


def add_receipt(
    connection: Connection[Any],
    *,
    delivery: int | None,
    attempt: int | None,
    received_at: datetime,
    time: datetime | None,
    source: str,
    state: str,
    verified: bool,
    detail: dict[str, Any],
) -> None:
    """Keeps a receipt as received."""
    connection.execute(
        "insert into receipt (delivery, attempt, received_at, time, source, state, verified, detail)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (delivery, attempt, received_at, time, source, state, verified, Jsonb(detail)),
    )


def was_online(connection: Connection[Any], device: str, exercise: str | None) -> bool | None:
    """What the link of a device was last, None if it never said anything."""
    found = connection.execute(
        "select online from device_state where device = %s and exercise is not distinct from %s",
        (device, exercise),
    ).fetchone()
    return bool(found[0]) if found else None


def back_online(connection: Connection[Any], device: str, exercise: str | None, now: datetime) -> list[int]:
    """Deliveries of running orders that a returned device must get (again): due now."""
    return [
        row[0]
        for row in connection.execute(_BACK_ONLINE, {"device": device, "exercise": exercise, "now": now})
    ]


def note_babbling(
    connection: Connection[Any], device: str, exercise: str | None, messages: int, at: datetime
) -> None:
    """Marks a device that says far more than its share; `messages` were left out since the last note."""
    connection.execute(
        "update device_state set detail = detail || jsonb_build_object("
        " 'babbling_at', %s::text, 'babbled', coalesce((detail ->> 'babbled')::bigint, 0) + %s)"
        " where device = %s and exercise is not distinct from %s",
        (at.isoformat(), messages, device, exercise),
    )


def _attempt(connection: Connection[Any], where: LiteralString, values: Any) -> Attempt | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_ATTEMPT + where, values).fetchone()
    return Attempt(**{**row, "delivery_state": DeliveryState(row["delivery_state"])}) if row else None
