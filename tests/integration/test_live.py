"""Live pages: what changes in the database is on an open page at once, merged, numbered, and never lost."""

import json
import secrets
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from core.areas import Area
from core.notices import CHANGES
from core.observations import Observation
from core.quality import Quality
from core.settings import Settings
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import Threshold
from ingest.derive import derived
from store import marks, observations, response, stations
from store.areas import save_area
from store.exercises import start_exercise
from tests.integration.serving import Feed, Site, served

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    """Two towns with a river gauge each, one of them with limits."""
    with served(database) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            for town in ("east", "west"):
                save_area(connection, Area(town, town, town, "town", "county"))
                stations.save_station(
                    connection,
                    Station(f"R-{town}", f"<b>{town}</b>", town, StationKind.RIVER, town, 121.8, 29.4),
                )
            for name, severity, value in (
                ("warning", Severity.YELLOW, 3.0),
                ("guarantee", Severity.ORANGE, 4.0),
            ):
                stations.save_threshold(
                    connection,
                    Threshold("R-east", "water_level", name, severity, value, 0.05, None, "test"),
                    "test",
                )
            start_exercise(connection, "drill-1", "演练", None, "test")
        running.add_user("county", "duty")
        running.add_user("east", "duty", area="east")
        yield running


def series(site: Site, station: str, exercise: str | None = None) -> int:
    """The level series of a station."""
    key = SeriesKey(station, "water_level", exercise=exercise)
    with site.connection() as connection:
        return stations.ensure_series(connection, [key])[key].id


def observe(site: Site, id: int, value: float, minutes: float = 0) -> float:
    """Stores and announces as ingest does; returns when the commit was done."""
    with site.connection() as connection:
        entry = Observation(
            id, NOW + timedelta(minutes=minutes), value, Quality.GOOD, "", datetime.now(UTC), "test"
        )
        observations.store(connection, [entry])
        connection.execute(
            "select pg_notify(%s, %s)", (CHANGES, json.dumps({"kind": "latest", "keys": [id]}))
        )
    return time.monotonic()


def opened(feed: Feed) -> dict[str, object]:
    """The snapshot with which a page opens."""
    push = feed.push()
    assert (push["kind"], push["n"]) == ("snapshot", 1)
    return push


def test_a_page_opens_with_everything(site: Site) -> None:
    id = series(site, "R-east")
    for minutes, value in ((-30, 2.66), (-20, 2.87), (-10, 3.09), (0, 3.31)):
        observe(site, id, value, minutes)
    with site.connection() as connection:
        marks.add(connection, marks.DERIVED, [marks.Mark(id, NOW, NOW)])
        assert derived.step(connection, Settings(), NOW) == 1
    with site.feed(site.signed_in("county")) as page:
        entries = opened(page)
    latest = entries["latest"][str(id)]  # type: ignore[index]
    assert latest["name"] == "<b>east</b>", "names are raw text; pages insert them as text"
    assert (latest["value"], latest["quality"], latest["unset"]) == (3.31, 1, False)
    assert latest["reached"]["name"] == "warning"
    assert latest["reached"]["distance"] == pytest.approx(0.31)
    assert latest["next"] == {
        "name": "guarantee", "severity": "orange", "value": 4.0, "distance": pytest.approx(-0.69)
    }  # fmt: skip
    assert latest["trend_per_h"] == pytest.approx(1.3, abs=0.03)
    assert (latest["trend_code"], latest["trend_suspect"]) == (5, False)
    assert set(entries["stations"]) == {"R-east", "R-west"}  # type: ignore[call-overload]
    assert entries["health"]["database"] == "ok"  # type: ignore[index]


def test_a_station_without_limits_says_so(site: Site) -> None:
    id = series(site, "R-west")
    observe(site, id, 1.0)
    with site.feed(site.signed_in("county")) as page:
        latest = opened(page)["latest"][str(id)]  # type: ignore[index]
    assert latest["unset"] is True and latest["reached"] is None


def test_a_value_is_on_the_page_well_within_a_second(site: Site) -> None:
    id = series(site, "R-east")
    delays = []
    with site.feed(site.signed_in("county")) as page:
        opened(page)
        for step in range(1, 21):
            committed = observe(site, id, 3.0 + step / 100, step)
            entry = page.until("latest", str(id), timeout=3)
            delays.append(time.monotonic() - committed)
            assert entry["value"] == 3.0 + step / 100
            time.sleep(0.25)
    print(f"push delay: median {statistics.median(delays) * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms")
    assert max(delays) < 1.0


def test_pushes_are_numbered_without_a_gap_and_at_most_five_a_second(site: Site) -> None:
    id = series(site, "R-east")
    with site.feed(site.signed_in("county")) as page:
        opened(page)
        began = time.monotonic()
        for step in range(60):
            observe(site, id, 2 + step / 1000, 30 + step / 60)
        numbers: list[int] = []
        values: list[float] = []
        while not values or values[-1] != 2 + 59 / 1000:
            push = page.push()
            numbers.append(push["n"])
            values += [entry["value"] for entry in push.get("latest", {}).values()]
        lasted = time.monotonic() - began
    assert numbers == list(range(2, 2 + len(numbers)))
    assert len(numbers) <= lasted * 5 + 2, "merged: the latest value wins"


def test_a_town_sees_its_own_and_no_other(site: Site) -> None:
    east, west = series(site, "R-east"), series(site, "R-west")
    with site.feed(site.signed_in("east")) as page:
        entries = opened(page)
        assert set(entries["stations"]) == {"R-east"} and str(west) not in entries["latest"]  # type: ignore[call-overload,operator]
        observe(site, west, 1.5, 100)
        observe(site, east, 1.5, 100)
        push = page.push()
        while "latest" not in push:
            push = page.push()
        assert set(push["latest"]) == {str(east)}


def test_an_exercise_is_another_world(site: Site) -> None:
    drilled = series(site, "R-east", "drill-1")
    with site.feed(site.signed_in("county")) as page:
        assert str(drilled) not in opened(page)["latest"]  # type: ignore[operator]
        observe(site, drilled, 9.9, 5)
        real = series(site, "R-east")
        observe(site, real, 2.5, 110)
        push = page.push()
        while "latest" not in push:
            push = page.push()
        assert set(push["latest"]) == {str(real)}


def test_what_is_over_is_told_as_gone(site: Site) -> None:
    with site.feed(site.signed_in("county")) as page:
        opened(page)
        with site.connection() as connection:
            id = response.start(connection, hazard="flood", level=4, exercise=None, by="x", reason="", at=NOW)
        assert page.until("response", str(id))["level"] == 4
        with site.connection() as connection:
            response.end(connection, id, by="x", at=NOW)
        assert page.until("response", str(id)) is None


def test_after_a_lost_connection_pages_get_a_snapshot(site: Site, database: str) -> None:
    id = series(site, "R-east")
    with site.feed(site.signed_in("county")) as page:
        opened(page)
        with psycopg.connect(database, autocommit=True) as other:
            # No announcement is heard while nobody listens: as in a failure of the database.
            other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'anlan-web-listen' and datname = current_database()"
            )
            other.execute("update latest set value = 7.77, usable_value = 7.77 where series = %s", (id,))
        deadline = time.monotonic() + 10
        while (push := page.push(deadline - time.monotonic()))["kind"] != "snapshot":
            pass
        assert push["latest"][str(id)]["value"] == 7.77
        observe(site, id, 1.25, 200)
        assert page.until("latest", str(id))["value"] == 1.25


def test_a_page_that_missed_a_push_asks_for_a_snapshot(site: Site) -> None:
    client = site.signed_in("county")
    with site.feed(client) as page:
        stream = opened(page)["stream"]
        assert site.signed_in("east").post(f"/live/{stream}/resync").status_code == 404
        assert client.post(f"/live/{stream}/resync").status_code == 204
        push = page.push(3)
        assert (push["kind"], push["n"]) == ("snapshot", 2)


def test_a_page_hears_the_server_at_least_every_five_seconds(site: Site) -> None:
    with site.feed(site.signed_in("county")) as page:
        opened(page)
        page.push(6.5)
        assert page.push(6.5)["health"]["database"] == "ok"


def test_a_browser_that_does_not_read_costs_no_backlog(site: Site) -> None:
    id = series(site, "R-east")
    with site.connection() as connection:
        before = connection.execute("select code from station").fetchall()
        for number in range(2000):
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat)"
                " values (%s, %s, 'x', 'PP', 'east', 121.8, 29.4)",
                (f"slow-{number}", secrets.token_hex(800)),
            )
    with site.feed(site.signed_in("county")) as page:
        for round in range(16):
            with site.connection() as connection:
                connection.execute("update station set river = %s where code like 'slow-%%'", (str(round),))
            observe(site, id, 5 + round, 300 + round)
            time.sleep(0.4)
        subscription = next(iter(site.context.hub._subscriptions))
        made = subscription.count
        time.sleep(1.2)
        assert subscription.count == made, "nothing more is made for it until it reads again"
        assert made < 14
        last = 0
        while last != 20:
            push = page.push(20)
            last = push.get("latest", {}).get(str(id), {}).get("value", last)
        assert push["n"] <= made + 4
    with site.connection() as connection:
        connection.execute("delete from station where code like 'slow-%%'")
        assert connection.execute("select code from station").fetchall() == before
