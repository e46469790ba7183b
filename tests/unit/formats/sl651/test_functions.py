"""Every function code that stations speak is read, in both codings; what it is for comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from formats.sl651 import Coding, Context, Decoded, Frame, Function, Link, StationFacts, decode
from formats.sl651 import encode as encoding
from formats.sl651.encode import Group, Hour, Station, Value
from formats.sl651.frame import build_frame
from tests.unit.formats.sl651.vectors import ASCII_LINK, LINK, beijing, frame_of, uplink

NOW = beijing("2026-07-15T08:00")
JPEG = bytes.fromhex("FFD8FFE000104A464946FFD9")
CODES = [*range(0x2F, 0x47), 0x4A, 0x51]
"""What a centre must understand; 3B to 3F do not exist."""
UNUSED = {0x3B, 0x3C, 0x3D, 0x3E, 0x3F}

Made = Callable[[Link, int], bytes]


def values(*elements: Value | Hour) -> Made:
    def made(link: Link, function: int) -> bytes:
        station = Station(link.address, "H", (Group(NOW, elements),))
        return encoding.encode_report(link, function, 5, NOW, (station,))

    return made


def text(link: Link, function: int) -> bytes:
    frame = frame_of(encoding.encode_text(link, 5, NOW, "堤脚渗水"))
    return as_function(frame, function)


def settings(link: Link, function: int) -> bytes:
    return encoding.encode_parameters(link, function, 5, NOW, {"28": 20.125})


def bare(link: Link, function: int) -> bytes:
    return encoding.encode_report(link, function, 5, NOW, (Station(link.address, None),))


def as_function(frame: Frame, function: int) -> bytes:
    """The same body under another code."""
    return build_frame(
        frame.coding,
        up=frame.up,
        centre=frame.centre,
        address=frame.address,
        password=frame.password,
        function=function,
        body=frame.body,
        end=frame.end,
    )


def readings(decoded: Decoded) -> list[tuple[str, float | None]]:
    return [(one.property, one.value) for one in decoded.readings]


LEVEL = values(Value("39", -0.345), Value("38", 12.5))
OF_LEVEL: Any = [("water_level", -0.345), ("battery_voltage", 12.5)]
HOUR = values(Hour("F4", (0.5, None, *[0.0] * 10)))
OF_HOUR: Any = [("rainfall", 0.5), ("rainfall", None), *[("rainfall", 0.0)] * 10]
STATUS = values(Value("45", 0x80))

SAID: dict[int, tuple[Made, Callable[[Decoded], Any], Any]] = {
    0x2F: (lambda link, _: encoding.encode_keep_alive(link, 5, NOW), readings, []),
    0x30: (LEVEL, lambda one: (one.test, readings(one)), (True, OF_LEVEL)),
    **dict.fromkeys((0x31, 0x32, 0x33, 0x37, 0x38, 0x3A, 0x44), (LEVEL, readings, OF_LEVEL)),
    0x34: (HOUR, readings, OF_HOUR),
    0x35: (text, lambda one: one.text, "堤脚渗水"),
    0x36: (
        lambda link, _: encoding.encode_picture(link, 5, NOW, "H", NOW, JPEG)[0],
        lambda one: (one.picture, one.picture_time),
        (JPEG, NOW),
    ),
    0x39: (text, lambda one: one.text, "堤脚渗水"),
    0x40: (settings, lambda one: one.parameters["28"].value, 20.125),
    0x41: (settings, lambda one: one.parameters["28"].value, 20.125),
    0x42: (settings, lambda one: one.base_levels_m, {1: 20.125}),
    0x43: (settings, lambda one: one.base_levels_m, {1: 20.125}),
    0x45: (
        lambda link, _: encoding.encode_version(link, 5, NOW, "YR-2000 V3.1"),
        lambda one: one.version,
        "YR-2000 V3.1",
    ),
    0x46: (STATUS, lambda one: one.status and (one.status.door_open, one.status.mains_off), (False, False)),
    0x4A: (bare, lambda one: one.sent, NOW),
    0x51: (bare, lambda one: one.sent, NOW),
}


def test_no_code_is_left_out() -> None:
    assert set(SAID) == set(CODES) - UNUSED
    assert set(Function) - set(SAID) == {Function.EVENTS}, "which test_bodies.py reads"


@pytest.mark.parametrize("link", [LINK, ASCII_LINK], ids=["hex", "ascii"])
@pytest.mark.parametrize("code", SAID, ids=lambda code: f"{code:02X}")
def test_each_code_says_what_it_is_for(link: Link, code: int) -> None:
    made, said, expected = SAID[code]
    frame = frame_of(made(link, code))
    assert (frame.coding, frame.function) == (link.coding, code)
    decoded = decode(frame, Context(lambda _: StationFacts("ST1"), NOW))
    assert decoded.faults == []
    assert said(decoded) == expected
    assert (decoded.station, decoded.serial, decoded.clock_error is not None) == ("ST1", 5, True)
    assert decoded.needs_confirmation is (code != 0x2F)


@pytest.mark.parametrize("code", [0x30, 0x31, 0x32, 0x33, 0x34, 0x37, 0x38, 0x3A, 0x44])
def test_the_class_byte_stands_where_the_standard_has_it(code: int) -> None:
    frame = uplink("0001260715080010F1F1006041230148F0F02607150800391A012345", code)
    decoded = decode(frame)
    assert (decoded.faults, readings(decoded)) == ([], [("water_level", 123.45)])
    assert decoded.items[0].category == "H"


@pytest.mark.parametrize("coding", Coding)
@pytest.mark.parametrize("code", sorted(UNUSED), ids=lambda code: f"{code:02X}")
def test_a_code_that_does_not_exist_is_named_and_kept(coding: Coding, code: int) -> None:
    link = LINK if coding is Coding.HEX else ASCII_LINK
    decoded = decode(frame_of(as_function(frame_of(LEVEL(link, 0x32)), code)))
    reasons: Sequence[str] = [str(fault.reason) for fault in decoded.faults]
    assert (reasons, decoded.readings, decoded.needs_confirmation) == (["unknown_function"], [], True)
