"""The invented county: as big as said, marked, on land, and always the same."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drill.county import CODE, DATA, list_file
from drill.county.generate import generate
from drill.county.land import is_land, towns
from drill.county.roster import roster_rows


def rows(kind: str) -> list[dict[str, str]]:
    with list_file(kind).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_the_files_are_what_the_generator_writes() -> None:
    for name, text in generate().items():
        assert (DATA / name).read_text(encoding="utf-8") == text, f"{name}: python -m drill.county.generate"


def test_it_has_what_the_county_has() -> None:
    kinds = Counter(row["kind"] for row in rows("stations"))
    assert (kinds["PP"], kinds["ZZ"] + kinds["ZQ"], kinds["RR"], kinds["DD"], kinds["TT"]) == (
        60,
        30,
        12,
        6,
        3,
    )
    assert kinds["ZZ"] > 0 < kinds["ZQ"]
    assert Counter(row["kind"] for row in rows("devices")) == {"led": 32, "loudspeaker": 98}
    assert len(rows("cameras")) == 23
    areas = Counter(row["kind"] for row in rows("areas"))
    assert (areas["county"], areas["town"]) == (1, 18)
    assert areas["village"] >= 40
    assert areas["hamlet"] >= 40
    assert areas["shelter"] >= 18


def test_150_persons_of_18_towns_have_superiors_up_to_the_county() -> None:
    people = {row["code"]: row for row in rows("people")}
    below = [row for row in people.values() if row["area"] != CODE]
    assert len(below) == 150
    assert {row["area"][:9] for row in below} == {town.code for town in towns()}
    for row in people.values():
        steps, code = 0, row["code"]
        while people[code]["superior"]:
            code, steps = people[code]["superior"], steps + 1
            assert steps < 6
        assert people[code]["post"].startswith("指挥长")
    assert len({row["name"] for row in people.values()}) == len(people)


def test_numbers_are_invented_and_no_drill_phone_is_a_real_one() -> None:
    people = rows("people")
    real = {row["phone"] for row in people}
    drill = {row["drill_phone"] for row in people} - {""}
    assert len(real) == len(people)
    assert all(number.startswith("1990000") for number in real)
    assert drill
    assert all(number.startswith("1991000") for number in drill)
    assert len(drill) < len(people) / 2


def test_what_stands_in_the_county_stands_on_land() -> None:
    for kind in ("stations", "devices", "cameras"):
        for row in rows(kind):
            if not any((float(row["lon"]), float(row["lat"])) == (town.lon, town.lat) for town in towns()):
                assert is_land(float(row["lon"]), float(row["lat"])), row["code"]


def test_limits_name_datum_and_source_and_some_stations_have_none() -> None:
    limits = rows("thresholds")
    assert all(row["datum"] and row["source"] for row in limits)
    with_limits = {row["station"] for row in limits}
    levels = {row["code"] for row in rows("stations") if row["kind"] != "PP"}
    assert with_limits < levels


def test_reservoir_limits_follow_the_season_across_new_year() -> None:
    seasons = {
        (row["season_from"], row["season_to"])
        for row in rows("thresholds")
        if row["name"] == "flood_limit" and row["station"] == "99023001"
    }
    assert seasons == {("0415", "0715"), ("0716", "1015"), ("1016", "0414")}


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 7, 1)])
def test_somebody_is_on_duty_everywhere_at_every_moment(day: date) -> None:
    zone = "Asia/Shanghai"
    entries = roster_rows(day, zone, before=3, after=3)
    persons = {row["code"]: row for row in rows("people")}
    for hour in range(0, 72, 5):
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(zone)) + timedelta(hours=hour - 24)
        duty = [
            entry
            for entry in entries
            if datetime.fromisoformat(str(entry["starts"]))
            <= moment
            < datetime.fromisoformat(str(entry["ends"]))
        ]
        on = Counter((str(entry["area"]), str(entry["position"])) for entry in duty)
        assert on[CODE, "duty"] == 1
        assert on[CODE, "leader"] == 1
        assert all(on[town.code, "duty"] == 1 for town in towns())
        for entry in duty:
            assert persons[str(entry["person"])]["area"] == entry["area"]
