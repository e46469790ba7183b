"""A message leaves the outbox only when the centre has acknowledged it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.outbox import Message, Outbox


def message(seq: int, sender: str = "a") -> Message:
    return Message(f"anlan/obs/{sender}", sender, seq, b"{}")


def test_messages_go_in_order_and_no_more_than_the_window() -> None:
    outbox = Outbox(window=2)
    for seq in range(5):
        outbox.add(message(seq))
    assert [entry.seq for entry in outbox.take_due(0.0)] == [0, 1]
    assert outbox.take_due(1.0) == []
    assert not outbox.room
    assert outbox.acknowledge("a", 0)
    assert [entry.seq for entry in outbox.take_due(1.1)] == [2]
    assert outbox.open == 4


def test_what_is_not_acknowledged_is_sent_again_ever_less_often() -> None:
    outbox = Outbox()
    outbox.add(message(1))
    times = [t for t in range(100) if outbox.take_due(float(t))]
    assert times == [0, 3, 9, 21, 45, 75]
    assert outbox.resent == 5


def test_after_a_reconnection_all_under_way_is_sent_at_once() -> None:
    outbox = Outbox()
    outbox.add(message(1))
    outbox.take_due(0.0)
    outbox.reconnected(0.5)
    assert [entry.seq for entry in outbox.take_due(0.5)] == [1]


def test_only_the_right_sender_and_number_settle_a_message() -> None:
    outbox = Outbox()
    outbox.add(message(1))
    outbox.take_due(0.0)
    assert not outbox.acknowledge("b", 1)
    assert not outbox.acknowledge("a", 2)
    assert outbox.acknowledge("a", 1)
    assert not outbox.acknowledge("a", 1)
    assert (outbox.open, outbox.acknowledged) == (0, 1)


@given(st.integers(0, 2**32), st.integers(1, 20), st.floats(0.0, 0.9))
@settings(max_examples=60, deadline=None)
def test_over_a_line_that_loses_both_ways_everything_arrives(seed: int, window: int, loss: float) -> None:
    chance = random.Random(seed)
    outbox = Outbox(window)
    for seq in range(50):
        outbox.add(message(seq))
    arrived: set[int] = set()
    now = 0.0
    while outbox.open:
        now += 1.0
        assert now < 1_000_000
        for entry in outbox.take_due(now):
            if chance.random() >= loss:
                arrived.add(entry.seq)
                if chance.random() >= loss:
                    outbox.acknowledge(entry.sender, entry.seq)
    assert arrived == set(range(50))
