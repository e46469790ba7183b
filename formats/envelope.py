"""Signed envelopes between the centre and its devices (design.md, contract).

An envelope is JSON `{"payload": base64url, "key": id, "signature": base64url}`, the signature Ed25519
over the exact payload bytes; base64url without padding (RFC 4648 §5). The centre signs commands with
its own key; a device signs receipts and statuses with its key, whose id is the device's code. The
algorithm is named by the key, so that another can be added.

What the words of a command mean:

- `id` names the text on the device. Every attempt for one text bears the same id and a higher
  `sequence`, so a device that has it already only repeats its receipt. `cancel` with that id takes it
  off (a screen) or silences it (a loudspeaker).
- `sequence` only rises per device; a device refuses one that is not above the last it accepted.
- `issued` + `ttl_s` bounds how late the command may be accepted, `ends` how long the text may stand.
- `text` of a screen is fitted already: lines are parted by "\\n", pages by "\\f".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from core.devices import DeviceReport
from core.errors import ConfigurationError, InputError
from core.severity import Severity

MAX_ENVELOPE_BYTES = 65_536
"""A longer envelope is refused unread: commands and receipts are a few hundred bytes."""


class CommandKind(StrEnum):
    """What a command asks for."""

    SHOW = "show"
    PLAY = "play"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Command:
    """A command to one device; `severity`, audio and text are None where they do not apply."""

    id: str
    device: str
    kind: CommandKind
    issued: datetime
    ttl_s: int
    sequence: int
    exercise: str | None
    severity: Severity | None
    text: str | None
    audio_url: str | None
    audio_sha256: str | None
    ends: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a device says of a command.

    `command` and `sequence` are those of the command that it answers, so that an old receipt proves
    nothing about another command. `reason` is a short stable code, empty if all is well.
    """

    device: str
    command: str
    state: DeviceReport
    time: datetime
    reason: str
    exercise: str | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Status:
    """A device's own state: retained, and as its last will with `online` false.

    `state` is `idle`, `showing` or `playing`. A last will is signed when the device connects, so its
    `time` tells nothing of when the device went away.
    """

    device: str
    online: bool
    state: str
    time: datetime
    exercise: str | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope taken apart; nothing in it is trusted before `verify`."""

    payload: bytes
    key: str
    signature: bytes


class _Wire(msgspec.Struct):
    payload: str
    key: str
    signature: str


def seal(payload: bytes, *, key_id: str, key: Ed25519PrivateKey) -> bytes:
    """Signs the payload and wraps it."""
    wire = {"payload": encode_base64(payload), "key": key_id, "signature": encode_base64(key.sign(payload))}
    return json.dumps(wire, separators=(",", ":")).encode()


def unwrap(raw: bytes) -> Envelope:
    """Takes an envelope apart without trusting it. Raises InputError (`bad_envelope`)."""
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise InputError(
            "bad_envelope", f"an envelope has at most {MAX_ENVELOPE_BYTES} bytes, this has {len(raw)}"
        )
    try:
        wire = msgspec.json.decode(raw, type=_Wire)
        return Envelope(decode_base64(wire.payload), wire.key, decode_base64(wire.signature))
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(
            "bad_envelope", f'this is no envelope {{"payload", "key", "signature"}} in base64url: {error}'
        ) from error


def is_signed(envelope: Envelope, key: Ed25519PublicKey | None) -> bool:
    """True if the signature is that of `key` over exactly these bytes; no key, no proof."""
    if key is None:
        return False
    try:
        key.verify(envelope.signature, envelope.payload)
    except InvalidSignature:
        return False
    return True


def verify(raw: bytes, find_key: Callable[[str], Ed25519PublicKey | None]) -> bytes:
    """The payload of an envelope that is proved.

    Raises InputError: `bad_envelope`, `unknown_key`, `bad_signature`.
    """
    envelope = unwrap(raw)
    key = find_key(envelope.key)
    if key is None:
        raise InputError("unknown_key", f"no key {envelope.key!r} is trusted here")
    if not is_signed(envelope, key):
        raise InputError(
            "bad_signature", f"the signature is not that of key {envelope.key!r} over this payload"
        )
    return envelope.payload


def encode_command(command: Command) -> bytes:
    """The payload bytes of a command."""
    return _encode(command)


def decode_command(payload: bytes) -> Command:
    """A command from its payload bytes. Raises InputError (`bad_payload`)."""
    return _decode(payload, Command)


def encode_receipt(receipt: Receipt) -> bytes:
    """The payload bytes of a receipt."""
    return _encode(receipt)


def decode_receipt(payload: bytes) -> Receipt:
    """A receipt from its payload bytes. Raises InputError (`bad_payload`)."""
    return _decode(payload, Receipt)


def encode_status(status: Status) -> bytes:
    """The payload bytes of a status."""
    return _encode(status)


def decode_status(payload: bytes) -> Status:
    """A status from its payload bytes. Raises InputError (`bad_payload`)."""
    return _decode(payload, Status)


def load_signing_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key of a PEM file (PKCS 8, unencrypted). Raises ConfigurationError."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"the signing key is no unencrypted PEM private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError("the signing key must be an Ed25519 key: openssl genpkey -algorithm ed25519")
    return key


def load_verify_key(pem: bytes) -> Ed25519PublicKey:
    """The public key of a PEM file. Raises ConfigurationError."""
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise ConfigurationError(f"the public key is no PEM public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError("the public key must be an Ed25519 key")
    return key


def public_key_text(key: Ed25519PublicKey) -> str:
    """The raw public key as base64url, as `device.public_key` keeps it."""
    return encode_base64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def public_key_of(text: str) -> Ed25519PublicKey:
    """The key from `device.public_key`. Raises InputError (`bad_key`)."""
    try:
        return Ed25519PublicKey.from_public_bytes(decode_base64(text))
    except ValueError as error:
        raise InputError("bad_key", "a device's public key is 32 raw Ed25519 bytes in base64url") from error


def encode_base64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    """base64url with or without padding; raises ValueError for any other character."""
    try:
        standard = text.encode("ascii").translate(_STANDARD)
        return base64.b64decode(standard + b"=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"not base64url: {error}") from error


_STANDARD = bytes.maketrans(b"-_+/", b"+/!!")


T = TypeVar("T", Command, Receipt, Status)


def _encode(record: Command | Receipt | Status) -> bytes:
    return msgspec.json.encode(record)


def _decode(payload: bytes, record: type[T]) -> T:
    try:
        decoded = msgspec.json.decode(payload, type=record)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError("bad_payload", f"this is no {record.__name__.lower()}: {error}") from error
    moments = [value for value in (getattr(decoded, name, None) for name in _MOMENTS) if value is not None]
    if any(moment.tzinfo is None for moment in moments):
        raise InputError("bad_payload", "a time in an envelope needs its zone, as in 2026-07-01T00:05:00Z")
    return decoded


_MOMENTS = ("issued", "ends", "time")
