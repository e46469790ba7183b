"""The reconciler: what a finder says holds now becomes alarms, and what it says no longer returns them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.acknowledge import acknowledge
from alerts.alarms.acts import act
from alerts.alarms.happenings import Reset
from alerts.notices import Wording
from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.reconcile import Looked, Looks, look
from core.alarms import Alarm, AlarmEventKind, AlarmState
from core.settings import Settings
from core.severity import Severity
from store import alarms
from tests.integration.levels import Field, minute

WORDING = Wording("zh", "Asia/Shanghai")
DAM = Finding("town", "T", minute(0), Severity.ORANGE, area="T", facts={"place": "大坝"})


@dataclass
class Told:
    """A finder that says what the test told it."""

    found: Found = field(default_factory=Found)
    kind: str = "told"
    every_s: float = 5.0
    wakes: frozenset[str] = frozenset({"device"})
    fails: bool = False
    asked: list[StandingRule] = field(default_factory=list)

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        self.asked.append(rule)
        if self.fails:
            connection.execute("select 1 / 0")
        return self.found


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection)
        field.county()
        connection.execute(
            "insert into rule (code, kind, class, source, priority, terms)"
            " values ('told', 'told', 'equipment', 'test', 'yellow', %s)",
            (Jsonb({"limit": 3}),),
        )
        yield field


def looks(county: Field, finder: Told, at: float = 0) -> Looked:
    with county.connection.transaction():
        settings = Settings()
        return look(county.connection, finder, Look(minute(at), ZoneInfo("Asia/Shanghai"), settings), WORDING)


def only(county: Field) -> Alarm:
    found = [line.alarm for line in alarms.list_alarms(county.connection, exercise=None, only_open=False)]
    assert len(found) == 1
    return found[0]


def kinds(county: Field) -> list[str]:
    return [event.kind.value for event in alarms.events(county.connection, only(county).id)]


def test_what_holds_is_raised_once_worsens_and_returns(county: Field) -> None:
    finder = Told(Found((DAM,)))
    assert looks(county, finder).lines == 1
    assert looks(county, finder, 1) == Looked(1, 0, 0)
    alarm = only(county)
    assert (alarm.state, alarm.severity, alarm.area) == (
        AlarmState.UNACKNOWLEDGED,
        Severity.ORANGE,
        "T",
    )
    assert finder.asked[0].terms == {"limit": 3}
    finder.found = Found((replace(DAM, severity=Severity.RED, observed_at=minute(2)),))
    looks(county, finder, 2)
    finder.found = Found()
    looks(county, finder, 3)
    assert only(county).state is AlarmState.RETURNED_UNACKNOWLEDGED
    assert only(county).returned_at == minute(3)
    assert [kind for kind in kinds(county) if kind not in ("called", "uncalled")] == [
        "raised",
        "worsened",
        "returned",
    ]


def test_what_cannot_be_judged_now_stays_as_it_is(county: Field) -> None:
    finder = Told(Found((DAM,)))
    looks(county, finder)
    finder.found = Found(held=frozenset({DAM.key}))
    assert looks(county, finder, 1).lines == 0
    assert only(county).severity is Severity.ORANGE


def test_a_look_that_fails_moves_nothing_and_is_counted(county: Field) -> None:
    finder = Told(Found((DAM,)))
    looks(county, finder)
    finder.fails, finder.found = True, Found()
    assert looks(county, finder, 1) == Looked(0, 0, 1)
    assert only(county).severity is Severity.ORANGE


def test_equipment_has_no_colour_and_is_called_for_by_the_priority_of_its_rule(county: Field) -> None:
    finder = Told(Found((replace(DAM, severity=None),)))
    looks(county, finder)
    alarm = only(county)
    assert alarm.abnormal and alarm.severity is None
    assert alarm.priority is Severity.YELLOW
    finder.found = Found()
    looks(county, finder, 1)
    assert not only(county).abnormal


def test_the_facts_of_an_alarm_follow_without_a_line_of_history(county: Field) -> None:
    finder = Told(Found((DAM,)))
    looks(county, finder)
    finder.found = Found((replace(DAM, facts={"place": "溢洪道"}),))
    assert looks(county, finder, 1).lines == 0
    assert only(county).detail == {"place": "溢洪道"}


def test_a_danger_report_stays_latched_until_a_person_resets_it(county: Field) -> None:
    finder = Told(Found((replace(DAM, latch=True),)))
    looks(county, finder)
    number = only(county).id
    acknowledge(county.connection, number, actor="lin", at=minute(1))
    finder.found = Found()
    looks(county, finder, 2)
    assert only(county).state is AlarmState.LATCHED
    moved, _ = act(
        county.connection,
        alarms.lock(county.connection, number),
        Reset(),
        actor="lin",
        at=minute(3),
        detail={},
    )
    alarms.save(county.connection, moved)
    assert only(county).closed_at == minute(3)
    assert kinds(county)[-2:] == [AlarmEventKind.RESET, AlarmEventKind.CLOSED]


def test_nothing_is_raised_in_an_exercise_that_does_not_run(county: Field) -> None:
    finder = Told(Found((replace(DAM, exercise="gone"),)))
    assert looks(county, finder).lines == 0


def test_a_finder_looks_when_its_turn_has_come_or_what_it_waits_for_is_announced() -> None:
    finder = Told()
    turns = Looks([finder])
    assert turns.due(100.0) == [finder]
    assert turns.due(104.9) == []
    assert turns.next_s(104.0) == 1.0
    assert not turns.wake("alarm")
    assert turns.due(104.9) == []
    assert turns.wake("device")
    assert turns.due(104.9) == [finder]


def test_a_finder_that_has_more_to_say_looks_again_at_once() -> None:
    patient, storm = Told(kind="patient"), Told(kind="storm")
    turns = Looks([patient, storm])
    assert turns.due(100.0) == [patient, storm]
    turns.again(storm)
    assert turns.next_s(100.1) == 0.0
    assert turns.due(100.1) == [storm]
