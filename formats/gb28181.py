"""GB/T 28181 as its platforms hand it on by MQTT: the MANSCDP message itself, or the same fields as JSON.

SIP stays with the video platform; a bridge publishes the body of each MESSAGE or NOTIFY that it receives
(GB/T 28181-2016, annex A): Keepalive of a device (a recorder speaks for all its channels), Catalog with the
status of channels, MobilePosition of a patrol. Documents are often in GB 2312.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from lxml import etree

from core.cameras import Position
from core.faults import Fault, FaultReason, quoted
from formats.json_reading import Repeated, read_json
from formats.positions import read_position
from formats.xml_reading import read_xml

_ID = re.compile(r"[0-9]{20}", re.ASCII)
_MOST_CHANNELS = 1_000
_BEIJING = ZoneInfo("Asia/Shanghai")
_KMH = 3.6
_GONE = frozenset({"OFF", "OFFLINE", "VLOST", "DEFECT", "DEL"})
_THERE = frozenset({"ON", "ONLINE", "OK", "ADD"})
"""Status of a channel in a catalogue, and the events of a catalogue's subscription (A.2.5.7)."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A device's keep-alive; it holds for its channels too. `well` False: the device reports a fault of its own."""

    device: str
    well: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """The state of a channel (a camera) as the catalogue gives it."""

    channel: str
    online: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a device is."""

    device: str
    position: Position


Report = Alive | Channel | Moved


def decode(payload: bytes, received_at: datetime) -> tuple[list[Report], list[Fault]]:
    """The reports of one message; none for messages that say nothing of cameras. Never raises.

    A time without a zone is Beijing's, as the standard has it; a position without one has the receipt's.
    """
    body = _body(payload)
    if isinstance(body, Fault):
        return [], [body]
    match body.get("CmdType"):
        case "Keepalive":
            device = _id(body.get("DeviceID"))
            if isinstance(device, Fault):
                return [], [device]
            return [Alive(device, str(body.get("Status", "OK")).strip().upper() == "OK")], []
        case "Catalog":
            return _catalogue(body)
        case "MobilePosition":
            return _position(body, received_at)
        case None:
            return [], [Fault(FaultReason.WRONG_SHAPE, "there is no CmdType; send the MANSCDP body whole.")]
    return [], []


def _body(payload: bytes) -> Mapping[str, Any] | Fault:
    if payload.lstrip()[:1] == b"{":
        content = read_json(payload)
        if isinstance(content, Fault):
            return content
        if any(isinstance(value, Repeated) for value in content.values()):
            return Fault(FaultReason.DUPLICATE_KEY, "a field is given twice; nothing is believed.")
        return content  # type: ignore[no-any-return]
    root = read_xml(payload)
    return root if isinstance(root, Fault) else _fields(root)


def _fields(element: etree._Element) -> dict[str, Any]:
    """The texts of the children by name; lists (DeviceList) as lists of such."""
    fields: dict[str, Any] = {}
    for child in element:
        name = str(child.tag)
        if name == "DeviceList":
            fields[name] = [_fields(item) for item in child]
        elif len(child) == 0:
            fields.setdefault(name, (child.text or "").strip())
    return fields


def _catalogue(body: Mapping[str, Any]) -> tuple[list[Report], list[Fault]]:
    items = body.get("DeviceList")
    if not isinstance(items, list) or len(items) > _MOST_CHANNELS:
        return [], [
            Fault(FaultReason.WRONG_SHAPE, f"a catalogue lists its channels, at most {_MOST_CHANNELS}.")
        ]
    reports: list[Report] = []
    faults: dict[Fault, None] = {}
    for item in _objects(items):
        channel = _id(item.get("DeviceID"))
        if isinstance(channel, Fault):
            faults[channel] = None
            continue
        said = str(item.get("Event") or item.get("Status") or "").strip().upper()
        if said in _GONE or said in _THERE:
            reports.append(Channel(channel, said in _THERE))
    return reports, list(faults)[:20]


def _position(body: Mapping[str, Any], received_at: datetime) -> tuple[list[Report], list[Fault]]:
    device = _id(body.get("DeviceID"))
    if isinstance(device, Fault):
        return [], [device]
    time = _time(body.get("Time"), received_at)
    if isinstance(time, Fault):
        return [], [time]
    speed = _number(body.get("Speed"))
    found = read_position(
        {
            "lon": _number(body.get("Longitude")),
            "lat": _number(body.get("Latitude")),
            "speed_ms": speed / _KMH if speed is not None else None,
            "heading_deg": _number(body.get("Direction")),
            "altitude_m": _number(body.get("Altitude")),
        },
        time,
    )
    return ([], [found]) if isinstance(found, Fault) else ([Moved(device, found)], [])


def _objects(items: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    return (item for item in items if isinstance(item, dict))


def _id(value: Any) -> str | Fault:
    text = str(value).strip()
    if _ID.fullmatch(text):
        return text
    return Fault(FaultReason.BAD_CODE, f"DeviceID {quoted(value)} is no code of 20 digits.")


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _time(value: Any, received_at: datetime) -> datetime | Fault:
    if value in (None, ""):
        return received_at
    try:
        time = datetime.fromisoformat(str(value).strip())
        return (time if time.tzinfo else time.replace(tzinfo=_BEIJING)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Fault(
            FaultReason.TIME_UNREADABLE, f"Time {quoted(value)} is not as 2026-07-01T08:05:00 (Beijing time)."
        )


def encode_keepalive(device: str, serial: int, *, well: bool = True) -> bytes:
    """A keep-alive as devices send it, for drills and tests."""
    return _message("Keepalive", device, serial, {"Status": "OK" if well else "ERROR"})


def encode_position(device: str, serial: int, position: Position) -> bytes:
    """A patrol's position, for drills and tests; speeds go as km/h."""
    local = position.time.astimezone(_BEIJING).replace(tzinfo=None)
    fields = {
        "Time": (local - timedelta(microseconds=local.microsecond)).isoformat(),
        "Longitude": f"{position.lon:.6f}",
        "Latitude": f"{position.lat:.6f}",
        "Speed": f"{(position.speed_ms or 0) * _KMH:.1f}",
        "Direction": f"{position.heading_deg or 0:.1f}",
        "Altitude": f"{position.altitude_m or 0:.1f}",
    }
    return _message("MobilePosition", device, serial, fields)


def encode_catalogue(device: str, serial: int, channels: Mapping[str, bool]) -> bytes:
    """A catalogue's notification with the state of channels, for drills and tests."""
    root = _root("Catalog", device, serial)
    etree.SubElement(root, "SumNum").text = str(len(channels))
    listed = etree.SubElement(root, "DeviceList", Num=str(len(channels)))
    for channel, online in channels.items():
        item = etree.SubElement(listed, "Item")
        etree.SubElement(item, "DeviceID").text = channel
        etree.SubElement(item, "Event").text = "ON" if online else "OFF"
    return _document(root)


def _message(command: str, device: str, serial: int, fields: Mapping[str, str]) -> bytes:
    root = _root(command, device, serial)
    for name, text in fields.items():
        etree.SubElement(root, name).text = text
    return _document(root)


def _root(command: str, device: str, serial: int) -> etree._Element:
    root = etree.Element("Notify")
    for name, text in (("CmdType", command), ("SN", str(serial)), ("DeviceID", device)):
        etree.SubElement(root, name).text = text
    return root


def _document(root: etree._Element) -> bytes:
    return cast(bytes, etree.tostring(root, xml_declaration=True, encoding="GB2312"))
