"""What video platforms of GB/T 28181 hand on."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from core.cameras import Position
from core.faults import FaultReason
from formats import gb28181
from formats.gb28181 import Alive, Channel, Moved
from tests.unit.formats.cameras import CAMERA, GB28181, PATROL, PLACE, RECORDER
from tests.unit.formats.networks import HOSTILE, NOW, mutate

KEEPALIVE = f"""<?xml version="1.0" encoding="GB2312"?>
<Notify><CmdType>Keepalive</CmdType><SN>43</SN><DeviceID>{RECORDER}</DeviceID><Status>OK</Status></Notify>"""
CATALOGUE = f"""<?xml version="1.0"?>
<Response><CmdType>Catalog</CmdType><SN>17</SN><DeviceID>{RECORDER}</DeviceID><SumNum>3</SumNum>
<DeviceList Num="3">
<Item><DeviceID>{CAMERA}</DeviceID><Name>龙潭水库大坝</Name><Status>ON</Status></Item>
<Item><DeviceID>{PATROL}</DeviceID><Name>单兵七号</Name><Event>VLOST</Event></Item>
<Item><DeviceID>34020000002160000001</DeviceID><Name>一个分组</Name></Item>
</DeviceList></Response>"""
POSITION = f"""<?xml version="1.0" encoding="GB2312"?>
<Notify><CmdType>MobilePosition</CmdType><SN>9</SN><DeviceID>{PATROL}</DeviceID><Time>2026-07-01T16:00:00</Time>
<Longitude>121.87</Longitude><Latitude>29.4766</Latitude><Speed>9.0</Speed><Direction>270.0</Direction>
<Altitude>12.5</Altitude></Notify>"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (KEEPALIVE, [Alive(RECORDER, True)]),
        (KEEPALIVE.replace("OK", "ERROR"), [Alive(RECORDER, False)]),
        (CATALOGUE, [Channel(CAMERA, True), Channel(PATROL, False)]),
        (
            POSITION,
            [Moved(PATROL, Position(NOW, 121.87, 29.4766, None, 2.5, 270.0, 12.5))],
        ),
        ("<Notify><CmdType>Alarm</CmdType><SN>1</SN></Notify>", []),
    ],
)
def test_bodies_as_platforms_hand_them_on(body: str, expected: list[Any]) -> None:
    assert gb28181.decode(body.encode("gb18030" if "GB2312" in body else "utf-8"), NOW) == (expected, [])


def test_the_same_fields_as_json() -> None:
    body = f'{{"CmdType":"MobilePosition","DeviceID":"{PATROL}","Longitude":"121.87","Latitude":29.4766}}'
    assert gb28181.decode(body.encode(), NOW) == ([Moved(PATROL, Position(NOW, 121.87, 29.4766))], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (POSITION.replace("121.87", "181"), FaultReason.OUT_OF_RANGE),
        (POSITION.replace("121.87", "nan"), FaultReason.OUT_OF_RANGE),
        (POSITION.replace("121.87", "0").replace("29.4766", "0.0"), FaultReason.OUT_OF_RANGE),
        (POSITION.replace("2026-07-01T16", "soon"), FaultReason.TIME_UNREADABLE),
        (KEEPALIVE.replace(RECORDER, "7"), FaultReason.BAD_CODE),
        (KEEPALIVE.replace("CmdType", "Cmd"), FaultReason.WRONG_SHAPE),
        ("<Notify>", FaultReason.BROKEN_XML),
        (
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Notify>&b;</Notify>',
            FaultReason.UNSAFE_XML,
        ),
        ('{"CmdType":"Keepalive","CmdType":"Catalog"}', FaultReason.DUPLICATE_KEY),
        ('{"CmdType":"Catalog","DeviceList":3}', FaultReason.WRONG_SHAPE),
    ],
)
def test_what_cannot_be_believed_has_a_reason(body: str, reason: FaultReason) -> None:
    reports, faults = gb28181.decode(body.encode(), NOW)
    assert (reports, [fault.reason for fault in faults]) == ([], [reason])


def test_what_we_write_reads_back() -> None:
    at = datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert gb28181.decode(GB28181[0], at) == ([Alive(RECORDER, True)], [])
    assert gb28181.decode(GB28181[1], at) == ([Channel(CAMERA, True), Channel(PATROL, False)], [])
    [moved], faults = gb28181.decode(GB28181[2], at)
    assert isinstance(moved, Moved)
    assert (moved.device, faults) == (PATROL, [])
    assert (moved.position.time, moved.position.lon, moved.position.lat) == (PLACE.time, PLACE.lon, PLACE.lat)
    assert moved.position.speed_ms == pytest.approx(PLACE.speed_ms, abs=0.02)


def spoil(count: int) -> None:
    chance = random.Random(28181)
    refused = understood = 0
    for _ in range(count):
        spoilt = mutate(chance, chance.choice(GB28181), HOSTILE[:8])
        begun = time.perf_counter()
        reports, faults = gb28181.decode(spoilt, NOW)
        assert time.perf_counter() - begun < 1
        refused += bool(faults)
        understood += bool(reports)
    assert refused > count / 10
    assert understood > count / 50


def test_two_thousand_mutations() -> None:
    spoil(2_000)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_mutations() -> None:
    spoil(100_000)
