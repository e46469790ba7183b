"""Answers as they came, and the deliveries that they settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.orders import DeliveryState
from store.connection import rows


@dataclass(frozen=True, slots=True)
class Locked:
    """A delivery whose row is held, with its order's kind and state."""

    id: int
    order_id: int
    exercise: str | None
    recipient: str
    state: DeliveryState
    answered_at: datetime | None
    kind: str
    order_state: str


_ANSWERED = """
update delivery set state = %(state)s, answered_at = coalesce(answered_at, %(at)s), answer = %(answer)s,
    acted_at = case when %(state)s = 'acted' then coalesce(acted_at, %(at)s) else acted_at end,
    acted_people = coalesce(%(people)s, acted_people), due_at = null, reason = %(reason)s
where id = %(id)s
"""


_OTHER_NUMBER = """
update delivery set due_at = null, reason = 'answered_otherwise'
from delivery answered
where answered.id = %s and delivery.order_id = answered.order_id and delivery.recipient_kind = 'person'
  and delivery.recipient = answered.recipient and delivery.channel = 'sms2' and delivery.id <> answered.id
"""

_OPEN_FOR_PHONE = """
select coalesce(first.id, delivery.id)
from delivery
left join delivery first on delivery.channel = 'sms2' and first.order_id = delivery.order_id
    and first.recipient_kind = 'person' and first.recipient = delivery.recipient and first.channel = 'sms'
join person on person.code = delivery.recipient
join orders on orders.id = delivery.order_id
where delivery.recipient_kind = 'person' and delivery.attempts > 0 and orders.needs_answer
  and ((delivery.exercise is null
        and case delivery.channel when 'sms2' then person.phone2 else person.phone end = %(number)s)
       or (delivery.exercise is not null and person.drill_phone = %(number)s))
  and (orders.state = 'issued' or orders.ended_at > %(since)s)
order by orders.state = 'issued' desc,
         case when %(acted)s then orders.kind = 'order'
              else coalesce(first.answered_at, delivery.answered_at) is null end desc,
         coalesce(delivery.submitted_at, orders.issued_at) desc, delivery.id desc
limit 1
"""


def lock(connection: Connection[Any], delivery: int) -> Locked | None:
    """Holds one delivery until the transaction ends."""
    found = rows(
        connection,
        Locked,
        "select delivery.id, order_id, delivery.exercise, recipient, delivery.state, answered_at,"
        " orders.kind, orders.state as order_state from delivery join orders on orders.id = order_id"
        " where delivery.id = %s for update of delivery",
        (delivery,),
    )
    return found[0] if found else None


def add_answer(
    connection: Connection[Any],
    *,
    received_at: datetime,
    channel: str,
    sender: str,
    text: str,
    delivery: int | None,
    meaning: str,
    people: int | None,
    by_user: str | None,
    message_id: str | None,
) -> bool:
    """Keeps an answer; False if the gateway told it before."""
    return (
        connection.execute(
            "insert into answer (received_at, channel, sender, text, delivery, meaning, people, by_user,"
            " message_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (message_id) do nothing",
            (received_at, channel, sender, text, delivery, meaning, people, by_user, message_id),
        ).rowcount
        > 0
    )


def delivery_for_answer(
    connection: Connection[Any], number: str, *, acted: bool, since: datetime
) -> int | None:
    """The delivery that an answer from this number is about; an answer from a second number counts for the first.

    Running orders come before those ended after `since`; then, for a report of people moved, orders before
    notices, else what is unanswered before what is answered; then the latest sent.
    """
    found = connection.execute(_OPEN_FOR_PHONE, {"number": number, "acted": acted, "since": since}).fetchone()
    return int(found[0]) if found else None


def mark_answered(
    connection: Connection[Any],
    delivery: int,
    state: DeliveryState,
    *,
    at: datetime,
    answer: str,
    people: int | None,
    reason: str | None,
) -> None:
    """Answered or acted: nobody calls this recipient again for this order, on no number."""
    connection.execute(
        _ANSWERED,
        {"id": delivery, "state": state, "at": at, "answer": answer, "people": people, "reason": reason},
    )
    connection.execute(_OTHER_NUMBER, (delivery,))
