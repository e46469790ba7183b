"""The Things Stack v3 (LoRaWAN): uplink messages whose payload its formatter has decoded.

Source: lorawan-stack-docs, integrations/data-formats. The time is when the network received the uplink:
the gateways' own clocks (`rx_metadata[].time`) are not believed.
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

_OTHER_MESSAGES = (
    "join_accept", "downlink_ack", "downlink_nack", "downlink_sent", "downlink_failed", "downlink_queued",
    "downlink_queue_invalidated", "location_solved", "service_data",
)  # fmt: skip
"""What the application server also says of a device: no measurements."""
_NO_FORMATTER = "there is no decoded_payload; give the device a payload formatter in The Things Stack."


def decode(payload: bytes, context: Context) -> Decoded:
    """Readings and faults of one message; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return Decoded(faults=[content])
    message = table(content)
    uplink = message.get("uplink_message")
    if uplink is None and any(name in message for name in _OTHER_MESSAGES):
        return Decoded()
    if not isinstance(uplink, dict):
        return Decoded(
            faults=[Fault(FaultReason.WRONG_SHAPE, "an uplink of The Things Stack has an uplink_message.")]
        )
    faults: list[Fault] = []
    time = read_time(uplink.get("received_at", message.get("received_at")))
    if isinstance(time, Fault):
        return Decoded(faults=[time])
    names = table(message.get("end_device_ids"))
    eui = text(names.get("dev_eui")).lower()
    device = Device(text(names.get("device_id")) or eui or context.station, eui, context.station)
    measured = of_uplink(
        device,
        time,
        uplink.get("decoded_payload"),
        uplink.get("rx_metadata"),
        table(uplink.get("last_battery_percentage")).get("value"),
        faults,
        undecoded=_NO_FORMATTER if uplink.get("frm_payload") else "",
    )
    return readings_of("tts", measured, context, faults)


def encode(
    device: str, time: datetime, values: Mapping[str, Any], *, eui: str = "", rssi_dbm: float | None = None
) -> bytes:
    """An uplink as the application server publishes it, with the parts that we read."""
    written = time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    uplink: dict[str, Any] = {"f_port": 1, "decoded_payload": values, "received_at": written}
    if rssi_dbm is not None:
        uplink["rx_metadata"] = [{"gateway_ids": {"gateway_id": "drill"}, "rssi": rssi_dbm}]
    names = {"device_id": device, **({"dev_eui": eui.upper()} if eui else {})}
    return msgspec.json.encode({"end_device_ids": names, "received_at": written, "uplink_message": uplink})
