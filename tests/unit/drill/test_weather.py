"""The simulated weather service: warnings that are a chain, and radar pictures that lie where the rain falls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.severity import Severity
from core.warning_chains import Received, Standing, colour_of, standings
from core.warnings import MessageType, Status, WarningMessage
from drill.county.model import load_model
from drill.field.radar import BOUNDS, radar
from drill.field.warnings import CITY, COUNTY, TRUSTED, warnings
from drill.scenario import scenario
from drill.storm.scenario import Storm, storm_of
from drill.storm.simulation import Simulation, simulate
from drill.story import Story
from formats import cap, weather_image

ORIGIN = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def storm() -> Storm:
    return storm_of(scenario("typhoon-2026"))


@pytest.fixture(scope="module")
def played(storm: Storm) -> Simulation:
    return simulate(load_model(), storm.fixes, storm.begin, storm.end)


@pytest.fixture(scope="module")
def story(storm: Storm) -> Story:
    return Story(ORIGIN, storm.start, 30)


@pytest.fixture(scope="module")
def course(storm: Storm, story: Story, played: Simulation) -> list[WarningMessage]:
    return warnings(storm, story, played, story.clock_time(storm.begin), story.clock_time(storm.end))


def test_every_message_is_read_back_without_a_fault(course: list[WarningMessage]) -> None:
    assert len(course) > 10
    for message in course:
        assert cap.decode(cap.encode(message)) == ([message], [])


def test_warnings_rise_and_are_all_taken_back(story: Story, course: list[WarningMessage]) -> None:
    received = [Received(n, one, one.sender in TRUSTED) for n, one in enumerate(course)]

    def colours(after: timedelta) -> set[Severity | None]:
        now = ORIGIN + after
        stand = standings([one for one in received if one.message.sent <= now], now)
        return {colour_of(one.message) for one in received
                if one.id in stand and stand[one.id].standing is Standing.IN_FORCE}  # fmt: skip

    assert colours(timedelta()) == {Severity.ORANGE}
    assert Severity.RED in colours(timedelta(minutes=10))
    assert colours(timedelta(hours=2)) == set()
    ends = [one for one in course if one.message_type is MessageType.CANCEL]
    assert {one.sender for one in ends} == {COUNTY.sender, CITY.sender}


def test_an_exercise_says_so_in_status_note_and_headline(
    storm: Storm, story: Story, played: Simulation
) -> None:
    begin, end = story.clock_time(storm.begin), story.clock_time(storm.end)
    for message in warnings(storm, story, played, begin, end, exercise=True):
        assert message.status is Status.EXERCISE
        assert "演练" in message.note
        assert all(info.headline.startswith(("【演练】", "EXERCISE")) for info in message.infos)


def test_real_data_of_a_demo_say_demo(course: list[WarningMessage]) -> None:
    for message in course:
        assert "演示" in message.note
        assert all(info.headline.startswith(("演示", "Demo")) for info in message.infos)


def test_the_radar_shows_rain_about_the_eye_and_nothing_far_from_it(storm: Storm) -> None:
    image = radar(storm.fixes, storm.start)
    west, south, east, north = BOUNDS
    eye = next(fix for fix in storm.fixes if fix.time >= storm.start)

    def alpha(lon: float, lat: float) -> int:
        pixel = image.getpixel(
            (int((lon - west) / (east - west) * 599), int((north - lat) / (north - south) * 599))
        )
        assert isinstance(pixel, tuple)
        return int(pixel[3])

    assert alpha(eye.lon, min(eye.lat + 0.4, north)) > 0
    before = radar(storm.fixes, storm.begin)
    colours = before.crop((0, 0, 600, 500)).getextrema()
    assert list(colours)[3] == (0, 0), "at the beginning the storm is far away, and the sky dry"


def test_the_radar_is_a_picture_that_ingest_takes(storm: Storm) -> None:
    image = radar(storm.fixes, storm.start)
    for payload in (
        weather_image.write_png(image, ORIGIN, BOUNDS),
        weather_image.write_envelope(image, ORIGIN, BOUNDS),
    ):
        read, faults = weather_image.decode(payload)
        assert faults == []
        assert read is not None
        assert (read.time, read.bounds, read.width) == (ORIGIN, BOUNDS, 600)
        assert len(read.png) < 100_000
