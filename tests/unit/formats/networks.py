"""What the tests of the sensor networks' formats share."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.networks import DeviceRule
from formats import FORMATS, Context, Decoded, Mappings

SAMPLES = Path(__file__).parents[2] / "samples"
NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
HOSTILE = [
    b"", b"\x00", b"null", b"[]", b"{}", b"[{}]", b"[[]]", b"1e999", b'"x"', b"[" * 100_000, b'{"a":' * 100_000,
    b"[" + b"{}," * 300_000 + b"{}]", b"[" + b"1," * 400_000 + b"1]", b'{"a":[' + b"0," * 400_000 + b"0]}",
    b"[" + b'{"n":"a","v":1},' * 50_000 + b'{"n":"a","v":1}]', b'{"x":' + b"9" * 900_000 + b"}",
    b"\x81" * 100_000, b"\x9f" * 100_000, b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x9a\xff\xff\xff\xff" + b"\xa0" * 900_000,
    b"\x81\xa1\x02\xc2\x5a\x00\x0d\xbb\xa0" + b"\xff" * 900_000, b"\x81\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
]  # fmt: skip
"""Empty, endless, deep and lying payloads."""


def sample(path: str) -> bytes:
    """The bytes of a sample."""
    return (SAMPLES / path).read_bytes()


def context(station: str = "ST1", **rules: dict[str, Any]) -> Context:
    """A receiver at NOW; `rules` as `anlan.toml` has them."""
    read = {name: DeviceRule.model_validate(rule) for name, rule in rules.items()}
    return Context(station, mappings=Mappings.of(read), received_at=NOW)


def brief(decoded: Decoded) -> list[tuple[str, str, str, float | None]]:
    """Station, property, time and value of what was understood and of what nobody mapped."""
    return [
        (one.station, one.property, one.time.isoformat().replace("+00:00", "Z"), one.value)
        for one in decoded.readings + decoded.unmapped
    ]


def reasons(decoded: Decoded) -> list[str]:
    """The reasons of all faults."""
    return [str(fault.reason) for fault in decoded.faults]


def mutate(chance: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
    """A few bytes changed, inserted, doubled or taken out."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(5):
            case 0:
                spoilt[place:place] = chance.choice(tokens)
            case 1:
                spoilt[place : place + 1] = chance.randbytes(1)
            case 2:
                del spoilt[place : place + chance.randint(1, 8)]
            case 3:
                spoilt[place:place] = spoilt[place : place + chance.randint(1, 40)]
            case _:
                other = chance.choice(tokens)
                spoilt[place : place + len(other)] = other
    return bytes(spoilt)


JSON_TOKENS = [
    b"null", b"NaN", b"-Infinity", b"1e999", b"[", b"]", b"{", b"}", b",", b":", b'"', b"true", b'"\\ud800"',
    b'"v":1,', b'"n":"a",', b'"time":"', b'"ts":1,', b'"values":{"a":1},', b"[{}]", b'"bver":11,', b'"x_":1,',
    b"\xff", b'"received_at":0,', b'"object":[[[[[[1]]]]]],', b'"bn":"\xe6\xb0\xb4",', b"99999999999999999999999",
]  # fmt: skip


def survives(
    format_: str, originals: Sequence[bytes], tokens: Sequence[bytes], count: int, seed: int
) -> None:
    """Spoilt payloads raise nothing, take no time, and give nothing that could not be kept."""
    chance = random.Random(seed)
    told = understood = 0
    slowest = 0.0
    receiver = context(mapped={"fields": {"temperature": {"property": "air_temperature", "unit": "Cel"}}})
    for number in range(count):
        spoilt = mutate(chance, chance.choice(originals), tokens)
        began = time.perf_counter()
        decoded = FORMATS[format_](spoilt, receiver if number % 2 else context())
        slowest = max(slowest, time.perf_counter() - began)
        keepable(decoded)
        told += bool(decoded.faults)
        understood += bool(decoded.readings or decoded.unmapped)
    assert slowest < 5
    assert told > count / 10, "the mutations spoil too little to show anything"
    assert understood > count / 50, "the mutations spoil everything, so nothing is shown of the rest"


def keepable(decoded: Decoded) -> None:
    """What a database takes: bounded names without control characters, finite values, times with a zone."""
    assert len(decoded.faults) <= 20
    for fault in decoded.faults:
        fault.detail.encode()
        assert len(fault.detail) < 1000
    for one in decoded.readings + decoded.unmapped:
        assert one.time.utcoffset() is not None
        assert one.value is None or abs(one.value) < float("inf")
        assert 0 < len(one.station) <= 128 and 0 < len(one.property) <= 128
        assert "\x00" not in (one.station + one.property).encode().decode()


def is_bounded(decode: Callable[[bytes, Context], Decoded], payload: bytes) -> None:
    """A hostile payload costs little and is never without a word."""
    began = time.perf_counter()
    decoded = decode(payload, context())
    assert time.perf_counter() - began < 5
    keepable(decoded)
    assert decoded.faults or decoded.readings or decoded.unmapped
    assert len(decoded.readings) + len(decoded.unmapped) <= context().max_values
