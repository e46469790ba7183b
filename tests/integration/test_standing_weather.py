"""Official warnings and typhoons as alarms on the real database: raised, worsened, returned; exercises apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection

from alerts.notices import Wording
from alerts.standing import FINDERS
from alerts.standing.finding import Finder, Look
from alerts.standing.reconcile import look
from alerts.standing.typhoon import TyphoonFinder
from alerts.standing.weather import WeatherFinder
from core.settings import Settings
from core.severity import Severity
from core.typhoons import Typhoon, TyphoonFix
from core.warnings import MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from store import typhoons, warnings
from store.exercises import start_exercise

T0 = datetime(2026, 7, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
AREAS = """
insert into area (code, name, name_en, kind, parent, lon, lat) values
('330225', '演示县', 'Demo county', 'county', null, 121.8, 29.4),
('330225100', '甲镇', 'First town', 'town', '330225', 121.7, 29.4),
('330225101', '乙镇', 'Second town', 'town', '330225', 121.9, 29.4)
"""


@dataclass
class World:
    connection: Connection[Any]

    def look(self, finder: Finder, at_h: float) -> None:
        at = Look(T0 + at_h * HOUR, ZoneInfo("Asia/Shanghai"), Settings())
        with self.connection.transaction():
            found = look(self.connection, finder, at, Wording("zh", "Asia/Shanghai"))
        assert found.faults == 0

    def warn(
        self, name: str, sent_h: float, colour: Severity | None, *, kind: MessageType = MessageType.ALERT,
        refers: str | None = None, trusted: bool = True, exercise: str | None = None, area: str = "甲镇",
        expires_h: float = 24,
    ) -> None:  # fmt: skip
        info = WarningInfo(
            "暴雨", "zh-CN", colour=colour, sender_name="县气象台", headline="短时强降水",
            expires=T0 + expires_h * HOUR, areas=(WarnedArea(area),),
        )  # fmt: skip
        message = WarningMessage(
            "office", name, T0 + sent_h * HOUR, Status.EXERCISE if exercise else Status.ACTUAL, kind,
            references=(Reference(refers, "office"),) if refers else (),
            infos=() if kind is MessageType.CANCEL else (info,),
        )  # fmt: skip
        warnings.save(
            self.connection,
            message,
            exercise,
            trusted=trusted,
            topic="t",
            received_at=message.sent,
            payload=b"x",
        )

    def fix(self, code: str, at_h: float, lat: float, exercise: str | None = None, **more: Any) -> None:
        fix = TyphoonFix(T0 + at_h * HOUR, 121.8, lat, **more)
        typhoons.save(
            self.connection, Typhoon(code, "梅花", "Muifa", (fix,)), exercise, source="t", received_at=T0
        )

    def alarms(self, rule: str, exercise: str | None = None) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(
                "select * from alarm where rule = %s and exercise is not distinct from %s order by id",
                (rule, exercise),
            ).fetchall()

    def kinds(self, alarm: int) -> list[str]:
        found = self.connection.execute(
            "select kind, severity from alarm_event where alarm = %s and kind not in ('uncalled', 'called')"
            " order by id",
            (alarm,),
        )
        return [f"{kind} {severity}" for kind, severity in found]


@pytest.fixture
def world(another_database: str) -> Iterator[World]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        connection.execute(AREAS)
        start_exercise(connection, "spring", "春季演练", None, "test")
        yield World(connection)


def test_both_finders_are_looked_with() -> None:
    assert {"weather", "typhoon", "report"} <= {finder.kind for finder in FINDERS}


def test_an_update_worsens_and_a_cancellation_returns_the_same_alarm(world: World) -> None:
    finder = WeatherFinder()
    world.warn("A", 0, Severity.YELLOW)
    world.look(finder, 0.1)
    world.look(finder, 0.2)
    world.warn("B", 1, Severity.RED, kind=MessageType.UPDATE, refers="A")
    world.look(finder, 1.1)
    world.warn("C", 3, None, kind=MessageType.CANCEL, refers="B")
    world.look(finder, 3.1)
    (found,) = world.alarms("weather_warning")
    assert world.kinds(found["id"]) == ["raised yellow", "worsened red", "returned None"]
    assert (found["subject_kind"], found["area"], found["state"]) == (
        "warning", "330225100", "returned_unacknowledged",
    )  # fmt: skip
    assert found["title"] == {"zh": "甲镇暴雨红色预警", "en": "暴雨 warning, red: First town"}


def test_a_warning_ends_by_its_time_alone(world: World) -> None:
    world.warn("A", 0, Severity.ORANGE, expires_h=6)
    world.look(WeatherFinder(), 1)
    world.look(WeatherFinder(), 6)
    (found,) = world.alarms("weather_warning")
    assert world.kinds(found["id"]) == ["raised orange", "returned None"]


def test_a_stranger_raises_nothing_and_an_exercise_raises_its_own(world: World) -> None:
    world.warn("A", 0, Severity.RED, trusted=False)
    world.warn("B", 0, Severity.RED, exercise="spring")
    world.look(WeatherFinder(), 1)
    assert not world.alarms("weather_warning")
    assert len(world.alarms("weather_warning", "spring")) == 1


def test_a_warning_without_colour_is_an_alarm_without_severity_that_calls(world: World) -> None:
    world.warn("A", 0, None)
    world.look(WeatherFinder(), 1)
    (found,) = world.alarms("weather_warning")
    assert (found["severity"], found["colourless"], found["priority"]) == (None, True, "yellow")
    uncalled = world.connection.execute(
        "select count(*) from alarm_event where alarm = %s and kind = 'uncalled'", (found["id"],)
    ).fetchone()
    assert uncalled == (1,)


def test_a_typhoon_worsens_as_it_comes_holds_while_nobody_fixes_it_and_returns(world: World) -> None:
    finder = TyphoonFinder()
    world.fix("2612", 0, 23.0)
    world.look(finder, 0.1)
    world.fix("2612", 6, 25.5)
    world.look(finder, 6.1)
    world.fix("2612", 12, 28.9, radius12_km=80.0, radius7_km=300.0)
    world.look(finder, 12.1)
    world.look(finder, 30)
    (found,) = world.alarms("typhoon_near")
    assert world.kinds(found["id"]) == ["raised blue", "worsened yellow", "worsened red"]
    assert (found["subject"], found["area"], found["threshold_name"]) == ("2612", "330225", "typhoon_wind")
    assert found["title"] == {"zh": "台风梅花红色告警", "en": "Typhoon Muifa, red"}
    world.look(finder, 61)
    assert world.kinds(found["id"])[-1] == "returned None"


def test_a_drilled_typhoon_is_no_real_one_and_one_of_an_archive_none_at_all(world: World) -> None:
    world.fix("2612", 0, 29.0, exercise="spring")
    old = Typhoon("1909", "利奇马", "Lekima", (TyphoonFix(T0, 121.8, 29.3),))
    typhoons.save_historical(world.connection, old, source="t", received_at=T0)
    world.look(TyphoonFinder(), 0.1)
    assert not world.alarms("typhoon_near")
    assert len(world.alarms("typhoon_near", "spring")) == 1
