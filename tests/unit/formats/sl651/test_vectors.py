"""The 20 frames written from the standard mean what they should, and can be written again byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.faults import Fault, FaultReason
from formats import FORMATS
from formats import Context as PayloadContext
from formats.sl651 import (
    Assembler,
    Coding,
    Context,
    End,
    Function,
    StationFacts,
    confirm,
    decode,
    deny,
    query_now,
    query_period,
    read_frame,
    read_frames,
    set_clock,
)
from formats.sl651 import encode as encoding
from formats.sl651.encode import Group, Hour, Series, Station, Value
from formats.sl651.frame import Frame
from tests.unit.formats.sl651.vectors import (
    ASCII_LINK,
    CODE,
    LINK,
    VECTORS,
    beijing,
    frame_of,
    values,
    vector,
)

T0800 = beijing("2026-07-15T08:00")


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in ("S18",)])
def test_every_frame_but_the_damaged_one_is_read(name: str) -> None:
    expected = VECTORS[name]
    frame = frame_of(vector(name))
    decoded = decode(frame)
    assert decoded.faults == []
    assert f"{frame.function:02X}" == expected["fn"]
    assert frame.up is not expected.get("down", False)
    assert (frame.address, frame.centre, frame.password) == ("0060412301", 1, "1A2B")
    assert frame.coding is (Coding.ASCII if "encoding" in expected else Coding.HEX)
    if "serial" in expected:
        assert decoded.serial == expected["serial"]
    if "sent" in expected:
        assert decoded.sent == datetime.fromisoformat(expected["sent"])
    if "end" in expected:
        assert frame.end is End[expected["end"]]
    if "packet" in expected:
        assert frame.packet == tuple(expected["packet"])


def test_the_damaged_frame_is_named() -> None:
    fault = read_frame(vector("S18"))
    assert isinstance(fault, Fault)
    assert fault.reason is FaultReason.BAD_CHECKSUM


@pytest.mark.parametrize(
    "name", [name for name, one in VECTORS.items() if "elements" in one and "step_min" not in one]
)
def test_elements_have_the_expected_values(name: str) -> None:
    expected = VECTORS[name]
    decoded = decode(frame_of(vector(name)))
    letters = {"Z": "39", "PJ": "20", "VT": "38"}
    found = {item.code: item.raw if item.code == "45" else item.value for item in decoded.items}
    assert found == {letters.get(code, code): value for code, value in expected["elements"].items()}
    if "obs" in expected:
        assert {item.time for item in decoded.items} == {datetime.fromisoformat(expected["obs"])}
    if "class" in expected:
        assert {item.category for item in decoded.items} == {expected["class"]}
    assert len(decoded.readings) == len(decoded.items)


def test_a_timed_report() -> None:
    decoded = decode(frame_of(vector("S2")))
    assert [reading.station for reading in decoded.readings] == [CODE] * 5
    assert values(decoded) == [
        ("rainfall_today", 1, 0, "07-15 08:00", 12.5),
        ("rainfall_cumulative", 1, 0, "07-15 08:00", 1234.5),
        ("water_level", 1, 0, "07-15 08:00", 45.678),
        ("station_status", 1, 0, "07-15 08:00", 128.0),
        ("battery_voltage", 1, 0, "07-15 08:00", 12.63),
    ]
    assert decoded.status is not None
    assert not decoded.status.door_open
    assert decoded.needs_confirmation


def test_a_tide_below_zero_is_a_tide() -> None:
    assert values(decode(frame_of(vector("S3"))))[0] == ("tide_level", 1, 0, "07-15 08:12", -0.345)


def test_an_hour_of_slots_and_a_second_time_behind_it() -> None:
    expected = VECTORS["S5"]

    def facts(address: str) -> StationFacts:
        return StationFacts("ST1", {1: 20.0})

    decoded = decode(frame_of(vector("S5")), Context(facts))
    times = [f"07-15 07:{minute:02d}" for minute in range(5, 60, 5)] + ["07-15 08:00"]
    found = values(decoded)
    assert found[:12] == [
        ("rainfall", 1, 300, time, value)
        for time, value in zip(times, expected["elements"]["F4"], strict=True)
    ]
    assert found[12:24] == [
        ("water_level", 1, 0, time, None if value is None else value + 20)
        for time, value in zip(times, expected["elements"]["F5_rel"], strict=True)
    ]
    assert found[24:] == [
        ("rainfall_cumulative", 1, 0, "07-15 08:00", 1239.6),
        ("water_level", 1, 0, "07-15 08:00", 46.1),
        ("battery_voltage", 1, 0, "07-15 08:00", 12.62),
    ]
    assert {reading.station for reading in decoded.readings} == {"ST1"}


def test_without_a_base_level_a_relative_level_says_so_and_the_frame_gives_the_base_away() -> None:
    decoded = decode(frame_of(vector("S5")))
    relative = [reading for reading in decoded.readings if reading.property == "relative_level"]
    assert [reading.value for reading in relative] == VECTORS["S5"]["elements"]["F5_rel"]
    assert {reading.reason for reading in relative} == {FaultReason.BASE_UNKNOWN, FaultReason.MISSING}
    assert decoded.implied_bases_m == {1: 20.0}


def test_an_even_series() -> None:
    assert values(decode(frame_of(vector("S6")))) == [
        ("water_level", 1, 0, "07-15 07:45", 45.6),
        ("water_level", 1, 0, "07-15 07:50", 45.65),
        ("water_level", 1, 0, "07-15 07:55", None),
        ("water_level", 1, 0, "07-15 08:00", 45.7),
    ]


def test_a_gate_station_with_an_element_of_its_maker() -> None:
    assert values(decode(frame_of(vector("S7")))) == [
        ("water_level", 1, 0, "07-15 08:30", 123.45),
        ("water_level", 2, 0, "07-15 08:30", 120.1),
        ("gates_open", 1, 0, "07-15 08:30", 3.0),
        ("gate_opening", 1, 0, "07-15 08:30", 1.5),
        ("FF22", 1, 0, "07-15 08:30", 0.35),
        ("battery_voltage", 1, 0, "07-15 08:30", 12.4),
    ]


def test_a_status_answer() -> None:
    status = decode(frame_of(vector("S8"))).status
    assert status is not None
    assert status.mains_off and status.battery_low and status.level_over_limit
    assert status.level_meter_fault and status.door_open
    assert not (status.flow_over_limit or status.quality_over_limit or status.flow_meter_fault)
    assert not (status.memory_fault or status.card_valid or status.water_left_over_limit)
    assert status.pump_running  # bit 10 is 0: this word comes from a station without a pump


def test_a_question_for_a_period() -> None:
    query = decode(frame_of(vector("S12"))).query
    assert query is not None
    assert (query.start, query.end) == (beijing("2026-07-15T06:00"), beijing("2026-07-15T08:00"))
    assert (query.step, query.codes) == (timedelta(minutes=5), ("39",))


def test_two_packets_become_a_picture() -> None:
    assembler = Assembler()
    first, second = frame_of(vector("S14")), frame_of(vector("S15"))
    assert first.body.endswith(bytes.fromhex(VECTORS["S14"]["jpg_part"]))
    assert second.body == bytes.fromhex(VECTORS["S15"]["jpg_part"])
    alone = decode(first)
    assert (alone.partial, alone.serial, alone.picture, alone.faults) == (True, 15, None, [])
    assert assembler.add(first, T0800) is None
    whole = assembler.add(second, T0800)
    assert whole is not None
    decoded = decode(whole)
    assert decoded.picture == bytes.fromhex("FFD8FFE000104A464946FFD9")
    assert decoded.picture_time == beijing("2026-07-15T09:00")
    assert (decoded.serial, decoded.needs_confirmation) == (15, True)


def test_a_five_minute_rain() -> None:
    assert values(decode(frame_of(vector("S17"))))[0] == ("rainfall", 1, 300, "07-15 09:10", 3.2)


def test_the_payload_of_all_vectors_has_the_readings_of_all_and_one_fault() -> None:
    text = "\r\n".join(one["hex"] for one in VECTORS.values()).encode()
    decoded = FORMATS["sl651"](text, PayloadContext(""))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_CHECKSUM]
    assert len(decoded.readings) == 54
    run_together = "".join(one["hex"] for name, one in VECTORS.items() if name != "S18").encode()
    assert FORMATS["sl651"](run_together, PayloadContext("")).readings == decoded.readings
    raw = b"".join(vector(name) for name in VECTORS if name != "S18")
    assert FORMATS["sl651"](raw, PayloadContext("")).readings == decoded.readings
    assert len(read_frames(raw)) == 19


def station(category: str | None, *groups: Group) -> tuple[Station]:
    return (Station(LINK.address, category, groups),)


def at(time: str, *elements: Value | Hour | Series) -> Group:
    return Group(beijing(f"2026-07-15T{time}"), elements)


def report(
    function: Function, serial: int, sent: str, category: str | None, *groups: Group
) -> Callable[[], bytes]:
    moment = beijing(f"2026-07-15T{sent}")
    return lambda: encoding.encode_report(LINK, function, serial, moment, station(category, *groups))


S5_RAIN = VECTORS["S5"]["elements"]["F4"]
S5_LEVEL = VECTORS["S5"]["elements"]["F5_rel"]
JPEG = bytes.fromhex("FFD8FFE000104A464946FFD9")
WRITTEN: dict[str, Callable[[], bytes]] = {
    "S1": lambda: encoding.encode_keep_alive(LINK, 7, beijing("2026-07-15T08:00:40")),
    "S2": report(
        Function.TIMED,
        8,
        "08:00:03",
        "H",
        at(
            "08:00",
            *(Value("20", 12.5), Value("26", 1234.5), Value("39", 45.678)),
            *(Value("45", 0x80), Value("38", 12.63)),
        ),
    ),
    "S3": report(Function.ADDED, 9, "08:12:07", "T", at("08:12", Value("39", -0.345), Value("38", 12.04))),
    "S4": report(Function.ADDED, 10, "08:15:02", "H", at("08:15", Value("39", None), Value("38", 11.98))),
    "S5": report(
        Function.HOURLY,
        11,
        "08:00:10",
        "H",
        at("07:05", Hour("F4", S5_RAIN), Hour("F5", S5_LEVEL)),
        at("08:00", Value("26", 1239.6), Value("39", 46.1), Value("38", 12.62)),
    ),
    "S6": report(
        Function.SERIES,
        12,
        "08:00:20",
        "H",
        at("07:45", Series("39", timedelta(minutes=5), (45.6, 45.65, None, 45.7))),
    ),
    "S7": report(
        Function.ADDED,
        13,
        "08:30:00",
        "Z",
        at(
            "08:30",
            *(Value("3B", 123.45), Value("3A", 120.1), Value("0C", 3), Value("09", 1.5)),
            *(Value("FF22", 0.35, 6, 3), Value("38", 12.4)),
        ),
    ),
    "S8": report(Function.STATUS, 14, "08:35:00", None, Group(None, (Value("45", 0x47),))),
    "S9": lambda: confirm(frame_of(vector("S2")), beijing("2026-07-15T08:00:04")),
    "S10": lambda: confirm(frame_of(vector("S3")), beijing("2026-07-15T08:12:08"), End.ESC),
    "S11": lambda: query_now(LINK, beijing("2026-07-15T09:00")),
    "S12": lambda: query_period(
        LINK,
        beijing("2026-07-15T09:00:10"),
        beijing("2026-07-15T06:00"),
        beijing("2026-07-15T08:00"),
        "39",
        timedelta(minutes=5),
    ),
    "S13": lambda: set_clock(LINK, beijing("2026-07-15T09:00:20")),
    "S14": lambda: encoding.encode_picture(
        LINK, 15, beijing("2026-07-15T09:01"), "H", beijing("2026-07-15T09:00"), JPEG, 29
    )[0],
    "S15": lambda: encoding.encode_picture(
        LINK, 15, beijing("2026-07-15T09:01"), "H", beijing("2026-07-15T09:00"), JPEG, 29
    )[1],
    "S16": lambda: deny(frame_of(vector("S14")), 2, beijing("2026-07-15T09:01:10"), serial=15),
    "S17": report(Function.ADDED, 16, "09:10:00", "P", at("09:10", Value("22", 3.2), Value("38", 12.51))),
    "S20": lambda: encoding.encode_report(
        ASCII_LINK,
        Function.TIMED,
        17,
        beijing("2026-07-15T09:20"),
        station("H", at("09:20", Value("39", 45.678), Value("20", 12.5), Value("38", 12.63))),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_bytes_are_written(name: str) -> None:
    assert WRITTEN[name]().hex().upper() == VECTORS[name]["hex"]


def test_only_the_two_frames_that_no_one_should_write_are_not_written() -> None:
    assert set(VECTORS) - set(WRITTEN) == {"S18", "S19"}


def test_a_frame_is_equal_to_itself_read_again() -> None:
    frame = frame_of(vector("S19"))
    assert isinstance(frame, Frame)
    assert frame.raw == vector("S17")
