"""SenML packs as a simulated station sends them: base name and base time first, then names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import cbor2
import msgspec

from formats.senml.decode import LABELS

_OF_NAME = {name: label for label, name in LABELS.items()}
Values = Mapping[str, tuple[float, str | None]]
"""Value and unit by the name of the field; None says no unit."""


def encode_json(device: str, items: Sequence[tuple[datetime, Values]]) -> bytes:
    """A pack of one device in JSON."""
    return msgspec.json.encode(_pack(device, items))


def encode_cbor(device: str, items: Sequence[tuple[datetime, Values]]) -> bytes:
    """A pack of one device in CBOR."""
    return cbor2.dumps(
        [{_OF_NAME[name]: value for name, value in record.items()} for record in _pack(device, items)]
    )


def _pack(device: str, items: Sequence[tuple[datetime, Values]]) -> list[dict[str, Any]]:
    if not items:
        return []
    start = items[0][0].timestamp()
    records: list[dict[str, Any]] = []
    for time, values in items:
        later = round(time.timestamp() - start, 6)
        for name, (value, unit) in values.items():
            record: dict[str, Any] = {"bn": f"{device}:", "bt": start} if not records else {}
            record["n"] = name
            if unit is not None:
                record["u"] = unit
            if later:
                record["t"] = later
            record["v"] = value
            records.append(record)
    return records
