"""ChirpStack v4 (LoRaWAN): events of devices, whose payload the device profile's codec has decoded.

Source: chirpstack-docs, integrations/events (JSON marshaler). `up` gives readings, `status` the battery;
join, ack, txack, log, location and integration events measure nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.faults import Fault, FaultReason
from formats.decoded import Context, Decoded
from formats.json_reading import read_json
from formats.mapping import Device
from formats.measured import of_uplink, readings_of, table, text
from formats.times import read_time

_NO_CODEC = "there is no decoded object; give the device profile a codec in ChirpStack."


def decode(payload: bytes, context: Context) -> Decoded:
    """Readings and faults of one event; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return Decoded(faults=[content])
    event = table(content)
    names = event.get("deviceInfo")
    if not isinstance(names, dict):
        return Decoded(faults=[Fault(FaultReason.WRONG_SHAPE, "an event of ChirpStack v4 has a deviceInfo.")])
    if not any(name in event for name in ("data", "object", "fPort", "batteryLevel")):
        return Decoded()
    faults: list[Fault] = []
    time = read_time(event.get("time"))
    if isinstance(time, Fault):
        return Decoded(faults=[time])
    eui = text(names.get("devEui")).lower()
    device = Device(text(names.get("deviceName")) or eui or context.station, eui, context.station)
    known = not (event.get("externalPowerSource") or event.get("batteryLevelUnavailable"))
    measured = of_uplink(
        device,
        time,
        event.get("object"),
        event.get("rxInfo"),
        event.get("batteryLevel") if known else None,
        faults,
        undecoded=_NO_CODEC if event.get("data") else "",
    )
    return readings_of("chirpstack", measured, context, faults)


def encode(
    device: str, eui: str, time: datetime, values: Mapping[str, Any], *, rssi_dbm: int | None = None
) -> bytes:
    """An `up` event as the MQTT integration publishes it, with the parts that we read."""
    event: dict[str, Any] = {
        "time": time.astimezone(UTC).isoformat(),
        "deviceInfo": {"deviceName": device, "devEui": eui},
        "fPort": 1,
        "data": "",
        "object": values,
    }
    if rssi_dbm is not None:
        event["rxInfo"] = [{"gatewayId": "drill", "rssi": rssi_dbm}]
    return msgspec.json.encode(event)
