"""Uplinks of The Things Stack v3."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.main import main
from core.properties import PROPERTIES
from formats import FORMATS
from formats.things_stack import decode, encode
from tests.unit.formats.networks import (
    HOSTILE,
    JSON_TOKENS,
    NOW,
    SAMPLES,
    brief,
    context,
    is_bounded,
    keepable,
    reasons,
    sample,
    survives,
)

UPLINK = json.loads(sample("tts/uplink.json"))
TIME = "2020-02-12T15:15:45.789585Z"


def uplink(**parts: Any) -> bytes:
    """The sample with other parts of its uplink_message; None takes one out."""
    message = {**UPLINK["uplink_message"], **parts}
    return json.dumps(
        {**UPLINK, "uplink_message": {key: part for key, part in message.items() if part is not None}}
    ).encode()


def test_the_sample_of_the_makers() -> None:
    decoded = decode(sample("tts/uplink.json"), context())
    assert brief(decoded) == [
        ("dev1", "signal_strength", TIME, -35.0),
        ("dev1", "temperature", TIME, 1.0),
        ("dev1", "luminosity", TIME, 0.64),
    ]
    assert decoded.faults == []


def test_the_command_prints_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "tts", str(SAMPLES / "tts/uplink.json")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [
        (line["station"], line["property"], line["value"], line["quality"], line["reason"]) for line in lines
    ] == [
        ("dev1", "signal_strength", -35.0, 1, ""),
        ("dev1", "temperature", 1.0, 2, "unmapped_field"),
        ("dev1", "luminosity", 0.64, 2, "unmapped_field"),
    ]


@pytest.mark.parametrize("devices", ["dev1", "0004a30b*"])
def test_a_mapping_gives_the_sample_its_meaning(devices: str) -> None:
    rule = {
        "format": "tts",
        "devices": [devices],
        "station": "LW_{id}",
        "fields": {"temperature": {"property": "water_temperature", "unit": "Cel"}},
        "ignore": ["lumi*"],
    }
    decoded = decode(sample("tts/uplink.json"), context(lora=rule))
    assert brief(decoded) == [
        ("LW_0004a30b001c0530", "water_temperature", TIME, 1.0),
        ("LW_0004a30b001c0530", "signal_strength", TIME, -35.0),
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


def test_the_best_of_several_gateways_and_the_battery() -> None:
    heard = [{"rssi": -110}, {"rssi": -87.5}, {"snr": 5}, {"rssi": "x"}, {"rssi": True}, 7]
    payload = uplink(rx_metadata=heard, last_battery_percentage={"f_cnt": 1, "value": 88.2})
    readings = decode(payload, context()).readings
    assert [(one.property, one.value) for one in readings] == [
        ("signal_strength", -87.5),
        ("battery_level", 88.2),
    ]


@pytest.mark.parametrize(
    ("payload", "faults"),
    [
        (uplink(decoded_payload=None), ["empty"]),
        (uplink(decoded_payload=None, frm_payload=None), []),
        (uplink(decoded_payload=[1]), ["wrong_shape"]),
        (uplink(decoded_payload={"flow": "1"}), ["wrong_type"]),
        (uplink(received_at="yesterday"), ["time_unreadable"]),
        (uplink(received_at="2020-02-12T15:15:45"), ["time_without_zone"]),
        (b'{"uplink_message":{}}', ["time_missing"]),
        (b'{"uplink_message":7}', ["wrong_shape"]),
        (b'{"received_at":"2020-02-12T15:15:45Z"}', ["wrong_shape"]),
        (b'{"join_accept":{},"received_at":"2020-02-12T15:15:45Z"}', []),
        (b'{"uplink_message":{},"uplink_message":{}}', ["wrong_shape"]),
        (b"[]", ["wrong_shape"]),
        (b"{", ["broken_json"]),
        (b"\xff", ["broken_json"]),
    ],
)
def test_what_is_wrong_has_a_reason(payload: bytes, faults: list[str]) -> None:
    assert reasons(decode(payload, context())) == faults


def test_a_field_given_twice_is_not_believed_and_the_others_are() -> None:
    payload = encode("ST1", NOW, {"flow": 1.0, "inflow": 2.0}).replace(
        b'"flow":1.0', b'"flow":1.0,"flow":3.0'
    )
    decoded = decode(payload, context())
    assert [(one.property, one.value) for one in decoded.readings] == [("inflow", 2.0)]
    assert reasons(decoded) == ["duplicate_key"]


def test_more_values_than_allowed_are_none() -> None:
    decoded = decode(encode("ST1", NOW, {"flow": [1.0] * 5_001}), context())
    assert reasons(decoded) == ["too_many_values"]
    assert decoded.readings == decoded.unmapped == []


@given(
    st.sampled_from(["dev1", "radar-07", "60412301"]),
    st.integers(0, 4_000_000_000_000_000).map(
        lambda us: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    ),
    st.dictionaries(
        st.sampled_from(sorted(set(PROPERTIES) - {"signal_strength"})), st.none() | st.floats(-1e9, 1e9)
    ),
    st.none() | st.integers(-150, 0),
)
def test_what_a_drill_writes_is_what_is_read(
    device: str, time: datetime, values: dict[str, float | None], rssi_dbm: int | None
) -> None:
    decoded = decode(encode(device, time, values, eui="A84041", rssi_dbm=rssi_dbm), context())
    expected = [*values.items()] + ([("signal_strength", rssi_dbm)] if rssi_dbm is not None else [])
    assert [(one.property, one.value) for one in decoded.readings] == expected
    assert {(one.station, one.time) for one in decoded.readings} <= {(device, time)}
    assert (decoded.unmapped, decoded.faults) == ([], [])


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for head in (b"", b'{"uplink_message":', b'{"uplink_message":{"received_at":1,"decoded_payload":'):
        keepable(decode(head + payload, context()))


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_payloads_are_bounded(payload: bytes) -> None:
    is_bounded(decode, payload)
    inner = b'{"received_at":0,"uplink_message":{"received_at":1,"decoded_payload":{"x":' + payload
    keepable(decode(inner + b"}}}", context()))


ORIGINALS = [
    sample("tts/uplink.json"),
    encode("ST1", NOW, {"temperature": 1.5, "flow": 2, "a": {"b": [1, 2]}}, rssi_dbm=-90),
]


def test_two_thousand_mutations() -> None:
    survives("tts", ORIGINALS, JSON_TOKENS, 2_000, 3)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutations() -> None:
    survives("tts", ORIGINALS, JSON_TOKENS, 100_000, 33)


def test_the_format_is_known_by_its_name() -> None:
    assert FORMATS["tts"] is decode
