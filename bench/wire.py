"""A publisher that is never the bottleneck: prepared QoS 1 packets on a plain socket (MQTT 5 §3.3)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

_AT_ONCE = 50
_WINDOW = 1000
_IDENTIFIERS = 60_000


class Publisher:
    """One connection; `publish` returns when the broker has acknowledged everything."""

    def __init__(self, url: str, name: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection(
            (parts.hostname or "127.0.0.1", parts.port or 1883), timeout=60
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        login = _text(unquote(parts.username or "")) + _text(unquote(parts.password or ""))
        body = _text("MQTT") + b"\x05\xc2\x00\x00\x00" + _text(name) + login
        self._socket.sendall(b"\x10" + _length(len(body)) + body)
        head = self._socket.recv(2)
        answer = self._socket.recv(head[1])
        if head[0] != 0x20 or answer[1] != 0:
            raise ConnectionError(f"the broker refuses the publisher: {answer.hex()}")
        self._open = 0
        self._number = 0
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> int:
        """Sends (topic, payload); how many."""
        packets: list[bytes] = []
        sent = 0
        for topic, payload in messages:
            self._number = self._number % _IDENTIFIERS + 1
            body = _text(topic) + struct.pack("!H", self._number) + b"\x00" + payload
            packets.append(b"\x32" + _length(len(body)) + body)
            sent += 1
            self._open += 1
            if len(packets) == _AT_ONCE:
                self._socket.sendall(b"".join(packets))
                packets.clear()
                while self._open > _WINDOW - _AT_ONCE:
                    self._read()
        self._socket.sendall(b"".join(packets))
        while self._open:
            self._read()
        return sent

    def _read(self) -> None:
        came = self._socket.recv(65_536)
        if not came:
            raise ConnectionError("the broker has closed the publisher's connection")
        self._left += came
        at = 0
        while len(self._left) - at >= 2 and len(self._left) - at >= 2 + self._left[at + 1]:
            if self._left[at] != 0x40:
                raise ConnectionError(f"the broker answers {self._left[at]:#x} instead of PUBACK")
            self._open -= 1
            at += 2 + self._left[at + 1]
        self._left = self._left[at:]


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("!H", len(encoded)) + encoded


def _length(number: int) -> bytes:
    out = bytearray()
    while True:
        number, byte = divmod(number, 128)
        out.append(byte | (128 if number else 0))
        if not number:
            return bytes(out)
