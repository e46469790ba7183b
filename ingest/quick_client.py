"""paho's client, reading many messages at once.

paho reads a packet with three system calls, waits for the next with a fourth, and wraps it in objects: half
of what ingest did was this. Here the socket is read in large pieces and plain PUBLISH packets (MQTT 5
§3.3: no properties) are taken out of them as they lie; everything else goes paho's own way, in its place
in the order. Acknowledgements of a batch go out as one piece.
"""

from __future__ import annotations

import ssl
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from paho.mqtt.client import Client
from paho.mqtt.enums import MessageType, MQTTErrorCode

_PIECE = 262_144
"""Bytes of one read. A packet that is longer is left to paho."""
_PAUSE_S = 0.003
_PUBLISH = 0x30
_PUBACK = struct.Struct("!BBH")


class Published(NamedTuple):
    """One message as it lies on the wire; `mid` 0 needs no acknowledgement (QoS 0)."""

    topic: str
    payload: bytes
    mid: int
    dup: bool
    retain: bool


class QuickClient(Client):
    """A client that gives `on_published` what a read brought; `on_message` gets what is not plain."""

    on_published: Callable[[list[Published]], None] | None = None
    has_room: Callable[[], bool] | None = None
    """False: nothing more is read for now, and the broker must wait. For longer than the keep-alive, and the
    connection ends."""

    def acknowledge(self, mids: Sequence[int]) -> None:
        """QoS 1 messages, in this order; with `manual_ack` only."""
        if mids:
            packets = b"".join([_PUBACK.pack(0x40, 2, mid) for mid in mids])
            self._packet_queue(MessageType.PUBACK, packets, mids[-1], 1)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """What has come: plain messages at once, or one packet of another kind."""
        ahead = self._sock
        if not isinstance(ahead, _ReadAhead) or self._in_packet["command"] != 0 or self.on_published is None:
            return super().loop_read(max_packets)
        if self.has_room is not None and not self.has_room():
            time.sleep(_PAUSE_S)
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        came = ahead.fill()
        if found := ahead.take_published():
            with self._msgtime_mutex:
                self._last_bytes_received = time.monotonic()
            self.on_published(found)
        if came and not ahead.pending():
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super().loop_read(max_packets)

    def _create_socket(self) -> Any:
        return _ReadAhead(super()._create_socket())


class _ReadAhead:
    """A socket with what was read of it and not yet taken."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._held = b""
        self._at = 0
        self._for_paho = False

    def fill(self) -> bool:
        """Reads what has come; False where paho must see for itself (an end, an error)."""
        try:
            came = self._socket.recv(_PIECE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        self._held = self._held[self._at :] + came
        self._at = 0
        return bool(came)

    def take_published(self) -> list[Published]:
        """The plain messages at the head, up to the first packet that is not whole or not plain."""
        found: list[Published] = []
        held, at, end = self._held, self._at, len(self._held)
        self._for_paho = False
        while at + 2 <= end:
            head = held[at]
            length, body = _length(held, at + 1)
            if body < 0:
                break
            after = body + length
            if head & 0xF0 != _PUBLISH or after - at > _PIECE:
                self._for_paho = True
                break
            if after > end:
                break
            message = _plain(held, head, body, after)
            if message is None:
                self._for_paho = True
                break
            found.append(message)
            at = after
        self._at = at
        return found

    def pending(self) -> int:
        """Bytes that paho should read now, without waiting for more to come."""
        if self._for_paho:
            return len(self._held) - self._at
        return self._socket.pending() if hasattr(self._socket, "pending") else 0

    def recv(self, size: int) -> bytes:
        """For paho: first what is held."""
        if self._at >= len(self._held):
            self._for_paho = False
            received: bytes = self._socket.recv(size)
            return received
        part = self._held[self._at : self._at + size]
        self._at += len(part)
        return part

    def send(self, data: bytes | bytearray) -> int:
        sent: int = self._socket.send(data)
        return sent

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        number: int = self._socket.fileno()
        return number

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)


def _length(held: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer (MQTT 5 §1.5.5) and where the next byte stands; -1 if it is not whole."""
    value = 0
    for place in range(4):
        if at + place >= len(held):
            return 0, -1
        byte = held[at + place]
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    return value, at + 4


def _plain(held: bytes, head: int, body: int, after: int) -> Published | None:
    """The PUBLISH between `body` and `after`, if it has no properties and a topic that can be read."""
    quality = head & 6
    topic_end = body + 2 + ((held[body] << 8) | held[body + 1])
    properties = topic_end + 2 if quality else topic_end
    if quality == 4 or quality == 6 or properties >= after or held[properties]:
        return None
    try:
        topic = held[body + 2 : topic_end].decode()
    except UnicodeDecodeError:
        return None
    mid = (held[topic_end] << 8) | held[topic_end + 1] if quality else 0
    return Published(topic, held[properties + 1 : after], mid, bool(head & 8), bool(head & 1))
