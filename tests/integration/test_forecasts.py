"""Forecasts are issued when readings come, never too many, and scored by what was read later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from core.quality import Quality
from core.settings import Retention, Settings
from hydrology.tide import Constant, predict
from ingest.derive import retention
from ingest.derive.forecasts import issue
from store import forecasts, marks
from store.tidal_constants import TidalConstant
from store.tidal_constants import save as save_constants
from store.travel_times import TravelTime
from store.travel_times import save as save_travel_time
from tests.integration.deriving import NOW, Said, place, say
from tests.integration.forecasting import forecast, issued, scored

T0 = int(datetime(2026, 7, 10, 12, tzinfo=UTC).timestamp())
DATUM = "1985 国家高程基准"
HOUR = 3600


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    """A river, two stations on it, and an exercise; rolled back."""
    with psycopg.connect(database, options="-c timezone=UTC") as opened:
        opened.execute("insert into exercise (code, name, started_by) values ('EX', '演练', 'test')")
        place(opened, "R", "ZZ", datum=DATUM)
        place(opened, "UP", "ZZ", datum=DATUM)
        yield opened
        opened.rollback()


def rise(until: int = T0, per_hour: float = 0.6, hours: float = 1.0, **other: Any) -> list[Said]:
    """Five-minute readings that rise up to 4 m at T0."""
    times = range(int(until - hours * HOUR), until + 1, 300)
    return [Said("R", "water_level", at, round(4 + per_hour * (at - T0) / HOUR, 2), **other) for at in times]


def test_a_rise_is_carried_on_for_three_hours_from_its_newest_reading(connection: Connection[Any]) -> None:
    say(connection, rise())
    forecast(connection)
    ((at, points),) = issued(connection, "R", "trend").items()
    assert at == T0
    assert [point[0] for point in points] == [0, 30, 60, 90, 120, 150, 180]
    assert points[0][1:] == (4.0, 4.0, 4.0)
    assert points[2][1] == pytest.approx(4.47, abs=0.02)
    assert all(low <= value <= high for _, value, low, high in points)


def test_a_series_is_issued_once_in_some_minutes_however_often_it_speaks(connection: Connection[Any]) -> None:
    say(connection, rise())
    forecast(connection)
    for second in range(15, 301, 15):
        say(connection, [Said("R", "water_level", T0 + second, 4.0 + second * 0.0002)])
        forecast(connection)
    assert list(issued(connection, "R", "trend")) == [T0, T0 + 270]


def test_a_calm_series_is_issued_half_as_often(connection: Connection[Any]) -> None:
    for at in range(T0, T0 + HOUR + 1, 300):
        say(connection, rise(until=at, per_hour=0.0))
        forecast(connection)
    assert len(issued(connection, "R", "trend")) == 7


def test_a_correction_of_what_it_stands_on_replaces_the_issue_and_a_voided_reading_withdraws_it(
    connection: Connection[Any],
) -> None:
    say(connection, rise(until=T0 - 300))
    forecast(connection)
    say(connection, [Said("R", "water_level", T0 - 20, 7.0)])
    forecast(connection)
    assert issued(connection, "R", "trend")[T0 - 20][0][1] == 7.0
    say(connection, [Said("R", "water_level", T0 - 20, 4.0, by="duty")])
    forecast(connection)
    assert issued(connection, "R", "trend")[T0 - 20][0][1] == 4.0
    say(connection, [Said("R", "water_level", T0 - 20, None, quality=Quality.BAD, by="duty")])
    forecast(connection)
    assert list(issued(connection, "R", "trend")) == [T0 - 300]
    newest = forecasts.newest(connection, since=NOW - timedelta(days=30), station="R")
    assert {one.issued.timestamp() for one in newest} == {T0 - 300}


def test_too_little_makes_none_and_a_late_reading_makes_no_new_one(connection: Connection[Any]) -> None:
    say(connection, rise(until=T0 - 3300, hours=0.1))
    forecast(connection)
    assert issued(connection, "R", "trend") == {}
    say(connection, rise())
    forecast(connection)
    say(connection, [Said("R", "water_level", T0 - 9 * HOUR, 3.0)])
    forecast(connection)
    assert list(issued(connection, "R", "trend")) == [T0]


def test_an_exercise_has_its_own(connection: Connection[Any]) -> None:
    say(connection, rise(per_hour=0.0) + rise(exercise="EX"))
    forecast(connection)
    assert issued(connection, "R", "trend")[T0][-1][1] == 4.0
    assert issued(connection, "R", "trend", "EX")[T0][-1][1] > 4.5
    shown = forecasts.newest(connection, since=NOW - timedelta(days=30), station="R")
    assert {one.exercise for one in shown} == {None}


TIDE = [Constant("Z0", 0.2, 0.0), Constant("M2", 1.6, 280.0), Constant("S2", 0.7, 320.0)]


def tide(connection: Connection[Any], hours: int = 26, surge: float = 0.5) -> None:
    place(connection, "T", "TT", datum=DATUM)
    save_constants(
        connection,
        "T",
        [TidalConstant("T", one.constituent, one.amplitude_m, one.lag_deg, DATUM, "test") for one in TIDE],
        "test",
    )
    times = list(range(T0 - hours * HOUR, T0 + 1, 300))
    heights = predict(TIDE, 29.5, times)
    say(
        connection,
        [Said("T", "tide_level", at, round(h + surge, 3)) for at, h in zip(times, heights, strict=True)],
    )


def test_a_tide_goes_as_moon_and_sun_and_the_surge_of_now(connection: Connection[Any]) -> None:
    tide(connection)
    forecast(connection)
    assert issued(connection, "T", "trend") == {}
    ((at, points),) = issued(connection, "T", "tide").items()
    assert at == T0 and points[-1][0] == 180
    for minutes, value, low, high in points[1:]:
        assert value == pytest.approx(predict(TIDE, 29.5, [T0 + minutes * 60])[0] + 0.5, abs=0.002)
        assert low < value < high


def test_a_tide_without_constants_or_without_a_day_behind_it_says_nothing(
    connection: Connection[Any],
) -> None:
    tide(connection, hours=2)
    forecast(connection)
    assert issued(connection, "T", "tide") == {}
    connection.execute("update tidal_constant set replaced_at = now()")
    say(connection, [Said("T", "tide_level", T0 + 600, 1.0)])
    forecast(connection)
    assert issued(connection, "T", "tide") == issued(connection, "T", "trend") == {}


def flood(at: float) -> float:
    """Upstream: three metres, highest at T0."""
    return 10 + 3 * math.exp(-(((at - T0) / (3 * HOUR)) ** 2))


def river(connection: Connection[Any], until: int, lag_h: float = 2.0, exercise: str | None = None) -> None:
    said = []
    for at in range(T0 - 12 * HOUR, until + 1, 300):
        said.append(Said("UP", "water_level", at, round(flood(at), 3), exercise=exercise))
        below = 5 + 0.6 * (flood(at - lag_h * HOUR) - 10)
        said.append(Said("R", "water_level", at, round(below, 3), exercise=exercise))
    say(connection, said)


def travels(connection: Connection[Any], least_h: float, usual_h: float, longest_h: float) -> None:
    entry = TravelTime("UP", "R", None, 30.0, least_h, usual_h, longest_h, "test")
    save_travel_time(connection, entry, "test")


def test_what_passed_upstream_is_foreseen_when_history_bears_the_travel_time_out(
    connection: Connection[Any],
) -> None:
    travels(connection, 1.5, 2.0, 2.5)
    river(connection, T0 + 3 * HOUR)
    forecast(connection)
    ((at, points),) = issued(connection, "R", "upstream").items()
    assert at == T0 + 3 * HOUR
    assert points[-1][0] == 120, "beyond the travel time nothing is known"
    for minutes, value, low, high in points:
        comes = 5 + 0.6 * (flood(at + minutes * 60 - 2 * HOUR) - 10)
        assert value == pytest.approx(comes, abs=0.05)
        assert low <= comes + 0.005 and comes - 0.005 <= high
    assert issued(connection, "UP", "upstream") == {}


def test_without_a_flood_in_its_history_upstream_says_nothing_and_that_is_remembered(
    connection: Connection[Any],
) -> None:
    travels(connection, 1.5, 2.0, 2.5)
    say(
        connection,
        [
            Said(code, "water_level", at, 5.0)
            for code in ("UP", "R")
            for at in range(T0 - 12 * HOUR, T0 + 1, 300)
        ],
    )
    forecast(connection)
    assert issued(connection, "R", "upstream") == {}
    assert connection.execute("select of_upstream, pairs from level_relation").fetchall() == [([], 0)]


def test_an_exercise_learns_from_its_own_flood(connection: Connection[Any]) -> None:
    travels(connection, 1.5, 2.0, 2.5)
    river(connection, T0 + 3 * HOUR, exercise="EX")
    forecast(connection)
    assert issued(connection, "R", "upstream") == {}
    assert len(issued(connection, "R", "upstream", "EX")) == 1


def test_a_day_is_scored_by_what_was_read_later_and_anew_when_that_changes(
    connection: Connection[Any],
) -> None:
    for at in range(T0, T0 + 4 * HOUR + 1, 300):
        say(connection, [one for one in rise(until=at) if one.at > at - 300 or at == T0])
        forecast(connection)
    scored(connection)
    before = sums(connection)
    assert before == plain(connection)
    assert before["trend", 1800][0] == 43
    hour = range(T0 + 2 * HOUR, T0 + 3 * HOUR, 300)
    say(connection, [Said("R", "water_level", at, 4.5, by="duty") for at in hour])
    forecast(connection)
    scored(connection)
    assert sums(connection) != before
    assert sums(connection) == plain(connection)


def sums(connection: Connection[Any]) -> dict[tuple[str, int], tuple[float, ...]]:
    found = connection.execute(
        "select source, lead_s, sum(count), sum(sum_error), sum(sum_absolute), sum(within)::int, sum(sum_unchanged)"
        " from forecast_skill group by 1, 2"
    ).fetchall()
    return {(source, lead): tuple(round(float(one), 6) for one in rest) for source, lead, *rest in found}


def plain(connection: Connection[Any]) -> dict[tuple[str, int], tuple[float, ...]]:
    """The same in one plain statement; readings stand exactly at the valid times here."""
    found = connection.execute(
        "select f.source, extract(epoch from f.valid - f.issued)::int, count(*), sum(f.value - o.value),"
        " sum(abs(f.value - o.value)),"
        " count(*) filter (where o.value between f.low - 0.005 and f.high + 0.005),"
        " sum(abs(s.value - o.value))"
        " from forecast f join observation o on o.series = f.series and o.time = f.valid and o.quality in (1, 2)"
        " join forecast s on (s.series, s.issued, s.source) = (f.series, f.issued, f.source)"
        " where s.valid = s.issued and extract(epoch from f.valid - f.issued)::int in (1800, 3600, 7200, 10800)"
        " group by 1, 2"
    ).fetchall()
    return {(source, lead): tuple(round(float(one), 6) for one in rest) for source, lead, *rest in found}


def test_points_go_by_their_days_and_what_they_were_worth_stays(connection: Connection[Any]) -> None:
    for at in range(T0, T0 + HOUR + 1, 300):
        say(connection, [one for one in rise(until=at) if one.at > at - 300 or at == T0])
        forecast(connection)
    scored(connection)
    before = sums(connection)
    short = Settings(retention=Retention(forecasts_days=3))
    connection.execute("delete from mark")
    for _ in range(1000):
        if not retention.step(connection, short, NOW + timedelta(hours=20)):
            break
    assert connection.execute("select count(*) from forecast").fetchone() == (0,)
    say(connection, [Said("R", "water_level", T0 + 60, 4.01)])
    forecast(connection, short)
    scored(connection, short)
    assert sums(connection) == before


def test_marks_of_many_series_are_taken_in_bounded_steps(connection: Connection[Any]) -> None:
    say(connection, rise())
    for number in range(5):
        place(connection, f"N{number}", "ZZ")
        say(connection, [Said(f"N{number}", "water_level", one.at, one.value) for one in rise()])
    from tests.integration.deriving import derive

    derive(connection)
    assert issue.step(connection, Settings(), NOW, 4) == 4
    assert marks.waiting(connection, marks.FORECAST) == 2
