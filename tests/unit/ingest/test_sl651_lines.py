"""Lines of stations that dial in: who is answered where, who is hung up on, what spoilt bytes do."""

from __future__ import annotations

import random
import time

import pytest

from formats.sl651 import Frame, Noise, read_frames
from ingest.sl651.lines import (
    HOLD_OFF_S,
    MOST_NOISE_BYTES,
    MOST_REFUSALS,
    MOST_STRIKES,
    TOLD_STRIKES,
    Line,
    Lines,
    plain_address,
)
from ingest.sl651.strangers import MOST, MOST_OF_ADDRESS, Strangers
from ingest.sl651.talk import Refusal
from tests.unit.formats.sl651.test_mutations import FRAMES, mutated

GOOD = next(frame for frame in FRAMES if isinstance(read_frames(frame)[0], Frame))


def line() -> Line:
    return Line(1, "10.0.0.1", 600.0)


def feed(one: Line, data: bytes, now: float = 0.0) -> tuple[list[bytes], bool]:
    return one.take(one.reader.feed(data), now)


def test_frames_pass_and_noise_passes_until_it_is_known_for_what_it_is() -> None:
    one = line()
    passed = 0
    for strike in range(1, MOST_STRIKES + 1):
        taken, goes_on = one.take([Noise(NOISE.fault, b"x")], 0.0)
        passed += len(taken)
        assert goes_on == (strike < MOST_STRIKES)
    assert passed == TOLD_STRIKES


def test_a_good_frame_forgives_the_noise_before_it() -> None:
    one = line()
    for _ in range(3 * MOST_STRIKES):
        one.take([Noise(NOISE.fault, b"x")], 0.0)
        _, goes_on = feed(one, GOOD)
        assert goes_on


def test_much_noise_in_one_piece_ends_the_line() -> None:
    assert not line().take([Noise(NOISE.fault, b"x" * MOST_NOISE_BYTES)], 0.0)[1]


def test_patience_is_short_before_the_first_frame_and_in_the_middle_of_one() -> None:
    one = line()
    assert one.patience(0.0) == 30.0
    feed(one, GOOD)
    assert one.patience(0.0) == 600.0
    feed(one, GOOD[:10], 100.0)
    assert one.patience(110.0) == 20.0
    # Bytes that drip in do not lengthen it.
    feed(one, GOOD[10:12], 125.0)
    assert one.patience(131.0) == 0.0
    feed(one, GOOD[12:], 131.0)
    assert one.patience(131.0) == 600.0


def test_room_is_bounded_in_all_and_for_each_address() -> None:
    lines = Lines(5, 2, 600)
    first, second = lines.open("10.0.0.1"), lines.open("10.0.0.1")
    assert first is not None and second is not None
    assert lines.open("10.0.0.1") is None
    assert all(lines.open(f"10.0.0.{last}") for last in (2, 3, 4))
    assert lines.open("10.0.0.5") is None
    lines.close(first)
    lines.close(first)
    assert lines.open("10.0.0.1") is not None
    assert len(lines) == 5


def test_who_only_holds_lines_open_makes_room_for_others() -> None:
    lines = Lines(4, 2, 600)
    held = [lines.open(f"10.0.0.{last}") for last in (1, 1, 2, 2)]
    first, second, third, fourth = (one for one in held if one is not None)
    lines.speaks(first.number, "0060412301")
    # The oldest that never spoke, of whatever address; of one's own if one has too many.
    assert lines.in_the_way("10.9.9.9") is second
    assert lines.in_the_way("10.0.0.2") is third
    for one in (second, third, fourth):
        lines.speaks(one.number, "0060412301")
    assert lines.in_the_way("10.9.9.9") is None
    lines.close(fourth)
    assert lines.in_the_way("10.9.9.9") is None
    assert lines.open("10.9.9.9") is not None


def test_filler_does_not_keep_a_line_that_never_spoke() -> None:
    one = line()
    for second in range(0, 30, 10):
        taken, goes_on = feed(one, b"\x00" * 5, float(second))
        assert (taken, goes_on) == ([], True)
        assert one.patience(float(second)) == 30.0 - second
    assert one.patience(31.0) == 0.0


def test_of_strangers_a_bounded_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers = Strangers()
    of_one = [strangers.may_keep("10.0.0.1") for _ in range(MOST_OF_ADDRESS + 50)]
    assert of_one == [True] * MOST_OF_ADDRESS + [False] * 50
    assert strangers.may_keep("10.0.0.2")
    of_many = sum(strangers.may_keep(f"10.1.{n // 256}.{n % 256}") for n in range(MOST + 50))
    assert of_many == MOST - MOST_OF_ADDRESS - 1
    later = time.monotonic() + 3_601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert strangers.may_keep("10.0.0.1")


def test_the_newest_line_of_a_station_is_the_one_to_answer_on() -> None:
    lines = Lines(5, 5, 600)
    old, new = lines.open("10.0.0.1"), lines.open("10.0.0.1")
    assert old is not None and new is not None
    lines.speaks(old.number, "0060412301")
    lines.speaks(new.number, "0060412301")
    lines.speaks(old.number, "0060412301")
    assert lines.of_station("0060412301") is new
    lines.close(new)
    assert lines.of_station("0060412301") is None
    assert lines.of_station("0000000000") is None


@pytest.mark.parametrize(("refusal", "held_off"), [(Refusal.CONNECTION, False), (Refusal.ADDRESS, True)])
def test_a_false_name_ends_the_line_and_a_stranger_is_held_off(
    refusal: Refusal, held_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Lines(5, 5, 600)
    one = lines.open("10.0.0.1")
    assert one is not None
    answers = [lines.refuse(one.number, refusal) for _ in range(MOST_REFUSALS)]
    assert answers == [True] * (MOST_REFUSALS - 1) + [False]
    lines.close(one)
    assert (lines.open("10.0.0.1") is None) == held_off
    assert lines.open("10.0.0.2") is not None
    later = time.monotonic() + HOLD_OFF_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert lines.open("10.0.0.1") is not None


def test_noise_holds_an_address_off_from_which_no_station_ever_spoke() -> None:
    lines = Lines(5, 5, 600)
    station, stranger = lines.open("10.0.0.1"), lines.open("10.0.0.2")
    assert station is not None and stranger is not None
    lines.speaks(station.number, "0060412301")
    for one in (station, stranger):
        lines.close(one)
        lines.made_noise(one)
    assert lines.open("10.0.0.1") is not None
    assert lines.open("10.0.0.2") is None


@pytest.mark.parametrize(
    ("peer", "place"),
    [("::ffff:10.0.0.1", "10.0.0.1"), ("fe80::1%eth0", "fe80::1"), ("10.0.0.1", "10.0.0.1")],
)
def test_addresses_are_plain(peer: str, place: str) -> None:
    assert plain_address(peer) == place


def test_spoilt_streams_are_read_in_pieces_without_harm(full: bool) -> None:
    """Any bytes in any pieces: nothing raises, nothing hangs, no good frame behind them is lost."""
    chance = random.Random(651)
    one = line()
    slowest = 0.0
    for _ in range(100_000 if full else 2_000):
        data = mutated(chance, chance.choice(FRAMES))
        begun = time.perf_counter()
        while data:
            size = chance.randint(1, 400)
            _, goes_on = feed(one, data[:size])
            data = data[size:]
        one.take(one.reader.finish(), 0.0)
        taken, _ = feed(one, GOOD)
        assert taken[-1] == GOOD
        slowest = max(slowest, time.perf_counter() - begun)
        if not goes_on:
            one = line()
    assert slowest < 2.0
    assert one.reader.pending == 0


[NOISE] = [one for one in read_frames(b"\x00\xffno frame\x00") if isinstance(one, Noise)]
