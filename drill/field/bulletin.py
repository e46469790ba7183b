"""The weather service's typhoon bulletin: the track so far and a forecast. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.typhoons import Typhoon, TyphoonFix, grade_of
from drill.storm.scenario import Storm
from drill.storm.track import Fix, at, motion
from drill.story import Story

FORECAST_H = (6, 12, 18, 24, 36, 48)
_BEFORE = timedelta(hours=60)
"""How much of the track before the story is told."""


def bulletin(storm: Storm, story: Story, now: datetime) -> Typhoon:
    """The typhoon as it is known at `now`.

    Positions up to now stand at the clock times at which they are played; a forecast for n hours from
    now says where the storm is n hours later on its own track, at natural intervals, as bulletins do.
    """
    here = story.storm_time(now)
    past = [fix for fix in storm.fixes if here - _BEFORE <= fix.time < here]
    analysed = [*past, at(storm.fixes, here)]
    fixes = [_plain(storm, fix, story.clock_time(fix.time), None) for fix in analysed[:-1]]
    fixes.append(_plain(storm, analysed[-1], now, None))
    issued = now.replace(second=0, microsecond=0)
    for hours in FORECAST_H:
        later = here + timedelta(hours=hours)
        if later <= storm.fixes[-1].time:
            fix = at(storm.fixes, later)
            fixes.append(_plain(storm, fix, now.replace(microsecond=0) + timedelta(hours=hours), issued))
    return Typhoon(storm.code, storm.name, storm.name_en, tuple(fixes))


def _plain(storm: Storm, fix: Fix, moment: datetime, issued: datetime | None) -> TyphoonFix:
    half = timedelta(hours=1.5)
    direction, speed = motion(at(storm.fixes, fix.time - half), at(storm.fixes, fix.time + half))
    return TyphoonFix(
        time=moment.replace(microsecond=0),
        lon=round(fix.lon, 2),
        lat=round(fix.lat, 2),
        issued=issued,
        pressure_hpa=round(fix.pressure_hpa),
        wind_ms=round(fix.wind_ms, 1),
        radius7_km=round(fix.radius7_km) if fix.radius7_km else None,
        radius10_km=round(fix.radius10_km) if fix.radius10_km else None,
        radius12_km=None,
        move_dir_deg=round(direction),
        move_kmh=round(speed, 1),
        grade=grade_of(fix.wind_ms),
    )
