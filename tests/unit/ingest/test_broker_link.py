"""Acknowledgements go only to the connection on which the message came."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from core.clock import SteppingClock
from core.errors import ConfigurationError
from ingest import broker_link, inbox
from ingest.broker_link import BrokerLink
from ingest.counts import Counts
from ingest.messages import Inbound
from ingest.quick_client import Published
from ingest.session import Session

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SESSION = Session("test", "", 5, 60)
LOST = ReasonCode(PacketTypes.DISCONNECT, identifier=0x80)


class Recorder:
    """Stands for the client: notes what is acknowledged, and that the connection was ended."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.left = False

    def acknowledge(self, mids: list[int]) -> None:
        self.acknowledged += mids

    def disconnect(self) -> None:
        self.left = True


class Arrived:
    """Stands for paho's message."""

    def __init__(self, mid: int, qos: int = 1, topic: str | None = "anlan/obs/A") -> None:
        self.mid, self.qos, self.dup, self.retain = mid, qos, False, False
        self.payload, self._topic = bytearray(b"x"), topic

    @property
    def topic(self) -> str:
        if self._topic is None:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no UTF-8")
        return self._topic


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def link(counts: Counts) -> BrokerLink:
    made = BrokerLink("mqtt://a:b%40c@127.0.0.1:1", SESSION, SteppingClock(NOW), counts)
    made._client = Recorder()  # type: ignore[assignment]
    return made


def arrive(link: BrokerLink, *messages: Any) -> list[Inbound]:
    for message in messages:
        link._on_message(None, None, message)  # type: ignore[arg-type]
    return link.receive(100, 0.0, 0.0)


def acknowledged(link: BrokerLink) -> list[int]:
    recorder: Any = link._client
    found: list[int] = recorder.acknowledged
    return found


def test_in_order_on_the_same_connection(link: BrokerLink) -> None:
    link.acknowledge(arrive(link, Arrived(7), Arrived(3), Arrived(9)))
    assert acknowledged(link) == [7, 3, 9]


def test_an_acknowledgement_of_an_older_connection_is_dropped(link: BrokerLink) -> None:
    old = arrive(link, Arrived(1))
    link._on_disconnect(None, None, None, LOST, None)  # type: ignore[arg-type]
    new = arrive(link, Arrived(1))
    link.acknowledge(old)
    assert acknowledged(link) == [], "1 is now the number of another message, not stored yet"
    link.acknowledge(new)
    assert acknowledged(link) == [1]


def test_quality_of_service_0_has_nothing_to_acknowledge(link: BrokerLink) -> None:
    link.acknowledge(arrive(link, Arrived(0, qos=0)))
    assert acknowledged(link) == []


def test_an_exception_in_a_callback_is_counted_and_the_flow_goes_on(link: BrokerLink, counts: Counts) -> None:
    assert [message.mid for message in arrive(link, Arrived(1, topic=None), Arrived(2))] == [2]
    assert counts.callback_errors == 1


def test_a_batch_is_bounded_by_count_and_the_rest_waits(link: BrokerLink) -> None:
    for mid in range(1, 11):
        link._on_message(None, None, Arrived(mid))  # type: ignore[arg-type]
    assert [message.mid for message in link.receive(4, 0.0, 0.0)] == [1, 2, 3, 4]
    assert link.waiting() == 6


def test_of_a_session_that_is_drained_everything_counts_as_received_when_it_was_closed(
    link: BrokerLink,
) -> None:
    link._subscribed.clear()
    link.drain(NOW - timedelta(minutes=5))
    (late,) = arrive(link, Arrived(1))
    assert late.backlog and late.received_at == NOW - timedelta(minutes=5)
    assert not link.drained, "our own word has not come back"


@pytest.mark.parametrize("room", [True, False])
def test_a_session_of_which_something_had_no_room_is_not_drained(
    link: BrokerLink, monkeypatch: pytest.MonkeyPatch, room: bool
) -> None:
    """The broker still has it: ending the session would lose it."""
    monkeypatch.setattr(inbox, "_MOST_WAITING_BYTES", 1_000 if room else 10)
    monkeypatch.setattr(broker_link, "_QUIET_S", -1.0)
    link.drain(NOW)
    messages = [(f"anlan/obs/S{mid}", b"8 bytes.", mid, False, False) for mid in (1, 2)]
    word = (SESSION.own_topic, link._word, 3, False, False)
    link._on_published([Published(*message) for message in (*messages, word)])
    link.acknowledge(link.receive(100, 0.0, 0.0))
    assert link.drained is room


def test_a_session_is_not_drained_on_a_connection_that_is_lost(
    link: BrokerLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker would keep it, with whatever is in it, and nobody would ask for it any more."""
    monkeypatch.setattr(broker_link, "_QUIET_S", -1.0)
    link.drain(NOW)
    link._on_published([Published(SESSION.own_topic, link._word, 1, False, False)])
    link.acknowledge(link.receive(100, 0.0, 0.0))
    assert link.drained
    link._on_disconnect(None, None, None, LOST, None)  # type: ignore[arg-type]
    assert not link.drained


def test_a_link_whose_thread_has_died_is_lost(link: BrokerLink) -> None:
    assert not link.lost
    thread = threading.Thread(target=lambda: link._on_pre_connect(None, None))  # type: ignore[arg-type]
    thread.start()
    thread.join()
    assert link.lost


def test_a_link_whose_connection_ended_is_lost(link: BrokerLink) -> None:
    link._on_disconnect(None, None, None, LOST, None)  # type: ignore[arg-type]
    assert link.lost


def test_a_wrong_address_is_said_without_its_password(counts: Counts) -> None:
    with pytest.raises(ConfigurationError) as raised:
        BrokerLink("http://a:secret@b", SESSION, SteppingClock(NOW), counts)
    assert "secret" not in str(raised.value)


def test_a_queue_of_large_payloads_is_bounded_by_bytes_and_the_rest_comes_again(
    link: BrokerLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.inbox._MOST_WAITING_BYTES", 1000)
    client: Any = link._client
    for mid in range(1, 20):
        message = Arrived(mid)
        message.payload = bytearray(300 if mid < 19 else 1)
        link._on_message(client, None, message)  # type: ignore[arg-type]
    assert client.left
    kept = link.receive(100, 0.0, 0.0)
    assert [message.mid for message in kept] == [1, 2, 3], "nothing after the first that had no room"


def test_room_that_was_stored_is_room_again(link: BrokerLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.inbox._MOST_WAITING_BYTES", 1000)
    client: Any = link._client
    for mid in range(1, 50):
        message = Arrived(mid)
        message.payload = bytearray(600)
        link._on_message(client, None, message)  # type: ignore[arg-type]
        assert [one.mid for one in link.receive(100, 0.0, 0.0)] == [mid]
    assert not client.left
