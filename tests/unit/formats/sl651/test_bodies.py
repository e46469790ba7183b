"""Every function code of reports and answers, in both codings; elements that need more than their number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.faults import FaultReason
from core.properties import PROPERTIES
from formats import FORMATS
from formats import Context as PayloadContext
from formats.sl651 import Context, Link, StationFacts, decode, query_bases, query_clock
from formats.sl651 import encode as encoding
from formats.sl651.downlink import (
    identifier,
    query_elements,
    query_period,
    query_picture,
    query_status,
    query_version,
    set_clock,
)
from formats.sl651.elements import BY_CODE, BY_LETTERS, ELEMENTS
from formats.sl651.encode import Group, Hour, Series, Station, Value
from tests.unit.formats.sl651.vectors import (
    ASCII_LINK,
    LINK,
    ascii_uplink,
    beijing,
    frame_of,
    read,
    uplink,
    values,
)

NOW = beijing("2026-07-15T08:00")
LINKS = pytest.mark.parametrize("link", [LINK, ASCII_LINK], ids=["hex", "ascii"])
REPORTS = (0x30, 0x31, 0x32, 0x33, 0x34, 0x37, 0x38, 0x3A, 0x44)
HEAD = "0001260715080010F1F1006041230148F0F02607150800"
ASCII_HEAD = "0001260715080010ST 0060412301 H TT 2607150800 "


def stations(*elements: Value | Hour | Series, category: str | None = "H") -> tuple[Station]:
    return (Station(LINK.address, category, (Group(NOW, elements),)),)


@LINKS
@pytest.mark.parametrize("function", REPORTS)
def test_reports_and_answers_of_values(link: Link, function: int) -> None:
    data = encoding.encode_report(
        link, function, 5, NOW, stations(Value("39", -1.25), Value("02", -3.5), Value("45", 0x80))
    )
    decoded = decode(frame_of(data))
    assert decoded.faults == []
    assert [(one.property, one.value) for one in decoded.readings] == [
        ("water_level", -1.25),
        ("air_temperature", -3.5),
        ("station_status", 128.0),
    ]
    assert decoded.needs_confirmation
    assert decoded.test is (function == 0x30)


def test_a_test_report_is_no_observation_of_a_payload() -> None:
    data = encoding.encode_report(LINK, 0x30, 5, NOW, stations(Value("39", 1.25)))
    decoded = FORMATS["sl651"](data, PayloadContext(""))
    assert (decoded.readings, decoded.faults) == ([], [])


@LINKS
@pytest.mark.parametrize("function", [0x4A, 0x51, 0x40])
def test_answers_without_values(link: Link, function: int) -> None:
    decoded = decode(frame_of(encoding.encode_report(link, function, 5, NOW, (Station(LINK.address, None),))))
    assert (decoded.serial, decoded.sent, decoded.readings, decoded.faults) == (5, NOW, [], [])


@LINKS
def test_a_status_answer_has_the_sending_time(link: Link) -> None:
    status = (Station(LINK.address, None, (Group(None, (Value("45", 0x42),)),)),)
    decoded = decode(frame_of(encoding.encode_report(link, 0x46, 5, NOW, status)))
    assert decoded.status is not None and decoded.status.battery_low and decoded.status.level_meter_fault
    assert decoded.readings[0].time == NOW


@LINKS
def test_a_keep_alive_wants_no_answer(link: Link) -> None:
    decoded = decode(frame_of(encoding.encode_keep_alive(link, 7, NOW)))
    assert (decoded.serial, decoded.needs_confirmation, decoded.faults) == (7, False, [])


@LINKS
def test_a_persons_text(link: Link) -> None:
    text = "ST 60412301 H TT 2607150800 Z 45.67 堤脚渗水"
    decoded = decode(frame_of(encoding.encode_text(link, 5, NOW, text)))
    assert (decoded.text, decoded.readings, decoded.faults) == (text, [], [])


@LINKS
def test_the_software(link: Link) -> None:
    decoded = decode(frame_of(encoding.encode_version(link, 5, NOW, "YR-2000 V3.1")))
    assert (decoded.version, decoded.faults) == ("YR-2000 V3.1", [])


def test_the_event_counters() -> None:
    counts = "".join(f"{count:04X}" for count in range(32))
    decoded = decode(uplink("0001260715080010F1F10060412301" + counts, 0x50))
    assert decoded.events == {number: number - 1 for number in range(1, 33)}


@LINKS
def test_base_levels_as_the_station_tells_them(link: Link) -> None:
    data = encoding.encode_parameters(link, 0x43, 5, NOW, {"28": -1.5, "29": 20.125})
    decoded = decode(frame_of(data))
    assert decoded.base_levels_m == {1: -1.5, 2: 20.125}
    assert (decoded.readings, decoded.faults) == ([], [])


def test_settings_that_are_no_numbers_stay_raw() -> None:
    decoded = decode(uplink("0001260715080010F1F1006041230101200100000003101A2B0E06006041230103", 0x41))
    assert {code: parameter.raw for code, parameter in decoded.parameters.items()} == {
        "01": "01000000",
        "03": "1A2B",
        "0E": "006041230103",
    }
    assert decoded.faults == []


@pytest.mark.parametrize("function", [0x00, 0x47, 0x48, 0x4C, 0x4E, 0x52, 0xE0, 0xFF])
def test_functions_that_are_not_read_are_named(function: int) -> None:
    decoded = decode(uplink(HEAD + "391A012345", function))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.UNKNOWN_FUNCTION]
    assert decoded.readings == []
    assert (decoded.serial, decoded.needs_confirmation) == (1, True)


def test_bulk_data_are_kept_and_named() -> None:
    decoded = decode(uplink(HEAD + "391A012345" + "FDF6010203"))
    assert decoded.bulk == b"\1\2\3"
    assert [fault.reason for fault in decoded.faults] == [FaultReason.UNKNOWN_ELEMENT]
    assert values(decoded) == [("water_level", 1, 0, "07-15 08:00", 123.45)]


@LINKS
def test_questions_are_understood_by_a_station(link: Link) -> None:
    start, end = beijing("2026-07-14T20:00"), beijing("2026-07-15T08:00")
    for step, code in ((timedelta(0), "F4"), (timedelta(hours=1), "1A"), (timedelta(days=1), "1F")):
        query = decode(frame_of(query_period(link, NOW, start, end, code, step))).query
        assert query is not None
        assert (query.start, query.end, query.step, query.codes) == (start, end, step, (code,))
    assert decode(frame_of(query_elements(link, NOW, ["39", "38"]))).asked == ("39", "38")
    assert decode(frame_of(query_bases(link, NOW, [1, 3]))).asked == ("28", "2A")
    for ask, function in (
        (query_picture, 0x36),
        (query_status, 0x46),
        (query_version, 0x45),
        (query_clock, 0x51),
        (set_clock, 0x4A),
    ):
        frame = frame_of(ask(link, NOW))
        decoded = decode(frame)
        assert (frame.function, frame.up, decoded.serial, decoded.sent) == (function, False, 0, NOW)
        assert not decoded.needs_confirmation


def test_a_period_of_slots_needs_a_step_of_zero_and_others_do_not_have_it() -> None:
    for code, step in (("F4", timedelta(minutes=5)), ("39", timedelta(0)), ("39", timedelta(minutes=90))):
        with pytest.raises(ValueError):
            query_period(LINK, NOW, NOW, NOW, code, step)


@LINKS
def test_a_period_of_slots_is_answered(link: Link) -> None:
    groups = [
        Group(beijing(f"2026-07-15T0{hour}:05"), (Hour("F4", [0.1 * hour] * 12),)) for hour in (5, 6, 7)
    ]
    data = encoding.encode_report(link, 0x38, 5, NOW, (Station(LINK.address, "P", groups),))
    found = values(decode(frame_of(data)))
    assert [one[4] for one in found] == [0.5] * 12 + [0.6] * 12 + [0.7] * 12
    assert (found[0][3], found[-1][3]) == ("07-15 05:05", "07-15 08:00")


def test_hours_of_slots_may_follow_each_other_under_one_identifier() -> None:
    body = "0001260715080010F1F1006041230150F0F026071505050418000000F460"
    decoded = decode(uplink(body + "05" * 12 + "06" * 12 + "07" * 12, 0x38))
    found = values(decoded)
    assert decoded.faults == []
    assert [one[4] for one in found] == [0.5] * 12 + [0.6] * 12 + [0.7] * 12
    assert (found[0][3], found[-1][3]) == ("07-15 05:05", "07-15 08:00")


def test_an_ascii_step_of_zero_leads_to_slots() -> None:
    slots = "0005" * 3 + "FF" * 6
    decoded = decode(ascii_uplink(ASCII_HEAD.replace("0800 ", "0705 ") + f"DRH00 DRP {slots} VT 12.5 ", 0x38))
    assert [one[4] for one in values(decoded)] == [0.0, 0.5] * 3 + [None] * 6 + [12.5]


def test_an_ascii_series_of_two_elements_with_a_hole() -> None:
    decoded = decode(ascii_uplink(ASCII_HEAD + "DRN05 Z VT 1.250 12.50 M 12.51 1.270 M ", 0x31))
    assert decoded.faults == []
    assert values(decoded) == [
        ("water_level", 1, 0, "07-15 08:00", 1.25),
        ("battery_voltage", 1, 0, "07-15 08:00", 12.5),
        ("water_level", 1, 0, "07-15 08:05", None),
        ("battery_voltage", 1, 0, "07-15 08:05", 12.51),
        ("water_level", 1, 0, "07-15 08:10", 1.27),
        ("battery_voltage", 1, 0, "07-15 08:10", None),
    ]


def test_an_ascii_class_z_is_not_the_level_z() -> None:
    gate = "0001260715080010ST 0060412301 Z TT 2607150800 ZU 3.210 ZB 1.200 "
    assert values(decode(ascii_uplink(gate))) == [
        ("water_level", 1, 0, "07-15 08:00", 3.21),
        ("water_level", 2, 0, "07-15 08:00", 1.2),
    ]
    without = "0001260715080010ST 0060412301 TT 2607150800 Z 3.210 "
    assert values(decode(ascii_uplink(without))) == [("water_level", 1, 0, "07-15 08:00", 3.21)]


def test_ascii_words_that_are_no_values_spoil_only_themselves() -> None:
    decoded = decode(ascii_uplink(ASCII_HEAD + "Z 1.2.3 ?? VT 12.50 ZT 00000002 NEW1 7 DRP 00FF "))
    assert [fault.reason for fault in decoded.faults] == [FaultReason.BAD_ELEMENT] * 3
    assert values(decoded) == [
        ("battery_voltage", 1, 0, "07-15 08:00", 12.5),
        ("station_status", 1, 0, "07-15 08:00", 2.0),
        ("NEW1", 1, 0, "07-15 08:00", 7.0),
        ("rainfall", 1, 300, "07-15 07:05", 0.0),
        ("rainfall", 1, 300, "07-15 07:10", None),
    ]


def test_storm_rain_has_the_duration_that_stands_beside_it() -> None:
    assert read(HEAD + "05120130" + "2519000455") == [("rainfall", 1, 5400, "07-15 08:00", 45.5)]
    assert read(HEAD + "2519000455") == [("rainfall_storm", 1, 0, "07-15 08:00", 45.5)]


def test_gates_are_told_apart_by_their_number_and_states_are_no_heights() -> None:
    found = read(HEAD + "0A100001091A0001500A100002091A0444000A100003091A099900")
    assert found == [
        ("gate_opening", 1, 0, "07-15 08:00", 1.5),
        ("gate_state", 2, 0, "07-15 08:00", 444.0),
        ("gate_opening", 2, 0, "07-15 08:00", 0.0),
        ("gate_state", 3, 0, "07-15 08:00", 999.0),
    ]


def test_wind_directions_are_degrees() -> None:
    assert read(HEAD + "330801") == [("wind_direction", 1, 0, "07-15 08:00", 0.0)]
    assert read(HEAD + "330816") == [("wind_direction", 1, 0, "07-15 08:00", 337.5)]
    assert read(HEAD + "330817") == [("wind_direction", 1, 0, "07-15 08:00", None)]


def test_a_level_beside_an_upper_level_is_not_taken_for_it() -> None:
    assert [one[1] for one in read(HEAD + "3B230012340039230001234" + "0")] == [1, 3]


def test_a_dry_well_has_no_depth() -> None:
    assert read(HEAD + "0E1A044400") == [("groundwater_depth", 1, 0, "07-15 08:00", None)]


def test_relative_levels_of_a_second_gauge_and_of_a_tide_have_their_own_base() -> None:
    facts = Context(lambda address: StationFacts("T1", {1: 1.0, 2: -2.0}))
    hours = (Hour("F5", (1.0,) * 12), Hour("F6", (1.0,) * 12))
    data = encoding.encode_report(LINK, 0x34, 1, NOW, stations(*hours, category="T"))
    found = {(one[0], one[1], one[4]) for one in values(decode(frame_of(data), facts))}
    assert found == {("tide_level", 1, 2.0), ("water_level", 2, -1.0)}


def test_more_values_than_allowed_are_refused_whole() -> None:
    data = encoding.encode_report(LINK, 0x34, 1, NOW, stations(Hour("F4", (0.1,) * 12)))
    decoded = decode(frame_of(data), Context(max_values=11))
    assert decoded.readings == []
    assert [fault.reason for fault in decoded.faults] == [FaultReason.TOO_MANY_VALUES]


def test_the_dictionary_is_whole_and_agrees_with_the_properties() -> None:
    assert len(BY_CODE) == len(BY_LETTERS) == len(ELEMENTS)
    assert {f"{lead:02X}" for lead in range(0x01, 0x76)} <= set(BY_CODE)
    for element in ELEMENTS:
        known = PROPERTIES.get(element.property)
        if known is not None:
            assert known.total == (element.period_s > 0), element


@pytest.mark.parametrize(
    ("code", "expected"),
    [("39", "3923"), ("20", "2019"), ("26", "2619"), ("27", "272B"), ("38", "3812"), ("45", "4520"),
     ("F4", "F460"), ("F5", "F5C0"), ("0C", "0C10"), ("02", "0211")],
)  # fmt: skip
def test_identifiers_are_defined_as_the_standard_does(code: str, expected: str) -> None:
    assert identifier(code).hex().upper() == expected


def test_a_series_ends_where_another_time_or_station_begins() -> None:
    found = read(HEAD + "0418000005" + "3812" + "12501260" + "F0F02607150900" + "391A012345", 0x31)
    assert found == [
        ("battery_voltage", 1, 0, "07-15 08:00", 12.5),
        ("battery_voltage", 1, 0, "07-15 08:05", 12.6),
        ("water_level", 1, 0, "07-15 09:00", 123.45),
    ]


def test_what_follows_several_hours_of_slots_has_the_time_of_the_frame() -> None:
    body = HEAD.replace("F02607150800", "F02607150505") + "0418000000F460" + "05" * 12 + "06" * 12
    found = read(body + ("F460" + "07" * 12) * 6, 0x38)
    assert [one[4] for one in found] == [0.5] * 12 + [0.6] * 12 + [0.7] * 72
    assert (found[12][3], found[24][3]) == ("07-15 06:05", "07-15 05:05")


def test_relative_levels_of_intakes_are_those_of_the_intakes() -> None:
    facts = Context(lambda address: StationFacts("I1", {1: 1.0, 2: 2.0}))
    elements = (Hour("F6", (1.0,) * 12), Value("3D", 3.0))
    data = encoding.encode_report(LINK, 0x34, 1, NOW, stations(*elements, category="I"))
    assert {(one[0], one[1], one[4]) for one in values(decode(frame_of(data), facts))} == {
        ("water_level", 12, 3.0)
    }


def test_an_ascii_class_without_a_time() -> None:
    decoded = decode(ascii_uplink("0001260715080000ST 0060412301 T Z 3.210 VT 12.50 "))
    assert values(decoded) == [
        ("tide_level", 1, 0, "07-15 08:00", 3.21),
        ("battery_voltage", 1, 0, "07-15 08:00", 12.5),
    ]
