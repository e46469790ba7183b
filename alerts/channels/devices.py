"""Screens and loudspeakers by MQTT: commands out, receipts and statuses in.

One session, kept by the broker while nobody is here, so that receipts of a restart are not lost. A
message is acknowledged after it was stored. A babbling device is bounded here, before it costs anybody
else anything: what it says beyond its share is counted and left out.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.orders.claims import DeviceJob
from core import topics
from core.errors import ConfigurationError
from formats import envelope

log = structlog.get_logger("anlan.dispatch")

SESSION_EXPIRY_S = 86_400
RECEIVE_MAXIMUM = 500
SHARE_PER_S = 5.0
SHARE_BURST = 40.0
"""A device says a handful of receipts per command; this is far more, and no flood."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a device: `kind` is receipt or status; `babbled` counts what was left out before it."""

    device: str
    exercise: str | None
    kind: str
    payload: bytes
    mid: int
    qos: int
    connection: int
    babbled: int


class Share:
    """A token bucket per speaker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}
        self._dropped: dict[str, int] = {}

    def take(self, speaker: str) -> bool:
        """False if the speaker has used its share up; the message is counted as left out."""
        now = self._clock()
        tokens, before = self._left.get(speaker, (SHARE_BURST, now))
        tokens = min(SHARE_BURST, tokens + (now - before) * SHARE_PER_S)
        allowed = tokens >= 1.0
        self._left[speaker] = (tokens - 1.0 if allowed else tokens, now)
        if not allowed:
            self._dropped[speaker] = self._dropped.get(speaker, 0) + 1
        return allowed

    def dropped(self, speaker: str) -> int:
        """How many messages of the speaker were left out since this was last asked."""
        return self._dropped.pop(speaker, 0)


class DeviceLink:
    """The one MQTT session of dispatch."""

    def __init__(
        self,
        url: str,
        *,
        key: Ed25519PrivateKey,
        key_id: str,
        on_sent: Callable[[DeviceJob], None],
        client_id: str,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ConfigurationError(
                f"{parts.scheme}://… is no broker address; give mqtt://user:password@host:port"
            )
        self._key, self._key_id, self._on_sent = key, key_id, on_sent
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._published: dict[int, DeviceJob] = {}
        self._acknowledged_early: set[int] = set()
        self._gate = threading.Lock()
        self._connection = 0
        self._share = Share()
        self._oversized: dict[str, int] = {}
        self._up = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, manual_ack=True
        )
        self._client.suppress_exceptions = True
        self._client.reconnect_delay_set(1, 5)
        self._client.max_inflight_messages_set(100)
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            self._client.tls_set()
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        self._client.connect_async(
            parts.hostname, parts.port or (8883 if parts.scheme == "mqtts" else 1883), keepalive=15,
            clean_start=False, properties=properties,
        )  # fmt: skip
        self._client.loop_start()

    def is_up(self) -> bool:
        """True while the broker is reached; nothing is claimed for devices otherwise."""
        return self._up.is_set()

    def oversized(self) -> int:
        """How many messages were too long to be an envelope, and were left out unread."""
        return sum(list(self._oversized.values()))

    def close(self) -> None:
        """Leaves; the broker keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, job: DeviceJob) -> None:
        """Signs and publishes a command; `on_sent` is told when the broker has it."""
        command = job.command
        sealed = envelope.seal(envelope.encode_command(command), key_id=self._key_id, key=self._key)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = command.ttl_s
        topic = topics.build(job.exercise, "device", command.device, "command")
        # Never under the gate: paho calls `_on_publish` with the lock that `publish` waits for.
        info = self._client.publish(topic, sealed, qos=1, retain=False, properties=properties)
        with self._gate:
            if info.mid in self._acknowledged_early:
                self._acknowledged_early.discard(info.mid)
            else:
                self._published[info.mid] = job
                return
        self._on_sent(job)

    def hear(self, most: int, wait_s: float) -> list[Heard]:
        """What devices said; waits `wait_s` for a first message."""
        with contextlib.suppress(queue.Empty):
            heard = [self._heard.get(timeout=wait_s)]
            while len(heard) < most:
                try:
                    heard.append(self._heard.get_nowait())
                except queue.Empty:
                    break
            return heard
        return []

    def acknowledge(self, heard: Heard) -> None:
        """It is stored: the broker need not keep it."""
        if heard.qos and heard.connection == self._connection:
            self._client.ack(heard.mid, heard.qos)

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("the broker refuses dispatch", reason=str(reason))
            return
        self._connection += 1
        options = SubscribeOptions(qos=1)
        for exercise in (None, "+"):
            for kind in ("receipt", "status"):
                client.subscribe(topics.build(exercise, "device", "+", kind), options=options)
        self._up.set()
        log.info("broker reached")

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._up.clear()
        log.warning("broker lost", reason=str(reason))

    def _on_publish(self, _client: Client, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        with self._gate:
            job = self._published.pop(mid, None)
            if job is None:
                self._acknowledged_early.add(mid)
                return
        if reason.is_failure:
            log.error("the broker refused a command", device=job.command.device, reason=str(reason))
            return
        self._on_sent(job)

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        topic = topics.split(message.topic)
        if topic is None or len(topic.parts) != 3:
            client.ack(message.mid, message.qos)
            return
        _, device, kind = topic.parts
        if len(message.payload) > envelope.MAX_ENVELOPE_BYTES:
            self._leave_out(device, len(message.payload))
            client.ack(message.mid, message.qos)
            return
        spoken = f"{device}/{kind}"  # a share for each: a flood of statuses must not cost a receipt
        if not self._share.take(spoken):
            client.ack(message.mid, message.qos)
            return
        self._heard.put(
            Heard(
                device, topic.exercise, kind, bytes(message.payload), message.mid, message.qos, self._connection,
                self._share.dropped(spoken),
            )
        )  # fmt: skip

    def _leave_out(self, device: str, size: int) -> None:
        """The broker lets 4 MiB through, and hundreds of those would wait in memory; one warning each."""
        if device not in self._oversized:
            log.warning("a device says more than an envelope holds; left out", device=device, bytes=size)
        self._oversized[device] = self._oversized.get(device, 0) + 1
