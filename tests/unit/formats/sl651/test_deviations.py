"""What real stations send beside the standard (all seen in the field) is read, one test for each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.faults import FaultReason
from formats.sl651 import Context, Frame, HourTime, Noise, StationFacts, StreamReader, clock_settings, decode
from formats.sl651.encode import Group, Hour, Station, Value, encode_report
from formats.sl651.facts import station_codes
from formats.sl651.frame import Coding, End, build_frame
from tests.unit.formats.sl651.vectors import (
    LINK,
    ascii_uplink,
    beijing,
    frame_of,
    read,
    uplink,
    values,
    vector,
)

HEAD = "0001260715080010F1F10060412301"
"""Serial 1, sent 08:00:10, the station; then the class and the rest."""
AT_0800 = HEAD + "48F0F02607150800"


def test_1_a_7e_behind_the_checksum_is_passed_over_without_a_word() -> None:
    reader = StreamReader()
    found = reader.feed(vector("S19") + vector("S2")) + reader.feed(vector("S19")) + reader.finish()
    assert [getattr(one, "function", None) for one in found] == [0x33, 0x32, 0x33]


def test_2_a_lying_definition_byte_of_an_hour_of_levels_is_not_believed() -> None:
    slots = "0A28" * 12
    found = read(HEAD + f"48F0F02607150705F55C{slots}F0F02607150800391A012345", 0x34)
    assert [one[-1] for one in found] == [26.0] * 12 + [123.45]
    found = read(HEAD + f"48F0F02607150705F408{'05' * 12}F0F02607150800391A012345", 0x34)
    assert [one[-1] for one in found] == [0.5] * 12 + [123.45]


def test_3_letters_in_an_address_are_no_reason_to_refuse_it() -> None:
    frame = uplink("0001260715080010F1F144152100AB48F0F02607150800391A012345", link=LINK)
    decoded = decode(frame)
    assert decoded.readings[0].station == "44152100AB"
    assert station_codes("44152100AB") == ("44152100AB", "44152100171")
    assert station_codes("0060412301") == ("60412301", "0060412301")
    assert station_codes("A0B0C0D0E0") == ("A0B0C0D0E0",)


def test_4_centre_0_and_password_ffff_are_taken() -> None:
    data = build_frame(
        Coding.HEX,
        up=True,
        centre=0,
        address=LINK.address,
        password="FFFF",
        function=0x2F,
        body=bytes.fromhex("0007260715080040"),
        end=End.ETX,
    )
    frame = frame_of(data)
    assert (frame.centre, frame.password) == (0, "FFFF")
    assert decode(frame).serial == 7


HOUR = Hour("F4", (0.5,) * 12)


def hourly(named: str, sent: str) -> Frame:
    station = Station(LINK.address, "H", (Group(beijing(named), (HOUR,)),))
    return frame_of(encode_report(LINK, 0x34, 1, beijing(sent), (station,)))


@pytest.mark.parametrize(
    ("named", "sent", "mode", "first"),
    [
        ("2026-07-15T07:05", "2026-07-15T08:00:10", HourTime.AUTO, "07-15 07:05"),
        ("2026-07-15T08:00", "2026-07-15T08:00:10", HourTime.AUTO, "07-15 07:05"),
        ("2026-07-15T07:05", "2026-07-15T07:58:30", HourTime.AUTO, "07-15 07:05"),
        ("2026-07-15T08:00", "2026-07-15T11:30:00", HourTime.AUTO, "07-15 08:00"),
        ("2026-07-15T08:00", "2026-07-15T11:30:00", HourTime.END, "07-15 07:05"),
        ("2026-07-15T07:05", "2026-07-15T07:40:00", HourTime.FIRST, "07-15 07:05"),
    ],
)
def test_5_the_end_of_the_hour_in_place_of_its_first_slot(
    named: str, sent: str, mode: HourTime, first: str
) -> None:
    context = Context(lambda address: StationFacts("ST1", hour_time=mode))
    found = values(decode(hourly(named, sent), context))
    assert found[0][3] == first
    assert len(found) == 12


def test_6_a_clock_that_is_years_wrong_is_told_and_the_frame_is_read() -> None:
    frame = uplink("0001591011120000F1F1006041230148F0F05910111200391A012345")
    now = beijing("2026-07-15T08:00")
    decoded = decode(frame, Context(received_at=now))
    assert decoded.faults == []
    assert decoded.readings[0].time == beijing("2059-10-11T12:00")
    assert decoded.clock_error == beijing("2059-10-11T12:00") - now
    assert clock_settings(decoded.clock_error) == 2
    assert clock_settings(timedelta(minutes=-4)) == 1
    assert clock_settings(timedelta(seconds=59)) == 0


def test_6_a_time_that_is_none_costs_only_the_values_of_that_time() -> None:
    decoded = decode(uplink(HEAD + "48F0F02613450800391A012345F0F02607150800391A012346"))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.TIME_UNREADABLE]
    assert values(decoded) == [("water_level", 1, 0, "07-15 08:00", 123.46)]


def test_7_a_level_of_three_bytes_with_two_decimals() -> None:
    assert read(AT_0800 + "391A012345") == [("water_level", 1, 0, "07-15 08:00", 123.45)]


def test_8_elements_of_a_maker_are_kept_under_their_number() -> None:
    assert read(AT_0800 + "FF3A1A012345FF3B08FF391A012345") == [
        ("FF3A", 1, 0, "07-15 08:00", 123.45),
        ("FF3B", 1, 0, "07-15 08:00", None),
        ("water_level", 1, 0, "07-15 08:00", 123.45),
    ]


def test_9_many_times_and_many_stations_in_one_body() -> None:
    times = "".join(f"F0F0260715{hour}00391A0123{hour}" for hour in ("05", "06", "07", "08"))
    other = "F1F1006041230254F0F02607150800391A000123"
    decoded = decode(uplink(HEAD + "48" + times + other))
    assert [(one.station, one.property, one.value) for one in decoded.readings] == [
        ("60412301", "water_level", 123.05),
        ("60412301", "water_level", 123.06),
        ("60412301", "water_level", 123.07),
        ("60412301", "water_level", 123.08),
        ("60412302", "tide_level", 1.23),
    ]
    assert [reading.time for reading in decoded.readings[:4]] == [
        beijing(f"2026-07-15T{hour}:00") for hour in ("05", "06", "07", "08")
    ]


@pytest.mark.parametrize("category", ["", "48", "7A"])
def test_10_a_missing_or_unknown_class_byte(category: str) -> None:
    assert read(HEAD + category + "F0F02607150800391A012345") == [
        ("water_level", 1, 0, "07-15 08:00", 123.45)
    ]


def test_10_a_missing_class_byte_and_no_time_either() -> None:
    assert read(HEAD + "391A012345") == [("water_level", 1, 0, "07-15 08:00", 123.45)]


def test_11_letters_in_data_spoil_that_element_alone() -> None:
    decoded = decode(uplink(AT_0800 + "391A01A345" + "38121263"))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_ELEMENT]
    assert "element 39" in decoded.faults[0].detail
    assert values(decoded) == [("battery_voltage", 1, 0, "07-15 08:00", 12.63)]


@pytest.mark.parametrize("size", [1, 2, 7, 33, 500])
def test_12_frames_come_in_pieces_of_any_size(size: int) -> None:
    data = vector("S2") + vector("S20") + b"\x7e" + vector("S5") + vector("S14") + vector("S3")
    reader = StreamReader()
    found = []
    for place in range(0, len(data), size):
        found += reader.feed(data[place : place + size])
    found += reader.finish()
    assert [one.raw for one in found] == [vector(name) for name in ("S2", "S20", "S5", "S14", "S3")]


def test_12_the_same_frame_twice_one_of_them_damaged() -> None:
    reader = StreamReader()
    found = reader.feed(vector("S18") + vector("S17"))
    assert isinstance(found[0], Noise)
    assert found[0].fault.reason is FaultReason.BAD_CHECKSUM
    assert found[0].raw == vector("S18")
    assert [one.raw for one in found[1:]] == [vector("S17")]


def test_12_a_start_inside_the_data_is_no_start() -> None:
    frame = uplink(AT_0800 + "FF7E0A7E7EFF010A7E7E391A012345")
    reader = StreamReader()
    assert reader.feed(frame.raw + frame.raw) == [frame, frame]


def test_12_half_a_frame_does_not_swallow_the_next() -> None:
    reader = StreamReader()
    assert reader.feed(vector("S5")[:40]) == []
    found = reader.feed(vector("S2"))
    assert isinstance(found[0], Noise)
    assert found[0].fault.reason is FaultReason.BAD_FRAME
    assert [one.raw for one in found] == [vector("S5")[:40], vector("S2")]


@pytest.mark.parametrize("kind", ["F5C0", "F660"])
def test_13_slots_that_were_not_measured_are_not_zero(kind: str) -> None:
    found = read(HEAD + f"48F0F02607150705{kind}" + "006B" * 7 + "0000" * 5, 0x34)
    assert [one[-1] for one in found] == [1.07] * 7 + [None] * 5


def test_13_slots_ahead_of_the_sending_are_not_missing_but_not_due() -> None:
    facts = Context(lambda address: StationFacts("ST1", hour_time=HourTime.FIRST))
    slots = "006B" * 7 + "0000" * 5
    frame = uplink("0001260715074010F1F1006041230148F0F02607150705F5C0" + slots, 0x34)
    assert [one[-1] for one in values(decode(frame, facts))] == [1.07] * 7 + [None]


def test_5_and_13_a_report_in_mid_hour_is_not_taken_for_one_that_names_its_end() -> None:
    body = "0001260715074010F1F1006041230148F0F02607150705"
    found = read(body + "F5C0" + "006B" * 7 + "0000" * 5, 0x34)
    assert [(one[3], one[4]) for one in found] == [
        (f"07-15 07:{minute:02d}", 1.07) for minute in range(5, 40, 5)
    ] + [("07-15 07:40", None)]
    found = read(body + "F460" + "05" * 7 + "00" * 5, 0x34)
    assert [(one[3], one[4]) for one in found] == [
        (f"07-15 07:{minute:02d}", 0.5) for minute in range(5, 40, 5)
    ] + [("07-15 07:40", 0.0)]


def test_5_an_hour_without_rain_that_names_its_end() -> None:
    found = read(HEAD + "50F0F02607150800F460" + "00" * 12, 0x34)
    assert (found[0][3], found[-1][3], len(found)) == ("07-15 07:05", "07-15 08:00", 12)


def test_5_an_answer_about_this_hour_is_labelled_as_the_standard_says() -> None:
    found = read(HEAD + "50F0F026071508000418000000F460" + "05" + "00" * 11, 0x38)
    assert found == [("rainfall", 1, 300, "07-15 08:00", 0.5)]


def test_slots_with_a_step_of_five_minutes_before_them_are_slots() -> None:
    found = read(HEAD + "48F0F026071507050418000005F5C0" + "006B" * 12 + "38121263", 0x31)
    assert [one[4] for one in found] == [1.07] * 12 + [12.63]
    assert found[-1][3] == "07-15 07:05"


def test_13_a_level_that_sinks_to_zero_or_stays_there_is_believed() -> None:
    sinking = HEAD + "48F0F02607150705F5C0" + "000800060004" + "0002" + "0000" * 8
    assert [one[-1] for one in read(sinking, 0x34)] == [0.08, 0.06, 0.04, 0.02] + [0.0] * 8
    dry = HEAD + "48F0F02607150705F5C0" + "0000" * 12
    assert [one[-1] for one in read(dry, 0x34)] == [0.0] * 12


def test_14_reserved_status_bits_are_the_makers_own() -> None:
    body = encode_report(
        LINK,
        0x33,
        1,
        beijing("2026-07-15T08:00"),
        (Station(LINK.address, "H", (Group(beijing("2026-07-15T08:00"), (Value("45", 0xABCD_E080),)),)),),
    )
    status = decode(frame_of(body)).status
    assert status is not None
    assert status.reserved == 0xABCD_E000
    assert not any(
        (status.mains_off, status.battery_low, status.level_over_limit, status.door_open, status.memory_fault)
    )


def test_an_unknown_lead_byte_does_not_throw_the_reader_out_of_step() -> None:
    decoded = decode(uplink(AT_0800 + "801A123456" + "391A012345"))
    assert values(decoded) == [("water_level", 1, 0, "07-15 08:00", 123.45)]
    assert [fault.reason for fault in decoded.faults] == [FaultReason.UNKNOWN_ELEMENT]


def test_zeros_behind_the_last_element_are_padding() -> None:
    assert read(AT_0800 + "391A012345" + "00" * 9) == [("water_level", 1, 0, "07-15 08:00", 123.45)]


def test_an_element_that_is_cut_off_is_named_and_the_rest_kept() -> None:
    decoded = decode(uplink(AT_0800 + "391A012345" + "3812"))
    assert len(decoded.readings) == 1
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_ELEMENT]


def test_an_address_that_is_none_costs_only_its_own_values() -> None:
    rest = "TT 2607150800 Z 1.000 ST 0060412302 H TT 2607150800 Z 2.000 "
    decoded = decode(ascii_uplink("0001260715080010ST 00604 H " + rest))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_CODE]
    assert [(one.station, one.value) for one in decoded.readings] == [("60412302", 2.0)]
    decoded = decode(uplink(AT_0800 + "391A012345" + "F1F10060"))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_ELEMENT]
    assert values(decoded) == [("water_level", 1, 0, "07-15 08:00", 123.45)]
