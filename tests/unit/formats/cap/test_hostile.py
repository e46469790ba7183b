"""XML that would unfold, fetch or never end is refused before it can; nothing whatever raises."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from core.faults import FaultReason
from core.warning_chains import Received, standings
from formats.cap import decode, encode
from formats.cap.elements import MOST_FAULTS
from tests.unit.formats.cap.test_read import document, utc
from tests.unit.formats.networks import HOSTILE, JSON_TOKENS, mutate

SAMPLES = Path(__file__).parents[3] / "samples" / "cap"
TOKENS = [
    *JSON_TOKENS, b"<", b">", b"&", b"&lt;", b"]]>", b"<![CDATA[", b"</info>", b"<info>", b"<!DOCTYPE a>", b"&x;",
    b"<!--", b'xmlns="urn:oasis:names:tc:emergency:cap:1.1"', b"<polygon>1,1 2,2</polygon>", b"<sent>", b"\xff\xfe",
    b"<references>a,b,2026-07-15T08:12:00+08:00</references>", b"<expires>9999-12-31T23:59:59-12:00</expires>",
    b"0001-01-01T00:00:00+14:00", b"&#0;", b"&#xFFFF;", b"<area>" * 40, b"\xf0\x9f\x8c\x8a",
]  # fmt: skip


def laughs(levels: int) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><alert>&l{levels - 1};</alert>'.encode()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (laughs(10), FaultReason.UNSAFE_XML),
        (b'<!DOCTYPE a [<!ENTITY x "' + b"a" * 100_000 + b'">]><alert>' + b"&x;" * 10_000 + b"</alert>",
         FaultReason.UNSAFE_XML),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert><note>&x;</note></alert>',
         FaultReason.UNSAFE_XML),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><alert/>', FaultReason.UNSAFE_XML),
        ('<!DOCTYPE a [<!ENTITY x "y">]><alert>&x;</alert>'.encode("utf-16"), FaultReason.UNSAFE_XML),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<alert/>', FaultReason.BROKEN_XML),
        (b"<alert>&x;</alert>", FaultReason.BROKEN_XML),
        (b"<a>" * 200 + b"</a>" * 200, FaultReason.UNSAFE_XML),
        (b"<a>" * 100_000, FaultReason.BROKEN_XML),
        (b"<alert>" + b"<a/>" * 30_000 + b"</alert>", FaultReason.UNSAFE_XML),
        (b"<alert>" + b"x" * 1_000_001 + b"</alert>", FaultReason.TOO_LARGE),
        (b"<alert " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/>", FaultReason.WRONG_SHAPE),
        (b"\xff\xfe<", FaultReason.BROKEN_XML),
    ],
    ids=["laughs", "quadratic", "external", "dtd", "utf-16", "utf-7", "entity", "deep", "endless", "many", "large",
         "attributes", "odd"],
)  # fmt: skip
def test_bombs_and_strangers_are_refused_at_once(payload: bytes, reason: FaultReason) -> None:
    began = time.perf_counter()
    messages, faults = decode(payload)
    assert time.perf_counter() - began < 2
    assert messages == []
    assert [fault.reason for fault in faults] == [reason]


@pytest.mark.parametrize("payload", HOSTILE)
def test_payloads_of_other_formats_are_faults(payload: bytes) -> None:
    messages, faults = decode(payload)
    assert messages == [] and 0 < len(faults) <= MOST_FAULTS


def test_a_document_full_of_everything_is_bounded() -> None:
    ring = "<polygon>" + "1,1 " * 6_000 + "</polygon>"
    info = "<info><event>x</event>" + "<area><areaDesc>x</areaDesc></area>" * 300 + "</info>"
    payload = document().replace(b"<circle>", ring.encode() + b"<circle>")
    messages, faults = decode(payload.replace(b"</alert>", info.encode() * 30 + b"</alert>"))
    assert len(messages[0].infos) == 20
    assert messages[0].infos[0].areas[0].polygons == ()
    assert len(faults) <= MOST_FAULTS


def survive(count: int, seed: int) -> None:
    """Spoilt documents raise nothing, hang nothing, and give nothing that a chain or a database could not take."""
    chance = random.Random(seed)
    originals = [path.read_bytes() for path in sorted(SAMPLES.glob("*.[xcj]*"))] + [document()]
    assert len(originals) == 5
    told = read = 0
    slowest = 0.0
    for number in range(count):
        spoilt = mutate(chance, chance.choice(originals), TOKENS)
        began = time.perf_counter()
        messages, faults = decode(spoilt)
        stands = standings([Received(n, one, False) for n, one in enumerate(messages)], utc(2026, 7, 15))
        slowest = max(slowest, time.perf_counter() - began)
        assert messages or faults
        assert len(faults) <= MOST_FAULTS and len(stands) == len(messages)
        assert all(len(fault.detail) < 1000 and fault.detail.isprintable() for fault in faults)
        for message in messages:
            assert message.sent.utcoffset() is not None and "\x00" not in repr(message).encode().decode()
            if number % 20 == 0:
                encode(message)
        told += bool(faults)
        read += bool(messages)
    assert slowest < 5
    assert told > count / 10 and read > count / 20


def test_two_thousand_mutations() -> None:
    survive(2_000, seed=1)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_mutations() -> None:
    survive(100_000, seed=2)
