"""What the simulated stations and the weather service say, and when."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from drill.county.model import load_model
from drill.field.behaviour import behaviour_of
from drill.field.bulletin import FORECAST_H, bulletin
from drill.field.reports import Reporter, history, reading, reporters, schedule
from drill.field.screen import picture
from drill.field.view import View, draw
from drill.scenario import scenario
from drill.storm.scenario import Storm, storm_of
from drill.storm.simulation import Simulation, simulate
from drill.story import Story
from formats import typhoon

ORIGIN = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def storm() -> Storm:
    return storm_of(scenario("typhoon-2026"))


@pytest.fixture(scope="module")
def story(storm: Storm) -> Story:
    return Story(ORIGIN, storm.start, 60.0)


@pytest.fixture(scope="module")
def played(storm: Storm) -> Simulation:
    return simulate(load_model(), storm.fixes, storm.begin, storm.end)


@pytest.fixture(scope="module")
def listed() -> list[Reporter]:
    return reporters(load_model(), behaviour_of(scenario("typhoon-2026")))


def test_the_past_goes_at_natural_speed_and_the_future_faster(story: Story) -> None:
    assert story.storm_time(ORIGIN) == story.start
    assert story.storm_time(ORIGIN - timedelta(hours=3)) == story.start - timedelta(hours=3)
    assert story.storm_time(ORIGIN + timedelta(minutes=3)) == story.start + timedelta(hours=3)
    for hours in (-5, 0, 5):
        moment = story.start + timedelta(hours=hours)
        assert story.storm_time(story.clock_time(moment)) == moment


def test_a_history_ends_now_and_joins_the_live_reports(
    story: Story, played: Simulation, listed: list[Reporter]
) -> None:
    gauge = next(reporter for reporter in listed if reporter.rain and not reporter.silent)
    told = history(gauge, 15, story, played)
    times = [moment for moment, _ in told]
    assert len(told) == 180
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {timedelta(minutes=5)}
    assert ORIGIN - timedelta(minutes=5) < times[-1] <= ORIGIN
    first_live = next(moment for moment, reporter in schedule(listed, ORIGIN) if reporter == gauge)
    assert first_live == times[-1] + timedelta(minutes=5)
    assert sum(values["rainfall"] or 0 for _, values in told) > 20


def test_the_same_history_whenever_it_is_computed(
    story: Story, played: Simulation, listed: list[Reporter]
) -> None:
    later = Story(story.origin + timedelta(minutes=7), story.start + timedelta(minutes=7), story.speed)
    one = dict(history(listed[0], 10, story, played))
    other = dict(history(listed[0], 10, later, played))
    common = one.keys() & other.keys()
    assert len(common) > 100
    assert all(one[moment] == other[moment] for moment in common)


def test_silent_stations_stopped_two_hours_ago(
    story: Story, played: Simulation, listed: list[Reporter]
) -> None:
    silent = [reporter for reporter in listed if reporter.silent]
    assert len(silent) == 2
    for reporter in silent:
        assert history(reporter, 15, story, played)[-1][0] <= ORIGIN - timedelta(hours=2)
        minute = itertools.takewhile(
            lambda due: due[0] < ORIGIN + timedelta(minutes=6), schedule(listed, ORIGIN)
        )
        assert reporter not in {one for _, one in minute}


def test_live_reports_are_in_order_and_spread_over_time(listed: list[Reporter]) -> None:
    end = ORIGIN + timedelta(minutes=5)
    due = list(itertools.takewhile(lambda one: one[0] <= end, schedule(listed, ORIGIN)))
    times = [moment for moment, _ in due]
    assert times == sorted(times)
    counts = Counter(reporter.station for _, reporter in due)
    assert counts["99022002"] == 5
    assert counts["99022001"] == 20
    assert counts["99021001"] == 1
    assert max(Counter(times).values()) <= 8


def test_rain_is_intensity_times_period_however_fast_the_storm_goes(
    story: Story, played: Simulation, listed: list[Reporter]
) -> None:
    gauge = next(reporter for reporter in listed if reporter.rain)
    for minutes in range(30):
        _, values = reading(gauge, ORIGIN + timedelta(minutes=minutes), story, played)
        assert 0 <= (values["rainfall"] or 0) < 6


def test_the_bulletin_is_read_back_by_our_own_format(story: Story, storm: Storm) -> None:
    now = ORIGIN + timedelta(minutes=2)
    told = bulletin(storm, story, now)
    read, faults = typhoon.decode(typhoon.encode(told))
    assert faults == []
    assert read == told
    analysed = [fix for fix in told.fixes if fix.issued is None]
    forecast = [fix for fix in told.fixes if fix.issued is not None]
    assert analysed[-1].time == now
    assert [fix.time for fix in analysed] == sorted(fix.time for fix in analysed)
    assert [fix.time - now for fix in forecast] == [timedelta(hours=hours) for hours in FORECAST_H]
    assert 27 < analysed[-1].lat < 30
    assert "演示" in told.name


def test_a_camera_picture_is_small_and_drawn_for_its_moment() -> None:
    view = View("龙潭水库监控", ORIGIN, 12.0, 10.0, 14.0, 40.0, night=False)
    jpeg = draw(view)
    assert len(jpeg) <= 60_000
    assert Image.open(BytesIO(jpeg)).size == (640, 360)
    later = draw(View("龙潭水库监控", ORIGIN + timedelta(seconds=40), 12.5, 10.0, 14.0, 0.0, night=True))
    assert later != jpeg


def test_a_dark_screen_and_a_lit_one_differ() -> None:
    from datetime import timedelta as delta

    from core.severity import Severity
    from formats.envelope import Command, CommandKind

    lit = Command(
        "1", "LED-001", CommandKind.SHOW, ORIGIN, 60, 1, None, Severity.RED, "立即转移\n前往安置点", None, None,
        ORIGIN + delta(hours=1),
    )  # fmt: skip
    dark, shown = picture(None, 12, 2), picture(lit, 12, 2)
    assert dark != shown
    pixels = Image.open(BytesIO(shown)).convert("RGB").tobytes()
    lit_red = sum(red > 200 and green < 80 for red, green in zip(pixels[::3], pixels[1::3], strict=True))
    assert lit_red > 50


def test_the_bulletin_of_the_first_moment_is_the_one_that_other_tests_use(story: Story, storm: Storm) -> None:
    path = Path(__file__).parents[2] / "fixtures" / "typhoon.json"
    read, faults = typhoon.decode(path.read_bytes())
    assert faults == []
    assert read == bulletin(storm, story, ORIGIN)
