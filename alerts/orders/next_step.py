"""What a due delivery needs next: call, call again, escalate, take off, or nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.orders import Channel, DeliveryState, Order, OrderKind, OrderState
from store.deliveries import Due

MOST_CUT_OFF = 20
"""A crash must not use up somebody's calls; a gateway that never answers must not be asked for ever."""
_TO_TAKE_OFF = frozenset({OrderState.ENDED, OrderState.WITHDRAWN})


class Step(StrEnum):
    """`stop` leaves the state as it was proved; `withhold` was never sent, by design; `fail` never came."""

    SEND = "send"
    CANCEL = "cancel"
    ESCALATE = "escalate"
    STOP = "stop"
    WITHHOLD = "withhold"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The step, and a short stable code for its reason."""

    step: Step
    reason: str | None = None


def next_step(due: Due, order: Order, *, attempts: int) -> Verdict:
    """The next step of a delivery whose time has come; `attempts` is the usual number of calls."""
    if due.recipient_kind == "canary":
        return _canary(due, order, attempts)
    return _device(due, order, attempts) if due.recipient_kind == "device" else _person(due, order, attempts)


def number_of(due: Due) -> str | None:
    """The number that may be dialled: an exercise never uses the real phone."""
    if due.channel is Channel.SMS2:
        return due.phone2 if due.exercise is None else None
    return due.drill_phone if due.exercise is not None else due.phone


def _calls(due: Due) -> int:
    """Attempts that count. One that was cut off may never have left: it is no call, until there are many."""
    return due.calls + max(0, due.cut_off - MOST_CUT_OFF)


def _canary(due: Due, order: Order, attempts: int) -> Verdict:
    if order.state is not OrderState.ISSUED or due.answered_at is not None:
        return Verdict(Step.STOP, str(order.state))
    return Verdict(Step.SEND) if _calls(due) < attempts else Verdict(Step.FAIL, "unanswered")


def _person(due: Due, order: Order, attempts: int) -> Verdict:
    if order.state is not OrderState.ISSUED:
        return Verdict(Step.STOP, str(order.state))
    if due.answered_at is not None:
        return Verdict(Step.STOP)
    if order.kind is OrderKind.NOTICE and due.heard:
        return Verdict(Step.STOP, "acknowledged")
    if order.kind is OrderKind.NOTICE and due.silenced:
        return Verdict(Step.STOP, "silenced")
    if due.channel is Channel.SMS2:
        return _second_number(due, order, attempts)
    if due.exercise is not None and not due.drill_phone:
        return Verdict(Step.WITHHOLD, "no_drill_phone")
    if due.exercise is not None and due.drill_phone_is_real:
        return Verdict(Step.WITHHOLD, "drill_phone_is_real")
    if not due.active:
        return Verdict(Step.ESCALATE, "not_in_use")
    if not number_of(due):
        return Verdict(Step.ESCALATE, "no_phone")
    if not order.needs_answer:
        left = due.calls > 0 and due.state is not DeliveryState.FAILED
        return Verdict(Step.STOP) if left or due.calls >= attempts else Verdict(Step.SEND)
    calls = _calls(due)
    if calls == 0 or calls + due.carried < attempts + due.extra_calls:
        return Verdict(Step.SEND)
    return Verdict(Step.ESCALATE, "unanswered")


def _second_number(due: Due, order: Order, attempts: int) -> Verdict:
    """Called beside the first number, which alone hands on to the superior."""
    if due.exercise is not None:
        return Verdict(Step.WITHHOLD, "no_drill_phone")
    if not due.active or not due.phone2:
        return Verdict(Step.WITHHOLD, "no_phone")
    most = attempts + due.extra_calls if order.needs_answer else 1
    return Verdict(Step.SEND) if _calls(due) < most else Verdict(Step.STOP, "unanswered")


def _device(due: Due, order: Order, attempts: int) -> Verdict:
    heard = order.kind is OrderKind.NOTICE and due.heard
    if order.state in _TO_TAKE_OFF or heard:
        if due.sends == 0:
            return Verdict(Step.WITHHOLD, "acknowledged" if heard else str(order.state))
        return (
            Verdict(Step.CANCEL)
            if due.cancels < attempts + due.extra_calls
            else Verdict(Step.STOP, "not_cleared")
        )
    if order.state is not OrderState.ISSUED:
        return Verdict(Step.STOP, str(order.state))
    if not due.active:
        return Verdict(Step.FAIL, "not_in_use")
    if _calls(due) < attempts + due.extra_calls:
        return Verdict(Step.SEND)
    if due.state in (DeliveryState.ACCEPTED, DeliveryState.QUEUED, DeliveryState.PREEMPTED):
        return Verdict(Step.STOP, "not_shown")
    if due.state in (DeliveryState.REJECTED, DeliveryState.EXPIRED):
        return Verdict(Step.STOP, str(due.state))
    if due.state in (DeliveryState.SHOWING, DeliveryState.PLAYING, DeliveryState.DONE):
        return Verdict(Step.STOP)
    return Verdict(Step.FAIL, "offline" if not due.online else "no_receipt")
