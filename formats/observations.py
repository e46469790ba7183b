"""`anlan/obs/{station}`: the JSON of the contract.

    {"time": "2026-07-01T00:05:00Z", "values": {"water_level": 3.42, "rainfall": 0.5},
     "period_s": 300, "seq": 7}

or a list of such. `time` is RFC 3339 with a zone, or epoch milliseconds; `null` as a value says that
the station reports it missing.

Two passes. The quick one (msgspec) takes a message only if it is right in every respect; any doubt
sends it to the slow one in `formats.observations_slow`, which finds and names each fault and keeps
what is valid beside it. msgspec drops a repeated key without a word: the quick pass therefore counts
colons. Every key brings exactly one colon outside strings, so the colons of the bytes equal those of
the decoded fields exactly when no field was dropped (strings with escapes go the slow way).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.observations import Reading
from core.properties import PROPERTIES
from core.quality import Quality
from formats.decoded import Context, Decoded
from formats.observations_slow import LARGEST_PERIOD_S, LARGEST_SEQUENCE, decode_slowly
from formats.times import read_epoch_ms, read_rfc3339


class _Message(msgspec.Struct):
    time: str | int
    values: dict[str, float | None]
    period_s: int | None = None
    seq: int | None = None


_ONE = msgspec.json.Decoder(_Message)
_MANY = msgspec.json.Decoder(list[_Message])
_ENCODER = msgspec.json.Encoder()


def decode(payload: bytes, context: Context) -> Decoded:
    """Readings, faults and sequences of one payload; never raises."""
    quick = _decode_quickly(payload, context)
    return quick if quick is not None else decode_slowly(payload, context)


def _decode_quickly(payload: bytes, context: Context) -> Decoded | None:
    if b"\\" in payload:
        return None
    try:
        messages = _MANY.decode(payload) if payload[:1] == b"[" else [_ONE.decode(payload)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError, ValueError):
        return None
    colons = 0
    values = 0
    decoded = Decoded()
    for message in messages:
        moment = message.time
        if isinstance(moment, str):
            colons += moment.count(":")
            time = read_rfc3339(moment)
        else:
            time = read_epoch_ms(moment)
        if not isinstance(time, datetime) or not message.values:
            return None
        colons += 2 + len(message.values)
        values += len(message.values)
        period_s = context.total_period_s
        if message.period_s is not None:
            colons += 1
            period_s = message.period_s
            if not 0 < period_s <= LARGEST_PERIOD_S:
                return None
        if message.seq is not None:
            colons += 1
            if not 0 <= message.seq <= LARGEST_SEQUENCE:
                return None
            decoded.sequences.append(message.seq)
        for name, value in message.values.items():
            known = PROPERTIES.get(name)
            if known is None:
                return None
            decoded.readings.append(
                Reading(
                    context.station,
                    name,
                    time,
                    value,
                    1,
                    period_s if known.total else 0,
                    Quality.NOT_EVALUATED if value is not None else Quality.MISSING,
                    "" if value is not None else "missing",
                )
            )
    if not messages or values > context.max_values or payload.count(b":") != colons:
        return None
    return decoded


def encode(
    time: datetime,
    values: Mapping[str, float | None],
    *,
    period_s: int | None = None,
    seq: int | None = None,
) -> bytes:
    """One message of the contract."""
    return _ENCODER.encode(_message(time, values, period_s, seq))


def encode_pack(
    items: Sequence[tuple[datetime, Mapping[str, float | None]]],
    *,
    period_s: int | None = None,
    seq: int | None = None,
) -> bytes:
    """A list of messages; `seq` stands at the last one, so its acknowledgement covers the pack."""
    last = len(items) - 1
    return _ENCODER.encode(
        [
            _message(time, values, period_s, seq if index == last else None)
            for index, (time, values) in enumerate(items)
        ]
    )


def _message(
    time: datetime, values: Mapping[str, float | None], period_s: int | None, seq: int | None
) -> dict[str, Any]:
    written = time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    message: dict[str, Any] = {"time": written, "values": values}
    if period_s is not None:
        message["period_s"] = period_s
    if seq is not None:
        message["seq"] = seq
    return message
