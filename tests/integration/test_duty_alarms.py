"""An empty desk and a shift that nobody took over become alarms, and return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from alerts.annunciation import flush
from alerts.standing.duty import DutyFinder
from alerts.standing.finding import Look
from alerts.standing.reconcile import look
from core.alarms import Alarm, AlarmState
from core.call_chains import QuietHours
from core.duty import Turn
from core.settings import Settings
from store import alarms, duty, live
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


NIGHT = QuietHours(time(22), time(7))
ELEVEN_AT_NIGHT, SEVEN_IN_THE_MORNING = 900.0, 1380.0
"""Minutes after START, which is 08:00 in the county."""


@pytest.fixture
def night(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        wording = replace(SETTING.wording, quiet=NIGHT)
        field = Field(connection, replace(SETTING, wording=wording))
        field.county()
        field.station("S1", area="T")
        yield field


def tell(field: Field, now: float) -> None:
    with field.connection.transaction():
        flush(field.connection, field.setting.wording, minute(now))


def shown(field: Field) -> dict[str, Any]:
    (entry,) = live.READERS["alarms"](field.connection, None, None, "Asia/Shanghai").values()
    return entry


def test_blue_waits_for_the_morning_and_is_shown_as_waiting(night: Field) -> None:
    night.play("S1", [(ELEVEN_AT_NIGHT, 3.6)])
    tell(night, ELEVEN_AT_NIGHT + 5)
    assert night.orders("S1") == []
    waits = shown(night)["call_waits"]
    assert waits == {"why": "quiet_hours", "at": minute(SEVEN_IN_THE_MORNING).isoformat()}
    tell(night, SEVEN_IN_THE_MORNING - 1)
    assert night.orders("S1") == []
    tell(night, SEVEN_IN_THE_MORNING + 1)
    assert [severity for severity, _ in night.orders("S1")] == ["blue"], "it waits, and is never lost"
    assert shown(night)["call_waits"] is None


def test_what_worsens_at_night_calls_at_once(night: Field) -> None:
    night.play("S1", [(ELEVEN_AT_NIGHT, 3.6)])
    tell(night, ELEVEN_AT_NIGHT + 5)
    night.play("S1", [(ELEVEN_AT_NIGHT + 10, 6.2)])
    tell(night, ELEVEN_AT_NIGHT + 11)
    assert [severity for severity, _ in night.orders("S1")] == ["red"]
    assert shown(night)["call_waits"] is None


def test_red_calls_who_stands_in_on_both_numbers_and_the_duty_room_and_the_history_names_both(
    night: Field,
) -> None:
    connection = night.connection
    connection.execute("update person set phone2 = '05740000001' where code = 'X1'")
    connection.execute(
        "insert into device (code, kind, name, name_en, area, lon, lat, columns, rows, internal) values"
        " ('LED-T', 'led', '值班室屏', 'Duty room', 'T', 121.8, 29.4, 12, 4, true),"
        " ('LED-P', 'led', '村口屏', 'Village', 'T', 121.8, 29.4, 12, 4, false)"
    )
    duty.add_absence(connection, "T1", "X1", minute(0), minute(3000), reason="病假", by="lin", at=minute(0))
    night.play("S1", [(ELEVEN_AT_NIGHT, 6.2)])
    tell(night, ELEVEN_AT_NIGHT + 1)
    called = connection.execute(
        "select recipient, channel from order_recipient order by recipient, channel"
    ).fetchall()
    assert called == [("LED-T", "led"), ("T2", "sms"), ("X1", "sms"), ("X1", "sms2")]
    (event,) = [one for one in night.events("S1") if one.kind == "called"]
    assert event.detail["persons"] == ["T2", "X1"]
    assert event.detail["stands_in"] == {"X1": "T1"}
