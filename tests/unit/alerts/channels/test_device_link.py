"""Commands to devices, whatever the order in which paho's thread and ours come."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alerts.channels.devices import DeviceLink
from alerts.orders.claims import DeviceJob
from core.severity import Severity
from formats.envelope import Command, CommandKind

GOOD = SimpleNamespace(is_failure=False)
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def job(delivery: int) -> DeviceJob:
    command = Command(
        id=f"c{delivery}", device="LED-1", kind=CommandKind.SHOW, issued=NOW, ttl_s=60, sequence=delivery, exercise=None,
        severity=Severity.RED, text="立即转移", audio_url=None, audio_sha256=None, ends=NOW + timedelta(hours=1),
    )  # fmt: skip
    return DeviceJob(delivery, delivery, None, command, NOW)


@pytest.fixture
def sent() -> list[int]:
    return []


@pytest.fixture
def link(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> DeviceLink:
    # No broker: the link is given its publishing by each test.
    monkeypatch.setattr("paho.mqtt.client.Client.loop_start", lambda self: None)
    return DeviceLink(
        "mqtt://127.0.0.1:1", key=Ed25519PrivateKey.generate(), key_id="k",
        on_sent=lambda one: sent.append(one.delivery), client_id="test",
    )  # fmt: skip


def test_an_acknowledgement_that_comes_while_publishing_is_waited_for_by_nobody(
    link: DeviceLink, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """paho tells of an acknowledgement with the lock that its `publish` needs: whoever publishes under a lock
    of our own that the telling needs too stands still for good, and with it every order."""

    def publish(*_: Any, **__: Any) -> Any:
        telling = threading.Thread(target=link._on_publish, args=(None, None, 7, GOOD, None), daemon=True)
        telling.start()
        telling.join(2)
        assert not telling.is_alive(), "paho's thread waits for who waits for paho"
        return SimpleNamespace(mid=7)

    monkeypatch.setattr(link._client, "publish", publish)
    link.send(job(1))
    assert sent == [1]


def test_an_acknowledgement_that_comes_later_tells_once(
    link: DeviceLink, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link._client, "publish", lambda *_, **__: SimpleNamespace(mid=9))
    link.send(job(2))
    assert sent == []
    link._on_publish(None, None, 9, GOOD, None)  # type: ignore[arg-type]
    assert sent == [2]
