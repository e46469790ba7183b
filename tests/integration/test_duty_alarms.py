"""An empty desk and a shift that nobody took over become alarms, and return."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import psycopg
import pytest

from alerts.standing.duty import DutyFinder
from alerts.standing.finding import Look
from alerts.standing.reconcile import look
from core.alarms import Alarm, AlarmState
from core.duty import Turn
from core.settings import Settings
from store import alarms, duty
from store.handovers import confirm, sign
from tests.integration.levels import SETTING, Field, minute

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection)
        field.county()
        connection.execute("delete from roster where area = 'T'")
        connection.execute(
            "insert into app_user (name, password_hash, role, area) values ('t', 'x', 'duty', 'T')"
        )
        yield field


def at_desk(county: Field, person: str, start: float, end: float) -> None:
    duty.add_turns(
        county.connection, [Turn("T", "duty", person, minute(start), minute(end))], by="test", at=minute(0)
    )


def looked(county: Field, now: float, code: str) -> list[Alarm]:
    """The open alarms of a rule after a look."""
    with county.connection.transaction():
        done = look(county.connection, DutyFinder(), Look(minute(now), ZONE, Settings()), SETTING.wording)
    assert done.faults == 0
    found = alarms.list_alarms(county.connection, exercise=None)
    return [line.alarm for line in found if line.alarm.rule == code]


def test_an_empty_desk_calls_the_desk_above_until_somebody_is_there(county: Field) -> None:
    at_desk(county, "T1", -600, 0)
    assert looked(county, 4, "duty_empty") == []
    (alarm,) = looked(county, 6, "duty_empty")
    assert (alarm.area, alarm.subject_kind, alarm.observed_at) == ("T", "town", minute(0))
    assert alarm.title == {"zh": "示范镇无人值班", "en": "Nobody on duty at Demo town"}
    at_desk(county, "T2", 8, 600)
    (alarm,) = looked(county, 9, "duty_empty")
    assert alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED


def test_who_is_away_or_no_longer_in_use_is_not_there(county: Field) -> None:
    at_desk(county, "T1", -600, 600)
    assert looked(county, 0, "duty_empty") == []
    county.connection.execute("update person set active = false where code = 'T1'")
    assert len(looked(county, 10, "duty_empty")) == 1


def test_a_shift_without_a_hand_over_is_raised_at_desks_that_hand_over(county: Field) -> None:
    at_desk(county, "T1", -600, 0)
    at_desk(county, "T2", 0, 1440)
    at_desk(county, "T1", 1440, 2000)
    assert looked(county, 20, "duty_handover") == [], "a desk that never handed over calls nobody for it"
    number = sign(county.connection, "T", note="无", brief={}, outgoing="t", person="T1", at=minute(21))
    confirm(county.connection, number, incoming="u", person="T2", remark="", at=minute(22))
    assert looked(county, 23, "duty_handover") == []
    assert looked(county, 1454, "duty_handover") == []
    (alarm,) = looked(county, 1456, "duty_handover")
    assert (alarm.title or {})["zh"] == "示范镇未交接班"
    number = sign(county.connection, "T", note="无", brief={}, outgoing="u", person="T2", at=minute(1457))
    confirm(county.connection, number, incoming="t", person="T1", remark="", at=minute(1458))
    (alarm,) = looked(county, 1459, "duty_handover")
    assert alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED
