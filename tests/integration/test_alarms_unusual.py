"""What happens seldom and must not surprise: clocks that move, stations renamed, limits changed in an alarm, an exercise
beside a real flood. docs/alarms.md says the same in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from alerts.acknowledge import acknowledge
from alerts.alarms.batch import evaluate
from alerts.alarms.limits import Delays
from alerts.alarms.memory import Memory
from alerts.evaluator import Evaluator
from alerts.exercises import end_exercise
from alerts.shelve import shelve
from alerts.upkeep import tend
from core.alarms import AlarmEventKind, AlarmState
from core.notices import MARKS
from core.settings import Settings, load_settings
from core.severity import Severity
from core.stations import StationKind
from core.thresholds import Threshold
from store import marks, tracks
from store.connection import connect
from store.exercises import start_exercise
from store.marks import Mark
from store.stations import save_threshold
from tests.integration.ingesting import number, until
from tests.integration.levels import SETTING, Field, minute

DAY = 24 * 60.0


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-unusual", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def hear(county: Field, code: str, exercise: str | None = None) -> None:
    with county.connection.transaction():
        acknowledge(county.connection, county.alarms(code, exercise)[-1].id, actor="王值班", at=minute(1))


def test_a_server_clock_that_jumps_ahead_makes_news_late_and_the_first_fresh_reading_calls(
    county: Field,
) -> None:
    code = county.station("CLOCK1", area="T")
    county.play(code, [(0, 3.0)])
    for at, level in ((5, 5.2), (10, 5.3)):
        county.send(code, [(at, level)], received_at=minute(at + DAY))
        county.evaluate(at + DAY)
    assert county.story(code) == ["raised@5 orange late"]
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED
    county.play(code, [(15, 5.3)])
    assert county.story(code) == ["raised@5 orange late", "confirmed@15 orange called"]


def test_a_server_clock_that_jumps_back_neither_hides_nor_doubles_an_alarm(county: Field) -> None:
    code = county.station("CLOCK2", area="T")
    county.play(code, [(0, 4.2)])
    for at, level in ((5, 5.2), (10, 6.1), (15, 3.0)):
        county.send(code, [(at, level)], received_at=minute(at - 60))
        county.evaluate(at - 60)
    county.play(code, [(20, 4.1)])
    assert county.story(code) == [
        "raised@0 yellow called",
        "worsened@5 orange called",
        "worsened@10 red called",
        "returned@15",
        "raised@20 yellow called",
    ]
    times = [event.at for event in county.events(code) if event.kind is not AlarmEventKind.CALLED]
    assert times == [minute(at) for at in (0, -55, -50, -45, 20)], (
        "the history keeps its order, whatever the clock said"
    )


def test_a_station_with_another_code_and_name_keeps_its_alarm(county: Field) -> None:
    county.station("OLD1", area="T")
    county.play("OLD1", [(0, 4.2)])
    hear(county, "OLD1")
    county.connection.execute("update station set code = 'NEW1', name = '新站' where code = 'OLD1'")
    county.play("NEW1", [(5, 4.3), (10, 5.2)])
    assert county.story("NEW1") == [
        "raised@0 yellow called",
        "acknowledged@0 yellow",
        "worsened@10 orange called",
    ]
    alarm = county.alarm("NEW1")
    assert (alarm.subject, alarm.station) == ("NEW1", "NEW1")
    assert [text.split(" ")[0] for _, text in county.orders("NEW1")] == ["OLD1站", "新站"]
    assert not county.alarms("OLD1")
    county.station("OLD1", area="T")
    county.play("OLD1", [(15, 6.2)])
    assert county.story("OLD1") == ["raised@15 red called"], (
        "another gauge under the old code is another subject"
    )


def test_a_limit_that_is_raised_above_the_water_ends_the_danger_that_it_stood_for(county: Field) -> None:
    code = county.station("LIMIT1", area="T")
    county.play(code, [(0, 5.2)])
    county.limit(code, "guarantee", 5.6)
    county.evaluate(1)
    assert county.story(code) == ["raised@0 orange called", "improved@0 yellow"]
    assert county.alarm(code).highest_severity is Severity.ORANGE, "people acted on it"
    county.play(code, [(5, 5.7)])
    assert county.story(code)[2:] == ["worsened@5 orange called"]


def test_a_limit_that_is_lowered_onto_the_water_calls_again_though_the_alarm_was_heard(county: Field) -> None:
    code = county.station("LIMIT2", area="T")
    county.play(code, [(0, 4.2)])
    hear(county, code)
    county.limit(code, "guarantee", 4.1)
    county.evaluate(2)
    assert county.story(code)[2:] == ["worsened@0 orange called"]
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED


def test_another_severity_of_a_limit_counts_at_once(county: Field) -> None:
    code = county.station("LIMIT3", {"warning": 4.0}, area="T")
    county.play(code, [(0, 4.2)])
    county.limit(code, "warning", 4.0, severity=Severity.RED)
    county.evaluate(1)
    assert county.story(code) == ["raised@0 yellow called", "worsened@0 red called"]


def test_a_limit_that_is_taken_away_stands_for_nothing_any_more(county: Field) -> None:
    code = county.station("LIMIT4", area="T")
    county.play(code, [(0, 6.2)])
    county.connection.execute(
        "update threshold set replaced_at = now() where station = %s and name = 'historic_highest'", (code,)
    )
    county.evaluate(1)
    assert county.story(code) == ["raised@0 red called", "improved@0 orange"]
    county.connection.execute("update threshold set replaced_at = now() where station = %s", (code,))
    county.evaluate(2)
    assert county.story(code)[2:] == ["returned@0"], (
        "without any limit nothing is judged: 未设, and listed as such"
    )


def test_the_season_of_a_limit_crosses_new_year_by_the_county_s_date(county: Field) -> None:
    code = county.station("SEASON1", {}, kind=StationKind.RESERVOIR, area="T")
    winter = Threshold(
        code, "water_level", "flood_limit", Severity.YELLOW, 4.0, 0.05, None, "test", "1101", "0228"
    )
    save_threshold(county.connection, winter, "test")
    utc = [(2026, 10, 31, 15, 55), (2026, 10, 31, 16, 0), (2026, 12, 31, 16, 0), (2027, 2, 28, 15, 55), (2027, 2, 28, 16, 0)]  # fmt: skip
    times = [(datetime(*one, tzinfo=UTC) - minute(0)).total_seconds() / 60 for one in utc]
    county.play(code, [(at, 4.2) for at in times])
    assert county.story(code) == [f"raised@{times[1]:.0f} yellow called", f"returned@{times[4]:.0f}"]


def test_what_waits_for_a_delay_in_an_exercise_that_is_over_waits_no_longer(county: Field) -> None:
    delayed = replace(county, setting=replace(SETTING, delays=Delays()))
    code = county.station("OVER1", area="T")
    start_exercise(county.connection, "short", "short", None, "test")
    delayed.play(code, [(0, 4.2)], exercise="short")
    assert tracks.next_due(county.connection) is not None
    with county.connection.transaction():
        end_exercise(county.connection, "short", actor="test", at=minute(1))
    delayed.evaluate(60)
    assert not county.alarms(code, "short")
    assert tracks.next_due(county.connection) is None, "else the evaluator would look twice a second for ever"


@pytest.mark.parametrize("change", ["another version that is out of force", "another kind of station"])
def test_what_no_rule_judges_any_more_returns(county: Field, change: str) -> None:
    code = county.station(f"GONE-{change.split()[1]}", area="T")
    county.play(code, [(0, 4.2)])
    if change.startswith("another version"):
        county.connection.execute(
            "insert into rule (code, version, class, kind, property, kinds, priority, terms, requires, card, source, active)"
            " select code, version + 1, class, kind, property, kinds, priority, terms, requires, card, source, false"
            " from rule where code = 'river_level'"
        )
    else:
        county.connection.execute("update station set kind = 'PP' where code = %s", (code,))
    try:
        tend(county.connection, Settings(), SETTING.wording, minute(1))
        county.play(code, [(5, 5.2)])
        assert county.story(code) == ["raised@0 yellow called", "returned@0"]
        assert county.events(code)[-1].detail == {"reason": "no_rule"}
        assert county.alarm(code).state is AlarmState.RETURNED_UNACKNOWLEDGED
    finally:
        county.connection.execute("delete from rule where code = 'river_level' and not active")


@pytest.mark.parametrize("back_min", [30, 20])
def test_a_gauge_whose_clock_was_fast_keeps_its_rate_and_stops_no_other(county: Field, back_min: int) -> None:
    code = county.station(f"FAST{back_min}", {}, area="T")
    limit = Threshold(code, "rise_rate", "fast_rise", Severity.ORANGE, 1.0, 0.1, None, "test")
    save_threshold(county.connection, limit, "test")
    memory = Memory()

    def said(at: float, time: float, level: float) -> None:
        county.send(code, [(time, level)], received_at=minute(at))
        with county.connection.transaction():
            evaluate(county.connection, SETTING, minute(at), memory=memory)

    for at in range(0, 60, 5):
        said(at, at + back_min, 3.0)
    series = number(county.connection, "select id from series where station = %s", code)
    for at in range(60, 120, 5):
        marks.add(county.connection, marks.EVALUATOR, [Mark(series, minute(60), minute(80))])
        said(at, at, 3.0)
    assert not county.alarms(code)
    for at in range(120, 180, 5):
        said(at, at, 3.0 + (at - 115) * 0.025)
    assert [alarm.severity for alarm in county.alarms(code)] == [Severity.ORANGE]


def test_an_exercise_beside_a_real_flood_shares_nothing_with_it(county: Field) -> None:
    code = county.station("BOTH1", area="T")
    start_exercise(county.connection, "drill", "drill", None, "test")
    for at, real, drilled in ((0, 4.2, 6.2), (5, 5.2, 6.3), (10, 5.3, 3.0), (15, 6.1, 4.1)):
        county.send(code, [(at, real)])
        county.send(code, [(at, drilled)], exercise="drill")
        county.evaluate(at)
    hear(county, code, "drill")
    assert county.story(code) == [
        "raised@0 yellow called",
        "worsened@5 orange called",
        "worsened@15 red called",
    ]
    assert county.story(code, "drill")[0] == "raised@0 red called"
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED, "heard in the drill is not heard for real"
    marks = county.connection.execute(
        "select alarm.exercise, orders.exercise, count(*) from orders join order_alarm on order_id = orders.id"
        " join alarm on alarm.id = order_alarm.alarm where station = %s group by 1, 2 order by 1",
        (code,),
    ).fetchall()
    assert marks == [("drill", "drill", 2), (None, None, 3)], (
        "a call carries the mark of its alarm, and no other"
    )
    with county.connection.transaction():
        end_exercise(county.connection, "drill", actor="李领导", at=minute(20))
    (drilled_alarm,) = county.alarms(code, "drill")
    assert drilled_alarm.closed_at == minute(20)
    assert county.alarm(code).closed_at is None
    county.play(code, [(25, 6.3)], exercise="drill")
    assert len(county.alarms(code, "drill")) == 1, "an exercise that is over raises nothing"


class Clock:
    """Stands until it is moved."""

    def __init__(self, at: float) -> None:
        self.now = minute(at)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def running(another_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Field, Clock]]:
    """The evaluator that `anlan alerts` runs, at noon of a day that stands still."""
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    clock = Clock(240)
    evaluator = Evaluator(load_settings(), clock)
    thread = Thread(target=evaluator.run, daemon=True)
    with connect(another_database, name="test-clock", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        thread.start()
        yield place, clock
        evaluator.stop()
        thread.join(10)


def crosses(county: Field, code: str, at: float, level: float) -> None:
    county.station(code, area="T")
    county.send(code, [(at, level)])
    county.connection.execute("select pg_notify(%s, '')", (MARKS,))
    until(lambda: bool(county.alarms(code)))


def test_what_waits_to_be_told_waits_for_no_clock_that_has_gone_back(running: tuple[Field, Clock]) -> None:
    county, clock = running
    crosses(county, "WAITS", 240, 5.2)
    time.sleep(0.5)
    assert not county.orders("WAITS"), "orange waits half a minute for what belongs to it"
    clock.now = minute(-DAY)
    until(lambda: number(county.connection, "select due_at from annunciation") <= minute(-DAY + 0.5))
    clock.now = minute(-DAY + 0.6)
    until(lambda: bool(county.orders("WAITS")), 10)


def test_who_did_not_answer_is_called_again_though_the_clock_has_gone_back(
    running: tuple[Field, Clock],
) -> None:
    county, clock = running
    crosses(county, "REPEATS", 240, 6.2)
    until(lambda: bool(county.orders("REPEATS")))

    repeat_at = "select max(repeat_at) from orders"
    until(lambda: number(county.connection, repeat_at) > clock.now)
    clock.now = minute(180)
    until(lambda: minute(180) < number(county.connection, repeat_at) <= minute(190), 10)


def test_a_shelf_is_never_longer_than_twelve_hours_though_the_clock_has_gone_back(
    running: tuple[Field, Clock],
) -> None:
    county, clock = running
    crosses(county, "SHELF", 240, 5.2)
    with county.connection.transaction():
        shelve(county.connection, county.alarm("SHELF").id, actor="王值班", at=minute(241), until=minute(600),
               reason="闸门检修", leader=False)  # fmt: skip
    clock.now = minute(-DAY)
    until(lambda: county.alarm("SHELF").shelved_until == minute(-DAY) + timedelta(hours=12), 10)
    clock.now = minute(-DAY + 721)
    until(lambda: county.alarm("SHELF").state is AlarmState.UNACKNOWLEDGED, 10)
