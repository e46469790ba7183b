"""Spoilt messages of our own making, observations and envelopes: two thousand always, a hundred thousand on demand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.devices import DeviceReport
from core.errors import InputError
from core.properties import PROPERTIES
from formats import FORMATS, envelope
from formats.envelope import Command, CommandKind, Receipt, Status
from formats.observations import _decode_quickly, encode, encode_pack
from formats.observations_slow import decode_slowly
from tests.unit.formats.networks import JSON_TOKENS, context, keepable, mutate

NOW = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)
OBSERVATIONS = [
    encode(NOW, {"water_level": 3.42, "rainfall": 0.5}, period_s=300, seq=7),
    encode(NOW, {"flow": None}),
    encode_pack([(NOW + timedelta(minutes=step), {"rainfall": step / 2}) for step in range(6)], seq=9),
    b'{"time": 1782864300000, "values": {"tide_level": -0.345}}',
]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COMMAND = Command(
    "d7-0a1b2c3d", "LED01", CommandKind.SHOW, NOW, 30, 1_782_864_300_000, None, None, "立即转移", None, None, NOW
)  # fmt: skip
RECEIPT = Receipt("LED01", "d7-0a1b2c3d", DeviceReport.SHOWING, NOW, "", "ex-1", 12)
PAYLOADS = [
    envelope.encode_command(COMMAND),
    envelope.encode_receipt(RECEIPT),
    envelope.encode_status(Status("LED01", False, "idle", NOW, None)),
]
SEALED = [envelope.seal(payload, key_id="anlan-1", key=KEY) for payload in PAYLOADS]
RECORDS: list[Callable[[bytes], Any]] = [
    envelope.decode_command, envelope.decode_receipt, envelope.decode_status
]  # fmt: skip


def trust(key_id: str) -> Ed25519PublicKey | None:
    return KEY.public_key() if key_id == "anlan-1" else None


def nudge(chance: random.Random, data: bytes) -> bytes:
    """Digits changed to other signs of numbers, and letters to others: mostly still JSON."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.choice([at for at, sign in enumerate(spoilt) if chr(sign).isalnum()])
        signs = b"0123456789-.e" if chr(spoilt[place]).isdigit() else b"ZTabcfl"
        spoilt[place] = chance.choice(signs)
    return bytes(spoilt)


def spoil_observations(count: int, seed: int) -> None:
    """Nothing raises or dallies, what is read can be kept, and the quick pass says what the careful one says."""
    chance = random.Random(seed)
    told = understood = quick_ones = 0
    slowest = 0.0
    for _ in range(count):
        original = chance.choice(OBSERVATIONS)
        spoilt = nudge(chance, original) if chance.random() < 0.5 else mutate(chance, original, JSON_TOKENS)
        began = time.perf_counter()
        decoded = FORMATS["obs"](spoilt, context())
        slowest = max(slowest, time.perf_counter() - began)
        keepable(decoded)
        assert decoded.faults or decoded.readings or decoded.sequences
        assert all(one.property in PROPERTIES for one in decoded.readings)
        quick = _decode_quickly(spoilt, context())
        if quick is not None:
            quick_ones += 1
            assert quick == decode_slowly(spoilt, context())
        told += bool(decoded.faults)
        understood += bool(decoded.readings)
    assert slowest < 5
    assert told > count / 10 and understood > count / 50 and quick_ones > count / 50


def spoil_envelopes(count: int, seed: int) -> None:
    """The one error that may come is the named one, and a signature proves exactly what was signed."""
    chance = random.Random(seed)
    refused = 0
    slowest = 0.0
    for _ in range(count):
        place = chance.randrange(len(PAYLOADS))
        sealed = mutate(chance, SEALED[place], JSON_TOKENS)
        began = time.perf_counter()
        try:
            assert envelope.verify(sealed, trust) == PAYLOADS[place]
        except InputError:
            refused += 1
        try:
            RECORDS[place](mutate(chance, PAYLOADS[place], JSON_TOKENS))
        except InputError:
            refused += 1
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 5
    assert count < refused < 2 * count


def test_two_thousand_spoilt_observations() -> None:
    spoil_observations(2_000, 1)


def test_two_thousand_spoilt_envelopes() -> None:
    spoil_envelopes(2_000, 2)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_spoilt_observations() -> None:
    spoil_observations(100_000, 11)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_spoilt_envelopes() -> None:
    spoil_envelopes(100_000, 12)
