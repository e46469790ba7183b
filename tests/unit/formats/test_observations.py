"""The JSON of `anlan/obs/{station}`: what is read, what is refused and why, and that nothing is missed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faults import FaultReason
from core.properties import PROPERTIES
from core.quality import Quality
from formats import FORMATS, Context, Decoded
from formats.observations import _decode_quickly, decode, encode, encode_pack
from formats.observations_slow import decode_slowly

TIME = "2026-07-01T00:05:00Z"
MOMENT = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)
CONTEXT = Context("ST1", total_period_s=600)


def read(payload: str | bytes) -> Decoded:
    return decode(payload.encode() if isinstance(payload, str) else payload, CONTEXT)


def values(decoded: Decoded) -> dict[str, float | None]:
    return {reading.property: reading.value for reading in decoded.readings}


def test_the_example_of_the_contract() -> None:
    decoded = read(
        '{"time": "2026-07-01T00:05:00Z", "values": {"water_level": 3.42, "rainfall": 0.5}, "period_s": 300}'
    )
    assert decoded.faults == []
    assert [(r.station, r.property, r.time, r.value, r.sensor, r.period_s) for r in decoded.readings] == [
        ("ST1", "water_level", MOMENT, 3.42, 1, 0),
        ("ST1", "rainfall", MOMENT, 0.5, 1, 300),
    ]


def test_a_total_without_a_period_has_the_stations() -> None:
    assert read(f'{{"time": "{TIME}", "values": {{"rainfall": 1}}}}').readings[0].period_s == 600


@pytest.mark.parametrize(
    "time",
    [
        '"2026-07-01T00:05:00Z"',
        '"2026-07-01T08:05:00+08:00"',
        '"2026-07-01t00:05:00.000000000z"',
        "1782864300000",
    ],
)
def test_times_of_both_kinds_mean_the_same_moment(time: str) -> None:
    assert read(f'{{"time": {time}, "values": {{"flow": 1}}}}').readings[0].time == MOMENT


def test_null_is_reported_missing_and_not_zero() -> None:
    reading = read(f'{{"time": "{TIME}", "values": {{"flow": null}}}}').readings[0]
    assert (reading.value, reading.quality) == (None, Quality.MISSING)


def test_a_list_holds_several_messages_and_several_sequences() -> None:
    decoded = read(
        f'[{{"time": "{TIME}", "values": {{"flow": 1}}, "seq": 4}},'
        f' {{"time": "{TIME}", "values": {{"flow": 2}}, "seq": 5}}]'
    )
    assert decoded.sequences == [4, 5]
    assert [reading.value for reading in decoded.readings] == [1, 2]


@pytest.mark.parametrize(
    ("payload", "reason", "kept"),
    [
        ("", FaultReason.BROKEN_JSON, {}),
        ("{", FaultReason.BROKEN_JSON, {}),
        (b'{"time": "\xff"}', FaultReason.BROKEN_JSON, {}),
        ("[" * 100_000, FaultReason.BROKEN_JSON, {}),
        ("3", FaultReason.WRONG_SHAPE, {}),
        ("[]", FaultReason.EMPTY, {}),
        (f'{{"time": "{TIME}", "values": {{}}}}', FaultReason.EMPTY, {}),
        (f'{{"time": "{TIME}"}}', FaultReason.WRONG_SHAPE, {}),
        (f'{{"time": "{TIME}", "values": [1]}}', FaultReason.WRONG_SHAPE, {}),
        ('{"values": {"flow": 1}}', FaultReason.TIME_MISSING, {}),
        ('{"time": null, "values": {"flow": 1}}', FaultReason.TIME_MISSING, {}),
        ('{"time": true, "values": {"flow": 1}}', FaultReason.TIME_UNREADABLE, {}),
        ('{"time": "yesterday", "values": {"flow": 1}}', FaultReason.TIME_UNREADABLE, {}),
        ('{"time": "2026-02-30T00:00:00Z", "values": {"flow": 1}}', FaultReason.TIME_UNREADABLE, {}),
        ('{"time": "2026-07-01T00:05:00", "values": {"flow": 1}}', FaultReason.TIME_WITHOUT_ZONE, {}),
        ('{"time": -5, "values": {"flow": 1}}', FaultReason.TIME_UNREADABLE, {}),
        ('{"time": 99999999999999999999, "values": {"flow": 1}}', FaultReason.TIME_UNREADABLE, {}),
        (
            f'{{"time": "{TIME}", "values": {{"flow": NaN, "inflow": 2}}}}',
            FaultReason.NOT_FINITE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"flow": -Infinity, "inflow": 2}}}}',
            FaultReason.NOT_FINITE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"flow": 1e999, "inflow": 2}}}}',
            FaultReason.NOT_FINITE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"flow": "1", "inflow": 2}}}}',
            FaultReason.WRONG_TYPE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"flow": true, "inflow": 2}}}}',
            FaultReason.WRONG_TYPE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"<script>alert(1)</script>": 1, "inflow": 2}}}}',
            FaultReason.UNKNOWN_PROPERTY,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"rainfall": 1, "inflow": 2}}, "period_s": -5}}',
            FaultReason.BAD_PERIOD,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"inflow": 2}}, "seq": "x"}}',
            FaultReason.BAD_SEQUENCE,
            {"inflow": 2},
        ),
        (
            f'{{"time": "{TIME}", "values": {{"inflow": 2}}, "note": 1}}',
            FaultReason.UNKNOWN_FIELD,
            {"inflow": 2},
        ),
        (f'{{"time": "{TIME}", "values": {{"inflow": 2}}, "unit": "cm"}}', FaultReason.WRONG_UNIT, {}),
    ],
)
def test_each_fault_has_its_reason_and_what_is_valid_beside_it_is_kept(
    payload: str | bytes, reason: FaultReason, kept: dict[str, float]
) -> None:
    decoded = read(payload)
    assert reason in [fault.reason for fault in decoded.faults]
    assert values(decoded) == kept
    assert all(fault.detail.isprintable() and fault.detail.endswith(".") for fault in decoded.faults)


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        (f'{{"time": "{TIME}", "values": {{"flow": 1, "flow": 2, "inflow": 3}}}}', {"inflow": 3}),
        (f'{{"time": "{TIME}", "values": {{"flow": 1, "fl\\u006fw": 1, "inflow": 3}}}}', {"inflow": 3}),
        (f'{{"time": "{TIME}", "time": "{TIME}", "values": {{"flow": 1}}}}', {}),
        ('{"time": 1, "time": "2026-07-01T00\\u003a05:00Z", "values": {"flow": 1}}', {}),
        (f'{{"time": "{TIME}", "values": {{"flow": 1}}, "values": {{"inflow": 3}}}}', {}),
        (f'{{"time": "{TIME}", "values": {{"flow": 1}}, "seq": 1, "seq": 2}}', {"flow": 1}),
        (f'{{"time": "{TIME}", "values": {{"flow": 1}}, "period_s": null, "period_s": 9}}', {"flow": 1}),
    ],
)
def test_a_repeated_key_is_noticed_wherever_it_stands(payload: str, kept: dict[str, float]) -> None:
    decoded = read(payload)
    assert FaultReason.DUPLICATE_KEY in [fault.reason for fault in decoded.faults]
    assert values(decoded) == kept


def test_too_many_values_are_refused_whole_but_their_sequence_is_heard() -> None:
    items = [{"time": TIME, "values": {"flow": step}} for step in range(10_000)]
    decoded = read(json.dumps([*items, {"time": TIME, "values": {"flow": 1}, "seq": 9}]))
    assert decoded.faults[0].reason is FaultReason.TOO_MANY_VALUES
    assert decoded.readings == []
    assert decoded.sequences == [9]


@given(st.binary())
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for decoder in FORMATS.values():
        decoded = decoder(payload, CONTEXT)
        assert decoded.readings or decoded.faults


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([TIME, "rainfall"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["time", "values", "seq", "period_s", "flow", "unit"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "time": st.sampled_from([TIME, 0, -1, 1782864300000, None, "x"]) | JSON_VALUES,
        "values": st.dictionaries(st.sampled_from([*PROPERTIES, "nonsense"]), JSON_VALUES, max_size=4)
        | JSON_VALUES,
        "period_s": JSON_VALUES,
        "seq": JSON_VALUES,
    },
)


@given(MESSAGES | st.lists(MESSAGES, max_size=4) | JSON_VALUES)
def test_no_json_whatever_raises_and_everything_is_read_or_named(message: Any) -> None:
    decoded = read(json.dumps(message))
    assert decoded.readings or decoded.faults
    for fault in decoded.faults:
        fault.detail.encode()


@given(MESSAGES | st.lists(MESSAGES, max_size=4))
def test_the_quick_pass_agrees_with_the_careful_one(message: Any) -> None:
    payload = json.dumps(message).encode()
    quick = _decode_quickly(payload, CONTEXT)
    if quick is not None:
        assert quick == decode_slowly(payload, CONTEXT)


PAIRS = st.lists(
    st.tuples(st.sampled_from(["time", "values", "period_s", "seq"]), st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


@given(PAIRS, st.lists(st.sampled_from(["flow", "inflow", "rainfall"]), min_size=1, max_size=4))
def test_the_quick_pass_never_takes_a_message_with_a_repeated_key(
    pairs: list[tuple[str, int]], properties: list[str]
) -> None:
    inner = "{" + ", ".join(f'"{name}": 1' for name in properties) + "}"
    written = {"time": f'"{TIME}"', "values": inner, "period_s": "300", "seq": "1"}
    keys = [name for name, _ in pairs]
    payload = ("{" + ",".join(f'"{name}":{written[name]}' for name in keys) + "}").encode()
    repeated = len(set(keys)) < len(keys) or ("values" in keys and len(set(properties)) < len(properties))
    if repeated:
        assert _decode_quickly(payload, CONTEXT) is None


MOMENTS = st.timedeltas(timedelta(0), timedelta(days=40_000)).map(
    lambda since: datetime(1990, 1, 1, tzinfo=UTC) + since
)
VALUES = st.dictionaries(
    st.sampled_from(list(PROPERTIES)),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    min_size=1,
)


@given(MOMENTS, VALUES, st.none() | st.integers(1, 86_400), st.none() | st.integers(0, 2**62))
def test_what_is_encoded_is_decoded_again(
    time: datetime, sent: dict[str, float | None], period_s: int | None, seq: int | None
) -> None:
    decoded = decode(encode(time, sent, period_s=period_s, seq=seq), CONTEXT)
    assert decoded.faults == []
    assert values(decoded) == sent
    assert {reading.time for reading in decoded.readings} == {time}
    assert decoded.sequences == ([] if seq is None else [seq])


def test_a_packs_sequence_stands_at_its_end() -> None:
    items = [(MOMENT + timedelta(minutes=step), {"flow": float(step)}) for step in range(3)]
    decoded = decode(encode_pack(items, seq=8), CONTEXT)
    assert decoded.sequences == [8]
    assert [reading.value for reading in decoded.readings] == [0.0, 1.0, 2.0]
