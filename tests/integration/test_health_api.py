"""Data health and raw messages by the interface: counts of real roll-ups, areas, roles, and what is decoded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from core.areas import Area
from core.observations import Observation
from core.properties import DERIVED_PROPERTIES
from core.quality import Quality
from core.settings import Settings
from core.stations import SeriesKey, Station, StationKind
from ingest.derive import rollups
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store import observations, stations
from store.areas import save_area
from tests.integration.serving import Site, served

HOUR_LONG, LAG = timedelta(hours=1), timedelta(seconds=5)
SETTINGS = Settings()


def said(code: str, time: datetime, values: dict[str, Any], *, after_s: int = 3, topic: str = "") -> Inbound:
    payload = json.dumps({"time": time.isoformat(), "values": values}).encode()
    return Inbound(topic or f"anlan/obs/{code}", payload, time + timedelta(seconds=after_s))


@pytest.fixture(scope="module")
def now() -> datetime:
    """When the tests begin to run; when they were collected may be long ago."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def site(
    database: str, tmp_path_factory: pytest.TempPathFactory, now: datetime, hour: datetime
) -> Iterator[Site]:
    """The east is heard for 5 h but for the second last whole hour, the west never; a drill beside it."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "县", "County", "county"))
            for town in ("east", "west"):
                save_area(connection, Area(town, town, town, "town", "county"))
                station = Station(f"R-{town}", town, town, StationKind.RIVER, town, 121.8, 29.4, period_s=600)
                stations.save_station(connection, station)
            connection.execute("insert into exercise (code, name, started_by) values ('EX1', '演练', 'x')")
            batch = [
                said("R-east", hour - timedelta(minutes=10 * n), {"water_level": 2 + n / 100}, after_s=9)
                for n in range(1, 31)
                if not 7 <= n <= 12
            ]
            batch += [
                said("R-east", now - timedelta(seconds=60), {"water_level": 2.0, "battery_voltage": 12.5})
            ]
            # An hour and a half late, and the same time with another value.
            batch.append(said("R-east", hour - timedelta(minutes=205), {"water_level": 2.1}, after_s=5400))
            batch.append(said("R-east", hour - timedelta(minutes=30), {"water_level": 2.09}, after_s=60))
            batch.append(
                said("", now - timedelta(minutes=2), {"water_level": 1.0}, topic="anlan/drill/EX1/obs/R-west")
            )
            batch.append(Inbound("anlan/weather/nothing/x", b"?", now))
            write(
                connection,
                batch,
                Directory(),
                Limits.of(SETTINGS.ingest),
                keeping=Keeping.of(SETTINGS.ingest),
            )
            _derived_and_taken_off(connection, now)
            _by_hand(connection, now, hour)
            while rollups.step(connection, SETTINGS, now):
                pass
        for name, role, area in (
            ("duty", "duty", None), ("viewer", "viewer", None), ("east", "duty", "east"),
            ("west", "duty", "west"), ("root", "administrator", None),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def _derived_and_taken_off(connection: Connection[Any], now: datetime) -> None:
    """Series that must not count: those that are computed here, one whose sensor went weeks ago."""
    keys = [SeriesKey("R-east", "rainfall_cumulative"), SeriesKey("R-east", "storage")]
    keys += [
        SeriesKey("R-east", name, period_s=3600 * (name != "tide_residual")) for name in DERIVED_PROPERTIES
    ]
    found = stations.ensure_series(connection, keys)
    old = now - timedelta(days=30)
    observations.store(
        connection,
        [
            Observation(found[keys[0]].id, old, 1.0, Quality.GOOD, "", old, "obs"),
            *(
                Observation(found[key].id, now - timedelta(minutes=5), 1.0, Quality.GOOD, "", now, "derived")
                for key in keys[1:]
            ),
        ],
    )


def _by_hand(connection: Connection[Any], now: datetime, hour: datetime) -> None:
    """A whole hour of six readings: one suspect, one bad, one missing; its battery, signal and clock; a gap."""
    station = Station("R-hand", "手", "Hand", StationKind.RIVER, "county", 121.8, 29.4, period_s=600)
    stations.save_station(connection, station)
    level, battery, signal = (
        SeriesKey("R-hand", name) for name in ("water_level", "battery_voltage", "signal_strength")
    )
    found = stations.ensure_series(connection, [level, battery, signal])
    flags = [Quality.GOOD, Quality.SUSPECT, Quality.GOOD, Quality.BAD, Quality.MISSING, Quality.GOOD]
    told = [
        (level, hour - timedelta(minutes=60 - 10 * n), None if flag is Quality.MISSING else 1.0 + n, flag)
        for n, flag in enumerate(flags)
    ]
    told += [(battery, hour - HOUR_LONG, 11.9, Quality.GOOD), (signal, hour - HOUR_LONG, -80.0, Quality.GOOD)]
    observations.store(
        connection,
        [Observation(found[key].id, at, value, flag, "", at + LAG, "obs") for key, at, value, flag in told],
    )
    connection.execute(
        "insert into station_clock (station, error_s, measured_at) values ('R-hand', -42, %s)", (now,)
    )
    connection.execute(
        "insert into station_gap (series, begins, ends, state, found_at) values (%s, %s, %s, 'open', %s)",
        (found[level].id, hour - 3 * HOUR_LONG, hour - 2 * HOUR_LONG, now),
    )


def get(site: Site, user: str, path: str) -> Any:
    answer = site.signed_in(user).get("/api/v1" + path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_counts_are_of_what_came_and_of_what_was_due(site: Site, hour: datetime) -> None:
    earliest = _due_of_the_running_hour(hour)
    found = get(site, "duty", "/health/stations?hours=24")
    latest = _due_of_the_running_hour(hour)
    east = next(one for one in found["stations"] if one["code"] == "R-east")
    assert east["state"] == "incomplete"
    assert east["late"] == 1
    assert east["revised"] == 1
    assert east["received"] == 24 + 1 + 1
    assert 23 * 6 + earliest <= east["expected"] <= 23 * 6 + latest
    assert east["hours"][-3] == "0", "the hour that is missing"
    assert east["hours"][-2] == "F"
    assert east["hours"][0] == "0"
    assert (east["battery_voltage"], east["property"]) == (12.5, "water_level")
    assert found["stations"][-1]["state"] == "never"
    assert found["states"]["never"] == 1
    assert found["quarantined"] == 1
    assert found["counting_waits"] == 0


def _due_of_the_running_hour(hour: datetime) -> int:
    return max(0, int((datetime.now(UTC) - hour).total_seconds() - 660) // 600)


def test_every_figure_of_a_situation_made_by_hand(site: Site, hour: datetime) -> None:
    found = get(site, "duty", "/health/stations?hours=24")
    hand = next(one for one in found["stations"] if one["code"] == "R-hand")
    figures = ("received", "counted", "late", "flagged", "missing", "revised", "gaps")
    assert [hand[name] for name in figures] == [6, 5, 0, 2, 1, 0, 1]
    assert hand["completeness"] == pytest.approx(5 / hand["expected"])
    assert (hand["battery_voltage"], hand["signal_strength"], hand["clock_error_s"]) == (11.9, -80.0, -42.0)
    assert hand["hours"][-3:-1] == "08", "nothing, then five of six"
    assert (hand["value"], hand["quality"]) == (6.0, 1)
    assert datetime.fromisoformat(hand["time"]) == hour - timedelta(minutes=10)
    detail = get(site, "duty", "/health/stations/R-hand")
    (level,) = [one for one in detail["series"] if one["counted"]]
    assert (level["hours"], level["readings"], level["flagged"], level["missing"]) == ([22], [6], [2], [1])
    assert detail["clock"]["error_s"] == -42.0
    (gap,) = detail["gaps"]
    assert (gap["property"], gap["state"]) == ("water_level", "open")


def test_hours_that_do_not_exist_are_refused(site: Site) -> None:
    assert site.signed_in("duty").get("/api/v1/health/stations?hours=5").status_code == 422


def test_an_exercise_has_its_own_stations(site: Site) -> None:
    found = get(site, "duty", "/health/stations?exercise=EX1")
    assert [one["code"] for one in found["stations"]] == ["R-west"]
    assert get(site, "duty", "/health/stations/R-east?exercise=EX1")["station"]["state"] == "never"


def test_a_station_is_told_by_series_and_hour(site: Site) -> None:
    found = get(site, "east", "/health/stations/R-east?hours=24")
    counted = {one["property"]: one["counted"] for one in found["series"]}
    assert counted == {
        "water_level": True,
        "battery_voltage": False,
        "rainfall_cumulative": False,
        "storage": False,
    }
    assert found["delay"]["readings"] == 26
    assert found["delay"]["median_s"] == 9.0
    (revision,) = found["revisions"]
    assert (revision["value"], revision["holds"]) == (2.03, 2.09)


@pytest.mark.parametrize("path", ["/health/stations/R-east", "/raw-messages?station=R-east"])
def test_another_town_s_station_is_not_found(site: Site, path: str) -> None:
    assert site.signed_in("west").get("/api/v1" + path).status_code == 404
    assert [one["code"] for one in get(site, "west", "/health/stations")["stations"]] == ["R-west"]


def test_raw_messages_come_newest_first_and_page_by_page(site: Site) -> None:
    first = get(site, "east", "/raw-messages?station=R-east&limit=20")
    second = get(site, "east", f"/raw-messages?station=R-east&limit=20&before={first['next']}")
    times = [one["received_at"] for one in first["items"] + second["items"]]
    assert times == sorted(times, reverse=True)
    assert len(times) == 27
    assert second["next"] is None


def test_a_raw_message_is_shown_and_decoded_to_who_may_read_it(site: Site) -> None:
    line = get(site, "viewer", "/raw-messages?station=R-east&limit=1")["items"][0]
    assert line["head"] is None
    assert site.signed_in("viewer").get(f"/api/v1/raw-messages/{line['id']}").status_code == 403
    whole = get(site, "root", f"/raw-messages/{line['id']}")
    assert whole["payload"]["kind"] == "json"
    assert [(one["property"], one["value"]) for one in whole["decoded"]] == [
        ("water_level", 2.0), ("battery_voltage", 12.5),
    ]  # fmt: skip
    assert site.signed_in("west").get(f"/api/v1/raw-messages/{line['id']}").status_code == 404
    for wrong in ("x", "AAAA", line["id"][:-4], "MjAyNg"):
        assert site.signed_in("root").get(f"/api/v1/raw-messages/{wrong}").status_code == 404


def test_messages_of_nobody_are_the_county_s(site: Site) -> None:
    (line,) = get(site, "duty", "/raw-messages")["items"]
    assert line["topic"] == "anlan/weather/nothing/x"
    assert get(site, "duty", f"/raw-messages/{line['id']}")["decoded"] is None
    assert site.signed_in("east").get("/api/v1/raw-messages").status_code == 403


def test_a_drill_s_messages_are_in_its_exercise(site: Site) -> None:
    assert get(site, "west", "/raw-messages?station=R-west")["items"] == []
    assert len(get(site, "west", "/raw-messages?station=R-west&exercise=EX1")["items"]) == 1
