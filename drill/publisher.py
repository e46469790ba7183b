"""Sends observations through MQTT and, where it gives a `seq`, until the centre has acknowledged them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from core.errors import ConfigurationError, UnavailableError
from core.topics import build
from drill.broker import KEEPALIVE_S, client_for
from drill.outbox import Message, Outbox
from formats.observations import encode, encode_pack

_TICK_S = 0.02
_PUBLISH_WINDOW = 100


Reading = tuple[datetime, Mapping[str, float | None]]
"""A time and the values that a station reports for it."""


class Publisher:
    """A telemetry gateway: one connection for many stations of one exercise (or none).

    `send` queues; a thread of its own sends and repeats. With `numbered` each message carries a `seq`
    and stays in the outbox until the centre's acknowledgement; without, it is counted when the broker
    has taken it, which proves nothing if the broker is killed.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        exercise: str | None = None,
        *,
        numbered: bool = True,
        window: int = 200,
        acknowledged: Sequence[str] = ("+",),
    ) -> None:
        self._exercise = exercise
        self._numbered = numbered
        self._listen = [build(exercise, "ack", station) for station in acknowledged]
        self._outbox = Outbox(window)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._connected = threading.Event()
        self._refused: str | None = None
        self._seq = time.time_ns() // 1000
        self.sent = 0
        self.taken_by_broker = 0
        self.last_acknowledged = time.monotonic()
        self._client, self._host, self._port = client_for(url, client_id)
        self._client.max_inflight_messages_set(_PUBLISH_WINDOW)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._sender = threading.Thread(target=self._run, name="outbox", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, timeout_s: float = 15) -> None:
        """Connects. Raises UnavailableError without an answer, ConfigurationError for a wrong login."""
        self._client.connect_async(self._host, self._port, KEEPALIVE_S)
        self._client.loop_start()
        until = time.monotonic() + timeout_s
        while not self._connected.wait(0.1):
            if self._refused or time.monotonic() > until:
                self._client.loop_stop()
                if self._refused:
                    raise ConfigurationError(
                        f"the broker refuses the login ({self._refused}); check ANLAN_FIELD__MQTT_URL"
                    )
                raise UnavailableError(
                    f"no broker answers at {self._host}:{self._port}; start it: ./anlan services start"
                )
        self._sender.start()

    def stop(self) -> None:
        """Ends the connection; what is still open is not sent any more."""
        self._stopping.set()
        if self._sender.is_alive():
            self._sender.join()
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, station: str, readings: Sequence[Reading], period_s: int | None = None) -> None:
        """Queues readings (one, or a pack of them in one message) for `anlan/obs/{station}`."""
        topic = build(self._exercise, "obs", station)
        with self._lock:
            self._seq += 1
            seq = self._seq if self._numbered else None
            if len(readings) == 1:
                payload = encode(*readings[0], period_s=period_s, seq=seq)
            else:
                payload = encode_pack(readings, period_s=period_s, seq=seq)
            self.sent += 1
            if self._numbered:
                self._outbox.add(Message(topic, station, self._seq, payload))
                return
        self._client.publish(topic, payload, qos=1)

    def publish(self, topic: Sequence[str], payload: bytes, *, retain: bool = False) -> None:
        """Publishes something that is no observation (a picture, a track), once, at QoS 1."""
        self._client.publish(build(self._exercise, *topic), payload, qos=1, retain=retain)

    @property
    def room(self) -> bool:
        """True if another message would go out at once."""
        if not self._numbered:
            return self.sent - self.taken_by_broker < self._outbox.window
        with self._lock:
            return self._outbox.room

    @property
    def open(self) -> int:
        """Messages that the centre (or, without numbers, the broker) has not acknowledged yet."""
        if not self._numbered:
            return self.sent - self.taken_by_broker
        with self._lock:
            return self._outbox.open

    @property
    def acknowledged(self) -> int:
        """Messages that the centre has committed."""
        return self._outbox.acknowledged

    @property
    def resent(self) -> int:
        """Copies that were sent because an acknowledgement did not come."""
        return self._outbox.resent

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_S):
            if not self._connected.is_set():
                continue
            with self._lock:
                due = self._outbox.take_due(time.monotonic())
            for message in due:
                self._client.publish(message.topic, message.payload, qos=1)

    def _on_connect(
        self, client: Client, _: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refused = str(reason)
            return
        if self._numbered:
            client.subscribe([(topic, 1) for topic in self._listen])
        with self._lock:
            self._outbox.reconnected(time.monotonic())
        self._connected.set()

    def _on_disconnect(
        self,
        client: Client,
        _: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._connected.clear()

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        try:
            seq = int(json.loads(message.payload)["seq"])
        except (ValueError, KeyError, TypeError):
            return
        with self._lock:
            if self._outbox.acknowledge(message.topic.rsplit("/", 1)[-1], seq):
                self.last_acknowledged = time.monotonic()

    def _on_publish(
        self, client: Client, _: Any, mid: int, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self.taken_by_broker += 1
