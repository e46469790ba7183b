"""CBOR (RFC 8949) from strangers: shallow, without repeated keys, and with no tags but decimal fractions.

Tags make objects of any kind (patterns, shared references that bite their own tail, huge numbers); what a
sensor sends needs none of them. A length that is not there costs nothing: bytes are read as they come.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, NoReturn

from cbor2 import CBORDecodeEOF, CBORDecoder, CBORError

from core.faults import Fault, FaultReason, quoted

_DEEPEST = 6
_DECIMAL_FRACTION = 4


def _refuse(value: Any, immutable: bool) -> NoReturn:
    raise ValueError("tags other than decimal fractions are not read")


_TAGS = {tag: _refuse for tag in (*range(1100), 43_000, 55_799) if tag != _DECIMAL_FRACTION}
"""Every tag that the library gives a meaning; of others it makes an object that is no number."""


def read_cbor(payload: bytes) -> Any | Fault:
    """The value, of lists, maps, texts, bytes and numbers; or why the payload is none."""
    decoder = CBORDecoder(
        BytesIO(payload), semantic_decoders=_TAGS, max_depth=_DEEPEST, allow_duplicate_keys=False
    )
    try:
        value = decoder.decode()
    except CBORError as error:
        cause = error.__cause__ or error
        return Fault(FaultReason.BROKEN_CBOR, f"the payload is not CBOR: {quoted(str(cause), 120)}.")
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        return Fault(FaultReason.BROKEN_CBOR, f"the payload is not CBOR: {quoted(str(error), 120)}.")
    try:
        decoder.read(1)
    except CBORDecodeEOF:
        return value
    return Fault(FaultReason.BROKEN_CBOR, "there are bytes behind the CBOR value; one message holds one.")
