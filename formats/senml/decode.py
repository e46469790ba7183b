"""A SenML pack, JSON or CBOR, to readings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.faults import Fault, FaultReason
from formats.cbor_reading import read_cbor
from formats.decoded import Context, Decoded
from formats.json_reading import read_json
from formats.mapping import Device
from formats.measured import Measured, readings_of, too_many
from formats.senml.resolve import Resolved, resolve

LABELS = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
"""Labels of CBOR (RFC 8428 §6, table 4)."""
_CBOR_ARRAYS = range(0x80, 0xA0)
_SEPARATORS = ":/;_.-"
_URN_PARTS = 4
"""urn:dev:KIND:ID; what follows is of the field (RFC 9039)."""


def decode(payload: bytes, context: Context) -> Decoded:
    """Readings and faults of one pack; never raises.

    The device is the base name, the field the name. Without a base name the name is taken apart: behind the
    identifier of a `urn:dev:`, else at the last colon or slash; a name without any is a field of the
    topic's own device. A record that names no field is called by its unit.
    """
    is_cbor = payload[:1] != b"" and payload[0] in _CBOR_ARRAYS
    content = read_cbor(payload) if is_cbor else read_json(payload)
    if isinstance(content, Fault):
        return Decoded(faults=[content])
    if not isinstance(content, list):
        old = isinstance(content, dict) and "e" in content
        detail = "this is the form of before RFC 8428, with `e`" if old else "this is none"
        return Decoded(
            faults=[Fault(FaultReason.WRONG_SHAPE, f"a SenML pack is a list of records; {detail}.")]
        )
    if not content:
        return Decoded(faults=[Fault(FaultReason.EMPTY, "the pack holds no record.")])
    if len(content) > context.max_values:
        return Decoded(faults=[too_many(context.max_values)])
    records = [_named(record) for record in content] if is_cbor else content
    faults: list[Fault] = []
    measured = _measured(resolve(records, context.received_at), context, faults)
    return readings_of("senml", measured, context, faults, empty="the pack holds base fields only.")


def _measured(
    records: Iterator[Resolved | Fault], context: Context, faults: list[Fault]
) -> Iterator[Measured]:
    for record in records:
        if isinstance(record, Fault):
            faults.append(record)
            continue
        device, field = _device(record, context)
        if record.value is not None or record.sum is None:
            yield Measured(device, field, record.value, record.time, record.unit)
        if record.sum is not None:
            # A sum is over seconds: of m3/s it is m3, which the unit of the record does not say.
            yield Measured(device, f"{field}.sum", record.sum, record.time)


def _device(record: Resolved, context: Context) -> tuple[Device, str]:
    full, field = (record.base, record.name) if record.base else _taken_apart(record.name)
    full = full.rstrip(_SEPARATORS) or context.station
    short = full.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
    return Device(short, full, context.station), field or record.unit or "value"


def _taken_apart(name: str) -> tuple[str, str]:
    """Device and field of a full name; either may be empty."""
    if name.lower().startswith("urn:dev:"):
        parts = name.split(":", _URN_PARTS)
        device = ":".join(parts[:_URN_PARTS])
        rest = parts[_URN_PARTS] if len(parts) > _URN_PARTS else ""
        for separator in "/;_":
            if not rest and separator in device:
                device, rest = device.split(separator, 1)
        return device, rest
    place = max(name.rfind(":"), name.rfind("/"))
    return (name[:place], name[place + 1 :]) if place >= 0 else ("", name)


def _named(record: Any) -> Any:
    """A CBOR record with the names that JSON uses; labels that nobody knows are left out (§4.4)."""
    if not isinstance(record, dict):
        return record
    return {
        (label if isinstance(label, str) else LABELS[label]): value
        for label, value in record.items()
        if isinstance(label, str) or (type(label) is int and label in LABELS)
    }
