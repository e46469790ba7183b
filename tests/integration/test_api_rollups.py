"""Hours and days by the interface: page by page, of one's area, of one exercise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from core.settings import Settings
from tests.integration.ingesting import seed
from tests.integration.rolling import START, make_series, reading, roll_up, write
from tests.integration.serving import Site, served


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two days of levels and rain, a day of an exercise; a viewer of the county and one of a town."""
    seed(database)
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as connection:
            connection.execute(
                "insert into area (code, name, name_en, kind, parent) values ('T', '镇', 'Town', 'town', 'C')"
            )
            connection.execute("update station set area = 'T' where code = 'RIVER2'")
            levels, rains = make_series(connection)
            drilled, _ = make_series(connection, exercise="EX1")
            quarters = [START + timedelta(minutes=15 * number) for number in range(1, 193)]
            for series in levels:
                write(connection, [reading(series, time, number) for number, time in enumerate(quarters)])
            write(connection, [reading(rains[0], time, 0.5) for time in quarters])
            write(connection, [reading(drilled[0], time, 9.0) for time in quarters[:4]])
            roll_up(connection, Settings())
        running.add_user("viewer", "viewer")
        running.add_user("town", "viewer", area="T")
        yield running


def ask(site: Site, user: str, **asked: Any) -> list[dict[str, Any]]:
    """Everything, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = site.signed_in(user).get("/api/v1/rollups", params=asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        asked["after"] = answer.json()["next"]


SPAN = {"from": "2026-07-01T00:00:00Z", "to": "2026-07-04T00:00:00Z"}


def test_days_of_rain_are_hydrological_days(site: Site) -> None:
    days = ask(site, "viewer", step="day", property="rainfall", **SPAN)
    assert [(day["start"], day["stop"], day["total"], day["readings"]) for day in days] == [
        ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", 48.0, 96),
        ("2026-07-02T00:00:00Z", "2026-07-03T00:00:00Z", 48.0, 96),
    ]
    assert {day["unit"] for day in days} == {"mm"}


def test_hours_come_page_by_page_each_once(site: Site) -> None:
    hours = ask(site, "viewer", property="water_level", limit=50, **SPAN)
    assert len(hours) == len({(hour["station"], hour["start"]) for hour in hours}) == 3 * 49
    assert hours == sorted(hours, key=lambda hour: str(hour["start"]))
    assert (hours[-1]["low"], hours[-1]["total"]) == (191.0, None)


def test_a_town_sees_its_own_and_an_exercise_is_apart(site: Site) -> None:
    assert {hour["station"] for hour in ask(site, "town", **SPAN)} == {"RIVER2"}
    drilled = ask(site, "viewer", exercise="EX1", **SPAN)
    assert [(hour["exercise"], hour["high"]) for hour in drilled] == [("EX1", 9.0), ("EX1", 9.0)]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"from": "2026-07-02T00:00:00Z", "to": "2026-07-01T00:00:00Z"}, "time_range"),
        ({"from": "2016-07-02T00:00:00Z", "to": "2026-07-01T00:00:00Z"}, "time_range"),
        ({"from": "2026-07-02T00:00:00"}, "time_zone"),
        ({"property": "depth"}, "unknown_property"),
        ({"after": "nonsense"}, "page_mark"),
    ],
)
def test_what_cannot_be_meant_is_said(site: Site, asked: dict[str, str], reason: str) -> None:
    answer = site.signed_in("viewer").get("/api/v1/rollups", params=asked)
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)
