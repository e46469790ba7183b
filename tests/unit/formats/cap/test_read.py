"""Warnings of all senders: what the samples say, and what is wrong with others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.faults import FaultReason
from core.severity import Severity
from core.warnings import Circle, MessageType, Reference, Status, WarningMessage
from formats.cap import decode

SAMPLES = Path(__file__).parents[3] / "samples" / "cap"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def sample(name: str) -> WarningMessage:
    messages, faults = decode((SAMPLES / name).read_bytes())
    assert faults == []
    return messages[0]


def document(
    info: str = "<severity>Severe</severity>",
    head: str = "",
    sent: str = "2026-07-15T08:12:00+08:00",
    **changes: str,
) -> bytes:
    """A valid CAP 1.2 warning, or nearly."""
    told = {"status": "Actual", "msgType": "Alert", "sender": "a@b.cn", "identifier": "N-1"} | changes
    return (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{told['identifier']}</identifier><sender>{told['sender']}</sender><sent>{sent}</sent>"
        f"<status>{told['status']}</status><msgType>{told['msgType']}</msgType><scope>Public</scope>{head}"
        "<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>"
        f"{info}<certainty>Observed</certainty>"
        "<expires>2026-07-15T14:12:00+08:00</expires><headline>县气象台发布暴雨红色预警</headline>"
        "<area><areaDesc>演示县</areaDesc><circle>29.47,121.87 20</circle></area></info></alert>"
    ).encode()


def test_the_warning_of_the_seychelles() -> None:
    read = sample("wmo_wis2box_cap_example.xml")
    assert (read.sender, read.identifier) == (
        "info@meteo.gov.sc", "urn:oid:2.49.0.0.690.0.2024.5.19.13.18.0",
    )  # fmt: skip
    assert (read.sent, read.status, read.message_type) == (
        utc(2024, 5, 19, 13, 18), Status.ACTUAL, MessageType.ALERT,
    )  # fmt: skip
    assert (read.profile, read.signed, read.scope) == ("cap1.2", True, "Public")
    info = read.infos[0]
    assert (info.event, info.severity, info.colour) == ("Strong Winds", "Moderate", Severity.YELLOW)
    assert (info.onset, info.expires) == (utc(2024, 5, 19, 13, 30), utc(2024, 5, 19, 19, 30))
    assert info.areas[0].description == "Aldabra area"
    assert len(info.areas[0].polygons[0]) == 14
    assert info.areas[0].polygons[0][0] == (-9.186965, 46.078276)


def test_the_flash_flood_watch_of_cap_1_1() -> None:
    read = sample("weather.cap")
    assert read.profile == "cap1.1"
    assert read.sent == utc(2010, 8, 30, 10, 7)
    info = read.infos[0]
    assert (info.event, info.colour, info.expires) == (
        "Flash Flood Watch",
        Severity.ORANGE,
        utc(2010, 8, 30, 18),
    )
    assert info.event_codes == (("SAME", "FFA"),)
    assert info.areas[0].geocodes == (("FIPS6", "030049"), ("UGC", "MTZ014"))
    assert not read.signed


def test_a_document_of_the_national_platform() -> None:
    read = sample("gb35965.xml")
    assert (read.profile, read.sender, read.sent) == ("gb35965", "33022541600000", utc(2026, 7, 15, 0, 12))
    assert read.references == (
        Reference("33022541600000_20260715060000_0"), Reference("33022541600000_20260715070000_0"),
    )  # fmt: skip
    info = read.infos[0]
    assert (info.event, info.colour, info.severity) == ("暴雨", Severity.RED, "Extreme")
    assert (info.sender_name, info.effective, info.expires) == ("演示县气象台", utc(2026, 7, 15, 0, 12), None)
    assert (info.areas[0].description, info.areas[0].geocodes) == ("演示县", (("GB/T 2260", "330225000000"),))


def test_a_feed_in_json() -> None:
    messages, faults = decode((SAMPLES / "feed.json").read_bytes())
    assert faults == []
    gale, rain = messages
    assert (gale.message_type, gale.references) == (MessageType.UPDATE, (Reference("202607150600000001"),))
    assert (gale.infos[0].event, gale.infos[0].colour) == ("大风", Severity.BLUE)
    assert gale.infos[0].expires == utc(2026, 7, 16, 0, 12)
    assert (rain.sender, rain.sent) == ("演示市气象台", utc(2026, 7, 15, 1))
    assert (rain.infos[0].colour, rain.infos[0].severity) == (Severity.ORANGE, "Unknown")


def test_a_valid_document_has_no_fault() -> None:
    messages, faults = decode(document())
    assert faults == []
    assert messages[0].infos[0].areas[0].circles == (Circle(29.47, 121.87, 20.0),)


def test_several_languages_are_kept_apart() -> None:
    english = (
        "<info><language>en-US</language><category>Met</category><event>Rainstorm</event>"
        "<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty></info>"
    )
    messages, faults = decode(document().replace(b"</alert>", english.encode() + b"</alert>"))
    assert faults == []
    assert [(info.language, info.event) for info in messages[0].infos] == [
        ("zh-CN", "暴雨"),
        ("en-US", "Rainstorm"),
    ]


@pytest.mark.parametrize(
    ("info", "colour"),
    [
        ("<severity>Minor</severity>", Severity.RED),  # the headline names it, before the severity does
        ("<severity>Minor</severity><certainty>Likely</certainty><parameter><valueName>ColorCode</valueName>"
         "<value>ORANGE</value></parameter>", Severity.ORANGE),
        ("<severity>Minor</severity><parameter><valueName>awareness_level</valueName>"
         "<value>3; yellow; Moderate</value></parameter>", Severity.YELLOW),
        ("<severity>Minor</severity><eventCode><valueName>预警等级</valueName><value>蓝色</value></eventCode>",
         Severity.BLUE),
    ],
)  # fmt: skip
def test_a_colour_is_found_where_senders_put_it(info: str, colour: Severity) -> None:
    messages, _ = decode(document(info))
    assert messages[0].infos[0].colour is colour


def test_without_any_sign_of_a_colour_there_is_none() -> None:
    messages, _ = decode(document("<severity>Unknown</severity>").replace("红色".encode(), b""))
    assert messages[0].infos[0].colour is None


def test_references_are_three_parts_each() -> None:
    head = "<references>a@b.cn,N-0,2026-07-15T06:00:00+08:00 x@y.cn,M,2026-07-15T06:00:00+08:00 broken</references>"
    messages, faults = decode(document(head=head, msgType="Update"))
    assert messages[0].references == (
        Reference("N-0", "a@b.cn", utc(2026, 7, 14, 22)), Reference("M", "x@y.cn", utc(2026, 7, 14, 22)),
    )  # fmt: skip
    assert [fault.reason for fault in faults] == [FaultReason.WRONG_SHAPE]


@pytest.mark.parametrize(
    ("payload", "reason", "kept"),
    [
        (document(sent="2026-07-15T00:12:00Z"), FaultReason.SCHEMA_VIOLATION, True),
        (document(sent="2026-07-15T00:12:00"), FaultReason.TIME_WITHOUT_ZONE, False),
        (document(sent="2026-07-15T00:12:00,08:00"), FaultReason.TIME_UNREADABLE, False),
        (document(sent="2026-02-30T00:12:00+08:00"), FaultReason.TIME_UNREADABLE, False),
        (document(sent=""), FaultReason.TIME_MISSING, False),
        (document(identifier=""), FaultReason.WRONG_SHAPE, False),
        (document(sender=""), FaultReason.WRONG_SHAPE, False),
        (document(sender="a b"), FaultReason.SCHEMA_VIOLATION, True),
        (document(status="Real"), FaultReason.OUT_OF_RANGE, False),
        (document(msgType="Alarm"), FaultReason.OUT_OF_RANGE, False),
        (document("<severity>Terrible</severity>"), FaultReason.SCHEMA_VIOLATION, True),
        (document(head="<unknown/>"), FaultReason.SCHEMA_VIOLATION, True),
        (document().replace(b"29.47,121.87 20", b"121.87,29.47 20"), FaultReason.OUT_OF_RANGE, True),
        (document().replace(b"29.47,121.87 20", b"29.47,121.87"), FaultReason.OUT_OF_RANGE, True),
        (document()[:-5], FaultReason.BROKEN_XML, False),
        (b"", FaultReason.BROKEN_XML, False),
        (b"<alert/>", FaultReason.WRONG_SHAPE, False),
        (b"<html/>", FaultReason.WRONG_SHAPE, False),
        (document().replace(b"cap:1.2", b"cap:9.9"), FaultReason.WRONG_SHAPE, False),
        (b'{"alerts": 3}', FaultReason.WRONG_SHAPE, False),
        (b'{"alerts": []}', FaultReason.EMPTY, False),
        (b'{"alerts": [{"id": 3}]}', FaultReason.WRONG_SHAPE, False),
        (b"{", FaultReason.BROKEN_JSON, False),
    ],
)  # fmt: skip
def test_each_fault_has_its_reason_and_what_is_clear_is_kept(
    payload: bytes, reason: FaultReason, kept: bool
) -> None:
    messages, faults = decode(payload)
    assert reason in [fault.reason for fault in faults]
    assert bool(messages) == kept


def test_an_open_polygon_is_closed_and_one_of_three_points_is_left_out() -> None:
    ring = b"<polygon>29,121 30,121 30,122</polygon><polygon>29,121 29,121</polygon><circle>"
    messages, faults = decode(document().replace(b"<circle>", ring))
    polygons = messages[0].infos[0].areas[0].polygons
    assert list(polygons) == [((29, 121), (30, 121), (30, 122), (29, 121))]
    assert [fault.reason for fault in faults] == [FaultReason.OUT_OF_RANGE] * 2


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_chinese_encodings_are_read(encoding: str) -> None:
    name = encoding if encoding == "gb18030" else "UTF-8"
    text = f'<?xml version="1.0" encoding="{name}"?>\n' + document().decode()
    messages, faults = decode(text.encode(encoding))
    assert faults == []
    assert messages[0].infos[0].event == "暴雨"


def test_texts_are_bounded_and_without_invisible_characters() -> None:
    long = document().replace("演示县".encode(), "长".encode() * 50_000 + "\u202e".encode() + b"\x7f")
    messages, _ = decode(long)
    assert messages[0].infos[0].areas[0].description == "长" * 500
