"""Import of LED screens and loudspeakers, and of cameras."""

from __future__ import annotations

from dataclasses import replace

from cli.imports.cells import Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.cameras import CameraKind
from core.devices import Camera, Device, DeviceKind
from core.errors import InputError
from formats.envelope import public_key_of
from store import areas, cameras, devices

DEVICE_COLUMNS = (
    Column("code", ("编码",), True),
    Column("kind", ("类型",), True),
    Column("name", ("名称",), True),
    Column("name_en", ("英文名",)),
    Column("area", ("区划",), True),
    Column("lon", ("经度",), True),
    Column("lat", ("纬度",), True),
    Column("columns", ("列数", "每行字数")),
    Column("rows", ("行数",)),
    Column("public_key", ("公钥",)),
    Column("active", ("启用",)),
    Column("internal", ("内部", "值班室")),
)

CAMERA_COLUMNS = (
    Column("code", ("编码",), True),
    Column("name", ("名称",), True),
    Column("name_en", ("英文名",)),
    Column("area", ("区划",), True),
    Column("lon", ("经度",), True),
    Column("lat", ("纬度",), True),
    Column("stream", ("视频流", "地址")),
    Column("keepalive_s", ("心跳周期",)),
    Column("kind", ("类型",)),
    Column("platform_id", ("平台编码", "通道编码")),
    Column("recorder_id", ("录像机编码",)),
    Column("settle_s", ("防抖时间",)),
)


def read_devices(rows: list[Row], faults: Faults, situation: Situation) -> list[Device]:
    """Devices; a screen needs its size in characters, because its text is fitted to it."""
    known = {entry.code: entry.origin for entry in devices.devices(situation.connection)}
    area_codes = areas.area_codes(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        kind = DeviceKind(cells.choice("kind", [kind.value for kind in DeviceKind]))
        smallest = 1 if kind == DeviceKind.LED else 0
        entry = Device(
            code=cells.code("code"),
            kind=kind,
            name=cells.text("name"),
            name_en=cells.text("name_en", cells.raw("name")),
            area=cells.text("area"),
            lon=cells.number("lon", -180, 180),
            lat=cells.number("lat", -90, 90),
            columns=cells.count("columns", smallest, 200, None if smallest else 0),
            rows=cells.count("rows", smallest, 50, None if smallest else 0),
            public_key=cells.optional("public_key"),
            active=cells.yes("active", True),
            origin=situation.origin,
            internal=cells.yes("internal", False),
        )
        cells.known("area", entry.area, area_codes, "area")
        refuse_foreign(cells, entry.code, known, situation.origin)
        if entry.public_key:
            try:
                public_key_of(entry.public_key)
            except InputError:
                cells.fault("public_key", "is no Ed25519 key: 32 bytes in base64url")
        found.append(entry)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    return found


def save_devices(entries: list[Device], situation: Situation) -> int:
    """Creates or replaces devices; a known public key is kept if none is given."""
    before = {entry.code: entry for entry in devices.devices(situation.connection)}
    changed = 0
    for entry in entries:
        known = before.get(entry.code)
        if known is None or replace(entry, public_key=entry.public_key or known.public_key) != known:
            devices.save_device(situation.connection, entry)
            changed += 1
    return changed


def read_cameras(rows: list[Row], faults: Faults, situation: Situation) -> list[Camera]:
    """Cameras; the stream is an rtsp, http or https address."""
    standing = cameras.cameras(situation.connection)
    known = {entry.code: entry.origin for entry in standing}
    taken = {entry.platform_id: entry.code for entry in standing if entry.platform_id}
    area_codes = areas.area_codes(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        entry = Camera(
            code=cells.code("code"),
            name=cells.text("name"),
            name_en=cells.text("name_en", cells.raw("name")),
            area=cells.text("area"),
            lon=cells.number("lon", -180, 180),
            lat=cells.number("lat", -90, 90),
            stream=cells.optional("stream"),
            keepalive_s=cells.count("keepalive_s", 5, 86400, 60),
            origin=situation.origin,
            kind=CameraKind(cells.choice("kind", [kind.value for kind in CameraKind], CameraKind.FIXED)),
            platform_id=cells.optional("platform_id"),
            recorder_id=cells.optional("recorder_id"),
            settle_s=cells.count("settle_s", 0, 3600, 30),
        )
        if entry.stream and not entry.stream.startswith(("rtsp://", "http://", "https://")):
            cells.fault("stream", "is no rtsp, http or https address")
        cells.known("area", entry.area, area_codes, "area")
        if entry.platform_id and taken.get(entry.platform_id, entry.code) != entry.code:
            cells.fault(
                "platform_id", "is the name of camera {camera} already", camera=taken[entry.platform_id]
            )
        refuse_foreign(cells, entry.code, known, situation.origin)
        found.append(entry)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    named = [(row.number, (row.cells["platform_id"],)) for row in rows if row.cells.get("platform_id")]
    note_duplicates(named, "platform_id", faults)
    return found


def save_cameras(entries: list[Camera], situation: Situation) -> int:
    """Creates or replaces cameras; returns how many are new or differ."""
    before = {entry.code: entry for entry in cameras.cameras(situation.connection)}
    changed = [entry for entry in entries if before.get(entry.code) != entry]
    for entry in changed:
        cameras.save_camera(situation.connection, entry)
    return len(changed)


DEVICES = Kind(DEVICE_COLUMNS, read_devices, save_devices)
CAMERAS = Kind(CAMERA_COLUMNS, read_cameras, save_cameras)
