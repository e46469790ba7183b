"""Forecasts by the interface: of one's area, current or not, and how good they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.settings import Settings
from ingest.derive.forecasts import issue
from tests.integration.deriving import Said, derive, place, say
from tests.integration.serving import Site, served


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(database, pages=None, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            for code, name, kind, parent in (
                ("C", "县", "county", None),
                ("A", "甲镇", "town", "C"),
                ("B", "乙镇", "town", "C"),
            ):
                connection.execute(
                    "insert into area (code, name, name_en, kind, parent) values (%s, %s, %s, %s, %s)",
                    (code, name, code, kind, parent),
                )
            connection.execute("insert into exercise (code, name, started_by) values ('EX', '演练', 'test')")
            place(connection, "R", "ZZ", area="A")
            place(connection, "OLD", "ZZ", area="B")
            for name, severity, value in (("warning", "yellow", 4.0), ("guarantee", "orange", 9.0)):
                connection.execute(
                    "insert into threshold (station, property, name, severity, value, source, set_by)"
                    " values ('R', 'water_level', %s, %s, %s, 'test', 'test')",
                    (name, severity, value),
                )
            now = datetime.now(UTC)
            last = int(now.timestamp()) - 60
            _read(connection, "R", now, last, 0.8)
            _read(connection, "OLD", now, last - 7200, 0.8)
            _read(connection, "R", now, last, 0.0, "EX")
            connection.execute(
                "insert into forecast_skill select id, current_date, 'trend', 3600, 10, 0.5, 1.0, 0.2, 8, 2.0"
                " from series where exercise is null and property = 'water_level'"
            )
        running.add_user("chen", "duty")
        running.add_user("town", "duty", area="B")
        yield running


def _read(
    connection: Any, station: str, now: datetime, until: int, per_hour: float, exercise: str | None = None
) -> None:
    said = [
        Said(station, "water_level", until - 300 * n, round(3.5 - per_hour * n / 12, 2), exercise=exercise)
        for n in range(12, -1, -1)
    ]
    say(connection, said, now)
    derive(connection)
    while issue.step(connection, Settings(), now):
        pass


def get(site: Site, user: str, path: str) -> Any:
    return site.signed_in(user).get(f"/api/v1{path}")


def test_a_station_has_its_forecast_with_crossings_of_its_limits(site: Site) -> None:
    (found,) = get(site, "chen", "/stations/R/forecast").json()
    assert (found["source"], found["current"], found["shown"]) == ("trend", True, True)
    assert len(found["points"]) == 7
    warning, guarantee = found["crossings"]
    assert (warning["name"], warning["severity"]) == ("warning", "yellow")
    ahead = datetime.fromisoformat(warning["likely"]) - datetime.fromisoformat(found["issued"])
    assert timedelta(minutes=35) < ahead < timedelta(minutes=60)
    assert warning["earliest"] < warning["likely"]
    assert (guarantee["earliest"], guarantee["likely"], guarantee["latest"]) == (None, None, None)


def test_an_old_one_says_that_it_is_not_current(site: Site) -> None:
    (found,) = get(site, "chen", "/stations/OLD/forecast").json()
    assert (found["current"], found["shown"]) == (False, False)


def test_the_list_holds_what_reaches_a_limit_and_nothing_of_another_area(site: Site) -> None:
    (found,) = get(site, "chen", "/forecasts").json()
    assert (found["station"], found["crossing"]["name"], found["level"]) == ("R", "warning", 3.5)
    assert get(site, "town", "/forecasts").json() == []
    assert get(site, "town", "/stations/R/forecast").status_code == 404
    assert get(site, "town", "/forecasts/skill?station=R").status_code == 404
    assert get(site, "chen", "/stations/NONE/forecast").status_code == 404


def test_an_exercise_is_apart(site: Site) -> None:
    assert get(site, "chen", "/forecasts?exercise=EX").json() == []
    (found,) = get(site, "chen", "/stations/R/forecast?exercise=EX").json()
    assert found["exercise"] == "EX"
    assert get(site, "chen", "/forecasts/skill?exercise=EX").json() == []


def test_skill_is_of_all_of_ones_area_or_of_one_station(site: Site) -> None:
    (everywhere,) = get(site, "chen", "/forecasts/skill").json()
    assert (everywhere["count"], everywhere["series"], everywhere["lead_s"]) == (20, 2, 3600)
    assert everywhere["mean_absolute"] == pytest.approx(0.1)
    assert everywhere["within"] == pytest.approx(0.8)
    assert everywhere["unchanged"] == pytest.approx(0.2)
    (town,) = get(site, "town", "/forecasts/skill").json()
    assert town["count"] == 10
    (one,) = get(site, "chen", "/forecasts/skill?station=R&days=1").json()
    assert one["series"] == 1


@pytest.mark.parametrize("days", ["0", "-5", "99999", "x", "1e9"])
def test_days_that_make_no_sense_are_refused(site: Site, days: str) -> None:
    assert get(site, "chen", f"/forecasts/skill?days={days}").status_code == 422


@pytest.mark.parametrize("code", ["'; drop table forecast; --", "R%00", "x" * 300])
def test_hostile_codes_are_not_found(site: Site, code: str) -> None:
    assert get(site, "chen", f"/stations/{code}/forecast").status_code in (404, 422)
