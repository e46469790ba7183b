"""Areal rain and rain events by the interface: of one's area, of one exercise, and never older than they may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.deriving import Said, derive, place, say
from tests.integration.serving import Site, served

NOW = datetime.now(UTC)
LAST = int(NOW.timestamp()) // 600 * 600


def fell(station: str, millimetres: float, exercise: str | None = None, *, hours_ago: int = 0) -> list[Said]:
    """An hour of five-minute totals."""
    end = LAST - 3600 * hours_ago
    return [
        Said(station, "rainfall", end - 300 * step, millimetres, 300, exercise=exercise) for step in range(12)
    ]


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two towns on two rivers of one basin; an event of yesterday, one of now, and a drill."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            for code, name, kind, parent in (
                ("C", "县", "county", None), ("E", "东镇", "town", "C"), ("W", "西镇", "town", "C"),
            ):  # fmt: skip
                connection.execute(
                    "insert into area (code, name, name_en, kind, parent) values (%s, %s, %s, %s, %s)",
                    (code, name, code, kind, parent),
                )
            connection.execute("insert into exercise (code, name, started_by) values ('EX1', '演练', 'x')")
            place(connection, "GE", area="E", river="东溪", basin="大江")
            place(connection, "GW", area="W", river="西溪", basin="大江")
            say(connection, fell("GE", 1.0) + fell("GW", 3.0) + fell("GE", 0.5, hours_ago=30), NOW)
            say(connection, fell("GE", 9.0, "EX1"), NOW)
            derive(connection)
        for name, area in (("viewer", None), ("east", "E")):
            running.add_user(name, "viewer", area=area)
        yield running


def ask(site: Site, user: str, path: str, **asked: Any) -> list[dict[str, Any]]:
    answer = site.signed_in(user).get(f"/api/v1/rain/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_the_newest_mean_of_each_place_comes_wettest_first(site: Site) -> None:
    found = ask(site, "viewer", "areas", window_s=3600)
    assert {(one["kind"], one["place"], one["name"], one["mean"]) for one in found} == {
        ("county", "C", "县", 24.0), ("town", "W", "西镇", 36.0), ("town", "E", "东镇", 12.0),
        ("river", "东溪", None, 12.0), ("river", "西溪", None, 36.0), ("basin", "大江", None, 24.0),
    }  # fmt: skip
    assert [one["place"] for one in found if one["kind"] == "town"] == ["W", "E"]
    county = next(one for one in found if one["kind"] == "county")
    assert (county["highest"], county["highest_at"], county["reporting"], county["stations"]) == (
        36.0, "GW", 2, 2,
    )  # fmt: skip
    assert (county["coverage"], county["window_s"]) == (1.0, 3600)
    assert datetime.fromisoformat(county["time"]).timestamp() == LAST


def test_kinds_and_windows_are_chosen_and_others_refused(site: Site) -> None:
    found = ask(site, "viewer", "areas", kind=["town", "basin"])
    assert {(one["kind"], one["window_s"]) for one in found} == {
        (kind, hours * 3600) for kind in ("town", "basin") for hours in (1, 3, 6, 12, 24)
    }
    client = site.signed_in("viewer")
    for wrong in ("kind=village", "window_s=1800"):
        assert client.get(f"/api/v1/rain/areas?{wrong}").status_code == 422


def test_a_mean_older_than_a_day_is_none(site: Site) -> None:
    move = "update area_rain set time = time + %s * interval '1 day' where kind = 'county'"
    with site.connection() as connection:
        connection.execute(move, (-2,))
    try:
        assert ask(site, "viewer", "areas", kind="county", window_s=3600) == []
    finally:
        with site.connection() as connection:
            connection.execute(move, (2,))


def test_a_town_sees_its_own_rain_and_its_rivers(site: Site) -> None:
    found = ask(site, "east", "areas", window_s=3600)
    assert {one["place"] for one in found} == {"E", "东溪", "大江"}
    assert {one["station"] for one in ask(site, "east", "events")} == {"GE"}
    assert site.signed_in("east").get("/api/v1/rain/events?station=GW").status_code == 404


def test_events_come_newest_first_since_a_moment(site: Site) -> None:
    found = ask(site, "viewer", "events", station="GE")
    assert [(one["total"], one["peak_1h"], one["suspect"], one["coverage"]) for one in found] == [
        (12.0, 12.0, 0.0, 1.0), (6.0, 6.0, 0.0, 1.0),
    ]  # fmt: skip
    first = found[0]
    assert [datetime.fromisoformat(first[name]).timestamp() for name in ("starts", "ends", "peak_at")] == [
        LAST - 3600, LAST, LAST,
    ]  # fmt: skip
    since = (NOW - timedelta(hours=20)).isoformat()
    assert [one["total"] for one in ask(site, "viewer", "events", station="GE", **{"from": since})] == [12.0]
    assert len(ask(site, "viewer", "events", limit=1)) == 1


def test_a_drill_has_rain_of_its_own(site: Site) -> None:
    found = ask(site, "viewer", "areas", kind="county", window_s=3600, exercise="EX1")
    assert [one["mean"] for one in found] == [108.0]
    assert [one["total"] for one in ask(site, "viewer", "events", exercise="EX1")] == [108.0]
