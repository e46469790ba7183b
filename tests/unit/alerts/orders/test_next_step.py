"""What a due delivery needs next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.orders.next_step import Step, Verdict, next_step, number_of
from core.orders import Channel, DeliveryState, Order, OrderKind, OrderState
from store.deliveries import Due

AT = datetime(2026, 7, 1, tzinfo=UTC)
ORDER = Order(
    1, "2026-001", OrderKind.ORDER, OrderState.ISSUED, None, (), "T1", None, "t", "t", None, None, None, AT, "d",
    AT, AT, None, None, None, "h", False, None, None,
)  # fmt: skip
PERSON = Due(
    1, 1, None, "person", "p1", Channel.SMS, DeliveryState.WAITING, AT, None, None, 0, 0, 0, 0, 0, 0, "139", "166", False,
    "p0", True, 0, 0, None, False, False, None,
)  # fmt: skip
SCREEN = replace(PERSON, recipient_kind="device", recipient="L1", channel=Channel.LED, online=True)


@pytest.mark.parametrize(
    ("due", "order", "verdict"),
    [
        ({}, {}, Verdict(Step.SEND)),
        ({"calls": 2}, {}, Verdict(Step.SEND)),
        ({"calls": 3}, {}, Verdict(Step.ESCALATE, "unanswered")),
        ({"calls": 3, "extra_calls": 1}, {}, Verdict(Step.SEND)),
        ({"calls": 2, "cut_off": 20}, {}, Verdict(Step.SEND)),
        ({"calls": 2, "cut_off": 21}, {}, Verdict(Step.ESCALATE, "unanswered")),
        ({"answered_at": AT}, {}, Verdict(Step.STOP)),
        ({"phone": ""}, {}, Verdict(Step.ESCALATE, "no_phone")),
        ({"active": False}, {}, Verdict(Step.ESCALATE, "not_in_use")),
        ({"exercise": "e", "drill_phone": None}, {}, Verdict(Step.WITHHOLD, "no_drill_phone")),
        ({"exercise": "e", "drill_phone_is_real": True}, {}, Verdict(Step.WITHHOLD, "drill_phone_is_real")),
        ({"exercise": "e"}, {}, Verdict(Step.SEND)),
        ({}, {"state": OrderState.ENDED}, Verdict(Step.STOP, "ended")),
        ({}, {"state": OrderState.WITHDRAWN}, Verdict(Step.STOP, "withdrawn")),
        ({"calls": 1, "state": DeliveryState.SENT}, {"needs_answer": False}, Verdict(Step.STOP)),
        ({"calls": 1, "state": DeliveryState.FAILED}, {"needs_answer": False}, Verdict(Step.SEND)),
        ({"calls": 3, "state": DeliveryState.FAILED}, {"needs_answer": False}, Verdict(Step.STOP)),
        ({"carried": 5}, {}, Verdict(Step.SEND)),
        ({"calls": 1, "carried": 1}, {}, Verdict(Step.SEND)),
        ({"calls": 1, "carried": 2}, {}, Verdict(Step.ESCALATE, "unanswered")),
        ({"calls": 1, "carried": 2, "extra_calls": 1}, {}, Verdict(Step.SEND)),
        ({}, {"kind": OrderKind.NOTICE, "alarms": (1,)}, Verdict(Step.SEND)),
        (
            {"heard": True},
            {"kind": OrderKind.NOTICE, "alarms": (1,)},
            Verdict(Step.STOP, "acknowledged"),
        ),
        ({"heard": True}, {"alarms": (1,)}, Verdict(Step.SEND)),
        (
            {"silenced": True},
            {"kind": OrderKind.NOTICE, "alarms": (1,)},
            Verdict(Step.STOP, "silenced"),
        ),
        ({"silenced": True}, {"alarms": (1,)}, Verdict(Step.SEND)),
    ],
)
def test_persons(due: dict[str, object], order: dict[str, object], verdict: Verdict) -> None:
    assert next_step(replace(PERSON, **due), replace(ORDER, **order), attempts=3) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("due", "order", "verdict"),
    [
        ({}, {}, Verdict(Step.SEND)),
        ({"calls": 3, "online": False}, {}, Verdict(Step.FAIL, "offline")),
        ({"calls": 3, "online": None}, {}, Verdict(Step.FAIL, "offline")),
        ({"calls": 3}, {}, Verdict(Step.FAIL, "no_receipt")),
        ({"calls": 3, "state": DeliveryState.ACCEPTED}, {}, Verdict(Step.STOP, "not_shown")),
        ({"calls": 3, "state": DeliveryState.EXPIRED}, {}, Verdict(Step.STOP, "expired")),
        ({"calls": 3, "state": DeliveryState.SHOWING}, {}, Verdict(Step.STOP)),
        ({"active": False}, {}, Verdict(Step.FAIL, "not_in_use")),
        ({"sends": 1}, {"state": OrderState.ENDED}, Verdict(Step.CANCEL)),
        ({"sends": 1}, {"state": OrderState.WITHDRAWN}, Verdict(Step.CANCEL)),
        ({"sends": 0}, {"state": OrderState.ENDED}, Verdict(Step.WITHHOLD, "ended")),
        ({"sends": 1, "cancels": 3}, {"state": OrderState.ENDED}, Verdict(Step.STOP, "not_cleared")),
        ({}, {"state": OrderState.DRAFT}, Verdict(Step.STOP, "draft")),
    ],
)
def test_devices(due: dict[str, object], order: dict[str, object], verdict: Verdict) -> None:
    assert next_step(replace(SCREEN, **due), replace(ORDER, **order), attempts=3) == verdict  # type: ignore[arg-type]


def test_an_exercise_never_dials_the_real_phone() -> None:
    assert number_of(PERSON) == "139"
    assert number_of(replace(PERSON, exercise="e")) == "166"
    assert number_of(replace(PERSON, exercise="e", drill_phone=None)) is None


SECOND = replace(PERSON, channel=Channel.SMS2, phone2="137")
NOTICE = replace(ORDER, kind=OrderKind.NOTICE, alarms=(1,))


@pytest.mark.parametrize(
    ("due", "verdict"),
    [
        ({}, Verdict(Step.SEND)),
        ({"calls": 2}, Verdict(Step.SEND)),
        ({"calls": 3}, Verdict(Step.STOP, "unanswered")),
        ({"phone2": None}, Verdict(Step.WITHHOLD, "no_phone")),
        ({"active": False}, Verdict(Step.WITHHOLD, "no_phone")),
        ({"exercise": "e"}, Verdict(Step.WITHHOLD, "no_drill_phone")),
        ({"exercise": "e", "drill_phone_is_real": True}, Verdict(Step.WITHHOLD, "no_drill_phone")),
        ({"heard": True}, Verdict(Step.STOP, "acknowledged")),
    ],
)
def test_a_second_number_is_called_beside_the_first_and_escalates_nothing(
    due: dict[str, object], verdict: Verdict
) -> None:
    assert next_step(replace(SECOND, **due), NOTICE, attempts=3) == verdict  # type: ignore[arg-type]


def test_an_exercise_dials_no_second_number() -> None:
    assert number_of(SECOND) == "137"
    assert number_of(replace(SECOND, exercise="e")) is None


@pytest.mark.parametrize(
    ("heard", "due", "verdict"),
    [
        (False, {}, Verdict(Step.SEND)),
        (True, {}, Verdict(Step.WITHHOLD, "acknowledged")),
        (True, {"sends": 1, "state": DeliveryState.SHOWING}, Verdict(Step.CANCEL)),
        (True, {"sends": 1, "cancels": 3}, Verdict(Step.STOP, "not_cleared")),
    ],
)
def test_a_notice_leaves_the_duty_room_s_screen_once_it_is_heard(
    heard: bool, due: dict[str, object], verdict: Verdict
) -> None:
    screen = replace(SCREEN, heard=heard, **due)  # type: ignore[arg-type]
    assert next_step(screen, NOTICE, attempts=3) == verdict
