"""Orders: numbers, texts, recipients, approvals and their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.errors import NotFoundError
from core.orders import Approval, Channel, Order, OrderKind, OrderState, Recipient
from core.roles import Role
from core.severity import Severity
from store.connection import rows


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is written when an order is begun; `alarms` are those that it is about, worst first, with what is told of each."""

    number: str
    kind: OrderKind
    state: OrderState
    exercise: str | None
    area: str
    severity: Severity | None
    title: str
    text: str
    led_text: str | None
    spoken_text: str | None
    audio_sha256: str | None
    created_at: datetime
    created_by: str
    issued_at: datetime | None
    ends_at: datetime
    content_hash: str
    selection: dict[str, Any]
    corrects: int | None = None
    needs_answer: bool = True
    alarms: Mapping[int, Severity | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewContents:
    """What an edit replaces."""

    area: str
    severity: Severity | None
    title: str
    text: str
    led_text: str | None
    spoken_text: str | None
    audio_sha256: str | None
    ends_at: datetime
    content_hash: str
    edition: int
    selection: dict[str, Any]


_NEXT_NUMBER = """
insert into order_number (scope, year, last) values (%s, %s, 1)
on conflict (scope, year) do update set last = order_number.last + 1
returning last
"""

_INSERT = """
insert into orders (number, kind, state, exercise, area, severity, title, text, led_text, spoken_text,
                    audio_sha256, created_at, created_by, issued_at, ends_at, content_hash, selection,
                    corrects, needs_answer)
values (%(number)s, %(kind)s, %(state)s, %(exercise)s, %(area)s, %(severity)s, %(title)s, %(text)s,
        %(led_text)s, %(spoken_text)s, %(audio_sha256)s, %(created_at)s, %(created_by)s, %(issued_at)s,
        %(ends_at)s, %(content_hash)s, %(selection)s, %(corrects)s, %(needs_answer)s)
returning id
"""

_ORDER: LiteralString = """
select id, number, kind, state, exercise,
       array(select alarm from order_alarm where order_id = orders.id order by position, alarm) as alarms,
       area, severity, title, text, led_text, spoken_text,
       audio_sha256, created_at, created_by, issued_at, ends_at, ended_at, ended_by, end_reason, content_hash,
       emergency, countersign_due, countersigned_at, emergency_reason, edition, corrects, needs_answer,
       stays_until
from orders
"""

_EDIT = """
update orders set state = 'draft', area = %(area)s, severity = %(severity)s, title = %(title)s,
    text = %(text)s, led_text = %(led_text)s, spoken_text = %(spoken_text)s, audio_sha256 = %(audio_sha256)s,
    ends_at = %(ends_at)s, content_hash = %(content_hash)s, edition = %(edition)s, selection = %(selection)s
where id = %(id)s
"""

_COVERED_NOTICES = """
select id from orders
where kind = 'notice' and needs_answer and state = 'issued'
  and id in (select order_id from order_alarm where alarm = any(%(alarms)s))
  and not exists (select from order_alarm join alarm on alarm.id = order_alarm.alarm
                  where order_alarm.order_id = orders.id and alarm.id <> all(%(alarms)s)
                    and alarm.state in ('unacknowledged', 'returned_unacknowledged'))
order by id for update
"""


def next_number(connection: Connection[Any], scope: str, year: int) -> int:
    """The next number of a scope and year, from 1, without gaps.

    The row stays locked until the caller's transaction ends, so a rollback gives the number back.
    """
    found = connection.execute(_NEXT_NUMBER, (scope, year)).fetchone()
    assert found is not None  # an upsert that returns always returns its row
    return int(found[0])


def insert_order(connection: Connection[Any], entry: NewOrder) -> int:
    """Writes a new order and returns its id."""
    values = asdict(entry) | {"selection": Jsonb(entry.selection)}
    found = connection.execute(_INSERT, values).fetchone()
    assert found is not None  # insert … returning
    order_id = int(found[0])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into order_alarm (order_id, alarm, severity, position) values (%s, %s, %s, %s)",
            [
                (order_id, alarm, severity, position)
                for position, (alarm, severity) in enumerate(entry.alarms.items())
            ],
        )
    return order_id


def edit_order(connection: Connection[Any], order_id: int, entry: NewContents) -> None:
    """Replaces the contents; the order is a draft again."""
    connection.execute(_EDIT, asdict(entry) | {"id": order_id, "selection": Jsonb(entry.selection)})


def order(connection: Connection[Any], order_id: int, *, lock: bool = False) -> Order:
    """One order; with `lock` its row is held until the transaction ends. Raises NotFoundError."""
    found = _orders(connection, " where id = %s for update" if lock else " where id = %s", (order_id,))
    if not found:
        raise NotFoundError(f"there is no order {order_id}")
    return found[0]


def orders_in_state(connection: Connection[Any], state: OrderState) -> list[Order]:
    """All orders of a state, oldest first."""
    return _orders(connection, " where state = %s order by id", (state,))


def selection(connection: Connection[Any], order_id: int) -> dict[str, Any]:
    """How the recipients were chosen, as the composer wrote it."""
    found = connection.execute("select selection from orders where id = %s", (order_id,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no order {order_id}")
    return dict(found[0])


def covered_notices(connection: Connection[Any], alarms: Sequence[int]) -> list[int]:
    """Notices that still call for no other alarms than these; locked.

    What has been acknowledged of their alarms does not count.
    """
    return [row[0] for row in connection.execute(_COVERED_NOTICES, {"alarms": list(alarms)})]


def hold_alarms(connection: Connection[Any], delivery: int) -> None:
    """Holds the alarms of a delivery's order until the transaction ends.

    Whoever makes a notice holds alarms before it touches deliveries; an answer must do the same, or the two
    would wait for each other.
    """
    connection.execute(
        "select from alarm where id in (select alarm from order_alarm join delivery using (order_id)"
        " where delivery.id = %s) order by id for update",
        (delivery,),
    )


def told_alarms(connection: Connection[Any], order_id: int) -> dict[int, Severity | None]:
    """The alarms that an order is about, with what was told of each, in the order of their ids."""
    found = connection.execute(
        "select alarm, severity from order_alarm where order_id = %s order by alarm", (order_id,)
    )
    return {alarm: Severity(severity) if severity else None for alarm, severity in found}


def set_recipients(connection: Connection[Any], order_id: int, recipients: list[Recipient]) -> None:
    """Replaces the recipients of a draft."""
    connection.execute("delete from order_recipient where order_id = %s", (order_id,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into order_recipient (order_id, recipient_kind, recipient, channel)"
            " values (%s, %s, %s, %s)",
            [(order_id, one.kind, one.code, one.channel) for one in recipients],
        )


def recipients(connection: Connection[Any], order_id: int) -> list[Recipient]:
    """Recipients in their own order, as `content_hash` takes them."""
    found = connection.execute(
        "select recipient_kind, recipient, channel from order_recipient where order_id = %s", (order_id,)
    )
    return sorted(Recipient(kind, code, Channel(channel)) for kind, code, channel in found)


def mark_checked(connection: Connection[Any], order_id: int) -> None:
    """A draft whose first approvals are given."""
    connection.execute("update orders set state = 'checked' where id = %s", (order_id,))


def mark_issued(connection: Connection[Any], order_id: int, at: datetime) -> None:
    """Issued: its deliveries may leave."""
    connection.execute("update orders set state = 'issued', issued_at = %s where id = %s", (at, order_id))


def mark_emergency(connection: Connection[Any], order_id: int, reason: str, due: datetime) -> None:
    """紧急先行: the countersignature is due by `due`."""
    connection.execute(
        "update orders set emergency = true, emergency_reason = %s, countersign_due = %s where id = %s",
        (reason, due, order_id),
    )


def mark_countersigned(connection: Connection[Any], order_id: int, at: datetime) -> None:
    """补签 is given."""
    connection.execute("update orders set countersigned_at = %s where id = %s", (at, order_id))


def mark_over(
    connection: Connection[Any], order_id: int, state: OrderState, *, at: datetime, by: str, reason: str
) -> None:
    """Ended, withdrawn or cancelled, with the reason."""
    connection.execute(
        "update orders set state = %s, ended_at = %s, ended_by = %s, end_reason = %s where id = %s",
        (state, at, by, reason, order_id),
    )


def mark_staying(connection: Connection[Any], order_id: int, until: datetime) -> None:
    """The order outlives its end because its alarm stands; screens are told `until`."""
    connection.execute("update orders set stays_until = %s where id = %s", (until, order_id))


def add_approval(connection: Connection[Any], order_id: int, approval: Approval) -> None:
    """Appends a signature; it can never be changed."""
    connection.execute(
        "insert into order_approval (order_id, step, by_user, role, at, content_hash, note)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (
            order_id, approval.step, approval.by_user, approval.role, approval.at, approval.content_hash,
            approval.note,
        ),
    )  # fmt: skip


def approvals(connection: Connection[Any], order_id: int) -> list[Approval]:
    """All signatures ever given under an order, of earlier editions too, oldest first."""
    return rows(
        connection,
        Approval,
        "select step, by_user, role, at, content_hash, note from order_approval"
        " where order_id = %s order by id",
        (order_id,),
    )


def add_event(
    connection: Connection[Any],
    order_id: int,
    kind: str,
    *,
    at: datetime,
    actor: str,
    delivery: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Appends one line to an order's timeline."""
    connection.execute(
        "insert into order_event (order_id, at, kind, actor, delivery, detail)"
        " values (%s, %s, %s, %s, %s, %s)",
        (order_id, at, kind, actor, delivery, Jsonb(detail or {})),
    )


def has_event(connection: Connection[Any], order_id: int, kind: str, since: datetime | None = None) -> bool:
    """True if the timeline has a line of this kind (since a time)."""
    found = connection.execute(
        "select 1 from order_event where order_id = %s and kind = %s"
        " and (%s::timestamptz is null or at >= %s) limit 1",
        (order_id, kind, since, since),
    ).fetchone()
    return found is not None


def _orders(connection: Connection[Any], where: LiteralString, values: Any) -> list[Order]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_ORDER + where, values).fetchall()
    return [_order(row) for row in found]


def _order(row: dict[str, Any]) -> Order:
    severity = row["severity"]
    return Order(
        **{
            **row,
            "kind": OrderKind(row["kind"]),
            "alarms": tuple(row["alarms"]),
            "state": OrderState(row["state"]),
            "severity": Severity(severity) if severity else None,
        }
    )


def set_notice_speech(connection: Connection[Any], order_id: int, sha256: str) -> None:
    """The file in which a notice's own text is spoken; nobody signed it, so no signature is touched."""
    connection.execute(
        "update orders set audio_sha256 = %s where id = %s and kind = 'notice'", (sha256, order_id)
    )


def set_corrects(connection: Connection[Any], order_id: int, corrected: int) -> None:
    """The order replaces another one when it is issued."""
    connection.execute("update orders set corrects = %s where id = %s", (corrected, order_id))


def drafters(connection: Connection[Any], order_id: int) -> frozenset[str]:
    """Everybody who wrote at the order: its author and all who edited it."""
    found = connection.execute(
        "select created_by from orders where id = %(order)s"
        " union select actor from order_event where order_id = %(order)s and kind in ('drafted', 'edited')",
        {"order": order_id},
    )
    return frozenset(row[0] for row in found)


def exercise_of_alarm(connection: Connection[Any], alarm: int) -> str | None:
    """The exercise that an alarm belongs to. Raises NotFoundError."""
    found = connection.execute("select exercise from alarm where id = %s", (alarm,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no alarm {alarm}")
    return str(found[0]) if found[0] is not None else None


def alarm_stands(connection: Connection[Any], order_id: int) -> bool:
    """True while a danger that the order was made for has not gone."""
    found = connection.execute(
        "select 1 from order_alarm join alarm on alarm.id = order_alarm.alarm"
        " where order_id = %s and closed_at is null and returned_at is null limit 1",
        (order_id,),
    ).fetchone()
    return found is not None


def commanders(connection: Connection[Any], area: str) -> list[str]:
    """Codes of persons whose user is commander for an area that contains `area`."""
    return [
        row[0]
        for row in connection.execute(
            "select distinct app_user.person from app_user join person on person.code = app_user.person"
            " where app_user.role = 'commander' and app_user.disabled_at is null and person.active"
            " and (app_user.area is null or area_within(%s, app_user.area)) order by 1",
            (area,),
        )
    ]


@dataclass(frozen=True, slots=True)
class Signer:
    """What a user may sign with: the role held, whether for the order's area, and since when no more."""

    role: Role
    in_area: bool
    disabled_at: datetime | None


def signers(connection: Connection[Any], names: list[str], area: str) -> dict[str, Signer]:
    """Those of the names that are users of this installation, as they stand now, by name."""
    found = connection.execute(
        "select name, role, area is null or area_within(%s, area), disabled_at from app_user"
        " where name = any(%s)",
        (area, names),
    )
    return {name: Signer(Role(role), in_area, disabled_at) for name, role, in_area, disabled_at in found}


def called_persons(connection: Connection[Any], order_id: int) -> list[str]:
    """Codes of persons to whom at least one message of the order left."""
    return [
        row[0]
        for row in connection.execute(
            "select recipient from delivery where order_id = %s and recipient_kind = 'person' and attempts > 0"
            " order by recipient",
            (order_id,),
        )
    ]
