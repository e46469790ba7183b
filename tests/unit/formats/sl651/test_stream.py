"""Frames are found by length and checksum, whatever stands around them."""

from __future__ import annotations

import random

import pytest

from core.faults import FaultReason
from formats.sl651 import Frame, Noise, StreamReader, read_frame
from formats.sl651.checksum import crc16
from formats.sl651.frame import LARGEST_BODY, Coding, End, build_frame
from tests.unit.formats.sl651.vectors import VECTORS, vector


def test_the_checksum_is_that_of_modbus() -> None:
    assert crc16(b"123456789") == 0x4B37
    assert crc16(b"12345678") == 0x37DD
    assert crc16(b"") == 0xFFFF


def test_the_quick_checksum_is_the_slow_one() -> None:
    def slowly(data: bytes) -> int:
        crc = 0xFFFF
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        return crc

    chance = random.Random(651)
    for length in range(80):
        data = chance.randbytes(length)
        assert crc16(data) == slowly(data)


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in ("S18", "S19")])
def test_a_frame_waits_for_its_last_byte(name: str) -> None:
    data = vector(name)
    for length in range(2, len(data)):
        assert read_frame(data[:length]) is None
    assert isinstance(read_frame(data), Frame)


@pytest.mark.parametrize("name", ["S2", "S9", "S14", "S16", "S20"])
def test_every_flipped_bit_is_noticed(name: str) -> None:
    data = vector(name)
    for place in range(len(data) * 8):
        spoilt = bytearray(data)
        spoilt[place // 8] ^= 1 << place % 8
        found = StreamReader().feed(bytes(spoilt))
        # Letters of an ASCII checksum may change their case and mean the same.
        assert not any(isinstance(one, Frame) for one in found) or (
            bytes(spoilt).upper() == data and name == "S20"
        )


def test_noise_around_and_between_is_named_once_and_costs_nothing() -> None:
    reader = StreamReader()
    data = b"AT+OK\r\n" + vector("S2") + b"\x7e\x7e\x00garbage\x01\x7e\x7e" + vector("S3") + b"\r\n"
    found = reader.feed(data) + reader.finish()
    assert [type(one) for one in found] == [Noise, Frame, Noise, Frame]
    assert isinstance(found[0], Noise)
    assert found[0].raw == b"AT+OK\r\n"


def test_what_is_left_at_the_end_is_told() -> None:
    reader = StreamReader()
    assert reader.feed(vector("S2")[:30]) == []
    assert reader.pending == 30
    [left] = reader.finish()
    assert isinstance(left, Noise)
    assert (left.fault.reason, len(left.raw)) == (FaultReason.BAD_FRAME, 30)
    assert reader.pending == 0
    assert reader.finish() == []


def test_endless_noise_does_not_pile_up() -> None:
    reader = StreamReader()
    start = bytes.fromhex("7E7E0100604123011A2B320FFF02")
    noise = sum(len(one.raw) for _ in range(40) for one in reader.feed(start * 100) if isinstance(one, Noise))
    assert reader.pending <= 2 * (LARGEST_BODY + 32)
    assert noise + reader.pending == 40 * 100 * len(start)
    found = reader.feed(vector("S2"))
    assert isinstance(found[-1], Frame)


def test_too_long_a_frame_is_refused_at_its_head() -> None:
    head = bytes.fromhex("7E7E0100604123011A2B36")
    fault = read_frame(head + b"\x70\x00\x16\x00\x20\x01")
    assert fault is not None and not isinstance(fault, Frame)
    assert fault.reason is FaultReason.BAD_FRAME
    with pytest.raises(ValueError, match="packets"):
        build_frame(
            Coding.HEX,
            up=True,
            centre=1,
            address="0060412301",
            password="0000",
            function=0x36,
            body=bytes(LARGEST_BODY + 1),
            end=End.ETX,
        )


def test_a_frame_of_the_largest_body_is_read() -> None:
    data = build_frame(
        Coding.HEX,
        up=True,
        centre=1,
        address="0060412301",
        password="0000",
        function=0x36,
        body=b"\x7e\x7e" * (LARGEST_BODY // 2),
        end=End.ETX,
    )
    reader = StreamReader()
    assert [one.raw for one in reader.feed(data + data)] == [data, data]


@pytest.mark.parametrize("number", [0, 3])
def test_a_packet_that_cannot_be_is_refused(number: int) -> None:
    data = build_frame(
        Coding.HEX,
        up=True,
        centre=1,
        address="0060412301",
        password="0000",
        function=0x36,
        body=b"x",
        end=End.ETX,
        packet=(2, number),
    )
    assert not isinstance(read_frame(data), Frame)
