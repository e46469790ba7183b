"""What is derived from rain, levels and tides, under late, corrected, exercised and renamed data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from core.quality import Quality
from core.settings import Settings
from core.stations import SeriesKey
from hydrology.tide import Constant, predict
from ingest.derive import derived
from store import area_rain, marks, stations
from store.curves import StandingCurve
from store.curves import save as save_curve
from store.tidal_constants import TidalConstant
from store.tidal_constants import save as save_constants
from tests.integration.deriving import NOW, Said, derive, place, say, series_of

T0 = int(datetime(2026, 7, 10, tzinfo=UTC).timestamp())
DATUM = "1985 国家高程基准"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    """A county with one town; rolled back."""
    with psycopg.connect(database, options="-c timezone=UTC") as opened:
        opened.execute("insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')")
        opened.execute(
            "insert into area (code, name, name_en, kind, parent) values ('T', '镇', 'T', 'town', 'C')"
        )
        opened.execute("insert into exercise (code, name, started_by) values ('EX', '演练', 'test')")
        yield opened
        opened.rollback()


def rain(station: str, *values: float, start: int = T0, exercise: str | None = None) -> list[Said]:
    """Five-minute totals from `start` on."""
    return [
        Said(station, "rainfall", start + 300 * number, value, 300, exercise=exercise)
        for number, value in enumerate(values, start=1)
    ]


def test_the_hydrological_day_ends_at_eight_oclock_in_beijing(connection: Connection[Any]) -> None:
    place(connection, "G")
    say(connection, [Said("G", "rainfall", T0 + offset, 1.0, 300) for offset in (-300, 0, 300)])
    derive(connection)
    days = series_of(connection, "G", "rainfall_day", 86_400)
    assert [value for value, _, _ in days.values()] == [1.0, 2.0, 1.0]


def test_a_sum_with_gaps_says_at_least_and_a_full_one_does_not(connection: Connection[Any]) -> None:
    place(connection, "G")
    say(connection, rain("G", *[0.5] * 12))
    derive(connection)
    hour = series_of(connection, "G", "rainfall_sliding", 3600)
    assert hour[T0 + 3600] == (6.0, 1, "")
    assert hour[T0 + 3300] == (5.5, 2, "at_least:91")


def test_a_late_value_changes_every_sum_whose_window_holds_it(connection: Connection[Any]) -> None:
    place(connection, "G")
    said = rain("G", *[1.0] * 300)
    say(connection, [one for one in said if one.at != T0 + 3000])
    derive(connection)
    before = series_of(connection, "G", "rainfall_sliding", 86_400)
    say(connection, rain("G", 9.0, start=T0 + 2700))
    derive(connection)
    after = series_of(connection, "G", "rainfall_sliding", 86_400)
    moved = {at for at in after if before.get(at) != after[at]}
    assert moved == {at for at in after if T0 + 3000 <= at < T0 + 3000 + 86_400}


def test_a_voided_value_leaves_the_sums(connection: Connection[Any]) -> None:
    place(connection, "G")
    say(connection, rain("G", 1.0, 80.0, 1.0))
    derive(connection)
    say(connection, [Said("G", "rainfall", T0 + 600, None, 300, Quality.BAD, by="duty")])
    derive(connection)
    assert series_of(connection, "G", "rainfall_sliding", 1800)[T0 + 900] == (2.0, 2, "at_least:33")


def test_suspect_rain_makes_a_sum_suspect_and_is_in_it(connection: Connection[Any]) -> None:
    place(connection, "G")
    said = rain("G", 1.0, 1.0)
    say(connection, [*said, Said("G", "rainfall", T0 + 900, 120.0, 300, Quality.SUSPECT)])
    derive(connection)
    found = series_of(connection, "G", "rainfall_sliding", 1800)[T0 + 900]
    assert found == (122.0, 3, "with_suspect:2,at_least:33")


@pytest.mark.parametrize(
    ("counter", "expected"),
    [
        ([99_999.0, 99_999.9, 0.4], (1.4, 1, "")),
        ([512.0, 513.0, 0.0, 2.0], (3.0, 2, "at_least:66")),
        ([10.0, 5_000.0], (4_990.0, 3, "with_suspect:0,at_least:0")),
    ],
    ids=["wraps", "is reset", "leaps"],
)
def test_a_counter(connection: Connection[Any], counter: list[float], expected: tuple[Any, ...]) -> None:
    place(connection, "G")
    said = [
        Said("G", "rainfall_cumulative", T0 + 600 * (number + 1), value)
        for number, value in enumerate(counter)
    ]
    say(connection, said)
    derive(connection)
    window = {3: 3600, 4: 1800, 2: 600}[len(counter)]
    found = series_of(connection, "G", "rainfall_sliding", window)[said[-1].at]
    if window == 3600:
        assert found[0] == expected[0]
    else:
        assert found == expected


def test_two_saturated_slots_add_up(connection: Connection[Any]) -> None:
    """SL 651 F4: more than 25.4 mm in five minutes is carried to the next slot."""
    place(connection, "G")
    say(connection, rain("G", 25.4, 5.0))
    derive(connection)
    assert series_of(connection, "G", "rainfall_sliding", 600)[T0 + 600] == (30.4, 1, "")


def test_sums_of_an_exercise_stay_in_it(connection: Connection[Any]) -> None:
    place(connection, "G", area="T")
    say(connection, rain("G", 1.0, 1.0) + rain("G", 30.0, 30.0, exercise="EX"))
    derive(connection)
    assert series_of(connection, "G", "rainfall_sliding", 600)[T0 + 600][0] == 2.0
    assert series_of(connection, "G", "rainfall_sliding", 600, "EX")[T0 + 600][0] == 60.0
    means = {
        exercise: area_rain.newest(
            connection, exercise, since=NOW - timedelta(days=30), now=NOW, kinds=["town"], window_s=3600
        )[0].mean
        for exercise in (None, "EX")
    }
    assert means == {None: 2.0, "EX": 60.0}


def test_an_area_counts_gauges_in_service_that_report(connection: Connection[Any]) -> None:
    place(connection, "A", area="T", river="甲江")
    place(connection, "B", area="T")
    place(connection, "D", area="T", out_of_service=True)
    say(connection, rain("A", *[1.0] * 12) + rain("B", *[3.0] * 8) + rain("D", *[90.0] * 12))
    derive(connection)
    town = area_rain.newest(
        connection, None, since=NOW - timedelta(days=30), now=NOW, kinds=["town"], window_s=3600
    )[0]
    assert (town.mean, town.highest, town.highest_at) == (18.0, 24.0, "B")
    assert (town.reporting, town.stations, town.coverage) == (2, 2, 0.83)
    river = area_rain.newest(
        connection, None, since=NOW - timedelta(days=30), now=NOW, kinds=["river"], window_s=3600
    )[0]
    assert (river.place, river.mean, river.stations) == ("甲江", 12.0, 1)


def test_a_basin_holds_rivers_and_towns_that_its_stations_name(connection: Connection[Any]) -> None:
    place(connection, "A", area="T", river="甲江", basin="甲江流域")
    place(connection, "B", area="C", river="乙溪", basin="甲江流域")
    place(connection, "D", area="T", river="丙河")
    say(connection, rain("A", *[1.0] * 12) + rain("B", *[3.0] * 12) + rain("D", *[9.0] * 12))
    derive(connection)
    asked = partial(
        area_rain.newest, connection, None, since=NOW - timedelta(days=30), now=NOW, window_s=3600
    )
    (basin,) = asked(kinds=["basin"])
    assert (basin.place, basin.name, basin.mean, basin.highest_at, basin.stations) == (
        "甲江流域", None, 24.0, "B", 2,
    )  # fmt: skip
    assert {one.kind for one in asked(area="T")} == {"town", "river", "basin"}


def test_a_renamed_station_goes_on_under_its_new_code(connection: Connection[Any]) -> None:
    place(connection, "OLD", area="T")
    say(connection, rain("OLD", 1.0, 1.0))
    derive(connection)
    connection.execute("update station set code = 'NEW' where code = 'OLD'")
    say(connection, rain("NEW", 1.0, start=T0 + 600))
    derive(connection)
    assert series_of(connection, "NEW", "rainfall_sliding", 1800)[T0 + 900][0] == 3.0
    found = connection.execute("select station, total from rain_event").fetchall()
    assert found == [("NEW", 3.0)]


def test_rain_parts_into_events_and_late_rain_joins_them(connection: Connection[Any]) -> None:
    place(connection, "G")
    say(connection, rain("G", 1.0, *[0.0] * 80, 2.0))
    derive(connection)
    assert connection.execute("select total from rain_event order by starts").fetchall() == [(1.0,), (2.0,)]
    say(connection, [Said("G", "rainfall", T0 + 300 * 40, 4.0, 300, by="duty")])
    derive(connection)
    found = connection.execute("select total, peak_1h, starts, ends from rain_event").fetchall()
    first, last = (datetime.fromtimestamp(T0 + 300 * slot, UTC) for slot in (0, 82))
    assert found == [(7.0, 4.0, first, last)]


def level(
    connection: Connection[Any], *values: float, start: int = T0, quality: Quality = Quality.GOOD
) -> None:
    say(
        connection,
        [
            Said("R", "water_level", start + 300 * number, value, quality=quality)
            for number, value in enumerate(values)
        ],
    )


def test_a_trend_stands_at_the_newest_reading_only(connection: Connection[Any]) -> None:
    place(connection, "R", "RR", datum=DATUM)
    level(connection, *[20 + 0.05 * number for number in range(8)], start=T0 + 7200)
    derive(connection)
    query = "select code, round(rate::numeric, 2)::float8, time from trend"
    newest = datetime.fromtimestamp(T0 + 7200 + 2100, UTC)
    assert connection.execute(query).fetchall() == [(5, 0.6, newest)]
    level(connection, *[30 - number for number in range(8)], start=T0 - 86_400)
    derive(connection)
    assert connection.execute(query).fetchall() == [(5, 0.6, newest)], "yesterday's fall says nothing"


def curve(connection: Connection[Any], **columns: Any) -> None:
    values: dict[str, Any] = {
        "station": "R", "kind": "storage", "valid_from": datetime(2020, 1, 1, tzinfo=UTC), "datum": DATUM,
        "levels": [10.0, 20.0, 30.0], "amounts": [1.0, 5.0, 15.0], "source": "2020 实测",
    }  # fmt: skip
    save_curve(connection, StandingCurve(**{**values, **columns}), "test")


def test_storage_by_the_curve_in_force_and_never_beyond_it(connection: Connection[Any]) -> None:
    place(connection, "R", "RR", datum=DATUM)
    curve(connection)
    curve(connection, valid_from=datetime.fromtimestamp(T0 + 900, UTC), amounts=[2.0, 6.0, 16.0])
    level(connection, 9.0, 15.0, 31.0, 15.0)
    derive(connection)
    assert list(series_of(connection, "R", "storage").values()) == [
        (None, 9, "below_curve"), (3.0, 1, ""), (15.0, 3, "above_curve"), (4.0, 1, ""),
    ]  # fmt: skip
    waiting = {mark.consumer for mark in marks.lags(connection, ["rollup", "evaluator"]) if mark.waiting}
    assert waiting == {"rollup", "evaluator"}


def test_a_curve_over_another_datum_gives_nothing(connection: Connection[Any]) -> None:
    place(connection, "R", "RR", datum="吴淞")
    curve(connection)
    level(connection, 15.0)
    derive(connection)
    assert list(series_of(connection, "R", "storage").values()) == [(None, 9, "datum_differs")]


def test_what_a_station_reports_itself_is_not_computed(connection: Connection[Any]) -> None:
    place(connection, "R", "RR", datum=DATUM)
    curve(connection)
    level(connection, 15.0, 15.0, 15.0, 15.0)
    derive(connection)
    say(connection, [Said("R", "storage", T0 + 300, 4.4)])
    derive(connection)
    assert series_of(connection, "R", "storage") == {T0: (3.0, 1, ""), T0 + 300: (4.4, 1, "")}


def test_the_surge_is_what_moon_and_sun_do_not_explain(connection: Connection[Any]) -> None:
    place(connection, "R", "TT", datum=DATUM)
    tide = [("Z0", 2.1, 0.0), ("M2", 1.8, 215.0), ("K1", 0.3, 190.0)]
    save_constants(connection, "R", [TidalConstant("R", *one, DATUM, "test") for one in tide], "test")
    times = [T0 + 600 * number for number in range(20)]
    heights = predict([Constant(*one) for one in tide], 29.5, times)
    say(
        connection,
        [Said("R", "tide_level", at, round(h + 0.42, 4)) for at, h in zip(times, heights, strict=True)],
    )
    derive(connection)
    found = series_of(connection, "R", "tide_residual")
    assert list(found) == times and all(abs((value or 0) - 0.42) < 1e-3 for value, _, _ in found.values())


def test_doing_it_again_changes_nothing(connection: Connection[Any]) -> None:
    place(connection, "G", area="T")
    say(connection, rain("G", *[0.7] * 50))
    derive(connection)
    query = "select xmin::text, ctid::text from observation order by series, time"
    before = connection.execute(query).fetchall()
    numbers = stations.ensure_series(connection, [SeriesKey("G", "rainfall", 1, 300)])
    (series,) = (one.id for one in numbers.values())
    start, end = (datetime.fromtimestamp(T0 + offset, UTC) for offset in (300, 15_000))
    marks.add(connection, marks.DERIVED, [marks.Mark(series, start, end)])
    assert derive(connection) == 1
    assert connection.execute(query).fetchall() == before
    assert connection.execute("select count(*) from observation_revision").fetchone() == (0,)


def test_a_transaction_that_dies_leaves_its_marks(connection: Connection[Any]) -> None:
    place(connection, "G")
    say(connection, rain("G", 1.0, 1.0))
    with pytest.raises(ZeroDivisionError), connection.transaction():
        assert derived.step(connection, Settings(), NOW) == 1
        raise ZeroDivisionError
    assert series_of(connection, "G", "rainfall_sliding", 600) == {}
    derive(connection)
    assert series_of(connection, "G", "rainfall_sliding", 600)[T0 + 600][0] == 2.0


def test_a_station_without_room_goes_without_sums(
    connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stations, "MOST_SERIES", 3)
    place(connection, "G")
    say(connection, rain("G", 1.0, 1.0))
    derive(connection)
    found = connection.execute(
        "select period_s from series where property like 'rainfall_%' order by period_s"
    ).fetchall()
    assert found == [(600,), (1800,)]


def test_it_keeps_up_with_five_hundred_rain_readings_a_second(connection: Connection[Any]) -> None:
    """500 gauges with a day behind them send one reading each: sums of all within a second's worth of work."""
    codes = [f"S{number}" for number in range(500)]
    for code in codes:
        place(connection, code, area="T")
    keys = [SeriesKey(code, "rainfall", 1, 300) for code in codes]
    numbers = [one.id for one in stations.ensure_series(connection, keys).values()]
    connection.execute(
        "insert into observation (series, time, value, quality, received_at, source)"
        " select series, to_timestamp(%s + 300 * slot), slot %% 3, 1, now(), 'test'"
        " from unnest(%s::integer[]) as one (series) cross join generate_series(-288, 0) as two (slot)",
        (T0, numbers),
    )
    say(connection, [one for code in codes for one in rain(code, 0.5)])
    derive(connection)
    began = time.process_time(), time.perf_counter()
    say(connection, [one for code in codes for one in rain(code, 0.5, start=T0 + 300)])
    said = time.perf_counter()
    while derived.step(connection, Settings(), NOW):
        pass
    took = time.perf_counter() - said
    print(f"500 readings: {took:.2f} s elapsed, {time.process_time() - began[0]:.2f} s of our processor")
    sums = connection.execute(
        "select count(*) from observation join series on series.id = series where property = %s and time = %s",
        ("rainfall_sliding", datetime.fromtimestamp(T0 + 600, UTC)),
    ).fetchone()
    assert sums == (7 * 500,)
    assert took < 10, "ten times slower than it must be, on a machine that others use too"
