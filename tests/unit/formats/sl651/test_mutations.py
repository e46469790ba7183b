"""Spoilt frames and spoilt bodies raise nothing, hang nothing and are never without a word."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import FORMATS
from formats import Context as PayloadContext
from formats.sl651 import Assembler, Context, Frame, Function, StreamReader, decode
from formats.sl651.body import MOST_ITEMS
from formats.sl651.frame import Coding, End, build_frame
from tests.unit.formats.sl651.vectors import LINK, VECTORS, beijing, frame_of, vector

NOW = beijing("2026-07-15T08:00")
FRAMES = [vector(name) for name in VECTORS]
TOKENS = [
    bytes.fromhex(token)
    for token in (
        "7E7E", "01", "F0F0", "F1F1", "F2F2", "F3F3", "F460", "F5C0", "FDF6", "0418000005", "0418000000",
        "0418310000", "FFFF", "FF00", "3923", "4520", "00", "16FFFFFF", "02", "03",
    )
] + [b" TT ", b" ST ", b" DRN05 ", b" DRH00 ", b" DRP ", b" Z ", b" M ", b" PIC ", b" RGZS "]  # fmt: skip


def mutated(chance: random.Random, data: bytes) -> bytes:
    """A few bytes changed, inserted, doubled or taken out."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(6):
            case 0:
                spoilt[place:place] = chance.choice(TOKENS)
            case 1:
                spoilt[place : place + 1] = chance.randbytes(1)
            case 2:
                del spoilt[place : place + chance.randint(1, 8)]
            case 3:
                spoilt[place:place] = chance.randbytes(chance.randint(1, 8))
            case 4:
                spoilt[place:place] = spoilt[place : place + chance.randint(1, 40)]
            case _:
                spoilt[place:] = chance.choice(FRAMES)[chance.randrange(20) :]
    return bytes(spoilt)


def resealed(chance: random.Random, frame: Frame) -> Frame:
    """A spoilt body in a frame that is right: it reaches the readers of bodies."""
    body = mutated(chance, frame.body)[:4_000]
    return frame_of(
        build_frame(
            frame.coding,
            up=frame.up,
            centre=frame.centre,
            address=frame.address,
            password=frame.password,
            function=chance.choice([frame.function, *Function]),
            body=body,
            end=frame.end,
        )
    )


def run(count: int, seed: int) -> None:
    chance = random.Random(seed)
    whole = [frame_of(data) for data in FRAMES if data != vector("S18")]
    assembler = Assembler(most_transfers=4)
    slowest = 0.0
    for _ in range(count):
        began = time.perf_counter()
        spoilt = mutated(chance, chance.choice(FRAMES))
        reader = StreamReader()
        for one in reader.feed(spoilt) + reader.finish():
            if isinstance(one, Frame) and (assembled := assembler.add(one, NOW)) is not None:
                decode(assembled)
        decoded = decode(resealed(chance, chance.choice(whole)), Context(received_at=NOW))
        for fault in decoded.faults:
            fault.detail.encode()
        assert all(one.time.utcoffset() is not None for one in decoded.readings)
        FORMATS["sl651"](spoilt, PayloadContext(""))
        FORMATS["sl651"](spoilt.hex().encode(), PayloadContext(""))
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 5


def test_two_thousand_mutations() -> None:
    run(2_000, 651)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutations() -> None:
    run(100_000, 2014)


@given(st.binary(max_size=200), st.sampled_from(Function), st.sampled_from(Coding), st.booleans())
def test_no_body_whatever_raises(body: bytes, function: Function, coding: Coding, up: bool) -> None:
    head = bytes.fromhex("0001260715080010") if coding is Coding.HEX else b"0001260715080010"
    for data in (body, head + body):
        frame = build_frame(
            coding,
            up=up,
            centre=1,
            address=LINK.address,
            password=LINK.password,
            function=function,
            body=data,
            end=End.ETX if up else End.ENQ,
        )
        decode(frame_of(frame))


@given(st.binary(max_size=300))
def test_bytes_that_hold_no_frame_are_never_without_a_word(payload: bytes) -> None:
    decoded = FORMATS["sl651"](payload, PayloadContext(""))
    assert decoded.faults
    assert not decoded.readings


@pytest.mark.parametrize(
    "rest",
    [
        "3900" * 500_000,
        "0418310000" + "3908" + "05" * 500_000,
        "0418000000F460" + "05" * 600_000,
        "F0F02607150800" * 100_000,
        "F1F1006041230148F0F026071508003908" + "05" * 10,
        "8000" * 500_000,
        "391AFFABCD" * 200_000,
    ],
)
@pytest.mark.parametrize("function", [0x31, 0x38])
def test_a_huge_body_is_bounded_in_values_and_time(rest: str, function: int) -> None:
    import dataclasses

    head = "0001260715080010F1F1006041230148F0F02607150800"
    frame = dataclasses.replace(
        frame_of(vector("S15")), function=function, body=bytes.fromhex(head + rest), raw=b""
    )
    began = time.perf_counter()
    decoded = decode(frame)
    assert time.perf_counter() - began < 10
    assert len(decoded.items) <= MOST_ITEMS + 12
    assert len(decoded.faults) <= 20
