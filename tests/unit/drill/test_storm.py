"""The storm's physics against known values, and its water against the balance."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from drill.county.model import DATUM, Catchment, Reservoir, RiverStation, Sluice, TideStation, load_model
from drill.scenario import scenario
from drill.storm.pools import run_reservoir, run_sluice, spillway_flow
from drill.storm.rain import profile_mm_h
from drill.storm.runoff import catchment_flow, level_m, linear_reservoir
from drill.storm.scenario import Storm, storm_of
from drill.storm.simulation import STEP_S, Simulation, simulate
from drill.storm.tide import SPEED_DEG_H, astronomic_m, surge_m
from drill.storm.track import Fix, at, motion, read_track
from drill.storm.wind import (
    AIR_DENSITY,
    AMBIENT_HPA,
    Air,
    air,
    gradient_wind_ms,
    pressure_hpa,
    radius_of_maximum_km,
    shape,
)

STORM = Fix(datetime(2019, 8, 9, 12, tzinfo=UTC), 122.0, 27.5, 940.0, 46.3, 550.0, 160.0)
LAND = Catchment(area_km2=40.0, gauges=("a", "b"), storage_h=2.0, lag_h=0.5, runoff=0.8, base_flow=1.5)


@pytest.fixture(scope="module")
def storm() -> Storm:
    return storm_of(scenario("typhoon-2026"))


@pytest.fixture(scope="module")
def played(storm: Storm) -> Simulation:
    return simulate(load_model(), storm.fixes, storm.begin, storm.end)


def test_the_track_is_read_as_the_agency_gives_it(storm: Storm) -> None:
    landfall = next(fix for fix in storm.fixes if fix.time == datetime(2019, 8, 9, 18, tzinfo=UTC))
    assert (landfall.lat, landfall.lon, landfall.pressure_hpa) == (28.2, 121.3, 950.0)
    assert landfall.wind_ms == pytest.approx(85 * 0.514444)
    assert landfall.radius10_km == pytest.approx(100 * 1.852)
    assert landfall.radius7_km == pytest.approx(300 * 1.852)
    assert [fix.time for fix in storm.fixes] == sorted(fix.time for fix in storm.fixes)


def test_a_file_that_is_no_track_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("track") / "x.txt"
    path.write_text("nothing\n")
    with pytest.raises(InputError):
        read_track(path)


def test_between_fixes_the_storm_moves_steadily(storm: Storm) -> None:
    one, other = storm.fixes[10], storm.fixes[11]
    middle = at(storm.fixes, one.time + (other.time - one.time) / 2)
    assert middle.lat == pytest.approx((one.lat + other.lat) / 2)
    assert at(storm.fixes, one.time).lat == one.lat
    assert at(storm.fixes, storm.fixes[-1].time + timedelta(days=9)) == storm.fixes[-1]


def test_motion_due_north_is_zero_degrees() -> None:
    later = Fix(STORM.time + timedelta(hours=6), 122.0, 28.5, 940, 46, None, None)
    direction, speed = motion(STORM, later)
    assert direction == pytest.approx(0.0)
    assert speed == pytest.approx(111.2 / 6, rel=0.01)


def test_holland_has_its_known_values_at_the_radius_of_maximum_wind() -> None:
    radius = radius_of_maximum_km(STORM.wind_ms, STORM.lat)
    drop = AMBIENT_HPA - STORM.pressure_hpa
    assert pressure_hpa(STORM, radius) == pytest.approx(STORM.pressure_hpa + drop / math.e)
    cyclostrophic = math.sqrt(shape(STORM) * drop * 100 / (AIR_DENSITY * math.e))
    assert gradient_wind_ms(STORM, radius) == pytest.approx(cyclostrophic, rel=0.06)
    assert pressure_hpa(STORM, 5000) == pytest.approx(AMBIENT_HPA, abs=1.0)


def test_pressure_rises_and_wind_falls_outside_the_eye_wall() -> None:
    radius = radius_of_maximum_km(STORM.wind_ms, STORM.lat)
    distances = [radius * factor for factor in (1.2, 1.5, 2, 3, 5, 9)]
    winds = [gradient_wind_ms(STORM, distance) for distance in distances]
    pressures = [pressure_hpa(STORM, distance) for distance in distances]
    assert winds == sorted(winds, reverse=True)
    assert pressures == sorted(pressures)


def test_the_wind_turns_against_the_clock_in_the_north() -> None:
    east = air(STORM, 0, 0, STORM.lon + 1.0, STORM.lat)
    assert 90 < east.from_deg < 180
    right = air(STORM, 0, 25, STORM.lon + 1.0, STORM.lat).speed_ms
    left = air(STORM, 0, 25, STORM.lon - 1.0, STORM.lat).speed_ms
    assert right > left


def test_rain_of_r_cliper() -> None:
    strength = 1 + (90 - 35) / 33
    peak = (-1.60 + 4.80 * strength) * 25.4 / 24
    wind = 90 * 0.514444
    assert profile_mm_h(wind, 64.5 - 13.0 * strength) == pytest.approx(peak)
    assert profile_mm_h(wind, 400) < profile_mm_h(wind, 200) < peak
    assert profile_mm_h(0.0, 100) == 0.0


@given(st.lists(st.floats(0, 50), min_size=20, max_size=60), st.floats(600, 40_000))
@settings(max_examples=40, deadline=None)
def test_a_linear_reservoir_makes_and_loses_no_water(inflow: list[float], storage_s: float) -> None:
    padded = np.array([*inflow, *([0.0] * 4000)])
    outflow = linear_reservoir(padded, storage_s, 300.0)
    assert outflow.sum() == pytest.approx(padded.sum(), rel=1e-6, abs=1e-6)
    assert (outflow >= -1e-9).all()
    assert outflow.max() <= max(padded.max(), 1e-9) + 1e-9


def test_a_catchment_lets_off_its_share_of_the_rain() -> None:
    rain = np.zeros(3000)
    rain[10:22] = 5.0
    flow = catchment_flow(LAND, {"a": rain, "b": rain * 0.5}, 300.0)
    volume = (flow - LAND.base_flow).sum() * 300
    assert volume == pytest.approx(0.75 * 60.0 / 1000 * LAND.runoff * LAND.area_km2 * 1e6, rel=1e-6)
    assert flow[:16] == pytest.approx(LAND.base_flow)


def test_more_flow_stands_higher_by_the_rating() -> None:
    river = RiverStation("r", LAND, bed_m=3.0, rating_a=12.0, reports_flow=True)
    levels = level_m(river, [0.0, 12.0, 24.0, 120.0])
    assert list(levels) == sorted(levels)
    assert levels[0] == 3.0
    assert levels[1] == pytest.approx(4.0)


def test_a_reservoir_keeps_its_balance_and_spills_by_the_weir() -> None:
    pool = Reservoir("p", LAND, 1.0, 50.0, 10.0, 49.0, 50.0, 20.0, 0.5)
    inflow = np.full(2000, 30.0)
    run = run_reservoir(pool, inflow, STEP_S)
    stored = (run.level[-1] - pool.start_m) * 1e6
    assert stored == pytest.approx((run.inflow.sum() - run.outflow.sum()) * STEP_S)
    assert run.outflow[-1] == pytest.approx(30.0, rel=0.01)
    assert spillway_flow(pool, 51.0) == pytest.approx(1.7 * 20.0)
    assert spillway_flow(pool, 49.9) == 0.0


def test_a_sluice_is_shut_while_the_sea_is_higher() -> None:
    sluice = Sluice("s", LAND, 2.0, 1.0, -1.5, 20.0, 3.0, "t")
    inflow = np.full(400, 10.0)
    sea = np.where(np.arange(400) < 200, 2.5, -1.0).astype(float)
    run = run_sluice(sluice, inflow, sea, STEP_S)
    assert not run.opening[:200].any()
    assert run.level[199] == pytest.approx(1.0 + 200 * 300 * 10 / 2e6)
    assert run.outflow[200:].max() > 10
    assert (run.level[200:] >= sea[200:]).all()
    stored = (run.level[-1] - 1.0) * 2e6
    assert stored == pytest.approx((inflow.sum() - run.outflow.sum()) * STEP_S)


def test_the_tide_of_one_constituent_returns_after_its_period() -> None:
    gauge = TideStation("t", 121.9, 29.2, 0.2, (("M2", 1.5, 100.0),), 120.0, 0.001)
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    period = timedelta(hours=360 / SPEED_DEG_H["M2"])
    assert period.total_seconds() == pytest.approx(12.4206 * 3600, abs=1)
    assert astronomic_m(gauge, moment + period) == pytest.approx(astronomic_m(gauge, moment))
    assert astronomic_m(gauge, moment + period / 2) - 0.2 == pytest.approx(0.2 - astronomic_m(gauge, moment))


def test_low_pressure_and_onshore_wind_lift_the_sea() -> None:
    gauge = TideStation("t", 121.9, 29.2, 0.2, (), 120.0, 0.001)
    assert surge_m(gauge, Air(0.0, 0.0, AMBIENT_HPA - 40)) == pytest.approx(0.398)
    assert surge_m(gauge, Air(30.0, 120.0, AMBIENT_HPA)) == pytest.approx(0.9)
    assert surge_m(gauge, Air(30.0, 300.0, AMBIENT_HPA)) == pytest.approx(-0.9)


def test_the_scenario_does_what_it_is_for(played: Simulation, storm: Storm) -> None:
    """Rain near 100 mm in three hours, some rivers over 警戒 and 保证, a tide orange, a reservoir over."""
    import csv

    from drill.county import list_file

    windows = [np.convolve(rain, np.ones(36), "valid").max() for rain in played.rain.values()]
    assert 80 <= max(windows) <= 120
    limits: dict[tuple[str, str], list[tuple[str, float]]] = {}
    with list_file("thresholds").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            assert row["datum"] == DATUM
            limits.setdefault((row["station"], row["property"]), []).append(
                (row["name"], float(row["value"]))
            )
    reached: dict[str, int] = {}
    for (station, name_of_property), listed in limits.items():
        peak = played.levels[station][name_of_property].max()
        for name, value in listed:
            reached[name] = reached.get(name, 0) + int(peak >= value)
    assert 6 <= reached["warning"] <= 20
    assert 3 <= reached["guarantee"] <= 12
    assert reached["tide_orange"] == 1
    assert reached["flood_limit"] >= 3
    assert reached["sluice_warning"] >= 1
    start = played.values("99023001", storm.start)["water_level"]
    assert start >= dict(limits["99023001", "water_level"])["normal_storage"]


def test_every_value_is_possible_and_water_never_jumps(played: Simulation) -> None:
    from core.properties import PROPERTIES

    for station, series in played.levels.items():
        for name, values in series.items():
            assert np.isfinite(values).all()
            assert values.min() >= PROPERTIES[name].low
            assert values.max() <= PROPERTIES[name].high
            if name == "water_level":
                assert np.abs(np.diff(values)).max() < 0.3, station
    assert min(rain.min() for rain in played.rain.values()) >= 0


def test_before_and_after_the_storms_days_it_is_dry_and_levels_stand(
    played: Simulation, storm: Storm
) -> None:
    station = next(iter(played.rain))
    assert played.rate_mm_h(station, storm.begin - timedelta(hours=1)) == 0.0
    assert played.rate_mm_h(station, storm.end + timedelta(hours=1)) == 0.0
    last = played.values("99022001", storm.end)
    assert played.values("99022001", storm.end + timedelta(days=3)) == last
