"""Automatic notices to persons (内部预警): they go out by themselves, without approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.orders.actors import CENTRE
from alerts.orders.contents import Contents, is_public
from core.errors import InputError
from core.orders import Channel, OrderKind, OrderState, Recipient
from core.severity import Severity
from store import annunciation
from store import deliveries as delivery_store
from store import orders as store
from store.devices import internal_of

NOTICE_LIFE = timedelta(hours=6)
"""A notice ends by itself after this, if its alarm does not stand any more."""

_NONE: Mapping[int, Severity | None] = MappingProxyType({})

SCOPES = {OrderKind.NOTICE: "通", OrderKind.ORDER: "", OrderKind.TEST: "试"}


def new_number(
    connection: Connection[Any], kind: OrderKind, exercise: str | None, at: datetime, zone: str
) -> str:
    """The next number of its kind in the county's year: 2026-014, 通-2026-003, in a drill 演-2026-014.

    Gapless: see `store.orders.next_number`.
    """
    scope = "-".join(part for part in ("演" if exercise is not None else "", SCOPES[kind]) if part)
    year = at.astimezone(ZoneInfo(zone)).year
    number = f"{year}-{store.next_number(connection, scope, year):03d}"
    return f"{scope}-{number}" if scope else number


def create_notice(
    connection: Connection[Any],
    *,
    alarms: Mapping[int, Severity | None] = _NONE,
    recipients: Iterable[Recipient],
    severity: Severity | None,
    title: str,
    text: str,
    area: str,
    exercise: str | None,
    at: datetime,
    needs_answer: bool = True,
    zone: str = "Asia/Shanghai",
) -> int:
    """Writes a notice whose calls are due at once; returns the order's id. Does not commit.

    `alarms` are those that it tells of, worst first, each with the severity as which people are called for it.
    Earlier notices that call for no other alarms are superseded: the newer one says more, and two would call
    for the same thing. It calls their superiors too, and their calls in vain count.

    A recipient named twice is called once. `text` is the bare sentence; signature,
    drill marks and the request to answer are added for each call. Of devices only those of duty rooms may
    have it. Raises InputError (`no_recipients`, `public_device`).
    """
    earlier = store.covered_notices(connection, list(alarms)) if alarms and needs_answer else []
    called = sorted({*recipients, *by_sms(delivery_store.superiors_called(connection, earlier))})
    if not any(one.kind == "person" for one in called):
        raise InputError("no_recipients", "a notice needs at least one person to call")
    devices = [one.code for one in called if one.kind == "device"]
    if is_public(called, internal_of(connection, devices)):
        raise InputError(
            "public_device", "a notice goes to persons and devices of duty rooms, never to the public"
        )
    ends_at = at + NOTICE_LIFE
    contents = Contents(
        OrderKind.NOTICE, exercise, area, severity, title, text, None, None, None, ends_at, 1, needs_answer,
        tuple(called),
    )  # fmt: skip
    order_id = store.insert_order(
        connection,
        store.NewOrder(
            number=new_number(connection, OrderKind.NOTICE, exercise, at, zone),
            kind=OrderKind.NOTICE,
            state=OrderState.ISSUED,
            exercise=exercise,
            area=area,
            severity=severity,
            title=title,
            text=text,
            led_text=None,
            spoken_text=None,
            audio_sha256=None,
            created_at=at,
            created_by=CENTRE,
            issued_at=at,
            ends_at=ends_at,
            content_hash=contents.hash,
            selection={},
            needs_answer=needs_answer,
            alarms=dict(alarms),
        ),
    )
    store.set_recipients(connection, order_id, called)
    store.add_event(
        connection, order_id, "issued", at=at, actor=CENTRE,
        detail={"persons": len({one.code for one in called if one.kind == "person"})},
    )  # fmt: skip
    rank = priority(max(filter(None, alarms.values()), key=lambda one: one.rank, default=severity))
    delivery_store.create_deliveries(connection, order_id, called, exercise, rank, at)
    if earlier:
        delivery_store.carry_calls(connection, order_id, earlier)
        for number in earlier:
            supersede(connection, number, by=order_id, at=at)
    return order_id


def by_sms(person_codes: Iterable[str]) -> list[Recipient]:
    """Persons as recipients of an SMS."""
    return [Recipient("person", code, Channel.SMS) for code in person_codes]


def supersede(connection: Connection[Any], order_id: int, *, by: int, at: datetime) -> None:
    """Ends a notice because a newer one calls for all its alarms."""
    store.mark_over(connection, order_id, OrderState.ENDED, at=at, by=CENTRE, reason="superseded")
    annunciation.take_place(connection, order_id, by)
    delivery_store.stop_calls(connection, order_id, "superseded")
    delivery_store.take_off(connection, order_id, at, "superseded")
    store.add_event(connection, order_id, "superseded", at=at, actor=CENTRE, detail={"by": by})


def priority(severity: Severity | None) -> int:
    """Which delivery leaves first: red 40 … blue 10, without colour 5."""
    return severity.rank * 10 if severity is not None else 5
