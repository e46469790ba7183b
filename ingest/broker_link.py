"""The thin edge to the broker: what comes in waits in a queue, what is stored is acknowledged.

paho runs its network loop in a thread of its own; its callbacks only put into the queue or count,
never touch the database, and never let an exception out (one would end the thread).

An acknowledgement belongs to the connection on which the message came: after a reconnection the broker
uses the same numbers for other messages, and an old acknowledgement would lose one of them. So every
message carries the number of its connection, and `acknowledge` drops what is of an older one (the
broker sends those again, and storing them again changes nothing).

A session is either subscribed or being drained. To drain it the link unsubscribes it and then sends a word of
its own through it: the broker keeps the order, so when that word comes back everything before it has come.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Sequence
from datetime import datetime
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
from core.errors import ConfigurationError
from ingest.ahead import Ahead
from ingest.counts import Counts
from ingest.inbox import Inbox
from ingest.messages import Inbound
from ingest.quick_client import Published, QuickClient
from ingest.session import Session

log = structlog.get_logger("anlan.ingest.broker")

_CONNECTIONS = itertools.count(1)
"""Numbers of connections, never the same twice in a process, whichever link they belong to."""
_QUIET_S = 0.5
"""Nothing more came for so long after our own word: the session is empty."""
_ASK_AGAIN_S = 10.0
"""Nothing at all came for so long, our own word neither: it is sent again (a broker may drop what it queues)."""


class BrokerLink:
    """One connection to an MQTT 5 session that the broker keeps while nobody is here.

    It never reconnects by itself: it may have been lost because another process of this instance has
    come, and two that reconnect throw each other out for ever. Who still has the lock makes a new link.
    """

    def __init__(
        self,
        url: str,
        session: Session,
        clock: Clock,
        counts: Counts,
        *,
        new: bool = False,
        closed_at: datetime | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        """`new`: the broker forgets what it has under this name. `closed_at`: the session is drained."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ConfigurationError(
                f"{parts.scheme}://… is no broker address; give mqtt://user:password@host:port"
            )
        self._host = parts.hostname
        self._port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        self._session = session
        self._new = new
        self._closed_at = closed_at
        self._ahead = ahead
        self._clock = clock
        self._counts = counts
        self._inbox = Inbox()
        self._gate = threading.Lock()
        self._connection = next(_CONNECTIONS)
        self._ended = threading.Event()
        self._subscribed = threading.Event()
        self._thread: threading.Thread | None = None
        self._came = 0
        self._done = 0
        self._heard_at = time.monotonic()
        self._word = secrets.token_bytes(8)
        self._word_came = False
        self._leaving = False
        self._client = self._make_client(parts.scheme == "mqtts")
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))

    def start(self) -> None:
        """Begins to connect, and tries until it succeeds once; returns at once."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._session.expiry_s
        properties.ReceiveMaximum = self._session.receive_maximum
        self._client.connect_async(
            self._host, self._port, keepalive=15, clean_start=self._new, properties=properties
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Leaves; the broker keeps the session and what was not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()

    def end(self) -> None:
        """Leaves, and the broker ends the session."""
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client.loop_stop()

    def drain(self, closed_at: datetime) -> None:
        """From now on the session brings only what it holds; what comes counts as received at `closed_at`."""
        self._closed_at = closed_at
        self._heard_at = time.monotonic()
        if self._subscribed.is_set():
            self._unsubscribe()

    @property
    def lost(self) -> bool:
        """True once the connection, or the thread that holds it, has ended; a new link must be made."""
        return self._ended.is_set() or (self._thread is not None and not self._thread.is_alive())

    @property
    def subscribed(self) -> bool:
        """True once the broker keeps for this session what is published."""
        return self._subscribed.is_set() and not self.lost

    @property
    def drained(self) -> bool:
        """True when everything has come and is acknowledged; asks again where nothing comes at all.

        Never once something had no room (our own word may have come behind it), nor on a lost connection, by
        which the broker could not be told to end the session: the next one asks again.
        """
        quiet_s = time.monotonic() - self._heard_at
        if not self._word_came and quiet_s > _ASK_AGAIN_S and self._subscribed.is_set():
            self._heard_at = time.monotonic()
            log.warning("nothing comes from a session that is being drained; asking again")
            self._send_word()
        came = self._word_came and not self._inbox.full and not self.lost
        return came and self._done >= self._came and quiet_s > _QUIET_S

    def waiting(self) -> int:
        """Messages in the queue."""
        return len(self._inbox)

    def receive(self, most: int, fill_s: float, idle_s: float) -> list[Inbound]:
        """The next batch: waits `idle_s` for a first message, then at most `fill_s` for more."""
        return self._inbox.take(most, fill_s, idle_s)

    def acknowledge(self, messages: Sequence[Inbound]) -> None:
        """Tells the broker, in order, that these are stored and need not be sent again."""
        with self._gate:
            mine = [message for message in messages if message.connection == self._connection]
            self._client.acknowledge([message.mid for message in mine if message.mid])
            self._done += len(mine)

    def publish(self, topic: str, payload: bytes, expiry_s: int | None = None) -> None:
        """Sends a word of ours. Lost with the process, which its receiver must bear (it asks again).

        After `expiry_s` the broker drops what its receiver did not fetch.
        """
        properties = None
        if expiry_s is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = expiry_s
        self._client.publish(topic, payload, qos=1, properties=properties)

    def _make_client(self, encrypted: bool) -> QuickClient:
        client = QuickClient(
            CallbackAPIVersion.VERSION2,
            client_id=self._session.name,
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
        client.on_published = self._on_published
        client.has_room = lambda: self._inbox.has_room
        return client

    def _subscribe(self) -> None:
        # A lost subscription is lost for good unless it is made here, at every connection. Retained messages
        # come with a new subscription only. A shared one may not exclude our own words (MQTT 5 §3.8.3.1).
        options = SubscribeOptions(qos=1, noLocal=not self._session.share, retainHandling=1)
        self._client.subscribe([(filter_, options) for filter_ in self._session.filters])

    def _unsubscribe(self) -> None:
        self._client.unsubscribe(self._session.filters)
        self._client.subscribe(self._session.own_topic, options=SubscribeOptions(qos=1))
        self._send_word()

    def _send_word(self) -> None:
        self._client.publish(self._session.own_topic, self._word, qos=1)

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
            self._heard_at = time.monotonic()
            if self._closed_at is None:
                self._subscribe()
            else:
                self._subscribed.set()
                self._unsubscribe()
                log.info("draining", closed_at=self._closed_at.isoformat(), kept=flags.session_present)
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
                elif not self._subscribed.is_set():
                    self._subscribed.set()
                    log.info("connected", host=self._host, port=self._port, filters=self._session.filters)
                    if self._closed_at is not None:
                        self._unsubscribe()
        except Exception:
            self._count_error("on_subscribe")

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        try:
            mid = message.mid if message.qos else 0
            self._take(
                [Published(message.topic, bytes(message.payload), mid, message.dup, bool(message.retain))]
            )
        except Exception:
            self._count_error("on_message")

    def _on_published(self, published: list[Published]) -> None:
        try:
            self._take(published)
        except Exception:
            self._count_error("on_published")

    def _take(self, published: list[Published]) -> None:
        at = self._clock()
        self._heard_at = time.monotonic()
        backlog = self._closed_at is not None
        own, ours = self._session.own_topic if backlog else "", self._session.aliases.ours
        if self._closed_at is not None and self._closed_at < at:
            at = self._closed_at
        if any(payload == self._word and topic == own for topic, payload, *_ in published):
            self._word_came = True
        ahead = self._ahead
        messages = [
            Inbound(
                ours(topic),
                payload,
                at,
                mid,
                self._connection,
                dup or retain,
                backlog,
                ahead.decode(topic, payload) if ahead is not None else None,
            )
            for topic, payload, mid, dup, retain in published
        ]
        self._came += self._inbox.put(messages)
        if self._inbox.full and not self._leaving:
            # The broker keeps what was not acknowledged, and sends it on the next connection, which is made
            # when the inbox is stored.
            self._leaving = True
            log.warning(
                "too much waits to be stored; leaving the broker until it is", messages=self.waiting()
            )
            self._client.disconnect()

    def _count_error(self, callback: str) -> None:
        self._counts.callback_errors += 1
        log.exception("a callback failed", callback=callback)
