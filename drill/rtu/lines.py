"""A simulated RTU's ways to the centre: its own connection, or a gateway's topic at the broker."""

from __future__ import annotations

import contextlib
import queue
import socket
from typing import Protocol

from paho.mqtt.client import Client, MQTTMessage

from core import topics
from drill.broker import KEEPALIVE_S, client_for


class Line(Protocol):
    """Bytes to the centre and from it."""

    def send(self, data: bytes) -> None:
        """Raises OSError if the line is lost."""

    def receive(self, wait_s: float) -> bytes:
        """What came within that time, perhaps nothing. Raises OSError if the line is lost."""

    def close(self) -> None:
        """Hangs up."""


class TcpLine:
    """Dials the centre."""

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError if nobody answers."""
        self._socket = socket.create_connection((host, port), timeout=5)

    def send(self, data: bytes) -> None:
        self._socket.settimeout(10)
        self._socket.sendall(data)

    def receive(self, wait_s: float) -> bytes:
        self._socket.settimeout(max(wait_s, 0.01))
        try:
            data = self._socket.recv(4096)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("the centre hung up")
        return data

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


class BrokerLine:
    """One topic of a gateway, or of the station's own login; each frame is a message."""

    def __init__(self, url: str, name: str, *, exercise: str | None = None, as_text: bool = False) -> None:
        self._topic = topics.build(exercise, "sl651", name)
        self._as_text = as_text
        self._heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._client, host, port = client_for(url, f"rtu-{name}")
        self._client.on_connect = lambda client, *_: client.subscribe(f"{self._topic}/down", 1)
        self._client.on_message = self._on_message
        self._client.connect(host, port, KEEPALIVE_S)
        self._client.loop_start()

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        self._heard.put(bytes(message.payload))

    def send(self, data: bytes) -> None:
        self._client.publish(self._topic, data.hex().upper() if self._as_text else data, 1)

    def receive(self, wait_s: float) -> bytes:
        try:
            return self._heard.get(timeout=max(wait_s, 0.01))
        except queue.Empty:
            return b""

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
