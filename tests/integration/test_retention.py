"""What is too old goes at night, in steps; what is needed stays, and the hours and days of it all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from pydantic import SecretStr

from cli.main import main
from core.settings import Retention, Settings
from core.stations import SeriesKey
from ingest.derive import retention
from store import audit, marks
from store.retention import newest_run
from store.stations import ensure_series
from tests.integration.ingesting import number, seed
from tests.integration.rolling import held, reading, roll_up, write

NOW = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)  # 04:30 of July 2nd in the county
DAY = timedelta(days=1)


@pytest.fixture
def settings(another_database: str) -> Settings:
    seed(another_database)
    days = Retention(housekeeping_days=10, derived_days=10, exercises_days=5, quarantine_days=20)
    return Settings(database_url=SecretStr(another_database), retention=days)


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(settings.need_database(), autocommit=True, options="-c timezone=UTC") as opened:
        yield opened


def series_of(connection: Connection[Any], property: str, **other: Any) -> int:
    key = SeriesKey("RIVER1", property, **other)
    return ensure_series(connection, [key])[key].id


def fill(connection: Connection[Any], settings: Settings, series: int) -> None:
    """A reading every six hours of the last thirty days, rolled up."""
    write(connection, [reading(series, NOW - quarter * DAY / 4, quarter) for quarter in range(120)])
    roll_up(connection, settings)
    connection.execute("delete from mark")


def night(connection: Connection[Any], settings: Settings, now: datetime = NOW) -> int:
    """Steps until nothing is due; returns how many there were."""
    for count in range(10_000):
        with connection.transaction():
            if not retention.step(connection, settings, now):
                return count
    raise AssertionError("it never ends")


def count(connection: Connection[Any], series: int) -> int:
    found: int = number(connection, "select count(*) from observation where series = %s", series)
    return found


def test_each_class_goes_by_its_days_in_bounded_steps_and_its_rollups_stay(
    connection: Connection[Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 7)
    level, battery = series_of(connection, "water_level"), series_of(connection, "battery_voltage")
    sliding = series_of(connection, "rainfall_sliding", period_s=3600)
    for series in (level, battery, sliding):
        fill(connection, settings, series)
    before = held(connection, "rollup_hour"), held(connection, "rollup_day")

    assert night(connection, settings) > 20

    edge = datetime(2026, 6, 21, tzinfo=UTC)
    assert count(connection, level) == 120
    for series in (battery, sliding):
        assert number(connection, "select min(time) from observation where series = %s", series) >= edge
        assert count(connection, series) == 44, "ten whole days of UTC, and today's"
    assert (held(connection, "rollup_hour"), held(connection, "rollup_day")) == before
    (line,) = audit.lines(connection, action="retention.removed")
    assert (line.actor, line.detail) == (
        "derive",
        {"day": "2026-07-02", "housekeeping": 76, "derived": 76},
    )
    assert night(connection, settings) == 0, "once a day"
    assert night(connection, settings, NOW - timedelta(hours=5)) > 0, "of another day (the 1st, 23:30)"


def test_it_waits_for_the_hour_of_the_county(connection: Connection[Any], settings: Settings) -> None:
    assert night(connection, settings, datetime(2026, 7, 1, 18, 59, tzinfo=UTC)) == 0
    assert night(connection, settings, datetime(2026, 7, 1, 19, 0, tzinfo=UTC)) > 0


def test_a_late_mark_does_not_empty_an_hour_whose_readings_went(
    connection: Connection[Any], settings: Settings
) -> None:
    battery = series_of(connection, "battery_voltage")
    old = datetime(2026, 6, 2, 1, 10, tzinfo=UTC)
    minute = timedelta(minutes=1)
    write(connection, [reading(battery, old, 12.0), reading(battery, old + minute, 13.0)])
    roll_up(connection, settings)
    connection.execute("delete from mark")
    night(connection, settings)
    assert count(connection, battery) == 0
    before = held(connection, "rollup_hour"), held(connection, "rollup_day")

    write(connection, [reading(battery, old + 2 * minute, 1.0)])
    roll_up(connection, settings)
    assert (held(connection, "rollup_hour"), held(connection, "rollup_day")) == before, "one is less than two"

    hours_later = datetime(2026, 6, 2, 8, 10, tzinfo=UTC)
    write(connection, [reading(battery, hours_later, 11.0)])
    roll_up(connection, settings)
    assert held(connection, "rollup_hour")[battery, hours_later.replace(minute=0)].high == 11.0
    day = held(connection, "rollup_day")[battery, old.replace(hour=0, minute=0)]
    assert (day.readings, day.low, day.high) == (3, 11.0, 13.0), "the day knows the hours whose readings went"


def test_what_is_not_worked_off_or_just_came_stays(connection: Connection[Any], settings: Settings) -> None:
    battery, signal = series_of(connection, "battery_voltage"), series_of(connection, "signal_strength")
    for series in (battery, signal):
        fill(connection, settings, series)
    old = NOW - 20 * DAY
    marks.add(connection, marks.ROLLUP, [marks.Mark(battery, old, old)])
    write(connection, [reading(signal, NOW - 25 * DAY - timedelta(minutes=5), 1.0, after=25 * DAY)])
    connection.execute("delete from mark where series = %s", (signal,))

    night(connection, settings)

    assert count(connection, battery) == 120, "a mark waits for its old readings"
    assert count(connection, signal) == 44 + 1, "received minutes ago: next night"


def test_readings_of_a_station_with_an_open_alarm_or_order_stay(
    connection: Connection[Any], settings: Settings
) -> None:
    battery = series_of(connection, "battery_voltage")
    fill(connection, settings, battery)
    (alarm,) = connection.execute(
        "insert into alarm (class, subject_kind, subject, station, rule, rule_version, state, raised_at)"
        " values ('water', 'station', 'RIVER1', 'RIVER1', 'r', 1, 'unacknowledged', now()) returning id"
    ).fetchone() or (0,)
    night(connection, settings)
    assert count(connection, battery) == 120

    connection.execute("update alarm set closed_at = now(), state = 'normal' where id = %s", (alarm,))
    connection.execute(
        "with made as (insert into orders (number, kind, state, area, title, text, created_by, ends_at, content_hash)"
        " values ('1', 'order', 'issued', 'C', 't', 't', 'li', now(), '') returning id)"
        " insert into order_alarm (order_id, alarm) select id, %s from made",
        (alarm,),
    )
    night(connection, settings, NOW + DAY)
    assert count(connection, battery) == 120

    connection.execute("update orders set state = 'ended'")
    night(connection, settings, NOW + 2 * DAY)
    assert count(connection, battery) == 44 - 8


def test_an_exercise_goes_whole_some_days_after_its_end(
    connection: Connection[Any], settings: Settings
) -> None:
    level = series_of(connection, "water_level", exercise="EX1")
    fill(connection, settings, level)
    night(connection, settings)
    assert count(connection, level) == 120, "it has not ended"

    connection.execute("update exercise set ended_at = %s where code = 'EX1'", (NOW - 4 * DAY,))
    night(connection, settings, NOW + DAY / 2)
    assert count(connection, level) == 120
    night(connection, settings, NOW + 3 * DAY)
    assert count(connection, level) == 0
    assert len(held(connection, "rollup_day")) > 25


def test_settled_messages_and_raw_ones_go_and_open_ones_stay(
    connection: Connection[Any], settings: Settings
) -> None:
    for resolved in (NOW - 30 * DAY, NOW - DAY, None):
        connection.execute(
            "insert into quarantine (received_at, topic, payload, reason, detail, resolved_at)"
            " values (%s, 't', '', 'r', '', %s)",
            (NOW - 40 * DAY, resolved),
        )
    for days in (1, 30):
        connection.execute(
            "insert into quarantine_request (wanted, asked_by, upto, total, done_at) values ('{}', 'li', 1, 1, %s)",
            (NOW - days * DAY,),
        )
        connection.execute(
            "insert into station_text (station, time, received_at, text) values ('RIVER1', %s, %s, 'x')",
            (NOW - days * DAY, NOW - 20 * days * DAY),
        )
    connection.execute(
        "insert into quarantine_request (wanted, asked_by, upto, total, asked_at)"
        " values ('{}', 'li', 1, 1, '2020-01-01')"
    )
    for days in (1, 9, 30):
        connection.execute(
            "insert into raw_message (received_at, topic, payload, readings, faults) values (%s, 't', '', 1, 0)",
            (NOW - days * DAY,),
        )

    night(connection, settings)

    assert number(connection, "select count(*) from quarantine") == 2
    assert number(connection, "select count(*) from raw_message") == 1
    newest = newest_run(connection)
    assert newest is not None
    assert newest.removed == {
        "quarantine": 1, "raw_messages": 2, "quarantine_requests": 1, "station_texts": 1,
    }  # fmt: skip
    assert number(connection, "select count(*) from quarantine_request") == 2, "one waits to be fulfilled"


def test_means_of_areas_go_with_what_is_derived_in_whole_chunks(
    connection: Connection[Any], settings: Settings
) -> None:
    for days in (1, 5, 45, 100):
        connection.execute(
            "insert into area_rain (kind, place, window_s, time, mean, highest, highest_at, reporting, stations,"
            " coverage) values ('county', 'C', 3600, %s, 1, 1, 'RIVER1', 1, 1, 1)",
            (NOW - days * DAY,),
        )
    night(connection, settings)
    assert number(connection, "select count(*) from area_rain where time > %s", NOW - 10 * DAY) == 2
    assert number(connection, "select count(*) from area_rain where time < %s", NOW - 90 * DAY) == 0


def test_the_command_shows_counts_and_orders(
    connection: Connection[Any],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", settings.need_database())
    monkeypatch.setenv("ANLAN_RETENTION__HOUSEKEEPING_DAYS", "10")
    battery = series_of(connection, "battery_voltage")
    write(connection, [reading(battery, datetime(2020, 1, 1, tzinfo=UTC), 12.0)])
    roll_up(connection, settings)
    connection.execute("delete from mark")

    assert main(["retention"]) == 0
    assert "no round yet" in capsys.readouterr().out
    assert main(["retention", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "housekeeping    10 days    1 would go, the oldest of 2020-01-01" in shown
    assert count(connection, battery) == 1, "a dry run deletes nothing"
    assert main(["retention", "--now"]) == 0
    assert main(["retention", "--now"]) == 2
    assert "in hand already" in capsys.readouterr().err
    night(connection, settings, datetime.now(UTC))
    assert count(connection, battery) == 0
    assert main(["retention"]) == 0
    assert "housekeeping 1" in capsys.readouterr().out


def test_every_property_is_in_one_class() -> None:
    from core.properties import DERIVED_PROPERTIES, PROPERTIES
    from core.retention import READING_CLASSES

    named = [name for names in READING_CLASSES.values() for name in names]
    assert sorted(named) == sorted({*PROPERTIES, *DERIVED_PROPERTIES})
