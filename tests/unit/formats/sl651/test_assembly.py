"""Packets become whole transfers in any order, or are asked for again, or are given up; never too many."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.faults import FaultReason
from formats.sl651 import Assembler, Coding, End, Frame, Link, confirm, decode, deny
from formats.sl651.encode import encode_picture
from tests.unit.formats.sl651.vectors import ASCII_LINK, LINK, beijing, frame_of, vector

NOW = beijing("2026-07-15T09:01")
JPEG = b"\xff\xd8" + random.Random(1).randbytes(9_000) + b"\xff\xd9"
S = timedelta(seconds=1)


def packets(link: Link = LINK, serial: int = 15, jpeg: bytes = JPEG, size: int = 1000) -> list[Frame]:
    return [frame_of(data) for data in encode_picture(link, serial, NOW, "H", NOW, jpeg, size)]


@pytest.mark.parametrize("link", [LINK, ASCII_LINK])
@pytest.mark.parametrize("seed", range(5))
def test_packets_in_any_order_and_twice_give_the_picture_once(link: Link, seed: int) -> None:
    frames = packets(link)
    shuffled = frames[:-1] + random.Random(seed).sample(frames[:-1], 4)
    random.Random(seed).shuffle(shuffled)
    assembler = Assembler()
    wholes = [whole for frame in [*shuffled, frames[-1]] if (whole := assembler.add(frame, NOW)) is not None]
    assert len(wholes) == 1
    decoded = decode(wholes[0])
    assert decoded.picture == JPEG
    assert (decoded.serial, decoded.picture_time, decoded.faults) == (15, NOW, [])
    answer = frame_of(confirm(wholes[0], NOW))
    assert (answer.packet, answer.end, answer.up) == ((10, 10), End.EOT, False)
    assert decode(answer).serial == 15


def test_holes_are_asked_for_twice_and_filled() -> None:
    frames = packets()
    assembler = Assembler()
    for frame in (frames[0], *frames[2:5], *frames[6:]):
        assert assembler.add(frame, NOW) is None
    [gap] = assembler.gaps(NOW)
    assert (gap.serial, gap.numbers) == (15, (2, 6))
    question = frame_of(deny(gap.frame, 6, NOW, serial=gap.serial))
    assert (question.end, question.packet) == (End.NAK, (10, 6))
    assert assembler.gaps(NOW + S) == []
    assert assembler.add(frames[5], NOW + S) is None
    [again] = assembler.gaps(NOW + 12 * S)
    assert again.numbers == (2,)
    assert assembler.gaps(NOW + 60 * S) == []
    whole = assembler.add(frames[1], NOW + 61 * S)
    assert whole is not None and decode(whole).picture == JPEG


def test_holes_are_not_asked_for_while_packets_still_come() -> None:
    frames = packets()
    assembler = Assembler()
    for frame in frames[1:4]:
        assembler.add(frame, NOW)
    assert assembler.gaps(NOW + 5 * S) == []
    [gap] = assembler.gaps(NOW + 11 * S)
    assert (gap.serial, gap.numbers) == (None, (1, 5, 6, 7, 8, 9, 10))


def test_a_silent_transfer_is_given_up_with_what_came() -> None:
    frames = packets()
    assembler = Assembler(patience=timedelta(minutes=2))
    assembler.add(frames[0], NOW)
    assembler.add(frames[3], NOW + 60 * S)
    assert assembler.give_up(NOW + 120 * S) == []
    [lost] = assembler.give_up(NOW + 181 * S)
    assert lost.fault.reason is FaultReason.PACKETS_MISSING
    assert sorted(lost.packets) == [1, 4]
    assert assembler.give_up(NOW + 182 * S) == []


def test_a_station_that_missed_the_confirmation_gets_it_again() -> None:
    frames = packets()
    assembler = Assembler()
    whole = [assembler.add(frame, NOW) for frame in frames][-1]
    again = [assembler.add(frame, NOW + S) for frame in frames]
    assert again == [None] * 9 + [whole]
    assert assembler.give_up(NOW + timedelta(hours=1)) == []
    assert assembler.add(frames[-1], NOW + timedelta(hours=1)) is None


def test_a_new_transfer_puts_the_old_one_away() -> None:
    assembler = Assembler()
    for frame in packets()[:5]:
        assembler.add(frame, NOW)
    wholes = [assembler.add(frame, NOW + S) for frame in packets(serial=16)]
    assert wholes[-1] is not None and decode(wholes[-1]).serial == 16
    [lost] = assembler.give_up(NOW + S)
    assert "began another" in lost.fault.detail


def test_stations_do_not_mix() -> None:
    assembler = Assembler()
    other = packets(Link("0060412302", 1, "1A2B"), jpeg=b"\xff\xd8other" + bytes(3000))
    mine = packets(jpeg=b"\xff\xd8mine" + bytes(3000))
    wholes = [
        whole
        for pair in zip(mine, other, strict=True)
        for frame in pair
        if (whole := assembler.add(frame, NOW))
    ]
    assert [(decode(whole).picture or b"")[2:6] for whole in wholes] == [b"mine", b"othe"]


def test_a_babbling_crowd_is_bounded() -> None:
    assembler = Assembler(most_transfers=4, most_packets=20, most_bytes=5_000)
    for number in range(50):
        link = Link(f"00604123{number:02d}")
        for frame in packets(link)[:8]:
            assembler.add(frame, NOW)
    lost = assembler.give_up(NOW)
    assert 0 < len(lost) <= 4
    assert sum(len(one.packets) for one in lost) <= 4 * 8
    assert assembler.add(packets(size=100)[0], NOW) is None
    assert [one.fault.reason for one in assembler.give_up(NOW)] == [FaultReason.TOO_LARGE]


def test_too_large_a_transfer_is_given_up() -> None:
    assembler = Assembler(most_bytes=5_000)
    found = [assembler.add(frame, NOW) for frame in packets()]
    assert not any(found)
    assert ["5000 bytes" in one.fault.detail for one in assembler.give_up(NOW)] == [True]


def test_too_many_transfers_put_the_oldest_away() -> None:
    assembler = Assembler(most_transfers=3)
    links = [Link(f"006041230{number}") for number in range(5)]
    for second, link in enumerate(links):
        assembler.add(packets(link)[0], NOW + second * S)
    assert [one.frame.address for one in assembler.give_up(NOW + 5 * S)] == [
        links[0].address,
        links[1].address,
    ]
    assert len(assembler.gaps(NOW + 60 * S)) == 3


def test_a_single_frame_passes_through() -> None:
    frame = frame_of(vector("S2"))
    assert Assembler().add(frame, NOW) is frame


def test_an_ascii_first_packet_alone_is_not_read_in_mid_word() -> None:
    first = packets(ASCII_LINK)[0]
    assert first.coding is Coding.ASCII
    decoded = decode(first)
    assert (decoded.partial, decoded.serial, decoded.items, decoded.faults) == (True, 15, [], [])
