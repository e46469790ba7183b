"""Typhoons that come near: how far from the county, and which winds reach it, now and by the issued forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.words import both, colours
from core import notices
from core.areas import Area
from core.geometry import Polygon, polygons_of
from core.severity import Severity
from core.typhoons import TyphoonFix
from hydrology.typhoon_approach import At, current_and_forecast, walk
from store import areas, exercises, typhoons

BY_DISTANCE = "typhoon_distance"
BY_WIND = "typhoon_wind"


@dataclass(frozen=True, slots=True)
class Near:
    """Nearer than `km`, now or within the hours that count ahead."""

    km: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Wind:
    """Winds of `force` reach the county now or within `within_h` hours."""

    force: int
    within_h: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule's `terms` (docs/weather.md); times in hours."""

    distance: tuple[Near, ...]
    distance_ahead_h: float
    wind: tuple[Wind, ...]
    hold_h: float
    gone_h: float

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """Raises KeyError, ValueError where a term is missing or no number."""
        return cls(
            tuple(Near(float(one["km"]), Severity(one["severity"])) for one in terms["distance"]),
            float(terms["distance_ahead_h"]),
            tuple(
                Wind(int(one["force"]), float(one["within_h"]), Severity(one["severity"]))
                for one in terms["wind"]
            ),
            float(terms["hold_h"]),
            float(terms["gone_h"]),
        )


@dataclass(frozen=True, slots=True)
class Reached:
    """A term that is met: by how far (km), against what, and when it is so (now, or as forecast)."""

    severity: Severity
    name: str
    value: float
    threshold: float
    at: At
    force: int | None = None


def reached(terms: Terms, course: Sequence[At]) -> Reached | None:
    """The worst term that the storm meets; of equals the one that is met first, wind before distance. Pure."""
    start = course[0].time
    found: list[Reached] = []
    for wind in terms.wind:
        for at in course:
            reach = at.reach_km.get(wind.force, 0.0)
            if at.time <= start + timedelta(hours=wind.within_h) and reach > 0 and at.distance_km <= reach:
                found.append(Reached(wind.severity, BY_WIND, at.distance_km, reach, at, wind.force))
                break
    for near in terms.distance:
        for at in course:
            if at.time <= start + timedelta(hours=terms.distance_ahead_h) and at.distance_km < near.km:
                found.append(Reached(near.severity, BY_DISTANCE, at.distance_km, near.km, at))
                break

    def urgency(one: Reached) -> tuple[int, timedelta, bool]:
        return one.severity.rank, start - one.at.time, one.name == BY_WIND

    return max(found, key=urgency, default=None)


def judge(
    fixes: Sequence[TyphoonFix], terms: Terms, county: Sequence[Polygon], now: datetime
) -> tuple[Reached | None, tuple[At, ...], bool]:
    """What is reached, the course that says so, and whether it is to be held: too old to be judged by. Pure.

    Hours ahead count from the newest position. One older than `hold_h` is not judged by: what stood stands; one
    older than `gone_h` is of a storm that nobody follows any more.
    """
    current, forecast = current_and_forecast(fixes)
    if current is None or now - current.time > timedelta(hours=terms.gone_h):
        return None, (), False
    if now - current.time > timedelta(hours=terms.hold_h):
        return None, (), True
    longest = max([terms.distance_ahead_h, *(wind.within_h for wind in terms.wind)])
    course = walk(current, forecast, county, current.time + timedelta(hours=longest))
    return reached(terms, course), course, False


def outline_of(known: Sequence[Area]) -> tuple[Area | None, tuple[Polygon, ...]]:
    """The county and what stands for it on the map: its outline, else its towns', else the points known of them."""
    county = next((area for area in known if area.kind == "county"), None)
    if county is None:
        return None, ()
    towns = [area for area in known if area.kind == "town"]
    shapes = polygons_of(county.outline) or tuple(p for town in towns for p in polygons_of(town.outline))
    if shapes:
        return county, shapes
    points = [(area.lon, area.lat) for area in (county, *towns)]
    return county, tuple([[(lon, lat)]] for lon, lat in points if lon is not None and lat is not None)


def _finding(
    typhoon: typhoons.KnownTyphoon, exercise: str | None, county: Area, met: Reached, course: Sequence[At],
    current: TyphoonFix,
) -> Finding:  # fmt: skip
    nearest = min(course, key=lambda at: at.distance_km)
    ahead_h = (met.at.time - current.time).total_seconds() / 3600
    return Finding(
        subject_kind="typhoon",
        subject=typhoon.code,
        observed_at=current.time,
        severity=met.severity,
        area=county.code,
        exercise=exercise,
        value=round(course[0].distance_km, 1),
        threshold=round(met.threshold, 1),
        threshold_name=met.name,
        facts={
            "name": _named(typhoon),
            "typhoon": typhoon.code,
            "colour": colours(met.severity),
            "distance_km": round(course[0].distance_km),
            "wind_ms": current.wind_ms,
            "grade": current.grade,
            "pressure_hpa": current.pressure_hpa,
            "by": met.name,
            "force": met.force,
            "limit_km": round(met.threshold),
            "expected_at": met.at.time.isoformat(),
            "ahead_h": round(ahead_h, 1),
            "nearest_km": round(nearest.distance_km),
            "nearest_at": nearest.time.isoformat(),
            "forecast": met.at.forecast,
            "why": _why(met, ahead_h),
        },
    )


def _named(typhoon: typhoons.KnownTyphoon) -> dict[str, str]:
    """The name with the word before it, once: some services write it themselves."""
    en = typhoon.name_en or typhoon.name
    return {
        "zh": typhoon.name if "台风" in typhoon.name else f"台风{typhoon.name}",
        "en": en if "typhoon" in en.casefold() else f"Typhoon {en}",
    }


def _why(met: Reached, ahead_h: float) -> dict[str, str]:
    when = "forecast" if met.at.forecast else "now"
    return both(
        f"standing.{met.name}.{when}",
        force=met.force,
        limit=f"{met.threshold:.0f}",
        distance=f"{met.value:.0f}",
        hours=f"{ahead_h:.0f}",
    )


class TyphoonFinder:
    """`terms`: see `Terms`. Due at every position that comes, and each minute."""

    kind = "typhoon"
    every_s = 60.0
    wakes = frozenset({notices.TYPHOON, notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Storms that meet a term, for real and in every running exercise; old ones are held."""
        terms = Terms.of(rule.terms)
        county, shapes = outline_of(areas.areas(connection))
        if county is None or not shapes:
            return Found()
        findings: list[Finding] = []
        held: set[SubjectKey] = set()
        for exercise in (None, *(one.code for one in exercises.exercises(connection, running=True))):
            for typhoon in typhoons.known(connection, exercise):
                if typhoon.historical or _gone(typhoon, terms, look.now):
                    continue
                fixes = typhoons.fixes(connection, typhoon.code, exercise, forecasts=1)
                fixes = [fix for fix in fixes if fix.issued is not None or fix.time <= look.now]
                met, course, hold = judge(fixes, terms, shapes, look.now)
                if hold:
                    held.add((exercise, "typhoon", typhoon.code))
                elif met is not None:
                    current, _ = current_and_forecast(fixes)
                    assert current is not None
                    findings.append(_finding(typhoon, exercise, county, met, course, current))
        return Found(tuple(findings), frozenset(held))


def _gone(typhoon: typhoons.KnownTyphoon, terms: Terms, now: datetime) -> bool:
    return typhoon.last_time is None or now - typhoon.last_time > timedelta(hours=terms.gone_h)
