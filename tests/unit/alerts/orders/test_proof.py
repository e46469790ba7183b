"""What a receipt proves: states rise by meaning, whatever order receipts come in."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.orders.proof import device_state, person_state
from core.devices import DeviceReport as Report
from core.orders import DeliveryState as State

PROVED = (State.SENT, State.DELIVERED, State.FAILED)


def test_accepted_and_delivered_may_come_in_any_order() -> None:
    for order in permutations((State.SENT, State.DELIVERED)):
        state = State.SENDING
        for proved in order:
            state = person_state(state, proved)
        assert state is State.DELIVERED


@pytest.mark.parametrize(
    ("standing", "proved", "after"),
    [
        (State.SENDING, State.FAILED, State.FAILED),
        (State.SENT, State.FAILED, State.FAILED),
        (State.DELIVERED, State.FAILED, State.DELIVERED),
        (State.ANSWERED, State.FAILED, State.ANSWERED),
        (State.UNKNOWN, State.DELIVERED, State.DELIVERED),
        (State.FAILED, State.DELIVERED, State.DELIVERED),
        (State.ACTED, State.DELIVERED, State.ACTED),
        (State.ANSWERED, State.SENT, State.ANSWERED),
    ],
)
def test_persons(standing: State, proved: State, after: State) -> None:
    assert person_state(standing, proved) is after


@given(st.lists(st.sampled_from(PROVED), max_size=8))
def test_what_was_delivered_stays_delivered(receipts: list[State]) -> None:
    state = person_state(State.SENT, State.DELIVERED)
    for proved in receipts:
        state = person_state(state, proved)
    assert state is State.DELIVERED


@pytest.mark.parametrize(
    ("standing", "report", "purpose", "after"),
    [
        (State.SENT, Report.ACCEPTED, "send", State.ACCEPTED),
        (State.UNKNOWN, Report.SHOWING, "send", State.SHOWING),
        (State.SHOWING, Report.ACCEPTED, "send", State.SHOWING),
        (State.SHOWING, Report.PREEMPTED, "send", State.PREEMPTED),
        (State.PREEMPTED, Report.SHOWING, "send", State.SHOWING),
        (State.PLAYING, Report.DONE, "send", State.DONE),
        (State.DONE, Report.PLAYING, "send", State.DONE),
        (State.SENT, Report.REJECTED, "send", State.REJECTED),
        (State.SHOWING, Report.REJECTED, "send", State.SHOWING),
        (State.PLAYING, Report.FAILED, "send", State.FAILED),
        (State.DONE, Report.FAILED, "send", State.DONE),
        (State.FAILED, Report.SHOWING, "send", State.SHOWING),
        (State.SHOWING, Report.CANCELLED, "cancel", State.CLEARED),
        (State.SHOWING, Report.EXPIRED, "cancel", State.SHOWING),
        (State.SHOWING, Report.DONE, "cancel", State.CLEARED),
        (State.SENT, Report.EXPIRED, "send", State.EXPIRED),
        (State.QUEUED, Report.EXPIRED, "send", State.EXPIRED),
        (State.SHOWING, Report.EXPIRED, "send", State.SHOWING),
        (State.EXPIRED, Report.ACCEPTED, "send", State.ACCEPTED),
        (State.SHOWING, Report.ACCEPTED, "cancel", State.SHOWING),
        (State.SHOWING, Report.REJECTED, "cancel", State.SHOWING),
        (State.CLEARED, Report.SHOWING, "send", State.CLEARED),
    ],
)
def test_devices(standing: State, report: Report, purpose: str, after: State) -> None:
    assert device_state(standing, report, purpose=purpose) is after
