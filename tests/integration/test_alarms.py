"""Alarms on the real database: raise, worsen, improve, return, acknowledge, shelve, late and revised data."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from alerts.acknowledge import acknowledge
from alerts.alarms.limits import Delays
from alerts.shelve import end_shelf, shelve, unshelve
from core.alarms import AlarmState
from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.quality import Quality
from core.severity import Severity
from core.stations import StationKind
from store import alarms, evaluation, marks, open_alarms
from store.connection import connect
from tests.integration.levels import RIVER, SETTING, Field, minute, plain_highest


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-alarms", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def hear(county: Field, code: str, at: float = 30) -> None:
    with county.connection.transaction():
        acknowledge(county.connection, county.alarms(code)[-1].id, actor="王值班", at=minute(at))


def test_an_alarm_rises_falls_and_is_closed_by_its_acknowledgement(county: Field) -> None:
    code = county.station("A1", area="T")
    county.play(code, [(0, 3.0), (5, 3.5), (10, 5.1), (15, 4.96), (20, 4.2), (25, 3.4)])
    assert county.story(code) == [
        "raised@5 blue called",
        "worsened@10 orange called",
        "improved@20 yellow",
        "returned@25",
    ]
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED
    assert (alarm.severity, alarm.highest_severity) == (None, Severity.ORANGE)
    assert alarm.area == "T" and alarm.closed_at is None
    hear(county, code)
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.NORMAL and alarm.closed_at == minute(30)
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == ("王值班", minute(30))
    assert county.story(code)[-2:] == ["acknowledged@25", "closed@25"]


def test_both_duty_officers_of_the_town_are_called(county: Field) -> None:
    code = county.station("A2", area="T")
    county.play(code, [(0, 5.31)])
    _, called = county.events(code)
    assert called.detail["persons"] == ["T1", "T2"]
    assert county.orders(code) == [("orange", "A2站 08:00 水位 5.31 m，超保证水位 0.31 m（橙色）。")]
    recipients = county.connection.execute(
        "select recipient from delivery where order_id = %s order by 1", (called.detail["order"],)
    ).fetchall()
    assert recipients == [("T1",), ("T2",)]


def test_a_station_without_area_calls_the_county(county: Field) -> None:
    code = county.station("A3")
    county.play(code, [(0, 5.0)])
    assert county.events(code)[1].detail["persons"] == ["X1"]


def test_nobody_on_duty_is_said_and_listed(county: Field) -> None:
    code = county.station("A4", area="T")
    county.send(code, [(400_000, 5.0)])
    county.evaluate(400_000)
    assert county.story(code) == ["raised@400000 orange", "uncalled@400000 orange"]
    (line,) = alarms.list_alarms(county.connection, exercise=None, station=code)
    assert line.uncalled


def test_an_acknowledged_alarm_that_is_over_and_a_new_danger_may_come_in_one_batch(county: Field) -> None:
    code = county.station("A5B", area="T")
    county.play(code, [(0, 4.1)])
    hear(county, code, 1)
    county.send(code, [(5, 3.0), (10, 4.2), (15, 3.0), (20, 5.2)])
    county.evaluate(20)

    assert [state.state for state in county.alarms(code)] == [
        AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED,
    ]  # fmt: skip
    assert evaluation.faults(county.connection) == []


def test_an_acknowledged_alarm_that_worsens_calls_again(county: Field) -> None:
    code = county.station("A5", area="T")
    county.play(code, [(0, 4.0)])
    hear(county, code, 1)
    county.play(code, [(5, 6.2)])
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.UNACKNOWLEDGED and alarm.acknowledged_by is None
    assert county.story(code) == ["raised@0 yellow called", "acknowledged@0 yellow", "worsened@5 red called"]


def test_an_alarm_that_comes_back_is_the_same_one_and_a_closed_one_is_not(county: Field) -> None:
    code = county.station("A6", area="T")
    county.play(code, [(0, 4.1), (5, 3.0), (10, 4.1)])
    assert county.story(code) == ["raised@0 yellow called", "returned@5", "raised@10 yellow called"]
    hear(county, code)
    county.play(code, [(15, 3.0), (20, 4.1)])
    first, second = county.alarms(code)
    assert first.closed_at is not None and second.closed_at is None


def test_a_burst_in_one_transaction_keeps_every_step_and_calls_once_for_the_worst(county: Field) -> None:
    code = county.station("A7", area="T")
    county.send(code, [(0, 3.6), (5, 4.2), (10, 5.2), (15, 6.1), (20, 5.5)])
    county.evaluate(20)
    assert county.story(code) == [
        "raised@0 blue",
        "worsened@5 yellow",
        "worsened@10 orange",
        "worsened@15 red called",
        "improved@20 orange",
    ]
    assert [severity for severity, _ in county.orders(code)] == ["red"]


def test_the_same_range_twice_gives_nothing_new(county: Field) -> None:
    code = county.station("A8", area="T")
    values = [(0, 3.6), (5, 4.2), (10, 5.2), (15, 3.0), (20, 4.5)]
    county.play(code, [*values])
    before, alarm = county.story(code), county.alarm(code)
    series = _series(county, code)
    for start, end in ((0, 20), (5, 10), (20, 20), (15, 20)):
        mark = marks.Mark(series, minute(start), minute(end))
        marks.add(county.connection, marks.EVALUATOR, [mark])
        county.evaluate(21)
    assert county.story(code) == before
    assert county.alarm(code) == alarm
    hear(county, code)
    county.play(code, [(25, 3.0)])
    closed = county.alarm(code)
    marks.add(county.connection, marks.EVALUATOR, [marks.Mark(series, minute(0), minute(25))])
    county.evaluate(30)
    assert county.alarm(code) == closed


def test_missing_and_suspect_low_values_never_return_an_alarm(county: Field) -> None:
    code = county.station("B1", area="T")
    county.play(
        code,
        [(0, 5.1), (5, None, Quality.MISSING), (10, 0.0, Quality.SUSPECT), (15, -99.0, Quality.BAD)],
    )
    assert county.story(code) == ["raised@0 orange called"]
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED


@pytest.mark.parametrize("quality", [Quality.SUSPECT, Quality.BAD])
def test_a_doubtful_flood_calls_at_once_and_is_to_be_verified(county: Field, quality: Quality) -> None:
    code = county.station(f"B2-{quality.name}", area="T")
    county.play(code, [(0, 52.0, quality)])
    alarm = county.alarm(code)
    assert alarm.to_verify and alarm.severity is Severity.RED
    assert "待核实" in county.orders(code)[0][1]
    assert county.events(code)[0].detail["to_verify"] is True
    county.play(code, [(5, 6.1)])
    assert county.story(code)[-1] == "confirmed@5 red"
    assert not county.alarm(code).to_verify


def test_a_correction_moves_the_alarm_down_and_up(county: Field) -> None:
    code = county.station("B3", area="T")
    county.play(code, [(0, 3.0), (5, 52.0)])
    assert county.story(code) == ["raised@5 red called"]
    county.send(code, [(5, 5.2)], by="张工")
    county.evaluate(6)
    county.send(code, [(5, 3.2)], by="张工")
    county.evaluate(7)
    assert county.story(code)[1:] == ["improved@5 orange", "returned@5"]
    county.send(code, [(5, 4.4)], by="张工")
    county.evaluate(8)
    assert county.story(code)[3:] == ["raised@5 yellow called"]


def test_a_changed_limit_judges_the_newest_reading_anew(county: Field) -> None:
    code = county.station("B4", {"warning": 4.0}, area="T")
    county.play(code, [(0, 3.8)])
    assert not county.alarms(code)
    county.limit(code, "warning", 3.7)
    county.evaluate(1)
    assert county.story(code) == ["raised@0 yellow called"]
    county.limit(code, "warning", 4.5)
    county.evaluate(2)
    assert county.alarm(code).state is AlarmState.RETURNED_UNACKNOWLEDGED


def test_a_limit_that_is_set_anew_in_the_deadband_keeps_its_alarm(county: Field) -> None:
    code = county.station("B5", {"warning": 4.0}, area="T")
    county.play(code, [(0, 4.1), (5, 3.97)])
    county.limit(code, "warning", 3.99)
    county.send(code, [(10, 3.96)])
    county.evaluate(10)
    assert county.story(code) == ["raised@0 yellow called"]


def test_late_news_calls_nobody_until_a_fresh_reading_bears_it_out(county: Field) -> None:
    code = county.station("C1", area="T")
    county.send(code, [(0, 3.0), (5, 4.2), (10, 5.2)], received_at=minute(120))
    county.evaluate(120)
    assert county.story(code) == ["raised@5 yellow late", "worsened@10 orange late"]
    assert not county.orders(code)
    county.play(code, [(120, 5.3)])
    assert county.story(code)[-1] == "confirmed@120 orange called"
    assert [severity for severity, _ in county.orders(code)] == ["orange"]


def test_late_news_that_is_over_makes_an_alarm_that_has_returned(county: Field) -> None:
    code = county.station("C2", area="T")
    county.play(code, [(0, 3.0), (200, 3.1)])
    county.send(code, [(90, 4.5), (95, 6.1), (100, 4.2)], received_at=minute(201))
    county.evaluate(201)
    assert county.story(code) == ["raised@95 red late", "returned@200"]
    alarm = county.alarm(code)
    assert alarm.highest_severity is Severity.RED
    assert alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED
    assert not county.orders(code)


def test_late_news_lifts_what_an_alarm_had_reached_and_leaves_its_state(county: Field) -> None:
    code = county.station("C3", area="T")
    county.play(code, [(0, 4.5), (100, 4.6)])
    hear(county, code)
    county.send(code, [(50, 6.3)], received_at=minute(101))
    county.evaluate(101)
    assert county.story(code)[2:] == ["late@50 red late"]
    alarm = county.alarm(code)
    assert (alarm.severity, alarm.highest_severity) == (Severity.YELLOW, Severity.RED)
    assert alarm.state is AlarmState.ACKNOWLEDGED


def test_late_news_of_a_closed_alarm_is_written_into_its_history(county: Field) -> None:
    code = county.station("C4", area="T")
    county.play(code, [(0, 4.5), (60, 3.0)])
    hear(county, code, 61)
    county.send(code, [(30, 5.5)], received_at=minute(90))
    county.evaluate(90)
    alarm = county.alarm(code)
    assert alarm.closed_at == minute(61) and alarm.highest_severity is Severity.ORANGE
    assert county.story(code)[-1] == "late@30 orange late"


def test_two_sensors_make_one_alarm_that_returns_with_the_last(county: Field) -> None:
    code = county.station("C5", area="T")
    county.play(code, [(0, 5.1)], sensor=1)
    county.play(code, [(1, 4.1)], sensor=2)
    county.play(code, [(5, 3.0)], sensor=1)
    county.play(code, [(6, 3.0)], sensor=2)
    assert county.story(code) == ["raised@0 orange called", "improved@5 yellow", "returned@6"]


def test_a_long_range_is_read_in_parts(county: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.alarms.batch.MOST_READINGS", 7)
    code = county.station("C6", area="T")
    values = [(n, 5.5 if 20 <= n < 25 else 3.0) for n in range(40)]
    county.send(code, [*values])
    county.evaluate(40)
    assert county.story(code) == ["raised@20 orange called", "returned@25"]


def test_one_series_that_fails_stops_no_other_and_is_tried_again(county: Field) -> None:
    bad, good = county.station("D1", area="T"), county.station("D2", area="T")
    county.connection.execute(
        "create function refuse_d1() returns trigger language plpgsql as $$ begin"
        " raise exception 'the disk of D1 is full'; end $$;"
        " create trigger d1 before insert on alarm for each row when (new.station = 'D1')"
        " execute function refuse_d1()"
    )
    county.send(bad, [(0, 5.1)])
    county.send(good, [(0, 5.1)])
    done = county.evaluate(0)
    assert sum(entry.faults for entry in done) == 1
    assert county.story(good) == ["raised@0 orange called"]
    (fault,) = [f for f in evaluation.faults(county.connection) if f.series == _series(county, bad)]
    assert "the disk of D1 is full" in fault.reason
    assert fault.retry_at == minute(0) + timedelta(seconds=5)

    county.evaluate(1)
    (again,) = [f for f in evaluation.faults(county.connection) if f.series == _series(county, bad)]
    assert again.attempts == 2 and again.retry_at > minute(1.1)

    county.connection.execute("drop trigger d1 on alarm")
    county.send(bad, [(1.1, 6.1)])
    county.evaluate(1.1)
    assert county.story(bad) == ["raised@0 orange", "worsened@1 red called"], (
        "what failed is read with the new"
    )
    assert not [f for f in evaluation.faults(county.connection) if f.series == _series(county, bad)]


def test_an_alarm_stands_though_its_notice_cannot_be_written(county: Field) -> None:
    code = county.station("D3", area="T")
    county.connection.execute(
        "create function refuse_orders() returns trigger language plpgsql as $$ begin"
        " raise exception 'no orders today'; end $$;"
        " create trigger no_orders before insert on orders for each row execute function refuse_orders()"
    )
    try:
        county.play(code, [(0, 5.1)])
    finally:
        county.connection.execute("drop trigger no_orders on orders")
    assert county.story(code) == ["raised@0 orange", "uncalled@0 orange"]
    assert "no orders today" in county.events(code)[1].detail["reason"]


def test_a_shelf_hides_ends_by_itself_and_calls_again(county: Field) -> None:
    code = county.station("E1", area="T")
    county.play(code, [(0, 4.2)])
    _shelve(county, code, at=1, until=61)
    county.play(code, [(5, 3.0), (10, 4.3)])
    assert county.story(code) == [
        "raised@0 yellow called",
        "shelved@0 yellow",
        "returned@5",
        "raised@10 yellow",
    ]
    with county.connection.transaction():
        assert open_alarms.over_shelved(county.connection, minute(60)) == []
        (number,) = open_alarms.over_shelved(county.connection, minute(61))
        end_shelf(county.connection, number, SETTING.wording, minute(61))
    county.evaluate(61)
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.UNACKNOWLEDGED and alarm.shelved_until is None
    assert county.orders(code)[-1][1].startswith("搁置到期")


def test_what_is_worse_than_what_was_shelved_breaks_out(county: Field) -> None:
    code = county.station("E2", area="T")
    county.play(code, [(0, 4.2)])
    _shelve(county, code, at=1, until=700)
    county.play(code, [(5, 5.2)])
    assert county.story(code)[2:] == ["unshelved@5 yellow", "worsened@5 orange called"]
    assert county.alarm(code).shelved_by is None


def test_shelving_needs_a_reason_an_end_and_for_red_the_leader(county: Field) -> None:
    code = county.station("E3", area="T")
    county.play(code, [(0, 6.2)])
    with pytest.raises(InputError, match="reason"):
        _shelve(county, code, at=1, until=2, reason=" ")
    for until in (1, 0, 1 + 12 * 60 + 1):
        with pytest.raises(InputError, match="12 hours"):
            _shelve(county, code, at=1, until=until)
    with pytest.raises(ForbiddenError, match="leader"):
        _shelve(county, code, at=1, until=60)
    with pytest.raises(ConflictError, match="two persons"):
        _shelve(county, code, at=1, until=60, leader=True)
    _shelve(county, code, at=1, until=60, leader=True, second="王指挥")
    assert county.events(code)[-1].detail["second"] == "王指挥"
    with pytest.raises(ConflictError):
        hear(county, code)
    with county.connection.transaction():
        unshelve(
            county.connection, county.alarm(code).id, actor="李领导", at=minute(2), wording=SETTING.wording
        )
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED
    county.evaluate(2)
    assert county.story(code)[-1] == "unshelved@0 red called", "whoever heard that it is shelved hears again"


def test_what_comes_off_the_shelf_has_been_acknowledged_by_nobody(county: Field) -> None:
    code = county.station("E41", area="T")
    county.play(code, [(0, 4.2)])
    hear(county, code)
    _shelve(county, code, at=1, until=61)
    assert county.alarm(code).acknowledged_by is not None, "so it stood when it was shelved"
    with county.connection.transaction():
        end_shelf(county.connection, county.alarm(code).id, SETTING.wording, minute(61))
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.UNACKNOWLEDGED
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == (None, None)


def test_a_reading_whose_limit_waits_for_its_delay_calls_nobody_before(county: Field) -> None:
    delayed = replace(county, setting=replace(SETTING, delays=Delays()))
    code = county.station("E51", area="T")
    delayed.play(code, [(0, 3.6), (5, 3.6), (10, 4.1), (15, 4.1)])
    assert county.story(code) == ["raised@5 blue called", "worsened@15 yellow called"]
    assert [severity for severity, _ in county.orders(code)] == ["blue", "yellow"]


def test_a_second_acknowledgement_is_told_who_was_first(county: Field) -> None:
    code = county.station("E4", area="T")
    county.play(code, [(0, 4.2)])
    hear(county, code)
    with pytest.raises(ConflictError, match="王值班"):
        hear(county, code)
    with pytest.raises(NotFoundError), county.connection.transaction():
        acknowledge(county.connection, 10**9, actor="x", at=minute(0))


def test_an_acknowledgement_and_the_evaluator_wait_for_each_other(county: Field, database: str) -> None:
    code = county.station("E5", area="T")
    county.play(code, [(0, 4.2)])
    with connect(database, name="test-person") as person:
        acknowledge(person, county.alarm(code).id, actor="王值班", at=minute(1))
        county.send(code, [(5, 6.2)])
        county.connection.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            county.evaluate(5)
        county.connection.execute("reset lock_timeout")
        person.commit()
    county.evaluate(5)
    assert county.story(code) == ["raised@0 yellow called", "acknowledged@0 yellow", "worsened@5 red called"]


@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_order_the_newest_value_and_the_worst_one_are_told(county: Field, seed: int) -> None:
    """Readings shuffled, resent, missing, late, corrected by a person, in batches of any size."""
    chance = random.Random(seed)
    code = county.station(f"Z{seed}", area="T")
    levels = [3.0, 3.45, 3.48, 3.5, 3.97, 4.0, 4.2, 4.96, 5.0, 5.3, 5.97, 6.0, 6.4, None]
    held: dict[int, float | None] = {}
    known: list[float | None] = []
    sent = [(5 * number, chance.choice(levels)) for number in range(30)]
    chance.shuffle(sent)
    corrected = [(at, chance.choice(levels[:-1])) for at, _ in chance.sample(sent, 4)]
    news: list[tuple[tuple[int, float | None], str | None]]
    news = [(entry, None) for entry in [*sent, *chance.sample(sent, 5)]]
    news += [(entry, "张工") for entry in corrected]
    while news:
        for (at, value), by in news[: (size := chance.randint(1, 6))]:
            quality = Quality.MISSING if value is None else Quality.GOOD
            county.send(code, [(at, value, quality)], delay_s=chance.choice([5, 9000]), by=by)
            if by is not None or held.get(at) is None:
                held[at] = value
        news = news[size:]
        county.evaluate(1000)
        known += held.values()
        if chance.random() < 0.2 and county.alarms(code) and county.alarms(code)[-1].closed_at is None:
            with suppress(ConflictError):
                hear(county, code)

    found = county.alarms(code)
    worst = max(
        (alarm.highest_severity for alarm in found if alarm.highest_severity),
        key=lambda severity: severity.rank,
        default=None,
    )
    assert worst == plain_highest(known, RIVER)
    assert len([alarm for alarm in found if alarm.closed_at is None]) <= 1

    newest = next(value for _, value in sorted(held.items(), reverse=True) if value is not None)
    present = next((alarm.severity for alarm in found if alarm.closed_at is None), None)
    rank = present.rank if present else 0
    at_least = plain_highest([newest], RIVER)
    at_most = plain_highest([newest + 0.05], RIVER)
    assert (at_least.rank if at_least else 0) <= rank <= (at_most.rank if at_most else 0)


def test_tide_and_reservoir_have_their_own_rules(county: Field) -> None:
    tide = county.station("F1", {"tide_red": 4.8}, kind=StationKind.TIDE, property="tide_level")
    lake = county.station("F2", {"flood_limit": 40.0}, kind=StationKind.RESERVOIR)
    rain = county.station("F3", {}, kind=StationKind.RAIN)
    county.play(tide, [(0, 4.9)], property="tide_level")
    county.play(lake, [(0, 40.0)])
    county.play(rain, [(0, 99.0)], property="rainfall")
    assert (county.alarm(tide).rule, county.alarm(tide).alarm_class) == ("tide_level", "tide")
    assert county.alarm(lake).rule == "reservoir_level"
    assert not county.alarms(rain)


def test_the_list_shows_the_newest_value_with_its_slope_worst_first(county: Field) -> None:
    code = county.station("G1", area="T")
    county.play(code, [(0, 5.0), (30, 5.2), (60, 5.6), (65, None, Quality.MISSING)])
    county.play(county.station("G2"), [(0, 3.6)])
    listed = alarms.list_alarms(county.connection, exercise=None)
    ranks = [line.alarm.severity.rank if line.alarm.severity else 0 for line in listed]
    assert ranks == sorted(ranks, reverse=True)
    (line,) = [line for line in listed if line.alarm.station == code]
    assert (line.usable_value, line.usable_time, line.latest_quality) == (5.6, minute(60), 9)
    assert line.rate_per_hour == pytest.approx(0.8)
    assert line.station_name == "G1站" and line.area_name == "示范镇"
    town = alarms.list_alarms(county.connection, exercise=None, area="T")
    assert {entry.alarm.station for entry in town} >= {"G1"} and "G2" not in {e.alarm.station for e in town}


def test_stations_without_limits_and_refused_limits_are_listed(county: Field) -> None:
    from alerts.survey import survey

    unset = county.station("H1", {})
    zero = county.station("H2", {"alert": 0.0, "minor_flood": 0.0, "major_flood": 0.0})
    odd = county.station("H3", {"warning": 4.0})
    county.connection.execute("update threshold set datum = '吴淞' where station = 'H3'")
    found = survey(county.connection)
    assert {unset, zero} <= {place.station for place in found.unset}
    assert [(place.station, limit.datum) for place, limit in found.refused] == [(odd, "吴淞")]
    county.play(zero, [(0, 99.0)])
    county.play(odd, [(0, 99.0)])
    assert not county.alarms(zero) and not county.alarms(odd)


def test_the_alarm_of_a_station_out_of_service_calls_nobody_and_keeps_its_history(county: Field) -> None:
    code = county.station("H4", area="T")
    county.connection.execute("update station set out_of_service = true where code = %s", (code,))
    county.play(code, [(0, 4.2), (5, 9.9)])
    alarm = county.alarm(code)
    assert alarm.state is AlarmState.OUT_OF_SERVICE
    assert alarm.severity is Severity.RED
    assert county.story(code) == ["raised@0 yellow", "worsened@5 red"]
    assert not county.orders(code)
    kept = county.connection.execute(
        "select latest.usable_value, count(observation.*) from latest"
        " join observation using (series) where series = %s group by 1",
        (_series(county, code),),
    ).fetchone()
    assert kept == (9.9, 2)


def _series(county: Field, code: str) -> int:
    found = county.connection.execute("select id from series where station = %s", (code,)).fetchone()
    assert found is not None
    return int(found[0])


def _shelve(county: Field, code: str, *, at: float, until: float, **how: Any) -> None:
    how = {"reason": "闸门检修", "leader": False, **how}
    with county.connection.transaction():
        shelve(
            county.connection,
            county.alarm(code).id,
            actor="王值班",
            at=minute(at),
            until=minute(until),
            **how,
        )


@pytest.mark.parametrize("quality", [Quality.GOOD, Quality.SUSPECT])
def test_a_reading_from_the_future_hides_no_doubtful_flood(county: Field, quality: Quality) -> None:
    """A clock that jumped ahead by nine minutes for one reading: what comes at its true time is not old."""
    code = county.station(f"FUTURE{quality.value}", area="T")
    county.play(code, [(0, 2.0)])
    county.send(code, [(14, 2.0, quality)], received_at=minute(5))
    county.evaluate(5)
    county.play(code, [(6, 6.2, Quality.SUSPECT)])
    assert county.story(code) == ["raised@6 red called"]
    county.play(code, [(11, 6.3, Quality.SUSPECT), (16, 6.4, Quality.SUSPECT)])
    assert county.story(code) == ["raised@6 red called"]
