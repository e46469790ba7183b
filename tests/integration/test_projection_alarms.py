"""A projected crossing raises an alarm before the water is there, and gives way when it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection

from alerts.standing.finding import Look
from alerts.standing.projection import ProjectionFinder
from alerts.standing.reconcile import look
from core.alarms import Alarm, AlarmState
from core.quality import Quality
from core.settings import Settings
from core.severity import Severity
from core.stations import StationKind
from ingest.derive.forecasts import issue
from store import alarms
from tests.integration.deriving import Said, derive, say
from tests.integration.levels import RIVER, SETTING, START, Field, minute

RULE = "river_projection"
T0 = int(START.timestamp())


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True, options="-c timezone=UTC") as connection:
        field = Field(connection)
        field.county()
        field.station("R", RIVER, area="T")
        connection.execute("insert into exercise (code, name, started_by) values ('EX', '演练', 'test')")
        yield field


def read(county: Field, *values: tuple[float, float], exercise: str | None = None, **other: object) -> None:
    """Readings (minute, level), derived and forecast."""
    with county.connection.transaction():
        said = [
            Said("R", "water_level", T0 + int(at * 60), level, exercise=exercise, **other)  # type: ignore[arg-type]
            for at, level in values
        ]
        say(county.connection, said, received_at=minute(values[-1][0]))
        derive(county.connection)
        while issue.step(county.connection, Settings(), minute(values[-1][0])):
            pass


def rise(county: Field, until: float, per_hour: float, level: float, exercise: str | None = None) -> None:
    """An hour of five-minute readings that rise to `level` at minute `until`, each issued by itself at the end."""
    values = [(until - 5 * n, round(level - per_hour * 5 * n / 60, 2)) for n in range(12, -1, -1)]
    read(county, *values[:-1], exercise=exercise)
    read(county, values[-1], exercise=exercise)


def looks(county: Field, at: float) -> None:
    with county.connection.transaction():
        seen = Look(minute(at), ZoneInfo("Asia/Shanghai"), Settings())
        assert look(county.connection, ProjectionFinder(), seen, SETTING.wording).faults == 0


def projected(connection: Connection[tuple[object, ...]], exercise: str | None = None) -> list[Alarm]:
    found = alarms.list_alarms(connection, exercise=exercise, station="R", only_open=False)
    return sorted((one.alarm for one in found if one.alarm.rule == RULE), key=lambda one: one.id)


def test_a_rise_towards_a_limit_calls_before_it_is_there(county: Field) -> None:
    rise(county, 60, 0.4, 3.6)
    looks(county, 60)
    (alarm,) = projected(county.connection)
    assert (alarm.state, alarm.severity) == (AlarmState.UNACKNOWLEDGED, Severity.BLUE)
    assert (alarm.value, alarm.threshold, alarm.threshold_name) == (3.6, 4.0, "warning")
    assert alarm.title is not None and alarm.title["zh"].startswith("R站预计约 10:")
    likely = datetime.fromisoformat(alarm.detail["likely"])
    assert minute(60) < likely < minute(60 + 180)
    assert alarm.detail["source_name"] == "trend"
    looks(county, 61)
    assert projected(county.connection) == [alarm], "a second look says nothing new"


def test_it_worsens_with_the_limit_and_returns_when_the_rise_is_over(county: Field) -> None:
    rise(county, 60, 0.4, 3.6)
    looks(county, 60)
    read(county, *[(60 + 5 * n, round(3.6 + 0.05 * n + 0.01 * n * n, 2)) for n in range(1, 6)])
    read(county, (90, 4.26))
    read(county, (95, 4.41))
    looks(county, 95)
    (alarm,) = projected(county.connection)
    assert (alarm.severity, alarm.threshold_name) == (Severity.ORANGE, "historic_highest")
    for at in range(100, 150, 5):
        read(county, (at, 4.41))
    looks(county, 145)
    (alarm,) = projected(county.connection)
    assert not alarm.abnormal
    events = [one.kind.value for one in alarms.events(county.connection, alarm.id)]
    assert [one for one in events if one not in ("called", "uncalled")] == ["raised", "worsened", "returned"]


def test_the_level_at_the_limit_takes_over(county: Field) -> None:
    rise(county, 60, 0.2, 3.9)
    looks(county, 60)
    assert projected(county.connection)[0].threshold_name == "warning"
    read(county, (65, 4.0))
    county.evaluate(65)
    looks(county, 65)
    open_now = {one.rule: one for one in county.alarms("R") if one.abnormal}
    assert set(open_now) == {"river_level"}
    read(county, (70, 3.98))
    county.evaluate(70)
    looks(county, 70)
    assert {one.rule for one in county.alarms("R") if one.abnormal} == {"river_level"}, "within the deadband"


def test_an_exercise_has_alarms_of_its_own_and_the_real_river_none(county: Field) -> None:
    rise(county, 60, 0.0, 3.0)
    rise(county, 60, 0.4, 3.6, exercise="EX")
    looks(county, 60)
    assert projected(county.connection) == []
    assert [one.exercise for one in projected(county.connection, "EX")] == ["EX"]


def test_a_limit_over_another_datum_or_out_of_season_is_never_projected(county: Field) -> None:
    county.connection.execute("update threshold set datum = '吴淞' where name = 'warning'")
    county.connection.execute(
        "update threshold set season_from = '1016', season_to = '0414' where name = 'guarantee'"
    )
    rise(county, 60, 0.4, 3.6)
    looks(county, 60)
    assert projected(county.connection) == []


def test_a_station_out_of_service_is_not_projected(county: Field) -> None:
    county.connection.execute("update station set out_of_service = true")
    rise(county, 60, 0.4, 3.6)
    looks(county, 60)
    assert projected(county.connection) == []


def test_a_rise_that_nobody_verified_is_to_be_verified(county: Field) -> None:
    read(county, *[(5 * n, 3.0) for n in range(11)])
    for at, level in ((55, 3.3), (60, 3.6), (65, 3.9)):
        read(county, (at, level), quality=Quality.SUSPECT)
    looks(county, 65)
    found = projected(county.connection)
    assert [one.to_verify for one in found] == [True]


def test_silence_keeps_it_for_hours_and_raises_none(county: Field) -> None:
    rise(county, 60, 0.4, 3.6)
    looks(county, 90)
    assert projected(county.connection) == [], "too old to begin with"
    looks(county, 62)
    looks(county, 240)
    assert projected(county.connection)[0].abnormal
    looks(county, 60 + 361)
    assert not projected(county.connection)[0].abnormal


def test_reservoirs_and_tides_have_rules_of_their_own(county: Field) -> None:
    county.station("RR", {"flood_limit": 52.0}, kind=StationKind.RESERVOIR)
    times = [T0 + 300 * n for n in range(13)]
    with county.connection.transaction():
        said = [Said("RR", "water_level", at, round(51 + 0.05 * n, 2)) for n, at in enumerate(times)]
        say(county.connection, said[:-1], received_at=minute(60))
        derive(county.connection)
        issue.step(county.connection, Settings(), minute(60))
        say(county.connection, said[-1:], received_at=minute(60))
        derive(county.connection)
        issue.step(county.connection, Settings(), minute(60))
    looks(county, 60)
    (found,) = county.alarms("RR")
    assert (found.rule, found.threshold_name) == ("reservoir_projection", "flood_limit")
    cards = county.connection.execute("select card from rule where kind = 'projection'").fetchall()
    assert len(cards) == 3
    for (card,) in cards:
        assert all(card[language][part] for language in ("zh", "en") for part in
                   ("cause", "consequence", "action", "within"))  # fmt: skip
