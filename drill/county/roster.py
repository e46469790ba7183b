"""The invented county's duty roster for the days around a given one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from drill.county import CODE
from drill.county.land import towns
from drill.county.persons import COUNTY_DUTY, LEADERS, town_duty

CHANGE = time(8, 30)
"""Duty is handed over in the morning, local time."""


def roster_rows(day: date, zone: str, before: int = 30, after: int = 30) -> list[dict[str, object]]:
    """Rows of a roster: each day one county officer and one leader, and one officer per town.

    Towns alternate between their two officers from week to week.
    """
    rows: list[dict[str, object]] = []
    for offset in range(-before, after + 1):
        begin = datetime.combine(day + timedelta(days=offset), CHANGE, ZoneInfo(zone))
        number = begin.date().toordinal()
        turns = [
            (CODE, COUNTY_DUTY[number % len(COUNTY_DUTY)], "duty"),
            (CODE, LEADERS[number % len(LEADERS)], "leader"),
            *((town.code, town_duty(town.code)[number // 7 % 2], "duty") for town in towns()),
        ]
        for area, person, position in turns:
            rows.append(
                {
                    "area": area,
                    "person": person,
                    "position": position,
                    "starts": begin.isoformat(),
                    "ends": (begin + timedelta(days=1)).isoformat(),
                }
            )
    return rows
