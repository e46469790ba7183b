"""Rain of hamlets and towns as alarms on the real database; the state of the soil is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection

from alerts.notices import Wording
from alerts.standing.finding import Look
from alerts.standing.rain_area import RainAreaFinder
from alerts.standing.reconcile import look
from alerts.verify import decide
from core.observations import Observation
from core.quality import Quality
from core.rain_limits import HamletLimit, Soil
from core.settings import Settings
from core.stations import SeriesKey, Station, StationKind
from store import observations, rain_limits
from store.exercises import start_exercise
from store.stations import ensure_series, save_station

T0 = datetime(2026, 7, 15, 6, tzinfo=UTC)
HOUR = 3600
DAY = timedelta(days=1)
AREAS = """
insert into area (code, name, name_en, kind, parent, lon, lat) values
('C', '演示县', 'Demo county', 'county', null, 121.8, 29.4), ('T', '甲镇', 'First town', 'town', 'C', 121.7, 29.4),
('V', '溪口村', 'Xikou village', 'village', 'T', 121.7, 29.4), ('H', '溪口老屋', 'Xikou old houses', 'hamlet', 'V', 121.7, 29.4)
"""


@dataclass
class World:
    connection: Connection[Any]

    def station(self, code: str, area: str = "V") -> None:
        save_station(
            self.connection, Station(code, f"{code}站", code, StationKind.RAIN, area, 121.7, 29.4, 300)
        )

    def limit(self, soil: Soil, prepare: float, immediate: float, *gauges: str, hours: int = 1) -> None:
        entry = HamletLimit("H", hours * HOUR, soil, prepare, immediate, gauges or ("P1",), "分析评价")
        rain_limits.save_hamlet_limit(self.connection, entry, "test")

    def put(
        self, code: str, property: str, window_s: int, at: datetime, value: float, *, exercise: str | None = None,
        quality: Quality = Quality.GOOD, reason: str = "",
    ) -> None:  # fmt: skip
        key = SeriesKey(code, property, 1, window_s, exercise)
        series = ensure_series(self.connection, [key])[key].id
        observations.store(
            self.connection, [Observation(series, at, value, quality, reason, at, "derived", None)]
        )

    def rain(self, code: str, minute: float, hour_mm: float, half_mm: float = 5.0, **more: Any) -> None:
        at = T0 + timedelta(minutes=minute)
        self.put(code, "rainfall_sliding", HOUR, at, hour_mm, **more)
        self.put(code, "rainfall_sliding", 1800, at, half_mm, exercise=more.get("exercise"))

    def look(self, minute: float) -> None:
        at = Look(T0 + timedelta(minutes=minute), ZoneInfo("Asia/Shanghai"), Settings())
        with self.connection.transaction():
            assert look(self.connection, RainAreaFinder(), at, Wording("zh", "Asia/Shanghai")).faults == 0

    def alarm(self, subject: str, exercise: str | None = None) -> dict[str, Any]:
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            found = cursor.execute(
                "select * from alarm where rule = 'rain_area' and subject = %s and exercise is not distinct from %s",
                (subject, exercise),
            ).fetchall()
        return found[0] if found else {}

    def kinds(self, subject: str) -> list[str]:
        found = self.connection.execute(
            "select alarm_event.kind, alarm_event.severity from alarm_event join alarm on alarm.id = alarm_event.alarm"
            " where subject = %s and alarm_event.kind not in ('uncalled', 'called') order by alarm_event.id",
            (subject,),
        )
        return [f"{kind} {severity}" for kind, severity in found]


@pytest.fixture
def world(another_database: str) -> Iterator[World]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        connection.execute(AREAS)
        start_exercise(connection, "spring", "春季演练", None, "test")
        made = World(connection)
        made.station("P1")
        yield made


def test_a_hamlet_prepares_moves_and_is_left_after_the_rain(world: World) -> None:
    world.limit(Soil.ANY, 40, 60)
    for minute, hour_mm, half_mm in (
        (0, 30, 10),
        (5, 41, 15),
        (10, 63, 30),
        (40, 50, 4),
        (70, 45, 0.0),
        (100, 20, 0.0),
    ):
        world.rain("P1", minute, hour_mm, half_mm)
        world.look(minute)
    assert world.kinds("H") == ["raised orange", "worsened red", "improved orange", "returned None"]
    found = world.alarm("H")
    assert (found["class"], found["subject_kind"], found["area"]) == ("rain", "hamlet", "H")
    assert found["title"]["zh"] == "溪口老屋准备转移（1 小时 45.0 毫米）"


def test_the_call_names_window_gauge_limit_and_soil(world: World) -> None:
    world.connection.execute(
        "insert into person (code, name, phone, area, post) values ('D', '王', '13800000001', 'C', '值班员')"
    )
    world.connection.execute(
        "insert into roster (area, person, position, starts, ends) values ('C', 'D', 'duty', %s, %s)",
        (T0 - DAY, T0 + DAY),
    )
    world.limit(Soil.ANY, 40, 60)
    world.rain("P1", 0, 62.5, quality=Quality.NOT_EVALUATED, reason="at_least:75")
    world.look(0)
    told = world.connection.execute("select text from annunciation").fetchall()
    assert (
        "溪口老屋 1 小时最大雨量至少 62.5 毫米（P1站），达到立即转移指标 60 毫米，土壤一般（红色）。",
    ) in told
    ((text,),) = world.connection.execute("select text from orders").fetchall()
    assert "溪口老屋立即转移（1 小时 62.5 毫米）" in text


def test_silence_leaves_the_alarm_as_it_is(world: World) -> None:
    world.limit(Soil.ANY, 40, 60)
    world.rain("P1", 0, 70)
    world.look(0)
    world.look(300)
    assert world.kinds("H") == ["raised red"]
    world.connection.execute("update station set out_of_service = true")
    world.look(301)
    assert world.kinds("H") == ["raised red"]


def test_a_dry_neighbour_does_not_end_what_a_silent_gauge_has_raised(world: World) -> None:
    world.station("P2")
    world.limit(Soil.ANY, 40, 60, "P1", "P2")
    world.rain("P1", 0, 85, 20)
    for minute in (0, 61, 150, 300, 360):
        world.rain("P2", minute, 0, 0)
        world.look(minute)
    assert world.kinds("H") == ["raised red"]
    assert world.kinds("T")[0] == "raised red" and "returned None" not in world.kinds("T")
    found = world.alarm("H")
    assert found["title"]["zh"] == "溪口老屋立即转移（1 小时 85.0 毫米，P1站无新数据，按最后所报保留）"
    world.rain("P2", 361, 0, 0)
    world.look(361)
    assert world.kinds("H") == ["raised red", "returned None"]
    assert world.alarm("H")["detail"]["silent_gauges"] == ["P1"]


def test_a_gauge_that_went_silent_after_the_rain_keeps_nothing(world: World) -> None:
    world.station("P2")
    world.limit(Soil.ANY, 40, 60, "P1", "P2")
    world.rain("P1", 0, 70)
    world.look(0)
    world.rain("P1", 50, 20, 0)
    world.rain("P2", 50, 65, 20)
    world.look(50)
    world.rain("P2", 111, 5, 0)
    world.look(111)
    assert world.kinds("H") == ["raised red", "returned None"]


def test_the_last_word_of_a_silent_gauge_raises_and_worsens_nothing(world: World) -> None:
    world.station("P2")
    world.limit(Soil.ANY, 40, 60, "P1", "P2")
    world.rain("P1", 0, 70)
    world.rain("P2", 61, 45)
    world.look(61)
    assert world.kinds("H") == ["raised orange"]
    assert world.alarm("H")["detail"]["silent_gauges"] == []


@pytest.mark.parametrize(
    ("daily_mm", "state", "severity"), [(0.0, "dry", None), (11.0, "normal", "orange"), (30.0, "wet", "red")]
)
def test_wet_soil_makes_the_same_rain_dangerous(
    world: World, daily_mm: float, state: str, severity: str | None
) -> None:
    for soil, prepare, immediate in ((Soil.DRY, 60, 80), (Soil.NORMAL, 45, 70), (Soil.WET, 30, 50)):
        world.limit(soil, prepare, immediate)
    midnight = T0.replace(hour=0)
    for day in range(15):
        world.put("P1", "rainfall_day", 86_400, midnight - day * DAY, daily_mm)
    world.rain("P1", 0, 50)
    world.look(0)
    assert world.alarm("H").get("severity") == severity
    kept = world.connection.execute("select state, source, days from soil_state where area = 'H'").fetchall()
    assert kept == [(state, "antecedent", 15)]


def test_measured_moisture_counts_first(world: World) -> None:
    world.limit(Soil.WET, 30, 50)
    world.limit(Soil.DRY, 60, 80)
    world.station("S1", "T")
    world.put("S1", "soil_moisture", 0, T0 - timedelta(hours=2), 34.0)
    world.rain("P1", 0, 55)
    world.look(0)
    found = world.alarm("H")
    assert (found["severity"], found["detail"]["soil_source"], found["detail"]["soil_value"]) == (
        "red",
        "moisture",
        34.0,
    )


def test_a_town_is_judged_by_its_mean_and_by_its_wettest_gauge(world: World) -> None:
    world.station("P2", "T")
    world.rain("P1", 0, 50)
    world.rain("P2", 0, 22)
    world.look(0)
    found = world.alarm("T")
    assert (found["severity"], found["detail"]["measure"]["zh"], found["value"]) == ("blue", "面雨量", 36.0)
    world.rain("P1", 5, 81)
    world.look(5)
    found = world.alarm("T")
    assert (found["severity"], found["detail"]["measure"]["zh"], found["value"]) == ("red", "最大雨量", 81.0)


def test_suspect_rain_is_to_be_verified_and_excluded_at_its_readings(world: World) -> None:
    world.limit(Soil.ANY, 40, 60)
    key = SeriesKey("P1", "rainfall", 1, 300, None)
    series = ensure_series(world.connection, [key])[key].id
    observations.store(
        world.connection,
        [Observation(series, T0, 62.0, Quality.SUSPECT, "spike", T0, "test", None)],
    )
    world.rain("P1", 0, 66, quality=Quality.SUSPECT, reason="with_suspect:4")
    world.look(0)
    found = world.alarm("H")
    assert (found["severity"], found["to_verify"]) == ("red", True)
    with world.connection.transaction():
        assert decide(world.connection, found["id"], False, "翻斗卡滞", actor="陈", at=T0).values == 1
    world.rain("P1", 1, 4, 0.0)
    world.look(1)
    assert world.alarm("H")["state"] == "normal"
    kept = world.connection.execute(
        "select quality, reason from observation where series = %s", (series,)
    ).fetchall()
    assert kept == [(4, "voided")]


def test_an_exercise_has_rain_and_alarms_of_its_own(world: World) -> None:
    world.limit(Soil.ANY, 40, 60)
    world.rain("P1", 0, 70, exercise="spring")
    world.rain("P1", 0, 1)
    world.look(0)
    assert world.alarm("H", "spring")["severity"] == "red"
    assert not world.alarm("H")


def test_a_gauge_with_a_new_code_still_stands_for_its_hamlet(world: World) -> None:
    world.limit(Soil.ANY, 40, 60)
    world.connection.execute("update station set code = 'P9' where code = 'P1'")
    (found,) = rain_limits.hamlet_limits(world.connection)
    assert found.gauges == ("P9",)


def test_a_look_at_two_thousand_gauges_takes_less_than_its_share_of_five_seconds(world: World) -> None:
    world.connection.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat) select 'G' || n, 'G', 'G', 'PP', 'V', 121, 29"
        " from generate_series(1, 2000) n"
    )
    world.connection.execute(
        "insert into series (station, property, sensor, period_s) select 'G' || n, 'rainfall_sliding', 1, w"
        " from generate_series(1, 2000) n, unnest(array[1800, 3600, 10800, 21600, 86400]) w"
    )
    world.connection.execute(
        "insert into latest (series, time, value, quality, received_at) select id, %s, 1, 1, %s from series"
        " where station like 'G%%'",
        (T0, T0),
    )
    world.limit(Soil.ANY, 40, 60)
    world.look(0)
    start = perf_counter()
    world.look(0.1)
    took = perf_counter() - start
    print(f"look over 2,000 gauges: {took * 1000:.0f} ms")
    assert took < 1.0
