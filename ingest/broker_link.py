"""The thin edge to the broker: what comes in waits in a queue, what is stored is acknowledged.

paho runs its network loop in a thread of its own; its callbacks only put into the queue or count,
never touch the database, and never let an exception out (one would end the thread).

An acknowledgement belongs to the connection on which the message came: after a reconnection the broker
uses the same numbers for other messages, and an old acknowledgement would lose one of them. So every
message carries the number of its connection, and `acknowledge` drops what is of an older one (the
broker sends those again, and storing them again changes nothing).
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from core.clock import Clock
from core.errors import ConfigurationError, UnavailableError
from core.topics import ROOT
from ingest.counts import Counts
from ingest.messages import Inbound

log = structlog.get_logger("anlan.ingest.broker")

_MOST_BYTES = 2_000_000
"""Payload of one batch: a heap of packs or pictures must not hold up the live reading behind it."""
_CONNECTIONS = itertools.count(1)
"""Numbers of connections, never the same twice in a process, whichever link they belong to."""
_MOST_WAITING_BYTES = 128_000_000
"""Payload in the queue. The broker counts messages only, and a thousand of the largest are gigabytes."""
_OVERFULL = 20
"""Windows of messages in the queue that only repeated reconnections without a database can pile up."""


class BrokerLink:
    """One connection to the MQTT 5 session that the broker keeps under `client_id` while nobody is here.

    It never reconnects by itself: it may have been lost because another process of this instance has
    come, and two that reconnect throw each other out for ever. Who still has the lock makes a new link.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        clock: Clock,
        counts: Counts,
        *,
        receive_maximum: int,
        session_expiry_s: int,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ConfigurationError(
                f"{parts.scheme}://… is no broker address; give mqtt://user:password@host:port"
            )
        self._host = parts.hostname
        self._port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        self._clock = clock
        self._counts = counts
        self._receive_maximum = receive_maximum
        self._session_expiry_s = session_expiry_s
        self._queue: queue.SimpleQueue[Inbound] = queue.SimpleQueue()
        self._bytes_in = 0
        self._bytes_out = 0
        self._full = False
        self._gate = threading.Lock()
        self._connection = next(_CONNECTIONS)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._client = self._make_client(client_id, parts.scheme == "mqtts")
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))

    def start(self) -> None:
        """Begins to connect, and tries until it succeeds once; returns at once."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._session_expiry_s
        properties.ReceiveMaximum = self._receive_maximum
        self._client.connect_async(
            self._host, self._port, keepalive=15, clean_start=False, properties=properties
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Leaves; the broker keeps the session and what was not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def lost(self) -> bool:
        """True once the connection, or the thread that holds it, has ended; a new link must be made."""
        return self._ended.is_set() or (self._thread is not None and not self._thread.is_alive())

    def check(self) -> None:
        """Raises UnavailableError where only a new process helps."""
        if self._queue.qsize() > _OVERFULL * self._receive_maximum:
            raise UnavailableError(
                "the broker repeats messages faster than they can be stored; starting anew"
            )

    def waiting(self) -> int:
        """Messages in the queue."""
        return self._queue.qsize()

    def receive(self, most: int, fill_s: float, idle_s: float) -> list[Inbound]:
        """The next batch: waits `idle_s` for a first message, then at most `fill_s` for more."""
        try:
            batch = [self._queue.get(timeout=idle_s)]
        except queue.Empty:
            return []
        size = len(batch[0].payload)
        self._bytes_out += size
        until = time.monotonic() + fill_s
        while len(batch) < most and size < _MOST_BYTES:
            try:
                batch.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
            size += len(batch[-1].payload)
            self._bytes_out += len(batch[-1].payload)
        return batch

    def acknowledge(self, messages: Sequence[Inbound]) -> None:
        """Tells the broker, in order, that these are stored and need not be sent again."""
        with self._gate:
            for message in messages:
                if message.mid and message.connection == self._connection:
                    self._client.ack(message.mid, 1)

    def publish(self, topic: str, payload: bytes) -> None:
        """Sends a word of ours. Lost with the process, which its receiver must bear (it asks again)."""
        self._client.publish(topic, payload, qos=1)

    def _make_client(self, client_id: str, encrypted: bool) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.suppress_exceptions = True
        client.reconnect_delay_set(1, 5)
        client.max_queued_messages_set(10_000)
        if encrypted:
            client.tls_set()
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_pre_connect(self, client: Client, userdata: Any) -> None:
        self._thread = threading.current_thread()

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Any
    ) -> None:
        try:
            if reason.is_failure:
                log.error("the broker refuses the connection", reason=str(reason), host=self._host)
                return
            self._counts.connections += 1
            # A lost subscription is lost for good unless it is made here, at every connection. Retained
            # messages come with a new subscription only.
            client.subscribe(f"{ROOT}/#", options=SubscribeOptions(qos=1, noLocal=True, retainHandling=1))
            log.info("connected", host=self._host, port=self._port, session_kept=flags.session_present)
        except Exception:
            self._count_error("on_connect")

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        try:
            log.warning("the broker does not answer; trying again", host=self._host, port=self._port)
        except Exception:
            self._count_error("on_connect_fail")

    def _on_disconnect(
        self, client: Client, userdata: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Any
    ) -> None:
        try:
            with self._gate:
                self._connection = next(_CONNECTIONS)
            self._ended.set()
            told = log.warning if reason.is_failure else log.info
            told("disconnected", reason=str(reason))
        except Exception:
            self._count_error("on_disconnect")

    def _on_subscribe(
        self, client: Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        try:
            for reason in reasons:
                if reason.is_failure:
                    log.error(
                        "the broker refuses the subscription; let ingest read anlan/#", reason=str(reason)
                    )
        except Exception:
            self._count_error("on_subscribe")

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        try:
            inbound = Inbound(
                message.topic,
                bytes(message.payload),
                self._clock(),
                message.mid if message.qos else 0,
                self._connection,
                message.dup,
            )
            if self._has_room(client, len(inbound.payload)):
                self._queue.put(inbound)
        except Exception:
            self._count_error("on_message")

    def _has_room(self, client: Client, size: int) -> bool:
        """False for what comes when the queue is full, and for all after it, so that order is kept.

        The connection ends then: the broker keeps what was not acknowledged, and sends it on the next one,
        which is made when the queue is stored.
        """
        if not self._full and self._bytes_in - self._bytes_out + size > _MOST_WAITING_BYTES:
            self._full = True
            log.warning(
                "too much waits to be stored; leaving the broker until it is", messages=self.waiting()
            )
            client.disconnect()
        if not self._full:
            self._bytes_in += size
        return not self._full

    def _count_error(self, callback: str) -> None:
        self._counts.callback_errors += 1
        log.exception("a callback failed", callback=callback)
