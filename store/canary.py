"""The canary's rows: what it needs to fly, when it passed each stage, and how they are let go again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core import canary
from core.errors import ConflictError, NotFoundError
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import Threshold
from core.watching import Passage
from store.areas import top_area
from store.connection import rows
from store.stations import ensure_series, save_station, save_threshold

_EXERCISE: LiteralString = """
insert into exercise (code, name, started_by) values (%s, '金丝雀自检', 'centre') on conflict (code) do nothing
"""

_WITHOUT_DELAY: LiteralString = """
update threshold set on_delay_s = 0, off_delay_s = 0
where station = %s and (on_delay_s is distinct from 0 or off_delay_s is distinct from 0)
"""

_PASSAGES: LiteralString = """
select flight.time as published, flight.received_at as received, raised.at as raised,
       orders.issued_at as ordered, delivery.submitted_at as sent, delivery.delivered_at as delivered,
       delivery.answered_at as answered
from series
join observation flight on flight.series = series.id and flight.value >= %(limit)s and flight.time > %(since)s
left join lateral (
    select alarm_event.alarm, alarm_event.at from alarm_event join alarm on alarm.id = alarm_event.alarm
    where alarm.exercise = %(exercise)s and alarm_event.kind = 'raised'
        and alarm.raised_at > %(since)s - interval '1 day' and alarm_event.observed_at = flight.time
    order by alarm_event.id limit 1
) raised on true
left join order_alarm on order_alarm.alarm = raised.alarm
left join orders on orders.id = order_alarm.order_id and orders.created_at = raised.at
left join delivery on delivery.order_id = orders.id
where series.exercise = %(exercise)s and flight.received_at <= clock_timestamp() + interval '5 seconds'
order by flight.received_at desc limit %(limit_rows)s
"""

_OLD_ALARMS: LiteralString = """
select id from alarm where exercise = %s and raised_at < %s and closed_at is not null
"""
_FORGET: tuple[LiteralString, ...] = (
    "delete from annunciation where alarm = any(%(alarms)s) and exercise = %(exercise)s",
    "delete from delivery_attempt using delivery"
    " where delivery.id = delivery_attempt.delivery and delivery.order_id = any(%(orders)s)",
    "delete from order_event where order_id = any(%(orders)s)",
    "delete from delivery where order_id = any(%(orders)s)",
    "delete from orders where id = any(%(orders)s) and exercise = %(exercise)s",
    "delete from alarm_event where alarm = any(%(alarms)s)",
    "delete from alarm where id = any(%(alarms)s) and exercise = %(exercise)s",
)
_FORGET_READINGS: tuple[LiteralString, ...] = (
    "delete from observation using series where series.id = observation.series and series.exercise = %(exercise)s"
    " and observation.time < %(before)s",
    "delete from rollup_hour using series where series.id = rollup_hour.series and series.exercise = %(exercise)s"
    " and rollup_hour.bucket < %(before)s",
    "delete from rollup_day using series where series.id = rollup_day.series and series.exercise = %(exercise)s"
    " and rollup_day.bucket < %(before)s",
    "delete from raw_message where station = %(station)s and received_at < %(before)s",
)


def prepare(connection: Connection[Any]) -> None:
    """Makes the canary's station, series and limit where they are missing. Safe twice and by two at once.

    Raises ConflictError where a gauge of the owner's has the canary's code.
    """
    known = connection.execute("select kind from station where code = %s", (canary.STATION,)).fetchone()
    if known is not None and known[0] != canary.KIND:
        raise ConflictError(
            f"station {canary.STATION} is a gauge here, and the system needs that code for its own check:"
            " give the gauge another code"
        )
    connection.execute(_EXERCISE, (canary.EXERCISE,))
    if known is None:
        save_station(
            connection,
            Station(
                canary.STATION, "金丝雀（系统自检）", "Canary (self-test)", StationKind.CANARY,
                top_area(connection), 0.0, 0.0, period_s=60, origin="installation",
            ),
        )  # fmt: skip
    ensure_series(connection, [SeriesKey(canary.STATION, canary.PROPERTY, exercise=canary.EXERCISE)])
    save_threshold(
        connection,
        Threshold(
            canary.STATION, canary.PROPERTY, "canary", Severity.BLUE, canary.LIMIT, 0.1, None, "ours: self-test"
        ),
        set_by="centre",
    )  # fmt: skip
    connection.execute(_WITHOUT_DELAY, (canary.STATION,))


def passages(connection: Connection[Any], since: datetime, *, most: int = 60) -> list[Passage]:
    """The flights since then, by when they were received, newest first, each with the stages that it passed.

    One that was received in the future (by a clock that was wrong) is none.
    """
    values = {
        "exercise": canary.EXERCISE, "limit": canary.LIMIT, "since": since, "limit_rows": most,
    }  # fmt: skip
    return rows(connection, Passage, _PASSAGES, values)


def flying(connection: Connection[Any], alarm: int) -> list[int]:
    """The canary's orders of an alarm that nobody answered yet; locked."""
    return [
        row[0]
        for row in connection.execute(
            "select id from orders where id in (select order_id from order_alarm where alarm = %s) and exercise = %s"
            " and state = 'issued' order by id for update",
            (alarm, canary.EXERCISE),
        )
    ]


def give_up(connection: Connection[Any], order: int, reason: str) -> None:
    """Nobody is called for this flight any more."""
    connection.execute(
        "update delivery set due_at = null, reason = %s where order_id = %s and recipient_kind = 'canary'"
        " and answered_at is null",
        (reason, order),
    )


def of_delivery(connection: Connection[Any], delivery: int) -> tuple[int, int]:
    """(order, alarm) of a delivery to the canary. Raises NotFoundError."""
    found = connection.execute(
        "select order_id, alarm from delivery join order_alarm using (order_id)"
        " where delivery.id = %s and delivery.recipient_kind = 'canary'",
        (delivery,),
    ).fetchone()
    if found is None:
        raise NotFoundError(f"delivery {delivery} is not the canary's")
    return found[0], found[1]


def land(connection: Connection[Any], delivery: int, at: datetime) -> bool:
    """The canary heard; False if it had heard before, or was given up."""
    return (
        connection.execute(
            "update delivery set state = 'answered', due_at = null, reason = null, verified = true, answer = '1',"
            " delivered_at = %(at)s, answered_at = %(at)s"
            " where id = %(id)s and recipient_kind = 'canary' and answered_at is null and due_at is not null",
            {"id": delivery, "at": at},
        ).rowcount
        > 0
    )


def forget(connection: Connection[Any], before: datetime) -> int:
    """Lets go what the canary left before then; how many alarms. Of anything else it can let go nothing."""
    found = [row[0] for row in connection.execute(_OLD_ALARMS, (canary.EXERCISE, before)).fetchall()]
    orders = connection.execute(
        "select id from orders join order_alarm on order_id = id where alarm = any(%s) and exercise = %s",
        (found, canary.EXERCISE),
    ).fetchall()
    values = {
        "alarms": found, "orders": [row[0] for row in orders], "exercise": canary.EXERCISE, "station": canary.STATION, "before": before,
    }  # fmt: skip
    for statement in (*(_FORGET if found else ()), *_FORGET_READINGS):
        connection.execute(statement, values)
    return len(found)
