"""Many MQTT connections in one thread: paho's clients driven by asyncio.

A hundred devices with a thread each would wake a hundred times a second for nothing; here the loop
sleeps until a socket has something to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from drill.broker import KEEPALIVE_S, client_for

_SESSION_S = 3600
"""How long the broker keeps commands for a device that is away."""
_RECONNECT_S = (1.0, 2.0, 5.0)


class Wire:
    """One device's connection: its own account, session and last will; it comes back by itself."""

    def __init__(
        self,
        url: str,
        client_id: str,
        topics: list[str],
        *,
        will: Callable[[], tuple[str, bytes]],
        on_connect: Callable[[], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        self._topics = topics
        self._will = will
        self._connected = on_connect
        self._message = on_message
        self._failures = 0
        self._closing = False
        self._ticking: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._client, self._host, self._port = client_for(url, client_id)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_socket_open = self._on_socket_open
        self._client.on_socket_close = self._on_socket_close
        self._client.on_socket_register_write = self._on_want_write
        self._client.on_socket_unregister_write = self._on_written

    def open(self) -> None:
        """Connects, now or as soon as the broker answers."""
        topic, payload = self._will()
        self._client.will_set(topic, payload, qos=1, retain=True)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _SESSION_S
        try:
            self._client.connect(
                self._host, self._port, KEEPALIVE_S, clean_start=False, properties=properties
            )
        except OSError:
            self._retry()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """At QoS 1; kept by the client while the broker is away."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    async def close(self) -> None:
        """Says goodbye: the broker sends no last will."""
        self._closing = True
        with contextlib.suppress(OSError):
            for _ in range(20):
                if not self._client.want_write():
                    break
                await asyncio.sleep(0.01)
            self._client.disconnect()
        if self._ticking:
            self._ticking.cancel()

    def _retry(self) -> None:
        wait = _RECONNECT_S[min(self._failures, len(_RECONNECT_S) - 1)]
        self._failures += 1
        if not self._closing:
            self._loop.call_later(wait, self.open)

    async def _tick(self) -> None:
        """Keep-alive and repeats of what the broker did not confirm."""
        while True:
            await asyncio.sleep(KEEPALIVE_S / 3)
            self._client.loop_misc()

    def _on_socket_open(self, client: Client, _: Any, sock: Any) -> None:
        assert isinstance(sock, socket.socket)
        self._loop.add_reader(sock, client.loop_read)
        if self._ticking is None:
            self._ticking = self._loop.create_task(self._tick())

    def _on_socket_close(self, client: Client, _: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)

    def _on_want_write(self, client: Client, _: Any, sock: Any) -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _on_written(self, client: Client, _: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _on_connect(
        self, client: Client, _: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            return
        self._failures = 0
        client.subscribe([(topic, 1) for topic in self._topics])
        self._connected()

    def _on_disconnect(
        self,
        client: Client,
        _: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._retry()

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        self._message(message.topic, bytes(message.payload))
