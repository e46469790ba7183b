"""Orders as pages read them: lists with counts, deliveries with names, one timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.errors import NotFoundError
from store.connection import rows


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order in a list. `persons`, `screens` and `loudspeakers` count recipients (deliveries, or the
    draft's recipients before it is issued). `alarm` is the worst of its `alarms`.

    `delivered` counts persons with a proof of delivery or more, `answered` those who answered, `acted`
    those who reported; `open_calls` those who are still being called; `unanswered` those who were called
    as often as is usual, in vain; `shown` devices that show, play or did. `moved` sums the persons moved,
    as told. `countersign_overdue` is judged at the time of the query.
    """

    id: int
    number: str
    kind: str
    state: str
    exercise: str | None
    alarm: int | None
    alarms: int
    area: str
    area_name: str
    severity: str | None
    title: str
    created_at: datetime
    created_by: str
    issued_at: datetime | None
    ends_at: datetime
    stays_until: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    emergency: bool
    countersign_due: datetime | None
    countersigned_at: datetime | None
    countersign_overdue: bool
    needs_answer: bool
    persons: int
    delivered: int
    answered: int
    acted: int
    open_calls: int
    unanswered: int
    withheld: int
    screens: int
    loudspeakers: int
    shown: int
    failed: int
    moved: int


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One recipient of an order. `name_en` is None for persons; `post` is None for devices.

    `area`/`area_name` are those of the recipient. `last_event` (a kind of `order_event`) and `last_at` tell
    the latest that happened; `last_receipt` the latest receipt as received, `receipt_verified` whether a
    device's signature proved it. `escalated_from_name` is for whom this one was called.
    """

    id: int
    recipient_kind: str
    recipient: str
    name: str
    name_en: str | None
    post: str | None
    area: str
    area_name: str
    channel: str
    state: str
    attempts: int
    due_at: datetime | None
    submitted_at: datetime | None
    delivered_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    acted_at: datetime | None
    acted_people: int | None
    reason: str | None
    verified: bool
    escalated_from: int | None
    escalated_from_name: str | None
    device_online: bool | None
    last_event: str | None
    last_at: datetime | None
    last_receipt: str | None
    receipt_verified: bool | None


@dataclass(frozen=True, slots=True)
class OrderAlarm:
    """An alarm that an order is about. `told` is the severity that was told, `title` its own name where it has one."""

    id: int
    told: str | None
    state: str
    station: str | None
    name: str
    name_en: str
    property: str | None
    value: float | None
    threshold_name: str | None
    title: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line from observation to report. `source` is alarm, order or approval; `kind` is an alarm event,
    an order event or an approval's step; `recipient` names who or what a delivery's event is about."""

    at: datetime
    source: str
    kind: str
    actor: str
    delivery: int | None
    recipient: str | None
    detail: dict[str, Any]


_LINES: LiteralString = """
select orders.id, orders.number, orders.kind, orders.state, orders.exercise,
       (select alarm from order_alarm where order_id = orders.id order by position, alarm limit 1) as alarm,
       (select count(*) from order_alarm where order_id = orders.id) as alarms, orders.area,
       area.name as area_name, orders.severity, orders.title, orders.created_at, orders.created_by,
       orders.issued_at, orders.ends_at, orders.stays_until, orders.ended_at, orders.end_reason,
       orders.emergency, orders.countersign_due, orders.countersigned_at,
       orders.emergency and orders.countersigned_at is null
           and coalesce(orders.countersign_due < now(), false) as countersign_overdue,
       orders.needs_answer,
       case when orders.issued_at is null then planned.persons else sent.persons end as persons,
       sent.delivered, sent.answered, sent.acted, sent.open_calls, sent.unanswered, sent.withheld,
       case when orders.issued_at is null then planned.screens else sent.screens end as screens,
       case when orders.issued_at is null then planned.loudspeakers else sent.loudspeakers end as loudspeakers,
       sent.shown, sent.failed, sent.moved
from orders
join area on area.code = orders.area
cross join lateral (
    select count(*) filter (where channel = 'sms') as persons,
           count(*) filter (where channel = 'sms' and (delivered_at is not null
               or state in ('delivered', 'answered', 'acted'))) as delivered,
           count(*) filter (where answered_at is not null) as answered,
           count(*) filter (where acted_at is not null) as acted,
           count(*) filter (where channel = 'sms' and due_at is not null) as open_calls,
           count(*) filter (where channel = 'sms' and answered_at is null and reason = 'unanswered') as unanswered,
           count(*) filter (where state = 'withheld') as withheld,
           count(*) filter (where channel = 'led') as screens,
           count(*) filter (where channel = 'loudspeaker') as loudspeakers,
           count(*) filter (where recipient_kind = 'device' and state in ('showing', 'playing', 'done', 'cleared'))
               as shown,
           count(*) filter (where state in ('failed', 'rejected')) as failed,
           coalesce(sum(acted_people), 0)::integer as moved
    from delivery where delivery.order_id = orders.id
) as sent
cross join lateral (
    select count(*) filter (where channel = 'sms') as persons,
           count(*) filter (where channel = 'led') as screens,
           count(*) filter (where channel = 'loudspeaker') as loudspeakers
    from order_recipient where order_recipient.order_id = orders.id
) as planned
"""

_LIST: LiteralString = (
    _LINES
    + """
where orders.exercise is not distinct from %(exercise)s
  and (%(states)s::text[] is null or orders.state = any(%(states)s))
  and (%(kinds)s::text[] is null or orders.kind = any(%(kinds)s))
  and (%(area)s::text is null or area_within(orders.area, %(area)s))
  and (%(alarm)s::bigint is null or exists (
        select from order_alarm where order_id = orders.id and order_alarm.alarm = %(alarm)s))
order by coalesce(orders.issued_at, orders.created_at) desc, orders.id desc
limit %(limit)s
"""
)

_DELIVERIES: LiteralString = """
select delivery.id, delivery.recipient_kind, delivery.recipient,
       coalesce(person.name, device.name, delivery.recipient) as name, device.name_en, person.post,
       area.code as area, area.name as area_name, delivery.channel, delivery.state, delivery.attempts,
       delivery.due_at, delivery.submitted_at, delivery.delivered_at, delivery.answered_at, delivery.answer,
       delivery.acted_at, delivery.acted_people, delivery.reason, delivery.verified, delivery.escalated_from,
       (select origin_person.name from delivery origin
        join person origin_person on origin_person.code = origin.recipient
        where origin.id = delivery.escalated_from) as escalated_from_name,
       device_state.online as device_online,
       event.kind as last_event, event.at as last_at,
       last_receipt.state as last_receipt, last_receipt.verified as receipt_verified
from delivery
left join person on delivery.recipient_kind = 'person' and person.code = delivery.recipient
left join device on delivery.recipient_kind = 'device' and device.code = delivery.recipient
join area on area.code = coalesce(person.area, device.area)
left join device_state on device_state.device = device.code
    and device_state.exercise is not distinct from delivery.exercise
left join lateral (
    select kind, at from order_event where order_event.delivery = delivery.id order by id desc limit 1
) as event on true
left join lateral (
    select state, verified from receipt where receipt.delivery = delivery.id order by id desc limit 1
) as last_receipt on true
where delivery.order_id = %s
order by area.name, delivery.recipient_kind desc, delivery.channel, name, delivery.id
"""

_ALARMS: LiteralString = """
select alarm.id, order_alarm.severity as told, alarm.state, alarm.station,
       coalesce(station.name, area.name, alarm.subject) as name,
       coalesce(station.name_en, area.name_en, alarm.subject) as name_en,
       alarm.property, alarm.value, alarm.threshold_name, alarm.title
from order_alarm
join alarm on alarm.id = order_alarm.alarm
left join station on station.code = alarm.station
left join area on alarm.subject_kind in ('county', 'town', 'village', 'hamlet') and area.code = alarm.subject
where order_alarm.order_id = %s
order by order_alarm.position, alarm.id
"""

_TIMELINE: LiteralString = """
select at, source, kind, actor, delivery, recipient, detail from (
select alarm_event.id, alarm_event.at, 'alarm' as source, alarm_event.kind, alarm_event.actor, null::bigint as delivery,
       null::text as recipient,
       alarm_event.detail || jsonb_strip_nulls(jsonb_build_object('severity', alarm_event.severity,
           'value', alarm_event.value, 'threshold', alarm_event.threshold,
           'observed_at', alarm_event.observed_at)) as detail
from alarm_event join order_alarm on order_alarm.alarm = alarm_event.alarm where order_alarm.order_id = %(order)s
union all
select order_approval.id, order_approval.at, 'approval', order_approval.step, order_approval.by_user, null, null,
       jsonb_build_object('role', order_approval.role, 'note', order_approval.note,
           'void', order_approval.content_hash <> orders.content_hash)
from order_approval join orders on orders.id = order_approval.order_id where orders.id = %(order)s
union all
select order_event.id, order_event.at, 'order', order_event.kind, order_event.actor, order_event.delivery,
       coalesce(person.name, device.name), order_event.detail
from order_event
left join delivery on delivery.id = order_event.delivery
left join person on delivery.recipient_kind = 'person' and person.code = delivery.recipient
left join device on delivery.recipient_kind = 'device' and device.code = delivery.recipient
where order_event.order_id = %(order)s
) as line (id, at, source, kind, actor, delivery, recipient, detail)
order by at, array_position(array['alarm', 'approval', 'order'], source), id
"""


def order_lines(
    connection: Connection[Any],
    *,
    exercise: str | None = None,
    states: list[str] | None = None,
    kinds: list[str] | None = None,
    within: str | None = None,
    alarm: int | None = None,
    limit: int = 100,
) -> list[OrderLine]:
    """Orders of one exercise (or real ones), newest first; `within` bounds them by area."""
    values = {
        "exercise": exercise, "states": states, "kinds": kinds, "area": within, "alarm": alarm, "limit": limit,
    }  # fmt: skip
    return rows(connection, OrderLine, _LIST, values)


def order_line(connection: Connection[Any], order_id: int) -> OrderLine:
    """One order with its counts. Raises NotFoundError."""
    found = rows(connection, OrderLine, _LINES + " where orders.id = %s", (order_id,))
    if not found:
        raise NotFoundError(f"there is no order {order_id}")
    return found[0]


def delivery_lines(connection: Connection[Any], order_id: int) -> list[DeliveryLine]:
    """Every delivery of an order, by area, persons first."""
    return rows(connection, DeliveryLine, _DELIVERIES, (order_id,))


def order_alarms(connection: Connection[Any], order_id: int) -> list[OrderAlarm]:
    """Every alarm that an order is about, the worst first."""
    return rows(connection, OrderAlarm, _ALARMS, (order_id,))


def timeline(connection: Connection[Any], order_id: int) -> list[TimelineLine]:
    """Everything that happened, from the alarm's first event to the last report, oldest first."""
    return rows(connection, TimelineLine, _TIMELINE, {"order": order_id})
