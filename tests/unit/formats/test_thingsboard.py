"""Telemetry of ThingsBoard devices and gateways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.properties import PROPERTIES
from formats import FORMATS, Context
from formats.thingsboard import decode, encode_device, encode_gateway
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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "device_simple",
            [
                ("ST1", "humidity", "2026-07-01T08:00:00Z", 61.0),
                ("ST1", "temperature", "2026-07-01T08:00:00Z", 22.5),
            ],
        ),
        (
            "device_client_ts",
            [
                ("ST1", "humidity", "2016-01-01T12:00:00.512000Z", 61.0),
                ("ST1", "temperature", "2016-01-01T12:00:00.512000Z", 22.5),
            ],
        ),
        (
            "device_array",
            [
                ("ST1", "humidity", "2016-01-01T12:00:00Z", 61.0),
                ("ST1", "humidity", "2016-01-01T12:00:01Z", 60.0),
                ("ST1", "temperature", "2016-01-01T12:00:00Z", 22.5),
                ("ST1", "temperature", "2016-01-01T12:00:01Z", 22.7),
            ],
        ),
        (
            "gateway",
            [
                ("Device A", "humidity", "2017-01-01T00:00:00Z", 80.0),
                ("Device A", "humidity", "2017-01-01T00:00:01Z", 82.0),
                ("Device B", "humidity", "2017-01-01T00:00:00Z", 80.0),
                ("Device A", "temperature", "2017-01-01T00:00:00Z", 42.0),
                ("Device A", "temperature", "2017-01-01T00:00:01Z", 43.0),
                ("Device B", "temperature", "2017-01-01T00:00:00Z", 42.0),
            ],
        ),
    ],
)
def test_the_samples_of_the_makers(name: str, expected: list[Any]) -> None:
    decoded = decode(sample(f"thingsboard/{name}.json"), context())
    assert brief(decoded) == expected
    assert decoded.faults == []


def test_a_mapping_names_stations_and_fields() -> None:
    rule = {
        "stations": {"Device A": "60412301", "Device B": "60412302"},
        "fields": {"temperature": {"property": "air_temperature", "unit": "Cel"}},
        "ignore": ["humidity"],
    }
    decoded = decode(sample("thingsboard/gateway.json"), context(tb=rule))
    assert [(one.station, one.property, one.value) for one in decoded.readings] == [
        ("60412301", "air_temperature", 42.0),
        ("60412301", "air_temperature", 43.0),
        ("60412302", "air_temperature", 42.0),
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


@pytest.mark.parametrize(
    ("payload", "faults", "readings"),
    [
        (b'[{"ts":1,"values":{"flow":1}},5,{"ts":2,"values":{"flow":2}}]', ["wrong_shape"], 2),
        (b'{"ts":"2026","values":{"flow":1}}', ["time_unreadable"], 0),
        (b'{"ts":-1,"values":{"flow":1}}', ["time_unreadable"], 0),
        (b'{"ts":NaN,"values":{"flow":1}}', ["time_unreadable"], 0),
        (b'{"ts":1,"ts":2,"values":{"flow":1}}', ["time_unreadable"], 0),
        (b'{"ts":1,"values":[]}', ["wrong_shape"], 0),
        (b'{"A":[{"ts":1,"values":{"flow":1}}],"B":[{"ts":1,"values":7}]}', ["wrong_shape"], 1),
        (b'{"A":[{"flow":1}]}', [], 1),
        (b'{"flow":"1"}', ["wrong_type"], 0),
        (b'{"flow":NaN,"inflow":2}', ["not_finite"], 1),
        (b'{"flow":1,"flow":2,"inflow":2}', ["duplicate_key"], 1),
        (b'{"":[{"flow":1}]}', ["bad_code"], 0),
        (b'{"A\\u0000":[{"flow":1}]}', ["bad_code"], 0),
        (b"{}", ["empty"], 0),
        (b"[]", ["empty"], 0),
        (b"[{}]", ["empty"], 0),
        (b'"x"', ["wrong_shape"], 0),
        (b"{", ["broken_json"], 0),
    ],
)
def test_what_is_wrong_has_a_reason_and_costs_itself_alone(
    payload: bytes, faults: list[str], readings: int
) -> None:
    decoded = decode(payload, context())
    assert reasons(decoded) == faults
    assert len(decoded.readings) == readings


def test_without_a_time_and_a_receiver_there_is_no_reading() -> None:
    assert reasons(decode(b'{"flow":1}', Context("ST1"))) == ["time_missing"]


def test_more_values_than_allowed_are_none() -> None:
    decoded = decode(encode_device([(NOW, {"flow": 1.0})] * 5_001), context())
    assert reasons(decoded) == ["too_many_values"]
    assert decoded.readings == []


TIMES = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
VALUES = st.dictionaries(
    st.sampled_from(sorted(PROPERTIES)), st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=4
)
ITEMS = st.lists(st.tuples(TIMES, VALUES), min_size=1, max_size=4)


@given(ITEMS)
def test_what_a_drills_device_writes_is_what_is_read(items: list[Any]) -> None:
    decoded = decode(encode_device(items), context())
    assert [(one.station, one.time, one.property, one.value) for one in decoded.readings] == [
        ("ST1", time, name, value) for time, values in items for name, value in values.items()
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


@given(st.dictionaries(st.sampled_from(["A", "B-1", "ts", "values"]), ITEMS, min_size=1))
def test_what_a_drills_gateway_writes_is_what_is_read(devices: dict[str, Any]) -> None:
    decoded = decode(encode_gateway(devices), context())
    assert [(one.station, one.time, one.property, one.value) for one in decoded.readings] == [
        (device, time, name, value)
        for device, items in devices.items()
        for time, values in items
        for name, value in values.items()
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


def test_a_device_without_a_clock_leaves_the_time_to_the_receiver() -> None:
    decoded = decode(encode_device([(None, {"flow": 1.0})]), context())
    assert [(one.time, one.value) for one in decoded.readings] == [(NOW, 1.0)]


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for head in (b"", b'{"flow":', b'[{"ts":1,"values":', b'{"A":[{"ts":'):
        keepable(decode(head + payload, context()))


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_payloads_are_bounded(payload: bytes) -> None:
    is_bounded(decode, payload)
    keepable(decode(b'{"A":[{"ts":1,"values":{"x":' + payload + b"}}]}", context()))


ORIGINALS = [
    sample(f"thingsboard/{name}.json")
    for name in ("device_simple", "device_client_ts", "device_array", "gateway")
]


def test_two_thousand_mutations() -> None:
    survives("thingsboard", ORIGINALS, JSON_TOKENS, 2_000, 5)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutations() -> None:
    survives("thingsboard", ORIGINALS, JSON_TOKENS, 100_000, 55)


def test_the_format_is_known_by_its_name() -> None:
    assert FORMATS["thingsboard"] is decode
