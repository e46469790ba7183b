"""Rates of rise and fall and sliding sums of rain: alarms of their own beside those of the level."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from alerts.alarms.batch import Setting, evaluate
from alerts.alarms.limits import Delays
from alerts.alarms.memory import Memory
from core.observations import Observation
from core.quality import Quality
from core.severity import Severity
from core.stations import SeriesKey, StationKind
from core.thresholds import Threshold
from store import marks, observations
from store.alarms import events, list_alarms
from store.marks import Mark
from store.stations import ensure_series, save_threshold
from tests.integration.deriving import NOW, Said, derive, say
from tests.integration.levels import SETTING, Field, in_short, minute


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection)
        field.county()
        yield field


def story(county: Field, rule: str) -> list[str]:
    found = [line.alarm for line in list_alarms(county.connection, exercise=None, only_open=False)]
    return in_short(
        event
        for alarm in sorted(found, key=lambda alarm: alarm.id)
        if alarm.rule == rule
        for event in events(county.connection, alarm.id)
    )


def limit_rate(county: Field, code: str, property: str, severity: Severity, value: float) -> None:
    entry = Threshold(code, property, f"fast_{property[:4]}", severity, value, 0.1, None, "test")
    save_threshold(county.connection, entry, "test")


def rain(county: Field, code: str, window_s: int, values: list[tuple[float, float]]) -> None:
    """Sliding sums as `anlan derive` writes them."""
    with county.connection.transaction():
        key = SeriesKey(code, "rainfall_sliding", 1, window_s)
        series = ensure_series(county.connection, [key])[key].id
        batch = [
            Observation(series, minute(at), value, Quality.GOOD, "", minute(at + 0.1), "derived")
            for at, value in values
        ]
        applied = observations.store(county.connection, batch).applied
        times = [entry.time for entry in applied]
        marks.add(county.connection, marks.EVALUATOR, [Mark(series, min(times), max(times))])


def test_a_fast_rise_raises_long_before_a_level_is_reached(county: Field) -> None:
    code = county.station("Q1", area="T")
    limit_rate(county, code, "rise_rate", Severity.ORANGE, 0.5)
    county.play(code, [(5 * n, 1.0 + 0.05 * n) for n in range(8)])
    assert story(county, "water_rise") == ["raised@30 orange called"]
    (order,) = county.orders(code)
    assert order[0] == "orange"
    assert "水位上涨速率" in order[1] and "m/h" in order[1]
    assert story(county, "river_level") == []


def test_a_doubtful_reading_is_no_part_of_a_rate(county: Field) -> None:
    code = county.station("Q2", area="T")
    limit_rate(county, code, "rise_rate", Severity.ORANGE, 0.5)
    county.play(code, [(5 * n, 1.0, Quality.GOOD) for n in range(7)])
    county.play(code, [(35 + n, 1.2 + n, Quality.SUSPECT) for n in range(20)])
    assert story(county, "water_rise") == []


def test_a_rate_that_a_correction_takes_away_returns(county: Field) -> None:
    code = county.station("Q3", area="T")
    limit_rate(county, code, "rise_rate", Severity.YELLOW, 0.5)
    county.play(code, [(5 * n, 1.0 + 0.06 * n) for n in range(7)])
    assert story(county, "water_rise") == ["raised@30 yellow called"]
    county.send(code, [(5 * n, 1.0) for n in range(7)], received_at=minute(31), by="lin")
    county.evaluate(31)
    assert story(county, "water_rise")[-1] == "returned@30"


def test_a_correction_long_after_makes_a_rate_that_calls_nobody(county: Field) -> None:
    code = county.station("Q6", area="T")
    limit_rate(county, code, "rise_rate", Severity.RED, 0.5)
    county.play(code, [(5 * n, 1.0) for n in range(7)])
    county.send(code, [(5 * n, 1.0 + 0.06 * n) for n in range(7)], received_at=minute(300), by="lin")
    county.evaluate(300)
    assert story(county, "water_rise") == ["raised@30 red late"]


def test_a_window_is_the_same_after_a_restart(county: Field) -> None:
    code = county.station("Q4", area="T")
    limit_rate(county, code, "fall_rate", Severity.RED, 1.0)
    kept = Memory()
    for n in range(16):
        county.send(code, [(5 * n, 9.0 if n < 8 else 9.0 - 0.2 * (n - 7))])
        with county.connection.transaction():
            evaluate(county.connection, SETTING, minute(5 * n), memory=kept if n != 11 else Memory())
        if n == 11:
            kept = Memory()
    whole = story(county, "water_fall")
    other = county.station("Q5", area="T")
    limit_rate(county, other, "fall_rate", Severity.RED, 1.0)
    never = Memory()
    for n in range(16):
        county.send(other, [(5 * n, 9.0 if n < 8 else 9.0 - 0.2 * (n - 7))])
        with county.connection.transaction():
            evaluate(county.connection, SETTING, minute(5 * n), memory=never)
    both = story(county, "water_fall")
    assert whole and both == [*whole, *whole]


def test_each_window_of_rain_has_limits_of_its_own_and_the_worst_counts(county: Field) -> None:
    code = county.station("P1", {}, kind=StationKind.RAIN, area="T")
    rain(county, code, 3600, [(0, 20.0), (5, 36.0)])
    county.evaluate(6)
    rain(county, code, 10800, [(10, 101.0)])
    county.evaluate(11)
    rain(county, code, 3600, [(60, 10.0)])
    county.evaluate(61)
    rain(county, code, 10800, [(65, 81.0), (70, 79.9), (75, 43.0)])
    county.evaluate(76)
    assert story(county, "station_rain") == [
        "raised@5 blue called",
        "worsened@10 orange called",
        "improved@70 yellow",
        "returned@75",
    ]
    assert "1小时累计雨量" in county.orders(code)[0][1]


def test_a_station_s_own_limits_take_the_place_of_the_county_s(county: Field) -> None:
    code = county.station("P2", {}, kind=StationKind.RAIN, area="T")
    entry = Threshold(
        code, "rainfall_sliding", "rain_red", Severity.RED, 30.0, 5.0, None, "test", period_s=3600
    )
    save_threshold(county.connection, entry, "test")
    rain(county, code, 10800, [(0, 500.0)])
    county.evaluate(1)
    assert story(county, "station_rain") == []
    rain(county, code, 3600, [(5, 30.0)])
    county.evaluate(6)
    assert story(county, "station_rain") == ["raised@5 red called"]


def test_two_readings_in_a_row_are_needed_for_yellow_and_silence_does_not_hide_it(county: Field) -> None:
    county.setting = Setting(SETTING.wording, 1800, Delays())
    code = county.station("D1", area="T")
    county.play(code, [(0, 4.1), (5, 3.0), (10, 4.1), (15, 4.2)])
    assert county.story(code) == ["raised@15 yellow called"]
    silent = county.station("D2", area="T")
    county.play(silent, [(0, 4.1)])
    county.evaluate(7)
    assert county.story(silent) == []
    county.evaluate(8)
    assert county.story(silent) == ["raised@0 yellow called"]


def test_one_reading_at_yellow_makes_no_alarm_however_often_it_is_read_again(county: Field) -> None:
    county.setting = Setting(SETTING.wording, 1800, Delays())
    code = county.station("D5", area="T")
    county.play(code, [(0, 3.0), (5, 4.2), (10, 3.0)])
    series = county.connection.execute("select id from series where station = %s", (code,)).fetchone()
    assert series is not None
    marks.add(county.connection, marks.EVALUATOR, [Mark(series[0], minute(0), minute(10))])
    county.evaluate(11)
    assert county.story(code) == []
    county.send(code, [(8, 4.3)], received_at=minute(12))
    county.evaluate(12)
    assert county.story(code) == ["raised@8 yellow late", "returned@10"], (
        "two in a row were a danger nobody knew"
    )


def test_a_limit_set_anew_while_its_delay_runs_begins_no_alarm_before_its_time(county: Field) -> None:
    county.setting = Setting(SETTING.wording, 1800, Delays())
    code = county.station("D6", area="T")
    county.play(code, [(0, 3.0), (5, 4.2)])
    county.limit(code, "warning", 4.1)
    county.evaluate(6)
    assert county.story(code) == []
    county.play(code, [(10, 4.2)])
    assert county.story(code) == ["raised@10 yellow called"]


def test_a_flood_that_falls_returns_after_half_an_hour_below(county: Field) -> None:
    county.setting = Setting(SETTING.wording, 1800, Delays())
    code = county.station("D3", area="T")
    county.play(code, [(0, 6.1), (5, 3.0), (20, 5.96), (25, 3.0), (50, 3.0), (55, 3.0), (60, 3.0)])
    assert county.story(code) == ["raised@0 red called", "returned@55"]


def test_a_late_reading_within_a_delay_is_judged_as_if_it_had_come_in_time(county: Field) -> None:
    county.setting = Setting(SETTING.wording, 1800, Delays())
    code = county.station("D4", area="T")
    county.play(code, [(0, 6.1), (5, 3.0), (30, 3.0)])
    county.send(code, [(15, 6.2)], received_at=minute(31))
    county.evaluate(31)
    county.play(code, [(36, 3.0), (44, 3.0), (60, 3.0)])
    assert county.story(code)[-1] == "returned@60"


def test_what_a_gauge_reports_reaches_its_rule_by_the_sums_that_are_derived(county: Field) -> None:
    code = county.station("P9", {}, kind=StationKind.RAIN, area="T")
    end = int(NOW.timestamp())
    say(
        county.connection,
        [Said(code, "rainfall", end - 3300 + 300 * n, 6.0, period_s=300) for n in range(12)],
        received_at=NOW,
    )
    derive(county.connection)
    with county.connection.transaction():
        evaluate(county.connection, SETTING, NOW)
    (alarm,) = county.alarms(code)
    assert (alarm.rule, alarm.severity, alarm.value) == ("station_rain", Severity.ORANGE, 60.0)
    assert alarm.threshold == 60.0
