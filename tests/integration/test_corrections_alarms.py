"""Alarms follow corrections: they return, rise, are verified, and remember; and nobody is called for the past."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.alarms import AlarmEventKind, AlarmState
from core.quality import Quality
from core.severity import Severity
from store.connection import connect
from tests.integration.levels import Field, minute
from tests.integration.test_alarms import hear
from tests.integration.test_corrections import CONFIRM, RESTORE, VOID, correct, do


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-corrections", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def test_a_false_flood_that_is_voided_returns_and_says_who_and_why(county: Field) -> None:
    code = county.station("A1", area="T")
    county.play(code, [(0, 3.0), (5, 9.9)])
    assert county.story(code) == ["raised@5 red called"]
    do(county, code, VOID, 5, at=7, reason="传感器被树枝碰到")
    county.evaluate(7)
    assert county.story(code) == ["raised@5 red called", "corrected@5 red", "returned@0"]
    said = county.events(code)[2]
    assert (said.actor, said.detail["act"], said.detail["reason"]) == ("陈值班", "void", "传感器被树枝碰到")
    county.play(code, [(10, 3.1), (15, 3.1)])
    alarm = county.alarm(code)
    assert (alarm.state, alarm.severity) == (AlarmState.RETURNED_UNACKNOWLEDGED, None)
    assert alarm.highest_severity is Severity.RED, "people acted on it"
    assert len(county.orders(code)) == 1, "nobody is called again"


@pytest.mark.parametrize("quality", [Quality.GOOD, Quality.SUSPECT, Quality.BAD])
def test_an_alarm_whose_every_value_is_voided_returns(county: Field, quality: Quality) -> None:
    code = county.station(f"A2-{quality.name}", area="T")
    county.play(code, [(0, 9.8, quality), (5, 9.9, quality)])
    do(county, code, VOID, 5, at=6)
    county.evaluate(6)
    assert county.alarm(code).severity is Severity.RED, "the first still stands"
    do(county, code, VOID, 0, at=7)
    county.evaluate(7)
    alarm = county.alarm(code)
    assert (alarm.severity, alarm.state) == (None, AlarmState.RETURNED_UNACKNOWLEDGED)
    assert not alarm.to_verify
    assert county.events(code)[-1].detail["reason"] == "voided"


def test_a_voided_value_does_not_raise_however_often_it_is_read(county: Field) -> None:
    code = county.station("A3", area="T")
    county.send(code, [(0, 9.9)])
    do(county, code, VOID, 0, at=1)
    county.evaluate(1)
    county.limit(code, "warning", 3.9)
    county.evaluate(2)
    assert not county.alarms(code)


def test_a_void_closes_no_alarm_whose_newest_good_value_stands(county: Field) -> None:
    code = county.station("A4", area="T")
    county.play(code, [(0, 3.0), (5, 5.2), (10, 5.3)])
    hear(county, code, 11)
    do(county, code, VOID, 5, at=12)
    county.evaluate(12)
    alarm = county.alarm(code)
    assert (alarm.state, alarm.severity) == (AlarmState.ACKNOWLEDGED, Severity.ORANGE)
    do(county, code, correct(3.2), 5, at=13)
    county.evaluate(13)
    assert county.alarm(code).state is AlarmState.ACKNOWLEDGED


def test_one_sensor_voided_leaves_what_the_other_says(county: Field) -> None:
    code = county.station("A5", area="T")
    county.play(code, [(0, 9.9)], sensor=1)
    county.play(code, [(1, 5.2)], sensor=2)
    do(county, code, VOID, 0, at=2)
    county.evaluate(2)
    assert county.story(code) == ["raised@0 red called", "corrected@0 red", "improved@0 orange"]


def test_what_stays_of_a_false_peak_is_the_true_level(county: Field) -> None:
    code = county.station("A6", area="T")
    county.play(code, [(0, 4.2), (5, 9.9, Quality.SUSPECT)])
    assert county.alarm(code).to_verify
    do(county, code, VOID, 5, at=6)
    county.evaluate(6)
    alarm = county.alarm(code)
    assert (alarm.severity, alarm.to_verify, alarm.value) == (Severity.YELLOW, False, 4.2)
    assert [severity for severity, _ in county.orders(code)] == ["yellow", "red"]


def test_the_alarm_stands_with_the_corrected_value(county: Field) -> None:
    code = county.station("A7", area="T")
    county.play(code, [(0, 5.9)])
    do(county, code, correct(5.2), 0, at=1)
    county.evaluate(1)
    alarm = county.alarm(code)
    assert (alarm.severity, alarm.value) == (Severity.ORANGE, 5.2)
    assert county.story(code) == ["raised@0 orange called", "corrected@0 orange"]


def test_a_false_low_value_corrected_above_its_limit_raises_and_calls(county: Field) -> None:
    code = county.station("B1", area="T")
    county.play(code, [(0, 3.0), (5, 0.5)])
    do(county, code, correct(5.2), 5, at=8)
    county.evaluate(8)
    assert county.story(code) == ["raised@5 orange called"]
    raised = county.events(code)[0]
    assert (raised.detail["by"], raised.detail["reason"]) == ("陈值班", "corrected")


def test_what_a_person_tells_of_long_ago_calls_nobody(county: Field) -> None:
    code = county.station("B2", area="T")
    county.play(code, [(0, 0.5)])
    do(county, code, correct(5.2), 0, at=120)
    county.evaluate(120)
    assert county.story(code) == ["raised@0 orange late"]
    assert not county.orders(code)


def test_an_undo_long_after_calls_nobody(county: Field) -> None:
    code = county.station("B3", area="T")
    county.play(code, [(0, 5.2)])
    do(county, code, VOID, 0, at=5)
    county.evaluate(5)
    do(county, code, RESTORE, 0, at=200)
    county.evaluate(200)
    assert county.story(code)[-1] == "raised@0 orange late"
    assert len(county.orders(code)) == 1


def test_confirming_a_doubtful_flood_takes_the_mark_off(county: Field) -> None:
    code = county.station("C1", area="T")
    county.play(code, [(0, 5.5, Quality.SUSPECT)])
    assert county.alarm(code).to_verify
    do(county, code, CONFIRM, 0, at=2)
    county.evaluate(2)
    alarm = county.alarm(code)
    assert not alarm.to_verify and alarm.severity is Severity.ORANGE
    assert county.story(code) == ["raised@0 orange called", "corrected@0 orange", "confirmed@0 orange"]
    assert len(county.orders(code)) == 1


def test_confirming_an_older_one_of_several_doubtful_values_verifies_the_alarm(county: Field) -> None:
    code = county.station("C2", area="T")
    county.play(code, [(0, 5.5, Quality.SUSPECT), (5, 5.6, Quality.SUSPECT)])
    do(county, code, CONFIRM, 0, at=6)
    county.evaluate(6)
    assert not county.alarm(code).to_verify


def test_corrected_history_becomes_late_lines_and_calls_nobody(county: Field) -> None:
    code = county.station("D1", area="T")
    county.play(code, [(0, 4.5), (30, 4.4), (60, 3.0)])
    hear(county, code, 61)
    do(county, code, correct(6.2), 30, at=90)
    county.evaluate(90)
    alarm = county.alarm(code)
    assert alarm.closed_at == minute(61) and alarm.highest_severity is Severity.RED
    assert county.story(code)[-2:] == ["corrected@30 late", "late@30 red late"]
    assert county.events(code)[-1].detail["by"] == "陈值班"
    assert len(county.orders(code)) == 1


def test_what_is_restored_long_after_it_was_voided_calls_nobody(county: Field) -> None:
    code = county.station("D1b", area="T")
    county.play(code, [(0, 3.0), (5, 6.2)])
    do(county, code, VOID, 5, at=6)
    county.evaluate(6)
    county.play(code, [(10, 3.1)])
    hear(county, code, 11)
    called = county.orders(code)
    do(county, code, RESTORE, 5, at=120)
    county.evaluate(120)
    assert county.story(code)[-2:] == ["raised@5 red late", "returned@10"]
    assert county.orders(code) == called


def test_the_newest_reading_restored_long_after_it_was_voided_calls_nobody(county: Field) -> None:
    code = county.station("D1c", area="T")
    county.play(code, [(0, 3.0), (5, 6.2)])
    do(county, code, VOID, 5, at=6)
    county.evaluate(6)
    hear(county, code, 7)
    called = county.orders(code)
    do(county, code, RESTORE, 5, at=120)
    county.evaluate(120)
    assert county.story(code)[-1] == "raised@5 red late"
    assert county.orders(code) == called


def test_a_danger_found_afterwards_is_an_alarm_that_has_returned(county: Field) -> None:
    code = county.station("D2", area="T")
    county.play(code, [(0, 3.0), (5, 0.2), (10, 3.1)])
    do(county, code, correct(5.4), 5, at=11)
    county.evaluate(11)
    assert county.story(code) == ["raised@5 orange late", "returned@10"]
    assert not county.orders(code)


def test_one_act_is_one_line_in_the_history_of_each_alarm(county: Field) -> None:
    code = county.station("D3", area="T")
    county.play(code, [(0, 5.2), (5, 5.3), (10, 5.4), (15, 3.0)])
    do(county, code, VOID, 0, 10, at=20)
    county.evaluate(20)
    (line,) = [event for event in county.events(code) if event.kind is AlarmEventKind.CORRECTED]
    assert (line.detail["changed"], line.detail["was"], line.observed_at) == (3, 5.4, minute(10))


def test_an_exercise_moves_only_its_own_alarm(county: Field) -> None:
    county.connection.execute("insert into exercise (code, name, started_by) values ('E1', '演练', 'lin')")
    code = county.station("E1", area="T")
    county.play(code, [(0, 5.2)])
    county.play(code, [(0, 9.9)], exercise="E1")
    do(county, code, VOID, 0, at=1)
    county.evaluate(1)
    assert county.alarm(code).severity is None
    assert county.alarm(code, "E1").severity is Severity.RED
    assert county.story(code, "E1") == ["raised@0 red called"]
