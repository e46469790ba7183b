"""The simulated RTU keeps to the protocol: what it sends again, what it answers, what it forgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drill.rtu.unit import RESENDS, VERSION, Mode, Unit
from formats.sl651 import (
    Assembler,
    Coding,
    Decoded,
    End,
    Frame,
    Function,
    Link,
    confirm,
    decode,
    deny,
    query_bases,
    query_clock,
    query_now,
    query_period,
    query_status,
    query_version,
    read_frame,
    set_clock,
)
from formats.sl651.encode import Group, Value

NOW = datetime(2026, 7, 15, 8, 0, 30, tzinfo=UTC)
HOUR = datetime(2026, 7, 15, 8, tzinfo=UTC)
WAIT = timedelta(seconds=10)


def unit(coding: Coding = Coding.HEX, *, mode: Mode = Mode.M2, error: timedelta = timedelta(0)) -> Unit:
    return Unit(Link("0060412301", coding=coding), "H", mode=mode, base_m=20.0, wait=WAIT, clock_error=error)


def frame_of(raw: bytes) -> Frame:
    frame = read_frame(raw)
    assert isinstance(frame, Frame)
    return frame


def told(raw: bytes) -> Decoded:
    return decode(frame_of(raw))


def test_m2_waits_then_sends_again_twice_and_then_only_remembers() -> None:
    one = unit()
    first = one.measure(HOUR, {"39": 21.5})
    second = one.measure(HOUR, {"39": 21.6})
    sent = []
    for turn in range(8):
        sent += [told(raw).serial for raw in one.due(NOW + turn * WAIT)]
        assert one.due(NOW + turn * WAIT + timedelta(seconds=5)) == []
    assert sent == [first] * (1 + RESENDS) + [second] * (1 + RESENDS)
    assert one.unconfirmed == [first, second]
    assert one.waiting == 0


@pytest.mark.parametrize("end", [End.EOT, End.ESC])
def test_m2_a_confirmation_ends_it_and_one_of_another_serial_does_not(end: End) -> None:
    one = unit()
    serial = one.measure(HOUR, {"39": 21.5})
    [raw] = one.due(NOW)
    one.hear(confirm(frame_of(raw), NOW, end, serial=serial + 7), NOW)
    assert one.waiting == 1
    one.hear(confirm(frame_of(raw), NOW, end), NOW)
    assert (one.waiting, one.confirmed) == (0, [serial])


def test_m1_sends_once() -> None:
    one = unit(mode=Mode.M1)
    one.measure(HOUR, {"39": 21.5})
    one.measure(HOUR, {"39": 21.6})
    assert len(one.due(NOW)) == 2
    assert one.due(NOW + WAIT) == []


def test_m3_a_packet_is_sent_again_when_it_is_asked_for() -> None:
    one = unit()
    serial = one.send_picture(NOW, b"\xff\xd8" + bytes(range(256)) * 12)
    packets = one.due(NOW)
    assert len(packets) == 4
    assert one.hear(deny(frame_of(packets[3]), 2, NOW), NOW) == [packets[1]]
    assembler = Assembler()
    whole = [found for raw in packets if (found := assembler.add(frame_of(raw), NOW)) is not None]
    one.hear(confirm(whole[0], NOW), NOW)
    assert one.confirmed == [serial]


@pytest.mark.parametrize("coding", Coding)
def test_m4_missing_hours_come_from_the_memory(coding: Coding) -> None:
    one = unit(coding)
    for slot in range(1, 25):
        one.memory.measure(HOUR + slot * timedelta(minutes=5), {"22": slot / 2, "39": 20 + slot / 100})
    later = HOUR + timedelta(hours=3)
    [rain] = one.hear(query_period(one.link, later, HOUR, HOUR + timedelta(hours=2), "F4"), later)
    assert [(reading.time, reading.value) for reading in told(rain).readings] == [
        (HOUR + slot * timedelta(minutes=5), slot / 2) for slot in range(1, 25)
    ]
    [level] = one.hear(
        query_period(one.link, later, HOUR, HOUR + timedelta(hours=1), "39", timedelta(minutes=5)), later
    )
    values = [reading.value for reading in told(level).readings]
    assert values == [None, *(round(20 + slot / 100, 3) for slot in range(1, 13))]


def test_a_cloudburst_beyond_one_slot_is_carried_to_the_next_and_into_the_next_hour() -> None:
    """A slot of one byte holds 25.4 mm; no millimetre of a storm may be lost, nor the report fail."""
    one = unit()
    fallen = {5: 31.0, 10: 0.2, 55: 26.0, 60: 40.0, 65: 1.0}
    for minute in range(5, 125, 5):
        if minute != 15:
            moment = HOUR + timedelta(minutes=minute)
            one.memory.measure(moment, {"22": fallen.get(minute, 0.0)})
    found = []
    for end in (1, 2):
        one.report_hour(NOW + end * timedelta(hours=1), HOUR + timedelta(hours=end), ("F4",))
        [raw] = one.due(NOW + end * timedelta(hours=1))
        found += [reading.value for reading in told(raw).readings]
        one.hear(confirm(frame_of(raw), NOW), NOW)
    assert found[:12] == [25.4, 5.8, None, *[0.0] * 7, 25.4, 25.4]
    assert found[12:15] == [16.2, 0.0, 0.0]
    assert sum(value or 0.0 for value in found) == pytest.approx(sum(fallen.values()))


def test_m4_its_state_its_base_level_and_its_clock() -> None:
    one = unit(error=timedelta(minutes=9))
    one.measure(HOUR, {"39": 21.5})
    now_values = [
        reading.value for raw in one.hear(query_now(one.link, NOW), NOW) for reading in told(raw).readings
    ]
    assert now_values == [21.5]
    [bases] = one.hear(query_bases(one.link, NOW), NOW)
    assert told(bases).base_levels_m == {1: 20.0}
    [status] = one.hear(query_status(one.link, NOW), NOW)
    assert told(status).status is not None
    [version] = one.hear(query_version(one.link, NOW), NOW)
    assert told(version).version == VERSION
    [clock] = one.hear(query_clock(one.link, NOW), NOW)
    assert told(clock).sent == NOW + timedelta(minutes=9)
    [setting] = one.hear(set_clock(one.link, NOW), NOW)
    assert told(setting).sent == NOW
    assert (one.clock_error, one.clock_set) == (timedelta(0), 1)


def test_it_hears_its_own_address_alone_and_nothing_that_it_says_itself() -> None:
    one = unit()
    serial = one.report(NOW, Function.TIMED, [Group(HOUR, [Value("39", 21.5)])])
    [raw] = one.due(NOW)
    stranger = Link("0060412302")
    assert one.hear(query_now(stranger, NOW) + raw, NOW) == []
    assert one.waiting == 1
    assert told(raw).serial == serial


def test_a_lost_line_brings_the_same_frame_again() -> None:
    one = unit()
    one.measure(HOUR, {"39": 21.5})
    first = one.due(NOW)
    one.line_lost()
    assert one.due(NOW) == first
