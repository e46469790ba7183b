"""A back-test is what the evaluator itself would have done, and a year of one station takes seconds."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.alarms.limits import NO_DELAYS, Delays
from alerts.backtest.reading import run
from alerts.backtest.spec import Change, Spec
from cli.main import main
from core.alarms import AlarmEventKind
from core.severity import Severity
from core.stations import SeriesKey, StationKind
from core.thresholds import Threshold
from store.connection import connect
from store.stations import ensure_series, save_threshold
from tests.integration.levels import RIVER, SETTING, Field, minute

ZONE = ZoneInfo("Asia/Shanghai")
_YEAR_WITHIN_S = 15.0
"""For a busy test machine; measured it is about 3 s (docs/thresholds.md)."""


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-backtest", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def would_have(county: Field, rule: str, code: str, minutes: float, delays: Delays = NO_DELAYS) -> list[str]:
    """Raises and returns of the back-test, as `raised@minute` and `returned@minute`."""
    with county.connection.transaction():
        found = run(
            county.connection, Spec(rule, (code,), minute(0), minute(minutes)), ZONE, delays=delays
        ).result["now"]
    lines = []
    for one in sorted(found["episodes"], key=lambda episode: episode["started"]):
        lines.append(f"raised@{one['started']}")
        if one["ended"]:
            lines.append(f"returned@{one['ended']}")
    return lines


def lived(county: Field, code: str, rule: str) -> list[str]:
    """Raises and returns of the evaluator."""
    kinds = (AlarmEventKind.RAISED, AlarmEventKind.RETURNED)
    return [
        f"{event.kind}@{event.observed_at.isoformat()}"
        for alarm in county.alarms(code)
        if alarm.rule == rule
        for event in county.events(code)
        if event.alarm == alarm.id and event.kind in kinds and event.observed_at is not None
    ]


def wandering(seed: int, count: int, around: float, step: float) -> list[tuple[float, float]]:
    chance = random.Random(seed)
    level, values = around, []
    for n in range(count):
        level += chance.gauss((around - level) * 0.05, step)
        values.append((5.0 * n, round(level, 2)))
    return values


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_raises_and_returns_when_the_evaluator_did(county: Field, seed: int) -> None:
    code = county.station(f"LIVE{seed}", area="T")
    county.play(code, list(wandering(seed, 250, 3.8, 0.15)))
    found = lived(county, code, "river_level")
    assert len(found) > 6
    assert would_have(county, "river_level", code, 5 * 250) == found


def test_it_keeps_the_delays_that_the_evaluator_keeps(county: Field) -> None:
    slow = Field(county.connection, replace(SETTING, delays=Delays(True, 1200)))
    code = slow.station("SLOW", area="T")
    slow.play(code, list(wandering(7, 300, 3.8, 0.15)))
    found = lived(slow, code, "river_level")
    assert len(found) > 3
    assert would_have(slow, "river_level", code, 5 * 300, Delays(True, 1200)) == found
    assert would_have(slow, "river_level", code, 5 * 300) != found


def test_rates_are_fitted_as_the_evaluator_fits_them(county: Field) -> None:
    code = county.station("RATE", {}, area="T")
    for name, severity, value in (("fast", Severity.YELLOW, 0.5), ("very_fast", Severity.ORANGE, 1.0)):
        save_threshold(
            county.connection, Threshold(code, "rise_rate", name, severity, value, 0.1, None, "test"), "test"
        )
    levels = (
        [2.0] * 15 + [2.0 + 0.08 * n for n in range(1, 20)] + [3.5] * 30 + [3.5 - 0.05 * n for n in range(20)]
    )
    county.play(code, [(5.0 * n, level) for n, level in enumerate(levels)])
    found = lived(county, code, "water_rise")
    assert len(found) == 2
    assert would_have(county, "water_rise", code, 5 * len(levels)) == found


def test_sliding_rain_has_a_limit_for_each_window(county: Field) -> None:
    code = county.station("RAIN", {}, kind=StationKind.RAIN, area="T")
    with county.connection.transaction():
        for period_s, values in ((3600, [0, 36, 50, 20]), (10_800, [0, 36, 50, 56])):
            key = SeriesKey(code, "rainfall_sliding", 1, period_s)
            series = ensure_series(county.connection, [key])[key].id
            county.connection.cursor().executemany(
                "insert into observation (series, time, value, quality, received_at, source)"
                " values (%s, %s, %s, 1, now(), 'derived')",
                [(series, minute(60 * n), value) for n, value in enumerate(values)],
            )
        result = run(county.connection, Spec("station_rain", (code,), minute(0), minute(300)), ZONE).result
    (episode,) = result["now"]["episodes"]
    assert (episode["highest"], episode["ended"]) == ("yellow", None)
    assert result["without_limits"] == []


def test_a_year_of_five_minutes_takes_seconds_and_no_memory(county: Field) -> None:
    code = county.station("YEAR", area="T")
    key = SeriesKey(code, "water_level")
    series = ensure_series(county.connection, [key])[key].id
    chance, level, count = random.Random(11), 3.0, 105_120
    with (
        county.connection.transaction(),
        county.connection.cursor() as cursor,
        cursor.copy(
            "copy observation (series, time, value, quality, reason, received_at, source) from stdin"
        ) as copy,
    ):
        for n in range(count):
            level += chance.gauss((3.1 - level) * 0.002, 0.02)
            at = minute(0) - timedelta(minutes=5 * (count - n))
            copy.write_row((series, at, round(level, 3), 1, "", at, "test"))
    spec = Spec("river_level", (code,), minute(-5 * count), minute(0), (Change("warning", 4.2),))
    parts: list[float] = []

    def tell(part: float, _readings: int) -> bool:
        parts.append(part)
        return True

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with county.connection.transaction():
        found = run(county.connection, spec, ZONE, tell)
    taken = time.perf_counter() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"\n105,120 readings, two sides: {taken:.2f} s, {grown / 1024:.0f} MB more")
    assert found.readings == count
    assert found.result["now"]["alarms"] > 0
    assert parts == sorted(parts) and len(parts) > 50
    assert taken < _YEAR_WITHIN_S
    assert grown < 64 * 1024


def test_a_change_that_is_no_change_gives_the_same(county: Field) -> None:
    code = county.station("SAME", area="T")
    county.play(code, [(5.0 * n, 3.0 + (n % 7) / 3) for n in range(60)])
    same = tuple(Change(name, value) for name, value in RIVER.items())
    with county.connection.transaction():
        result = run(
            county.connection, Spec("river_level", (code,), minute(0), minute(400), same), ZONE
        ).result
    assert result["now"] == result["changed"]
    assert result["difference"]["gone_count"] == result["difference"]["added_count"] == 0


def test_the_command_tells_both_sides(
    county: Field, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = county.station("SAID", area="T")
    county.play(code, [(5.0 * n, value) for n, value in enumerate([3.0, 4.2, 4.3, 3.0, 3.0])])
    monkeypatch.setenv("ANLAN_DATABASE_URL", database)
    monkeypatch.setenv("ANLAN_LANGUAGE", "en")
    asked = ["backtest", "river_level", "--station", code, "--from", "2026-07-01", "--to", "2026-07-02"]
    assert main([*asked, "--limit", "warning=5.0"]) == 0
    said = capsys.readouterr().out
    assert "limits as they stand:" in said and "1 alarms (yellow 1)" in said and "as changed:" in said
    for wrong in (
        ["--limit", "warning"],
        ["--limit", "warning=x"],
        ["--from", "yesterday"],
        ["--station", "GHOST"],
    ):
        assert main([*asked, *wrong]) != 0
    assert main(["backtest", "no_such_rule"]) != 0
