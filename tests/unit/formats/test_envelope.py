"""Envelopes: what is signed is proved, what is changed is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from core.devices import DeviceReport
from core.errors import InputError
from core.severity import Severity
from formats import envelope
from formats.envelope import Command, CommandKind, Receipt, Status

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)
COMMAND = Command(
    id="d7-0a1b2c3d",
    device="LED01",
    kind=CommandKind.SHOW,
    issued=NOW,
    ttl_s=30,
    sequence=1_782_864_300_000,
    exercise=None,
    severity=Severity.RED,
    text="立即转移",
    audio_url=None,
    audio_sha256=None,
    ends=NOW,
)


def trust(key_id: str) -> Ed25519PublicKey | None:
    return KEY.public_key() if key_id == "anlan-1" else None


@given(st.binary(max_size=2000))
def test_any_payload_comes_back_exactly(payload: bytes) -> None:
    assert envelope.verify(envelope.seal(payload, key_id="anlan-1", key=KEY), trust) == payload


def test_a_command_names_exactly_the_fields_of_the_contract() -> None:
    fields = json.loads(envelope.encode_command(COMMAND))
    assert list(fields) == [
        "id", "device", "kind", "issued", "ttl_s", "sequence", "exercise", "severity", "text",
        "audio_url", "audio_sha256", "ends",
    ]  # fmt: skip
    assert fields["issued"] == "2026-07-01T00:05:00Z"
    assert envelope.decode_command(envelope.encode_command(COMMAND)) == COMMAND


def test_a_receipt_names_exactly_the_fields_of_the_contract() -> None:
    receipt = Receipt("LED01", "d7-0a1b2c3d", DeviceReport.SHOWING, NOW, "", "ex-1", 12)
    fields = json.loads(envelope.encode_receipt(receipt))
    assert list(fields) == ["device", "command", "state", "time", "reason", "exercise", "sequence"]
    assert envelope.decode_receipt(envelope.encode_receipt(receipt)) == receipt


def test_a_status_comes_back() -> None:
    status = Status("LED01", False, "idle", NOW, None)
    assert envelope.decode_status(envelope.encode_status(status)) == status


def test_one_changed_byte_is_noticed() -> None:
    wire = json.loads(envelope.seal(b'{"text":"a"}', key_id="anlan-1", key=KEY))
    wire["payload"] = envelope.encode_base64(b'{"text":"b"}')
    with pytest.raises(InputError) as refused:
        envelope.verify(json.dumps(wire).encode(), trust)
    assert refused.value.reason == "bad_signature"


def test_a_key_nobody_trusts_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        envelope.verify(envelope.seal(b"{}", key_id="other", key=KEY), trust)
    assert refused.value.reason == "unknown_key"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'{"payload":"","key":"k"}',
        b'{"payload":1,"key":"k","signature":""}',
        '{"payload":"中","key":"k","signature":""}'.encode(),
        b'{"payload":"a+/=","key":"k","signature":""}',
        b"\xff\xfe",
        b"{" * 5000,
        b" " * 70_000,
    ],
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as refused:
        envelope.verify(raw, trust)
    assert refused.value.reason == "bad_envelope"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "explode"},
        {"sequence": "7"},
        {"issued": "yesterday"},
        {"issued": "2026-07-01T00:05:00"},
        {"ttl_s": None},
        {"severity": "purple"},
    ],
)
def test_a_command_with_a_wrong_field_is_refused(change: dict[str, object]) -> None:
    fields = json.loads(envelope.encode_command(COMMAND)) | change
    with pytest.raises(InputError) as refused:
        envelope.decode_command(json.dumps(fields).encode())
    assert refused.value.reason == "bad_payload"


def test_a_public_key_survives_its_text() -> None:
    text = envelope.public_key_text(KEY.public_key())
    signed = envelope.unwrap(envelope.seal(b"x", key_id="LED01", key=KEY))
    assert envelope.is_signed(signed, envelope.public_key_of(text))
    assert not envelope.is_signed(signed, None)
    with pytest.raises(InputError):
        envelope.public_key_of("too-short")
