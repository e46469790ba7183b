"""ThingsBoard telemetry, of a device or of a gateway for many devices.

Source: thingsboard.io, reference/mqtt-api and reference/gateway-mqtt-api. A device sends `{key: value}`,
`{"ts": ms, "values": {…}}` or a list of such, a gateway `{"Device A": [{"ts", "values"}, …], …}`. Values
without `ts` have the time of their receipt; the device of a device's message is the topic's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from core.faults import Fault, FaultReason, quoted
from formats.decoded import Context, Decoded
from formats.json_reading import read_json
from formats.mapping import Device
from formats.measured import Measured, fields_of, readings_of, too_many
from formats.times import read_epoch_ms

Item = tuple[datetime | None, Mapping[str, Any]]
"""Values with their time; None leaves the time to the receiver."""


def decode(payload: bytes, context: Context) -> Decoded:
    """Readings and faults of one message; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return Decoded(faults=[content])
    faults: list[Fault] = []
    measured = _messages(content, context, faults)
    return readings_of("thingsboard", measured, context, faults, empty="there is no telemetry in it.")


def _messages(content: Any, context: Context, faults: list[Fault]) -> Iterator[Measured]:
    if isinstance(content, dict) and content and all(map(_is_series, content.values())):
        for name, items in content.items():
            yield from _series(items, Device(name, name, context.station), context, faults)
    else:
        device = Device(context.station, context.station, context.station)
        items = content if isinstance(content, list) else [content]
        yield from _series(items, device, context, faults)


def _is_series(value: Any) -> bool:
    """True of what a gateway says of one device: a list of objects."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _series(
    items: Sequence[Any], device: Device, context: Context, faults: list[Fault]
) -> Iterator[Measured]:
    if len(items) > context.max_values:
        faults.append(too_many(context.max_values))
        return
    for item in items:
        if not isinstance(item, dict):
            faults.append(
                Fault(FaultReason.WRONG_SHAPE, f"telemetry is an object of values, not {quoted(item)}.")
            )
            continue
        has_time = "ts" in item and "values" in item
        values = item["values"] if has_time else item
        if not isinstance(values, dict):
            faults.append(Fault(FaultReason.WRONG_SHAPE, f"values is an object, not {quoted(values)}."))
            continue
        time = _time(item["ts"]) if has_time else context.received_at
        if time is None:
            time = Fault(FaultReason.TIME_MISSING, "the telemetry has no ts, and nobody says when it came.")
        if isinstance(time, Fault):
            faults.append(time)
            continue
        for name, value in fields_of(values, faults):
            yield Measured(device, name, value, time)


def _time(value: Any) -> datetime | Fault:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_epoch_ms(value)
    return Fault(
        FaultReason.TIME_UNREADABLE, f"ts {quoted(value)} is not a number of milliseconds since 1970."
    )


def encode_device(items: Sequence[Item]) -> bytes:
    """What a device publishes: one object, or a list of several."""
    written = [_item(*item) for item in items]
    return msgspec.json.encode(written[0] if len(written) == 1 else written)


def encode_gateway(devices: Mapping[str, Sequence[Item]]) -> bytes:
    """What a gateway publishes for its devices."""
    return msgspec.json.encode({name: [_item(*item) for item in items] for name, items in devices.items()})


def _item(time: datetime | None, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values if time is None else {"ts": round(time.timestamp() * 1000), "values": values}
