"""The four modes of transmission (6.3.1), played through between a station and the centre's building blocks."""

from __future__ import annotations

from datetime import timedelta

from formats.sl651 import (
    Assembler,
    Decoded,
    End,
    Frame,
    Function,
    StreamReader,
    confirm,
    decode,
    deny,
    query_period,
)
from formats.sl651.encode import Group, Hour, Station, Value, encode_picture, encode_report
from tests.unit.formats.sl651.vectors import LINK, beijing, frame_of

NOW = beijing("2026-07-15T08:00:10")


class Centre:
    """What a listener does with these blocks: it answers after it has kept what came."""

    def __init__(self) -> None:
        self.reader = StreamReader()
        self.assembler = Assembler()
        self.kept: list[Decoded] = []

    def receive(self, data: bytes, *, stay: bool = False) -> list[Frame]:
        answers = []
        for found in self.reader.feed(data):
            assert isinstance(found, Frame)
            whole = self.assembler.add(found, NOW)
            if whole is None:
                continue
            decoded = decode(whole)
            self.kept.append(decoded)
            if decoded.needs_confirmation:
                answers.append(frame_of(confirm(whole, NOW, End.ESC if stay else End.EOT)))
        return answers


def report(serial: int, function: int = 0x32) -> bytes:
    station = Station(LINK.address, "H", (Group(beijing("2026-07-15T08:00"), (Value("39", 45.6),)),))
    return encode_report(LINK, function, serial, NOW, (station,))


def test_m1_and_m2_every_report_is_confirmed_with_its_serial() -> None:
    centre = Centre()
    answers = centre.receive(report(8) + report(9))
    assert [(one.end, one.address, one.up, decode(one).serial) for one in answers] == [
        (End.EOT, LINK.address, False, 8),
        (End.EOT, LINK.address, False, 9),
    ]


def test_m2_a_report_sent_again_is_confirmed_again_and_means_the_same() -> None:
    centre = Centre()
    answers = [answer for _ in range(3) for answer in centre.receive(report(8), stay=True)]
    assert [decode(one).serial for one in answers] == [8, 8, 8]
    assert {one.end for one in answers} == {End.ESC}
    assert centre.kept[0].readings == centre.kept[1].readings == centre.kept[2].readings


def test_m2_a_damaged_report_is_not_answered() -> None:
    reader = StreamReader()
    damaged = bytearray(report(8))
    damaged[30] ^= 1
    assert not any(isinstance(one, Frame) for one in reader.feed(bytes(damaged)) + reader.finish())


def test_m3_one_damaged_packet_is_asked_for_and_one_answer_ends_it() -> None:
    centre = Centre()
    jpeg = b"\xff\xd8" + bytes(range(1, 256)) * 20 + b"\xff\xd9"
    packets = encode_picture(LINK, 15, NOW, "H", NOW, jpeg, 500)
    assert not any(answer for packet in packets[:4] + packets[5:] for answer in centre.receive(packet))
    [gap] = centre.assembler.gaps(NOW)
    question = frame_of(deny(gap.frame, gap.numbers[0], NOW, serial=gap.serial))
    assert question.packet is not None
    [answer] = centre.receive(packets[question.packet[1] - 1])
    assert (answer.end, answer.packet, decode(answer).serial) == (End.EOT, (11, 11), 15)
    assert centre.kept[-1].picture == jpeg


def test_m4_a_gap_is_asked_for_by_38h_and_filled_by_its_answer() -> None:
    question = decode(
        frame_of(
            query_period(
                LINK, NOW, beijing("2026-07-15T05:00"), beijing("2026-07-15T07:00"), "F4", timedelta(0)
            )
        )
    ).query
    assert question is not None
    hours = []
    start = question.start
    while start < question.end:
        hours.append(Group(start + timedelta(minutes=5), (Hour(question.codes[0], (0.5,) * 12),)))
        start += timedelta(hours=1)
    centre = Centre()
    centre.receive(encode_report(LINK, Function.QUERY_PERIOD, 21, NOW, (Station(LINK.address, "P", hours),)))
    readings = centre.kept[0].readings
    assert [reading.time for reading in readings] == [
        question.start + timedelta(minutes=5 * slot) for slot in range(1, 25)
    ]
    assert {(reading.property, reading.period_s, reading.value) for reading in readings} == {
        ("rainfall", 300, 0.5)
    }
