"""Events of ChirpStack v4."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.properties import PROPERTIES
from formats import FORMATS
from formats.chirpstack import decode, encode
from tests.unit.formats.networks import (
    HOSTILE,
    JSON_TOKENS,
    NOW,
    brief,
    context,
    is_bounded,
    keepable,
    reasons,
    sample,
    survives,
)

EUI = "0101010101010101"
UP = json.loads(sample("chirpstack/up.json"))
STATUS = json.loads(sample("chirpstack/status.json"))
UP_TIME = "2022-07-18T09:34:15.775023Z"


def event(original: dict[str, Any], **parts: Any) -> bytes:
    """A sample with other parts; None takes one out."""
    return json.dumps({key: part for key, part in {**original, **parts}.items() if part is not None}).encode()


def test_the_uplink_of_the_makers_has_no_codec_which_is_said() -> None:
    decoded = decode(sample("chirpstack/up.json"), context())
    assert brief(decoded) == [("Test device", "signal_strength", UP_TIME, -36.0)]
    assert reasons(decoded) == ["empty"]


def test_an_uplink_with_a_codec() -> None:
    decoded = decode(event(UP, object={"level": 342, "probe": {"temp": 8.5}}), context())
    assert brief(decoded) == [
        ("Test device", "signal_strength", UP_TIME, -36.0),
        ("Test device", "level", UP_TIME, 342.0),
        ("Test device", "probe.temp", UP_TIME, 8.5),
    ]
    assert decoded.faults == []


@pytest.mark.parametrize("devices", ["Test *", EUI])
def test_a_mapping_names_the_station_and_the_fields(devices: str) -> None:
    rule = {
        "devices": [devices],
        "stations": {EUI: "60412301"},
        "fields": {"distance": {"property": "water_level", "unit": "mm", "factor": -1, "offset": 12.34}},
    }
    decoded = decode(event(UP, object={"distance": 3456}), context(radar=rule))
    assert brief(decoded) == [
        ("60412301", "water_level", UP_TIME, 8.884),
        ("60412301", "signal_strength", UP_TIME, -36.0),
    ]
    assert decoded.faults == []


def test_the_status_of_the_makers_gives_the_battery() -> None:
    decoded = decode(sample("chirpstack/status.json"), context())
    assert brief(decoded) == [("Test device", "battery_level", "2022-07-18T09:35:06.927172Z", 88.3)]
    assert decoded.faults == []


@pytest.mark.parametrize("unknown", ["externalPowerSource", "batteryLevelUnavailable"])
def test_a_battery_that_is_not_known_is_no_empty_one(unknown: str) -> None:
    decoded = decode(event(STATUS, batteryLevel=0, **{unknown: True}), context())
    assert (decoded.readings, decoded.faults) == ([], [])


@pytest.mark.parametrize("name", ["join", "log", "location"])
def test_other_events_measure_nothing(name: str) -> None:
    decoded = decode(sample(f"chirpstack/{name}.json"), context())
    assert (decoded.readings, decoded.unmapped, decoded.faults) == ([], [], [])


@pytest.mark.parametrize(
    ("payload", "faults"),
    [
        (event(UP, deviceInfo=None), ["wrong_shape"]),
        (event(UP, deviceInfo=[]), ["wrong_shape"]),
        (event(UP, time=None), ["time_missing"]),
        (event(UP, time="2022-07-18 09:34:15"), ["time_without_zone"]),
        (event(UP, object=[1]), ["wrong_shape"]),
        (event(UP, data=""), []),
        (event(UP, object={"flow": "1"}), ["wrong_type"]),
        (event(STATUS, batteryLevel="full"), ["wrong_type"]),
        (b"7", ["wrong_shape"]),
        (b"", ["broken_json"]),
    ],
)
def test_what_is_wrong_has_a_reason(payload: bytes, faults: list[str]) -> None:
    assert reasons(decode(payload, context())) == faults


def test_more_values_than_allowed_are_none() -> None:
    decoded = decode(encode("ST1", EUI, NOW, {"flow": [1.0] * 5_001}), context())
    assert reasons(decoded) == ["too_many_values"]
    assert decoded.readings == decoded.unmapped == []


@given(
    st.integers(0, 4_000_000_000_000_000).map(
        lambda us: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    ),
    st.dictionaries(
        st.sampled_from(sorted(set(PROPERTIES) - {"signal_strength"})), st.none() | st.floats(-1e9, 1e9)
    ),
    st.none() | st.integers(-150, 0),
)
def test_what_a_drill_writes_is_what_is_read(
    time: datetime, values: dict[str, float | None], rssi_dbm: int | None
) -> None:
    decoded = decode(encode("ST2", EUI, time, values, rssi_dbm=rssi_dbm), context())
    expected = [*values.items()] + ([("signal_strength", rssi_dbm)] if rssi_dbm is not None else [])
    assert [(one.property, one.value) for one in decoded.readings] == expected
    assert {(one.station, one.time) for one in decoded.readings} <= {("ST2", time)}
    assert (decoded.unmapped, decoded.faults) == ([], [])


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for head in (b"", b'{"deviceInfo":{},"time":1,"object":', b'{"deviceInfo":{"deviceName":'):
        keepable(decode(head + payload, context()))


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_payloads_are_bounded(payload: bytes) -> None:
    is_bounded(decode, payload)
    keepable(decode(b'{"deviceInfo":{},"time":1,"object":{"x":' + payload + b"}}", context()))


ORIGINALS = [
    event(UP, object={"temperature": 8.5, "flow": 1, "a": {"b": [1, 2]}}),
    sample("chirpstack/status.json"),
    encode("ST1", EUI, NOW, {"temperature": 8.5, "water_level": 3.42}, rssi_dbm=-90),
]


def test_two_thousand_mutations() -> None:
    survives("chirpstack", ORIGINALS, JSON_TOKENS, 2_000, 4)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutations() -> None:
    survives("chirpstack", ORIGINALS, JSON_TOKENS, 100_000, 44)


def test_the_format_is_known_by_its_name() -> None:
    assert FORMATS["chirpstack"] is decode
