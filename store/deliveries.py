"""Deliveries and their numbered attempts (receipts and answers: `store.receipts`, `store.answers`).

Times of calls (`due_at`) are the only queue: what is due and not locked may be claimed by one worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.orders import Channel, DeliveryState, Recipient


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was claimed, with what is needed to decide its next step; its row is locked.

    `calls` counts the attempts that left or were refused (not those that never reached a gateway), `cut_off`
    those of which nobody knows, `sends` and `cancels` all numbers given so far;
    `carried` are calls in vain by the notices in whose place this one stands. `heard`: the order is about alarms and
    somebody has acknowledged them all; `silenced`: those that nobody has are muted. `phone`, `phone2` and `drill_phone` are None for devices.
    """

    id: int
    order_id: int
    exercise: str | None
    recipient_kind: str
    recipient: str
    channel: Channel
    state: DeliveryState
    due_at: datetime
    answered_at: datetime | None
    escalated_from: int | None
    calls: int
    cut_off: int
    sends: int
    cancels: int
    extra_calls: int
    carried: int
    phone: str | None
    drill_phone: str | None
    drill_phone_is_real: bool
    superior: str | None
    active: bool
    columns: int
    rows: int
    online: bool | None
    heard: bool
    silenced: bool
    called_for: str | None
    phone2: str | None = None


_CREATE = """
insert into delivery (order_id, exercise, recipient_kind, recipient, channel, priority, due_at,
                      escalated_from)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (order_id, recipient_kind, recipient, channel) do nothing
returning id
"""

_STOP_CALLS = """
update delivery set due_at = null, reason = %(reason)s,
    state = case when attempts = 0 and state = 'waiting' then 'withheld' else state end
where order_id = %(order)s and recipient_kind = 'person' and due_at is not null and answered_at is null
"""

_TAKE_OFF = """
update delivery set
    due_at = case when attempts > 0 and state not in ('done', 'cleared') then %(at)s end,
    state = case when attempts = 0 then 'withheld' else state end,
    reason = case when attempts = 0 then %(reason)s else reason end,
    priority = 50
where order_id = %(order)s and recipient_kind = 'device'
"""

_CALL_UNANSWERED = """
update delivery set due_at = %(at)s, reason = null,
    extra_calls = case when due_at is null then extra_calls + 1 else extra_calls end
where order_id = %(order)s and recipient_kind = 'person' and answered_at is null and state <> 'withheld'
  and not exists (select from delivery first where first.order_id = delivery.order_id and first.channel = 'sms'
                  and first.recipient = delivery.recipient and first.answered_at is not null)
"""

_TAKE_OFF_HEARD = """
update delivery set due_at = %(at)s, priority = 50
from orders
where orders.id = delivery.order_id and orders.kind = 'notice' and orders.state = 'issued'
  and delivery.recipient_kind = 'device' and delivery.due_at is null and delivery.attempts > 0
  and delivery.state in ('sent', 'unknown', 'accepted', 'queued', 'showing', 'playing', 'preempted')
  and exists (select from order_alarm where order_alarm.order_id = orders.id)
  and not exists (select from order_alarm join alarm on alarm.id = order_alarm.alarm
                  where order_alarm.order_id = orders.id
                    and alarm.state in ('unacknowledged', 'returned_unacknowledged'))
  and delivery.reason is distinct from 'not_cleared'
"""

_SHOW_AGAIN = """
update delivery set due_at = %(at)s, extra_calls = extra_calls + 1
where order_id = %(order)s and channel = 'led'
  and state in ('showing', 'queued', 'preempted', 'accepted', 'done')
"""

_CLAIM: LiteralString = """
select delivery.id, delivery.order_id, delivery.exercise, delivery.recipient_kind, delivery.recipient,
       delivery.channel, delivery.state, delivery.due_at, delivery.answered_at, delivery.escalated_from,
       delivery.extra_calls, delivery.carried,
       (select count(*) from delivery_attempt
        where delivery = delivery.id and purpose = 'send' and state <> 'unknown'
          and error is distinct from 'unreachable') as calls,
       (select count(*) from delivery_attempt
        where delivery = delivery.id and purpose = 'send' and state = 'unknown') as cut_off,
       (select coalesce(max(number), 0) from delivery_attempt
        where delivery = delivery.id and purpose = 'send') as sends,
       (select coalesce(max(number), 0) from delivery_attempt
        where delivery = delivery.id and purpose = 'cancel') as cancels,
       person.phone, person.drill_phone, person.superior,
       exists (select 1 from person other where person.drill_phone in (other.phone, other.phone2))
           as drill_phone_is_real,
       person.phone2,
       coalesce(person.active, device.active, false) as active,
       coalesce(device.columns, 0) as columns, coalesce(device.rows, 0) as rows,
       device_state.online,
       exists (select from order_alarm where order_alarm.order_id = orders.id)
           and not exists (select from order_alarm join alarm on alarm.id = order_alarm.alarm
                           where order_alarm.order_id = orders.id
                             and alarm.state in ('unacknowledged', 'returned_unacknowledged')) as heard,
       exists (select from order_alarm where order_alarm.order_id = orders.id)
           and exists (select from silence where ended_at is null and ends_at > %(now)s)
           and not exists (select from order_alarm join alarm on alarm.id = order_alarm.alarm
                           where order_alarm.order_id = orders.id
                             and alarm.state in ('unacknowledged', 'returned_unacknowledged')
                             and silence_of(alarm.*, %(now)s) is null) as silenced,
       (select origin_person.name from delivery origin
        join person origin_person on origin_person.code = origin.recipient
        where origin.id = delivery.escalated_from) as called_for
from delivery
join orders on orders.id = delivery.order_id
left join person on delivery.recipient_kind = 'person' and person.code = delivery.recipient
left join device on delivery.recipient_kind = 'device' and device.code = delivery.recipient
left join device_state on device_state.device = device.code
    and device_state.exercise is not distinct from delivery.exercise
where delivery.due_at <= %(now)s and delivery.recipient_kind = %(kind)s
order by delivery.priority desc, delivery.due_at, delivery.id
limit %(limit)s
for update of delivery skip locked
"""

_CARRY = """
update delivery set carried = before.calls
from (select recipient, channel, max(carried + (
             select count(*) from delivery_attempt
             where delivery_attempt.delivery = delivery.id and purpose = 'send' and delivery_attempt.state <> 'unknown'
               and error is distinct from 'unreachable'))::integer as calls
      from delivery
      where order_id = any(%(earlier)s) and recipient_kind = 'person' and answered_at is null
        and (due_at is not null or reason = 'unanswered')
      group by recipient, channel) before
where delivery.order_id = %(order)s and delivery.recipient_kind = 'person'
  and delivery.recipient = before.recipient and delivery.channel = before.channel
"""

_OPEN_ATTEMPT = """
insert into delivery_attempt (delivery, number, purpose, state, started_at, lease_until, reference, sequence)
values (%s, %s, %s, 'sending', %s, %s, %s, %s)
returning id
"""

_CALLED = """
update delivery set state = %(state)s, attempts = greatest(attempts, %(number)s), due_at = %(due)s,
    reason = null
where id = %(id)s
"""

_SETTLE = """
update delivery_attempt set state = %(state)s, error = %(error)s,
    submitted_at = case when %(state)s = 'sent' then %(at)s else submitted_at end,
    settled_at = %(at)s
where id = %(id)s and state = 'sending'
"""

_AFTER_CALL = """
update delivery set
    state = case when delivery.state in ('waiting', 'sending', 'unknown', 'failed') then %(state)s
                 else delivery.state end,
    submitted_at = case when %(state)s = 'sent' then coalesce(delivery.submitted_at, %(at)s)
                        else delivery.submitted_at end,
    reason = case when delivery.state in ('waiting', 'sending', 'unknown', 'failed') then %(reason)s
                  else delivery.reason end,
    due_at = case when delivery.due_at = %(claimed)s then %(due)s else delivery.due_at end
where id = %(id)s
"""

_CUT_OFF: LiteralString = """
update delivery_attempt set state = 'unknown', settled_at = %(now)s
where state = 'sending' and (lease_until < %(now)s or %(all)s)
returning delivery, started_at, purpose
"""

_AFTER_CUT_OFF = """
update delivery set
    state = case when state = 'sending' then 'unknown' else state end,
    due_at = case when due_at is not null and purpose = 'send' then greatest(%(now)s, %(due)s)
                  when due_at is not null then %(now)s end
from (select %(purpose)s::text as purpose) as cut
where id = %(id)s
"""

_CHAIN = """
with recursive up (id, origin, order_id, exercise, recipient, depth) as (
    select id, escalated_from, order_id, exercise, recipient, 0 from delivery
    where id = %s and recipient_kind = 'person' and channel in ('sms', 'sms2')
    union all
    select below.id, below.escalated_from, below.order_id, below.exercise, below.recipient, up.depth + 1
    from up
    join delivery below on below.id = up.origin and below.order_id = up.order_id
        and below.exercise is not distinct from up.exercise
        and below.recipient_kind = 'person' and below.channel = 'sms'
    join person on person.code = below.recipient and person.superior = up.recipient
    where up.depth < 16
)
select id from up where depth > 0
"""


def create_deliveries(
    connection: Connection[Any],
    order_id: int,
    recipients: list[Recipient],
    exercise: str | None,
    priority: int,
    due_at: datetime,
    *,
    escalated_from: int | None = None,
) -> list[int]:
    """One delivery per recipient and channel, due at `due_at`; a standing one is left alone."""
    made = []
    for one in recipients:
        found = connection.execute(
            _CREATE,
            (order_id, exercise, one.kind, one.code, one.channel, priority, due_at, escalated_from),
        ).fetchone()
        if found is not None:
            made.append(int(found[0]))
    return made


def stop_calls(connection: Connection[Any], order_id: int, reason: str) -> None:
    """No person is called any more; who was never called shows as withheld."""
    connection.execute(_STOP_CALLS, {"order": order_id, "reason": reason})


def take_off(connection: Connection[Any], order_id: int, at: datetime, reason: str) -> None:
    """Every device that may hold the order's text is due for a cancel command."""
    connection.execute(_TAKE_OFF, {"order": order_id, "at": at, "reason": reason})


def take_off_heard(connection: Connection[Any], at: datetime) -> int:
    """Duty rooms' devices that still show a notice whose alarm was acknowledged are due for a cancel command."""
    return connection.execute(_TAKE_OFF_HEARD, {"at": at}).rowcount


def carry_calls(connection: Connection[Any], order_id: int, earlier: Sequence[int]) -> None:
    """The calls in vain of earlier orders to the same recipients count for the order that takes their place."""
    connection.execute(_CARRY, {"order": order_id, "earlier": list(earlier)})


def superiors_called(connection: Connection[Any], orders: Sequence[int]) -> list[str]:
    """Codes of those to whom the calls of these orders were handed on and who have not answered either."""
    found = connection.execute(
        "select distinct recipient from delivery where order_id = any(%s) and escalated_from is not null"
        " and recipient_kind = 'person' and channel = 'sms'"
        " and (due_at is not null or reason = 'unanswered') order by 1",
        (list(orders),),
    )
    return [row[0] for row in found]


def call_unanswered(connection: Connection[Any], order_id: int, at: datetime) -> int:
    """Everybody who has not answered is due now, beyond the usual number of calls; how many."""
    return connection.execute(_CALL_UNANSWERED, {"order": order_id, "at": at}).rowcount


def show_again(connection: Connection[Any], order_id: int, at: datetime) -> None:
    """Screens that show the order's text are due for it again, with a later end."""
    connection.execute(_SHOW_AGAIN, {"order": order_id, "at": at})


def claim(connection: Connection[Any], *, kind: str, now: datetime, limit: int) -> list[Due]:
    """Locks the most urgent due deliveries to persons or devices that nobody else holds."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_CLAIM, {"kind": kind, "now": now, "limit": limit}).fetchall()
    return [
        Due(**{**row, "channel": Channel(row["channel"]), "state": DeliveryState(row["state"])})
        for row in found
    ]


def open_attempt(
    connection: Connection[Any],
    delivery: int,
    *,
    number: int,
    purpose: str,
    started_at: datetime,
    lease_until: datetime,
    reference: str,
    sequence: int | None = None,
) -> int:
    """Writes an attempt as `sending`; the caller commits before anything leaves the house."""
    found = connection.execute(
        _OPEN_ATTEMPT, (delivery, number, purpose, started_at, lease_until, reference, sequence)
    ).fetchone()
    assert found is not None  # insert … returning
    return int(found[0])


def mark_called(
    connection: Connection[Any], delivery: int, state: DeliveryState, *, number: int, due: datetime
) -> None:
    """The delivery while an attempt is under way; `due` is when it is looked at again."""
    connection.execute(_CALLED, {"id": delivery, "state": state, "number": number, "due": due})


def hold(connection: Connection[Any], delivery: int) -> None:
    """Holds one delivery until the transaction ends.

    Receipts and answers hold the delivery before they touch its attempts; whoever settles an attempt
    does the same, or the two would wait for each other.
    """
    connection.execute("select from delivery where id = %s for update", (delivery,))


def settle_attempt(
    connection: Connection[Any], attempt: int, state: str, at: datetime, error: str | None
) -> bool:
    """What the network call gave; False if a receipt or the lease settled it before."""
    changed = connection.execute(_SETTLE, {"id": attempt, "state": state, "at": at, "error": error})
    return changed.rowcount > 0


def after_call(
    connection: Connection[Any],
    delivery: int,
    state: DeliveryState,
    *,
    at: datetime,
    claimed: datetime,
    due: datetime | None,
    reason: str | None = None,
) -> None:
    """Moves a delivery after its call, unless a receipt, an answer or an end moved it meanwhile.

    `claimed` is the due time that the claim had set: a different one was set by somebody else and stays.
    """
    connection.execute(
        _AFTER_CALL,
        {"id": delivery, "state": state, "at": at, "claimed": claimed, "due": due, "reason": reason},
    )


def cut_off(
    connection: Connection[Any], now: datetime, *, everything: bool
) -> list[tuple[int, datetime, str]]:
    """Attempts whose sender is gone become `unknown`; (delivery, started at, purpose) of each.

    `everything` also takes those under a lease: for a new sole owner, who knows that nobody else sends.
    """
    return connection.execute(_CUT_OFF, {"now": now, "all": everything}).fetchall()


def after_cut_off(
    connection: Connection[Any], delivery: int, *, purpose: str, now: datetime, due: datetime
) -> None:
    """A delivery whose attempt is unknown is due again when its answer time is over."""
    connection.execute(_AFTER_CUT_OFF, {"id": delivery, "purpose": purpose, "now": now, "due": due})


def stop(
    connection: Connection[Any], delivery: int, *, reason: str | None, state: DeliveryState | None = None
) -> None:
    """Not due any more; the state changes only if one is given."""
    connection.execute(
        "update delivery set due_at = null, reason = %s, state = coalesce(%s, state) where id = %s",
        (reason, state, delivery),
    )


def put_off(connection: Connection[Any], delivery: int, due: datetime) -> None:
    """What is due waits for something of ours; it is no attempt."""
    connection.execute("update delivery set due_at = %s where id = %s", (due, delivery))


def next_due(connection: Connection[Any]) -> datetime | None:
    """The earliest time at which anything is due."""
    found = connection.execute("select min(due_at) from delivery where due_at is not null").fetchone()
    return found[0] if found else None


def recipients_of(connection: Connection[Any], order_id: int) -> dict[str, int]:
    """Person code → delivery of an order."""
    return dict(
        connection.execute(
            "select recipient, id from delivery where order_id = %s and recipient_kind = 'person'",
            (order_id,),
        ).fetchall()
    )


def superior_of(connection: Connection[Any], person: str) -> str | None:
    """The superior who is in use, if there is one."""
    found = connection.execute(
        "select superior.code from person join person superior on superior.code = person.superior"
        " where person.code = %s and superior.active",
        (person,),
    ).fetchone()
    return str(found[0]) if found else None


def priority_of(connection: Connection[Any], delivery: int) -> int:
    """How urgent a delivery is."""
    found = connection.execute("select priority from delivery where id = %s", (delivery,)).fetchone()
    return int(found[0]) if found else 0


def escalation_depth(connection: Connection[Any], delivery: int) -> int:
    """How many superiors were called before this one, 0 for a first recipient."""
    found = connection.execute(
        "with recursive up (id, origin, depth) as ("
        " select id, escalated_from, 0 from delivery where id = %s"
        " union all"
        " select delivery.id, delivery.escalated_from, up.depth + 1"
        " from delivery join up on delivery.id = up.origin where up.depth < 16)"
        " select max(depth) from up",
        (delivery,),
    ).fetchone()
    return int(found[0]) if found else 0


def is_recipient(connection: Connection[Any], delivery: int) -> bool:
    """True if the delivery's recipient and exercise are those that its order was approved for."""
    found = connection.execute(
        "select 1 from delivery"
        " join orders on orders.id = delivery.order_id"
        " and orders.exercise is not distinct from delivery.exercise"
        " join order_recipient on order_recipient.order_id = delivery.order_id"
        " and order_recipient.recipient_kind = delivery.recipient_kind"
        " and order_recipient.recipient = delivery.recipient and order_recipient.channel = delivery.channel"
        " where delivery.id = %s",
        (delivery,),
    ).fetchone()
    return found is not None


def is_called_for_recipient(connection: Connection[Any], delivery: int) -> bool:
    """True if superiors alone lead from the delivery back to one that its order was approved for.

    Every step up the chain must be to the superior of the person below, by SMS, within one order and
    exercise: `escalated_from` alone is a column that anybody who writes the row can fill.
    """
    found = connection.execute(_CHAIN, (delivery,)).fetchall()
    return any(is_recipient(connection, origin) for (origin,) in found)
