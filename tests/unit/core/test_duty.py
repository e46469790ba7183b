"""Turns made from shifts, gaps, clashes, and when a desk changes hands."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.duty import (
    Clash,
    Gap,
    Shift,
    Turn,
    clashes,
    days_of,
    gaps,
    last_change,
    rota_of,
    stand_in,
    turns_of,
)
from core.people import Absence

BEIJING = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 6, 29)
T0 = datetime(2026, 7, 1, tzinfo=UTC)


def hours(number: float) -> datetime:
    return T0 + timedelta(hours=number)


def turn(person: str, start: float, end: float, area: str = "T", position: str = "duty") -> Turn:
    return Turn(area, position, person, hours(start), hours(end))


def away(person: str, substitute: str | None, start: float, end: float, number: int = 1) -> Absence:
    return Absence(number, person, substitute, hours(start), hours(end), "病假", "lin")


def shift(**changes: object) -> Shift:
    values: dict[str, object] = {
        "code": "S", "name": "夜班", "area": "T", "position": "duty", "starts": time(20), "ends": time(8),
        "days": (1, 2, 3, 4, 5, 6, 7), "first_day": MONDAY, "rota": (("a", "b"), ("c",)),
    }  # fmt: skip
    return Shift(**(values | changes))  # type: ignore[arg-type]


def test_a_night_shift_ends_in_the_morning_and_the_rota_goes_round() -> None:
    found = turns_of(shift(), MONDAY, MONDAY + timedelta(days=2), BEIJING)
    assert [(one.person, one.starts.day, one.ends.day) for one in found] == [
        ("a", 29, 30), ("b", 29, 30), ("c", 30, 1), ("a", 1, 2), ("b", 1, 2),
    ]  # fmt: skip
    assert found[0].ends - found[0].starts == timedelta(hours=12)
    assert {one.shift for one in found} == {"S"}


def test_the_rota_counts_from_its_first_day_wherever_one_looks() -> None:
    whole = turns_of(shift(days=(1, 3, 5)), MONDAY, MONDAY + timedelta(days=30), BEIJING)
    part = turns_of(shift(days=(1, 3, 5)), MONDAY + timedelta(days=9), MONDAY + timedelta(days=30), BEIJING)
    assert part == [one for one in whole if one.starts.date() >= MONDAY + timedelta(days=9)]
    assert turns_of(shift(), MONDAY - timedelta(days=9), MONDAY - timedelta(days=1), BEIJING) == []


def test_a_whole_day_is_24_hours_and_a_day_shift_ends_the_same_day() -> None:
    (day,) = turns_of(shift(starts=time(8), ends=time(8), rota=(("a",),)), MONDAY, MONDAY, BEIJING)
    assert day.ends - day.starts == timedelta(hours=24)
    (short,) = turns_of(shift(starts=time(8), ends=time(17, 30), rota=(("a",),)), MONDAY, MONDAY, BEIJING)
    assert short.ends - short.starts == timedelta(hours=9.5)


@pytest.mark.parametrize(
    ("text", "days"),
    [("", (1, 2, 3, 4, 5, 6, 7)), ("1-5", (1, 2, 3, 4, 5)), ("6,7", (6, 7)), ("1，3-4", (1, 3, 4)),
     ("0", None), ("8", None), ("5-1", None), ("Mon", None), ("1-", (1,)), ("²", None)],
)  # fmt: skip
def test_days_of_the_week(text: str, days: tuple[int, ...] | None) -> None:
    assert days_of(text) == days


def test_a_rota_is_read() -> None:
    assert rota_of("P1+P2; P3 ;") == (("P1", "P2"), ("P3",))
    assert rota_of(" ; + ") == ()


@pytest.mark.parametrize(
    ("turns", "absences", "expected"),
    [
        ([turn("a", 0, 24)], [], []),
        ([turn("a", 0, 8), turn("b", 10, 24)], [], [(8, 10)]),
        ([turn("a", 0, 12), turn("b", 8, 24)], [], []),
        ([turn("a", 0, 24)], [away("a", None, 6, 12)], [(6, 12)]),
        ([turn("a", 0, 24)], [away("a", "s", 6, 12)], []),
        ([turn("a", 0, 24)], [away("a", "s", 6, 12), away("s", None, 8, 10, 2)], [(8, 10)]),
        ([turn("a", 0, 24), turn("b", 0, 24)], [away("a", None, 6, 12)], []),
        ([], [], [(0, 24)]),
        ([turn("a", 0, 24, area="elsewhere")], [], [(0, 24)]),
        ([turn("a", 2, 24)], [], [(0, 2)]),
    ],
)
def test_gaps(turns: list[Turn], absences: list[Absence], expected: list[tuple[float, float]]) -> None:
    found = gaps(turns, absences, [("T", "duty")], hours(0), hours(24))
    assert found == [Gap("T", "duty", hours(start), hours(end)) for start, end in expected]


def test_nobody_is_in_two_places_at_once() -> None:
    town, county = turn("a", 0, 24), turn("a", 12, 30, area="C")
    assert clashes([town, county], [], hours(0), hours(48)) == [
        Clash("a", town, county, hours(12), hours(24))
    ]
    assert clashes([town, county], [away("a", "s", 0, 12)], hours(0), hours(10)) == []
    both = turn("b", 0, 24), turn("b", 0, 24)
    assert clashes(list(both), [], hours(0), hours(24)) == [], "one place twice is one place"


def test_who_stands_in_elsewhere_while_on_duty_clashes() -> None:
    town, other = turn("a", 0, 24), turn("s", 0, 24, area="T2")
    (found,) = clashes([town, other], [away("a", "s", 6, 9)], hours(0), hours(24))
    assert (found.person, found.starts, found.ends) == ("s", hours(6), hours(9))


@pytest.mark.parametrize(
    ("turns", "absences", "at", "changed"),
    [
        ([turn("a", 0, 24), turn("b", 24, 48)], [], 30, 24),
        ([turn("a", 0, 24), turn("b", 24, 48)], [], 20, None),
        ([turn("a", 0, 24), turn("a", 24, 48)], [], 30, None),
        ([turn("a", 0, 24), turn("b", 30, 48)], [], 40, 30),
        ([turn("a", 0, 24)], [away("a", "s", 6, 12)], 7, 6),
        ([turn("a", 0, 24)], [away("a", "s", 6, 12)], 13, 12),
        ([turn("a", 0, 24), turn("b", 0, 36), turn("c", 36, 48)], [], 25, 24),
        ([], [], 5, None),
        ([turn("a", 0, 24), turn("b", 24, 48)], [away("b", None, 30, 32)], 40, 24),
        ([turn("a", 0, 24)], [], 30, None),
    ],
)
def test_a_desk_changes_hands_when_its_persons_do(
    turns: list[Turn], absences: list[Absence], at: float, changed: float | None
) -> None:
    found = last_change(turns, absences, hours(at))
    assert found == (hours(changed) if changed is not None else None)


@pytest.mark.parametrize(
    ("gone", "there"),
    [
        ({}, "a"),
        ({"a": "b"}, "b"),
        ({"a": "b", "b": "c"}, "c"),
        ({"a": None}, None),
        ({"a": "b", "b": "a"}, None),
    ],
)
def test_substitutes_are_followed_to_the_end_and_never_in_a_circle(
    gone: dict[str, str | None], there: str | None
) -> None:
    assert stand_in("a", gone) == there
