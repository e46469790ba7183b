"""Reading many messages at once gives what paho gives, however the bytes come."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest

from ingest.quick_client import Published, _ReadAhead

PUBACK = b"\x40\x02\x00\x07"


def packet(topic: str, payload: bytes, mid: int, *, properties: bytes = b"", flags: int = 2) -> bytes:
    name = topic.encode()
    number = struct.pack("!H", mid) if flags & 6 else b""
    body = struct.pack("!H", len(name)) + name + number + bytes([len(properties)]) + properties + payload
    length = bytearray()
    left = len(body)
    while True:
        left, byte = divmod(left, 128)
        length.append(byte | (128 if left else 0))
        if not left:
            break
    return bytes([0x30 | flags]) + bytes(length) + body


class Pieces:
    """A socket that gives its bytes in these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def recv(self, size: int) -> bytes:
        if not self.pieces:
            raise BlockingIOError
        head = self.pieces.pop(0)
        if len(head) > size:
            self.pieces.insert(0, head[size:])
        return head[:size]


@pytest.mark.parametrize("seed", range(20))
def test_however_the_bytes_are_cut_the_messages_are_whole_and_in_order(seed: int) -> None:
    dice = random.Random(seed)
    sent = [
        Published(
            f"anlan/obs/站{number}", dice.randbytes(dice.choice([0, 5, 130, 20_000])), number, False, False
        )
        for number in range(1, 60)
    ]
    stream = b"".join(packet(one.topic, one.payload, one.mid) for one in sent)
    pieces = []
    while stream:
        size = dice.choice([1, 2, 3, 50, 5_000])
        pieces.append(stream[:size])
        stream = stream[size:]
    ahead, found = _ReadAhead(Pieces(pieces)), list[Published]()
    while len(found) < len(sent):
        assert ahead.fill()
        found += ahead.take_published()
    assert found == sent
    assert ahead.pending() == 0


def test_what_is_no_plain_message_is_left_to_paho_in_its_place() -> None:
    odd = [
        PUBACK,
        packet("a", b"x", 2, properties=b"\x02\x00\x00\x00\x05"),
        packet("a", b"x", 2, flags=4),
        b"\x32\x07\x00\x01\xff\x00\x01\x00x",
    ]
    for strange in odd:
        stream = packet("first", b"1", 1) + strange + packet("last", b"3", 3)
        ahead = _ReadAhead(Pieces([stream]))
        assert ahead.fill()
        assert [one.topic for one in ahead.take_published()] == ["first"]
        assert ahead.pending() > 0
        assert ahead.recv(len(strange)) == strange
        assert [one.topic for one in ahead.take_published()] == ["last"]


def test_flags_of_a_message_are_kept() -> None:
    ahead = _ReadAhead(Pieces([packet("a", b"x", 9, flags=2 | 8 | 1) + packet("b", b"y", 0, flags=0)]))
    ahead.fill()
    assert ahead.take_published() == [
        Published("a", b"x", 9, True, True),
        Published("b", b"y", 0, False, False),
    ]


def test_an_end_of_the_connection_is_left_to_paho() -> None:
    class Ended:
        def recv(self, size: int) -> bytes:
            return b""

    socket: Any = Ended()
    assert not _ReadAhead(socket).fill()
