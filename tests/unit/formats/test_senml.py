"""SenML packs in JSON and CBOR."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import FORMATS
from formats.senml import decode, encode_cbor, encode_json
from formats.senml.decode import LABELS
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

OW = "10e2073a01080063"
LABEL_OF = {name: label for label, name in LABELS.items()}


def both(pack: list[dict[str, Any]]) -> list[bytes]:
    """The pack in JSON and in CBOR."""
    return [
        json.dumps(pack).encode(),
        cbor2.dumps([{LABEL_OF.get(name, name): value for name, value in one.items()} for one in pack]),
    ]


@pytest.mark.parametrize("name", ["rfc_5_1_mobile.json", "rfc_5_1_mobile.cbor"])
def test_the_mobile_pack_of_the_rfc(name: str) -> None:
    decoded = decode(sample(f"senml/{name}"), context())
    found = brief(decoded)
    assert len(found) == 13
    assert found[:4] == [
        (OW, "%RH", "2011-10-31T13:24:24Z", 20.0),
        (OW, "lon", "2011-10-31T13:24:24Z", 24.30621),
        (OW, "lat", "2011-10-31T13:24:24Z", 60.07965),
        (OW, "%RH", "2011-10-31T13:25:24Z", 20.3),
    ]
    assert found[9] == (OW, "%EL", "2011-10-31T13:26:54Z", 98.0)
    assert decoded.faults == []


def test_the_other_samples() -> None:
    assert brief(decode(sample("senml/single.json"), context())) == [
        (OW, "Cel", "2026-07-01T08:00:00Z", 23.1)
    ]
    assert brief(decode(sample("senml/two_base_time_draft.json"), context())) == [
        (OW, "Cel", "2010-06-08T18:01:16.305000Z", 23.5),
        (OW, "Cel", "2010-06-08T18:01:31.305000Z", 23.6),
    ]
    relative = brief(decode(sample("senml/rfc_base_relative.json"), context()))
    assert relative[0] == ("10e2073a0108006", "voltage", "2010-06-08T18:01:16.001000Z", 120.1)
    assert [(name, time[14:19], value) for _, name, time, value in relative[1:]] == [
        ("current", f"01:{second}", value)
        for second, value in zip(range(11, 17), (1.2, 1.3, 1.4, 1.5, 1.6, 1.7), strict=True)
    ]
    assert reasons(decode(sample("senml/old_e_style_not_rfc8428.json"), context())) == ["wrong_shape"]
    assert reasons(decode(sample("senml/invalid_bad_char.json"), context())) == ["bad_code"]


def test_a_mapping_gives_a_pack_its_meaning() -> None:
    rule = {
        "stations": {OW: "60412301"},
        "fields": {"%RH": {"property": "humidity"}},
        "ignore": ["lon", "lat", "%EL"],
    }
    decoded = decode(sample("senml/rfc_5_1_mobile.json"), context(ow=rule))
    assert [(one.station, one.property, one.value) for one in decoded.readings] == [
        ("60412301", "humidity", value) for value in (20.0, 20.3, 20.7, 21.2)
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"bn": "ST2:", "n": "water_level", "u": "m"}, ("ST2", "water_level", 1.0)),
        ({"bn": "ST2/", "n": "water_level", "u": "cm"}, ("ST2", "water_level", 0.01)),
        ({"bn": "ST2", "n": "water_level"}, ("ST2", "water_level", 1.0)),
        ({"n": "ST2:water_level"}, ("ST2", "water_level", 1.0)),
        ({"n": "ST2/water_level"}, ("ST2", "water_level", 1.0)),
        ({"n": "water_level"}, ("ST1", "water_level", 1.0)),
        ({"n": "urn:dev:mac:0024befffe804ff1:water_level"}, ("0024befffe804ff1", "water_level", 1.0)),
        ({"n": "urn:dev:ow:10e2073a0108006_water_level"}, ("10e2073a0108006", "water_level", 1.0)),
        (
            {"bn": "urn:dev:mac:0024befffe804ff1/", "n": "flow", "bu": "l/s"},
            ("0024befffe804ff1", "flow", 0.001),
        ),
    ],
)
def test_names_tell_device_and_field(record: dict[str, Any], expected: tuple[str, str, float]) -> None:
    for payload in both([{**record, "v": 1}]):
        decoded = decode(payload, context())
        assert [(one.station, one.property, one.value) for one in decoded.readings] == [expected]
        assert decoded.faults == []


def test_base_values_and_sums_are_added_and_hold_for_the_records_behind() -> None:
    pack = [
        {"bn": "ST2:", "bt": 1_782_892_800.0, "bv": 100, "bs": 1000, "n": "a", "v": 1, "s": 5},
        {"n": "b", "t": -60},
        {"bn": "ST3:", "bv": 0, "n": "c", "vb": True, "t": 1},
    ]
    for payload in both(pack):
        assert [
            (station, name, time[11:19], value)
            for station, name, time, value in brief(decode(payload, context()))
        ] == [
            ("ST2", "a", "08:00:00", 101.0),
            ("ST2", "a.sum", "08:00:00", 1005.0),
            ("ST2", "b", "07:59:00", 100.0),
            ("ST2", "b.sum", "07:59:00", 1000.0),
            ("ST3", "c", "08:00:01", 1.0),
            ("ST3", "c.sum", "08:00:01", 1000.0),
        ]


@pytest.mark.parametrize(("t", "expected"), [(None, 0), (0, 0), (-5, -5), (30, 30), (2**28 - 1, 2**28 - 1)])
def test_small_times_are_relative_to_the_receipt(t: int | None, expected: int) -> None:
    record = {"n": "flow", "v": 1} if t is None else {"n": "flow", "v": 1, "t": t}
    for payload in both([record]):
        assert decode(payload, context()).readings[0].time == NOW + timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("pack", "faults"),
    [
        ([{"n": "flow", "v": 1}, {"n": "flow", "v": 2, "must_": 1}], ["unknown_field"]),
        ([{"bver": 11, "n": "flow", "v": 1}], ["wrong_shape"]),
        ([{"n": "flow"}], ["wrong_shape"]),
        ([{"n": "flow", "v": 1, "vs": "x"}], ["wrong_shape"]),
        ([{"n": "flow", "v": "1"}], ["wrong_type"]),
        ([{"n": "flow", "v": True}], ["wrong_type"]),
        ([{"n": "flow", "vb": 1}], ["wrong_type"]),
        ([{"n": "flow", "v": 1e400}], ["not_finite"]),
        ([{"n": "flow", "v": 1, "t": 1e300}], ["time_unreadable"]),
        ([{"n": "水位", "v": 1}], ["bad_code"]),
        ([{"n": "a" * 300, "v": 1}], ["bad_code"]),
        ([{"v": 1}], ["bad_code"]),
        ([{"n": "flow", "u": "furlong", "v": 1}], ["unknown_unit"]),
        ([{"n": "flow", "u": "mm", "v": 1}], ["wrong_unit"]),
        ([{"n": "flow", "vs": "much"}], ["wrong_type"]),
        ([{"bn": "ST2:", "bt": 1}], ["empty"]),
        ([5], ["wrong_shape"]),
        ([], ["empty"]),
    ],
)
def test_what_is_wrong_has_a_reason(pack: list[Any], faults: list[str]) -> None:
    payloads = both(pack) if all(isinstance(one, dict) for one in pack) else [json.dumps(pack).encode()]
    for payload in payloads:
        decoded = decode(payload, context())
        assert reasons(decoded) == faults
        assert decoded.readings == []


def test_a_broken_record_costs_itself_alone() -> None:
    pack = [{"bn": "ST2:", "n": "flow", "v": 1}, {"n": "flow", "v": "x"}, 7, {"n": "inflow", "v": 2}]
    decoded = decode(json.dumps(pack).encode(), context())
    assert [(one.station, one.property, one.value) for one in decoded.readings] == [
        ("ST2", "flow", 1.0), ("ST2", "inflow", 2.0),
    ]  # fmt: skip
    assert reasons(decoded) == ["wrong_type", "wrong_shape"]


def test_repeated_keys_are_not_believed() -> None:
    assert reasons(decode(b'[{"n":"flow","v":1,"v":2}]', context())) == ["duplicate_key"]
    assert reasons(decode(bytes.fromhex("81a30064666c6f7702010202"), context())) == ["broken_cbor"]


def test_without_a_receiver_relative_times_have_no_meaning() -> None:
    from formats import Context

    assert reasons(decode(b'[{"n":"flow","v":1}]', Context("ST1"))) == ["time_missing"]


def test_cbor_of_all_lengths_and_decimal_fractions() -> None:
    indefinite = bytes.fromhex("9fbf0064666c6f7702c48221196ab3ffff")
    assert [one.value for one in decode(indefinite, context()).readings] == [273.15]


@pytest.mark.parametrize("tag", [*(tag for tag in range(300) if tag != 4), 1004, 43_000, 55_799, 60_000])
def test_no_tag_but_decimal_fractions_makes_a_value(tag: int) -> None:
    for inner in (1, "a+", b"\x01", [1, 2], [1]):
        payload = cbor2.dumps([{0: "flow", 2: cbor2.CBORTag(tag, inner)}])
        decoded = decode(payload, context())
        assert decoded.readings == []
        assert reasons(decoded) in (["broken_cbor"], ["wrong_type"])


def test_more_values_than_allowed_are_none() -> None:
    pack = json.dumps([{"n": "flow", "v": 1}] * 5_001).encode()
    decoded = decode(pack, context())
    assert reasons(decoded) == ["too_many_values"]
    assert decoded.readings == []


MILLISECONDS = st.integers(0, 3_000_000_000_000).map(
    lambda ms: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
VALUES = st.dictionaries(
    st.sampled_from(["water_level", "flow", "air_temperature", "rainfall"]),
    st.tuples(st.floats(-1e9, 1e9), st.none()),
    min_size=1,
)


@given(st.lists(st.tuples(MILLISECONDS, VALUES), min_size=1, max_size=5))
def test_what_a_drill_writes_is_what_is_read(items: list[Any]) -> None:
    expected = [(time, name, value) for time, values in items for name, (value, _) in values.items()]
    for payload in (encode_json("ST2", items), encode_cbor("ST2", items)):
        decoded = decode(payload, context())
        assert [(one.time, one.property, one.value) for one in decoded.readings] == expected
        assert {one.station for one in decoded.readings} == {"ST2"}
        assert decoded.faults == []


def test_units_go_with_the_values() -> None:
    payload = encode_cbor("ST2", [(NOW, {"water_level": (342.0, "cm")})])
    assert [one.value for one in decode(payload, context()).readings] == pytest.approx([3.42])


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for head in (b"", b"\x81", b"\x81\xa2\x00", b"[", b'[{"n":"flow","v":'):
        keepable(decode(head + payload, context()))


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_payloads_are_bounded(payload: bytes) -> None:
    is_bounded(decode, payload)


ORIGINALS = [
    sample("senml/rfc_5_1_mobile.json"),
    sample("senml/rfc_5_1_mobile.cbor"),
    sample("senml/rfc_base_relative.json"),
    encode_json("ST2", [(NOW, {"flow": (1.0, "m3/s"), "temperature": (20.0, "Cel")})]),
    encode_cbor("ST2", [(NOW, {"flow": (1.0, "m3/s"), "temperature": (20.0, "Cel")})]),
]
TOKENS = [
    *JSON_TOKENS,
    b"\xa1\x02\x01",
    b"\xf6",
    b"\xfb\x7f\xf0\0\0\0\0\0\0",
    b"\xc2\x41\x01",
    b"\xff",
    b"\x9f",
    b"\xd8\x1c",
]


def test_two_thousand_mutations() -> None:
    survives("senml", ORIGINALS, TOKENS, 2_000, 8428)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutations() -> None:
    survives("senml", ORIGINALS, TOKENS, 100_000, 8949)


def test_the_format_is_known_by_its_name() -> None:
    assert FORMATS["senml"] is decode
