"""A back-test of silence and of batteries is what the finders themselves would have done, and a year takes seconds."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.backtest.reading import run
from alerts.backtest.result import StoppedError
from alerts.backtest.spec import Change, Spec
from cli.main import main
from core.errors import InputError
from core.quality import Quality
from core.stations import SeriesKey
from store.stations import ensure_series
from tests.integration.equipment import Watch
from tests.integration.levels import minute

ZONE = ZoneInfo("Asia/Shanghai")
_LOOK = 1.0
"""Minutes between two looks of the finder in these tests; the replay knows the very moment."""
_YEAR_WITHIN_S = 60.0
"""For a busy test machine; measured it is far less (docs/thresholds.md)."""
_EVERY_MIN = 30


def replayed(watch: Watch, rule: str, until: float, *, since: float = -60) -> dict[str, Any]:
    with watch.county.connection.transaction():
        return run(watch.county.connection, Spec(rule, (), minute(since), minute(until)), ZONE).result


def lived(watch: Watch, rule: str) -> list[tuple[datetime, datetime | None]]:
    """When the finder raised and ended each alarm."""
    told = watch.county.connection.execute(
        "select min(event.at) filter (where event.kind = 'raised'), max(event.at) filter (where event.kind = 'returned')"
        " from alarm join alarm_event event on event.alarm = alarm.id where rule = %s group by alarm.id, subject,"
        " (select count(*) from alarm_event other where other.alarm = event.alarm and other.id <= event.id"
        "  and other.kind = 'raised') order by 1",
        (rule,),
    )
    return [(row[0], row[1]) for row in told if row[0] is not None]


def episodes(result: dict[str, Any]) -> list[tuple[datetime, datetime | None]]:
    return sorted(
        (
            datetime.fromisoformat(one["started"]),
            datetime.fromisoformat(one["ended"]) if one["ended"] else None,
        )
        for one in result["now"]["episodes"]
    )


def same(
    replay: list[tuple[datetime, datetime | None]], live: list[tuple[datetime, datetime | None]]
) -> None:
    """The finder saw it at its next look."""
    assert len(replay) == len(live)
    within = timedelta(minutes=_LOOK)
    for (began, ended), (raised, returned) in zip(replay, live, strict=True):
        assert timedelta(0) <= raised - began <= within
        assert (ended is None) == (returned is None)
        if ended is not None and returned is not None:
            assert timedelta(0) <= returned - ended <= within


@pytest.mark.parametrize("seed", [1, 2])
def test_silence_is_raised_and_over_when_the_finder_found_it(watch: Watch, seed: int) -> None:
    chance = random.Random(seed)
    dead = {"water_level": 0.0, "air_temperature": 0.0}
    for at in range(700):
        for name, every in (("water_level", 5), ("air_temperature", 10)):
            if at % every == 0 and at >= dead[name]:
                missing = chance.random() < 0.15
                value = (float(at), None, Quality.MISSING) if missing else (float(at), 3.0)
                watch.county.send("S1", [value], property=name)
                if chance.random() < 0.03:
                    dead[name] = at + chance.choice([8.0, 25.0, 60.0, 140.0])
            if chance.random() < 0.003:
                dead = dict.fromkeys(dead, at + 90.0)
        watch.look(at + 0.5, "silence")
    for rule, least in (("silence_value", 3), ("silence_station", 1)):
        found = episodes(replayed(watch, rule, 699.5))
        assert len(found) >= least
        same(found, lived(watch, rule))


def test_what_sends_once_an_hour_is_not_silent_in_between(watch: Watch) -> None:
    for hour in [*range(6), *range(12, 18)]:
        values = [(hour * 60 - 5 * n, 3.0) for n in range(12)]
        watch.county.send("S1", values[::-1], received_at=minute(hour * 60))
    (found,) = episodes(replayed(watch, "silence_value", 1030, since=200))
    assert found == (minute(8 * 60), minute(13 * 60))


def test_a_sensor_that_was_taken_off_is_waited_for_for_a_week(watch: Watch) -> None:
    watch.county.send("S1", [(n * 60, 12.5) for n in range(8)], property="air_temperature")
    for n in range(24 * 10):
        watch.county.send("S1", [(n * 60, 3.0)])
    ended = [
        end for _, end in episodes(replayed(watch, "silence_value", 14_400, since=200)) if end is not None
    ]
    assert ended == [minute(7 * 60) + timedelta(days=7, seconds=5)]


def test_a_correction_is_no_silence_and_a_late_import_no_sign_of_life(watch: Watch) -> None:
    watch.county.send("S1", [(n * 5.0, 3.0) for n in range(30)])
    for n in range(5, 15):
        watch.county.send("S1", [(n * 5.0, 3.5)], received_at=minute(3000), by="chen")
    assert episodes(replayed(watch, "silence_value", 150)) == []
    for n in range(40, 60):
        watch.county.send("S1", [(n * 5.0, 3.0)], received_at=minute(3000))
    ((began, ended),) = episodes(replayed(watch, "silence_value", 300))
    assert began == minute(160) + timedelta(seconds=5) and ended is None


def test_what_began_before_the_range_is_not_counted_in_it(watch: Watch) -> None:
    for at in (0, 5, 10, 100, 105, 110, 200, 205):
        watch.county.send("S1", [(at, 3.0)])
    assert len(episodes(replayed(watch, "silence_station", 206))) == 2
    assert len(episodes(replayed(watch, "silence_station", 206, since=50))) == 1


@pytest.mark.parametrize("seed", [4, 5])
def test_a_battery_is_low_and_well_when_the_finder_found_it(watch: Watch, seed: int) -> None:
    chance, volt = random.Random(seed), 11.3
    for at in range(0, 1500, 5):
        volt += chance.gauss((11.25 - volt) * 0.05, 0.15)
        watch.county.send("S1", [(float(at), round(volt, 2))], property="battery_voltage", delay_s=0)
        watch.look(float(at), "battery")
        if at % 25 == 0:
            watch.county.send(
                "S1",
                [(at + 2.0, 3.0 if chance.random() < 0.05 else 0.0)],
                property="station_status",
                delay_s=0,
            )
            watch.look(at + 2.0, "battery")
    result = replayed(watch, "battery", 1500)
    found = episodes(result)
    assert len(found) > 2
    assert found == lived(watch, "battery")
    worst = [one for one in result["now"]["episodes"] if one["limit"] == "battery_voltage"]
    assert worst and all(one["peak"] is None or one["peak"] <= 11.0 for one in worst)


def test_calls_follow_the_priority_and_are_an_upper_bound(watch: Watch) -> None:
    for at in (0, 5, 10, 100, 105):
        watch.county.send("S1", [(at, 3.0)])
    result = replayed(watch, "silence_station", 106)
    assert result["calls_at_most"] is True and result["now"]["by_severity"] == {"yellow": 1}
    assert result["now"]["load"]["calls"] == 1
    watch.execute("update rule set priority = null where code = 'silence_station'")
    listed = replayed(watch, "silence_station", 106)["now"]
    assert (listed["alarms"], listed["by_severity"], listed["load"]["calls"]) == (1, {"none": 1}, 0)


def test_limits_cannot_be_tried_on_it_and_it_stops_when_told(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    with watch.county.connection.transaction():
        spec = Spec("silence_value", (), minute(0), minute(60))
        with pytest.raises(StoppedError):
            run(watch.county.connection, spec, ZONE, lambda part, readings: False)
        for wrong, why in (
            (Spec("silence_value", (), minute(0), minute(60), (Change("missed", 5),)), "no limits"),
            (Spec("silence_value", ("GHOST",), minute(0), minute(60)), "does not hold at GHOST"),
            (Spec("battery", (), minute(0), minute(60)), "no station"),
            (Spec("rain_area", (), minute(0), minute(60)), "soil"),
        ):
            with pytest.raises(InputError, match=why):
                run(watch.county.connection, wrong, ZONE)


def test_the_command_says_that_hiding_is_not_replayed(
    watch: Watch, another_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for at in (0, 5, 10, 100, 105):
        watch.county.send("S1", [(at, 3.0)])
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    monkeypatch.setenv("ANLAN_LANGUAGE", "en")
    assert main(["backtest", "silence_station", "--from", "2026-07-01", "--to", "2026-07-01T09:46"]) == 0
    said = capsys.readouterr().out
    assert "1 alarms (yellow 1)" in said and "upper bound" in said


def test_a_year_of_forty_series_takes_seconds(watch: Watch) -> None:
    """Ten stations, each with level, rain, temperature and battery every half hour: 0.7 million readings."""
    chance = random.Random(9)
    keys = []
    for number in range(10):
        code = watch.county.station(f"Y{number}", {}, area="T", period_s=60 * _EVERY_MIN)
        names = ("water_level", "rainfall", "air_temperature", "battery_voltage")
        keys += [SeriesKey(code, name, 1, 300 if name == "rainfall" else 0) for name in names]
    series = ensure_series(watch.county.connection, keys)
    count = 525_600 // _EVERY_MIN
    outages = {key.station: sorted(chance.sample(range(count - 200), 30)) for key in keys}
    for key in keys:
        watch.county.connection.execute(
            "insert into observation (series, time, value, quality, received_at, source)"
            " select %(series)s, at, 11.4 + sin(n / 50.0), 1, at + interval '3 seconds', 'test'"
            " from generate_series(0, %(count)s - 1) as n, lateral (select %(end)s - (%(count)s - n) * %(every)s as at)"
            " as moment where not exists (select from unnest(%(away)s::integer[]) as away where n between away and away + 20)",
            {
                "series": series[key].id, "count": count, "end": minute(0), "away": outages[key.station],
                "every": timedelta(minutes=_EVERY_MIN),
            },
        )  # fmt: skip
    spans = {}
    for rule in ("silence_value", "silence_station", "battery"):
        began = time.perf_counter()
        result = replayed(watch, rule, 0, since=-525_600)
        spans[rule] = time.perf_counter() - began
        print(
            f"\n{rule}: {result['readings']:,} readings, {result['now']['alarms']} alarms, {spans[rule]:.1f} s"
        )
        assert result["now"]["alarms"] > 100
    assert max(spans.values()) < _YEAR_WITHIN_S
