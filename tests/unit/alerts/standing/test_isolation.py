"""失联: when an area is out of contact, and when it is only broken here and there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing.isolation import Terms, judge, together
from core.areas import Area
from store.isolation import Thing

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TERMS = Terms.of({})
COUNTY = [
    Area("X", "县", "County", "county"),
    *(Area(f"T{n}", f"{n}镇", f"Town {n}", "town", parent="X") for n in range(1, 6)),
    Area("H1", "一村", "Hamlet 1", "hamlet", parent="T1"),
    Area("H2", "二村", "Hamlet 2", "hamlet", parent="T1"),
]


def thing(kind: str, code: str, area: str, silent_min: float | None = None) -> Thing:
    since = None if silent_min is None else NOW - timedelta(minutes=silent_min)
    return Thing(kind, code, None, [area], code, code, since)


def several(area: str, silent: int, heard: int, *, minutes: float = 20, kinds: int = 2) -> list[Thing]:
    """Stations and one or more things of other kinds; the silent ones first."""
    names = ["camera", "device", "person"][: kinds - 1]
    found = []
    for number in range(silent + heard):
        kind = names[number] if number < len(names) else "station"
        found.append(thing(kind, f"{area}-{number}", area, minutes if number < silent else None))
    return found


@pytest.mark.parametrize(
    ("things", "isolated"),
    [
        (several("T1", 4, 0), ["T1"]),
        (several("T1", 3, 0), []),  # too few to say
        (several("T1", 6, 4), ["T1"]),
        (several("T1", 5, 4), []),  # 5 of 9
        (several("T1", 8, 0, kinds=1), []),  # only stations: their silence says it
        ([*several("T1", 2, 0), *several("H1", 2, 0)], ["T1"]),  # of a town and its hamlet together
        (several("H1", 5, 0), ["T1"]),  # all that there is of the town is in that hamlet
        ([*several("H1", 5, 0), *several("T1", 0, 4)], ["H1"]),
        ([], []),
    ],
)
def test_an_area_is_isolated_when_most_of_it_is_silent_together(
    things: list[Thing], isolated: list[str]
) -> None:
    told, unsure = judge(COUNTY, things, TERMS)
    assert ([one.area.code for one in told], unsure) == (isolated, set())


def test_what_was_silent_long_before_says_nothing_of_tonight() -> None:
    broken = [thing("camera", f"old{n}", "T1", 60 * 24 * 9) for n in range(9)]
    assert judge(COUNTY, [*several("T1", 3, 5), *broken], TERMS)[0] == []
    (told,) = judge(COUNTY, [*several("T1", 6, 2), *broken], TERMS)[0]
    assert len(told.what.silent) == 6


def test_together_is_within_an_hour_of_each_other() -> None:
    spread = [thing("station", f"s{n}", "T1", 50.0 * n) for n in range(8)]
    assert len(together(spread, TERMS).silent) == 2
    close = [thing("station", f"s{n}", "T1", 8.5 * n) for n in range(8)]
    assert len(together(close, TERMS).silent) == 8


def test_one_event_is_one_alarm_but_what_stood_before_stays() -> None:
    all_of_town = [*several("H1", 4, 0), *several("H2", 4, 0), *several("T1", 4, 0)]
    assert [one.area.code for one in judge(COUNTY, all_of_town, TERMS)[0]] == ["T1"]
    stood = judge(COUNTY, all_of_town, TERMS, {"H1"})[0]
    assert [one.area.code for one in stood] == ["H1", "T1"]


def test_most_towns_at_once_are_one_alarm_of_the_county() -> None:
    three = [thing for n in (1, 2, 3) for thing in several(f"T{n}", 5, 0)]
    rest = [thing for n in (4, 5) for thing in several(f"T{n}", 0, 5)]
    (told,) = judge(COUNTY, [*three, *rest], TERMS)[0]
    assert (told.area.code, told.county_wide, len(told.what.silent)) == ("X", True, 15)


def test_a_county_of_towns_too_small_to_be_judged_alone_is_not_silent_unseen() -> None:
    small = [thing for n in (1, 2, 3, 4) for thing in several(f"T{n}", 2, 0)]
    heard = several("T5", 0, 2)
    (told,) = judge(COUNTY, [*small, *heard], TERMS)[0]
    assert (told.area.code, told.county_wide, len(told.what.silent)) == ("X", True, 8)
    stations = [one for one in small if one.kind == "station"]
    assert judge(COUNTY, [*stations, *heard], TERMS)[0] == []
    assert [one.area.code for one in judge(COUNTY, [*stations, *heard], TERMS, {"X"})[0]] == ["X"]


def test_two_towns_are_two_alarms() -> None:
    two = [thing for n in (1, 2) for thing in several(f"T{n}", 5, 0)]
    rest = [thing for n in (3, 4, 5) for thing in several(f"T{n}", 0, 5)]
    assert [one.area.code for one in judge(COUNTY, [*two, *rest], TERMS)[0]] == ["T1", "T2"]


def test_the_county_stays_one_alarm_until_clearly_fewer_towns_are_silent() -> None:
    three = [thing for n in (1, 2, 3) for thing in several(f"T{n}", 5, 0)]
    rest = [thing for n in (4, 5) for thing in several(f"T{n}", 0, 5)]
    more = [Area(f"T{n}", f"{n}镇", f"Town {n}", "town", parent="X") for n in (6, 7)]
    heard = [thing for n in (6, 7) for thing in several(f"T{n}", 0, 5)]
    county = [*COUNTY, *more]
    assert [one.area.code for one in judge(county, [*three, *rest, *heard], TERMS, {"X"})[0]] == ["X"]
    assert [one.area.code for one in judge(county, [*three, *rest, *heard], TERMS)[0]] == ["T1", "T2", "T3"]


def test_an_alarm_stands_until_clearly_more_is_heard() -> None:
    half = several("T1", 4, 4)
    assert judge(COUNTY, half, TERMS) == ([], set())
    assert judge(COUNTY, half, TERMS, {"T1"}) == ([], {"T1"})
    assert judge(COUNTY, several("T1", 3, 7), TERMS, {"T1"}) == ([], set())


def test_a_person_counts_in_every_area_that_they_answer_for() -> None:
    head = Thing("person", "P", None, ["H1", "T2"], "村长", "Head", NOW - timedelta(minutes=20))
    stations = [thing("station", f"s{n}", "H1", 20) for n in range(3)]
    others = several("T1", 0, 5)
    told = judge(COUNTY, [head, *stations, *others], TERMS)[0]
    assert [one.area.code for one in told] == ["H1"]
    assert {one.code for one in told[0].what.silent} == {"P", "s0", "s1", "s2"}


def test_areas_that_stand_in_a_circle_are_told_all_the_same() -> None:
    circle = [Area("A", "甲", "A", "town", parent="B"), Area("B", "乙", "B", "town", parent="A")]
    assert [one.area.code for one in judge(circle, several("A", 5, 0), TERMS)[0]] == ["A", "B"]
