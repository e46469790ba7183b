"""Responsible persons of the invented county, their superiors and duties; all numbers are invented.

Real phones are 1990000xxxx, drill phones 1991000xxxx: blocks of a prefix that stands for nobody here.
"""

from __future__ import annotations

from drill.county import CODE
from drill.county.land import towns
from drill.county.places import Village
from drill.county.words import person_name

COMMANDER = "P0001"
LEADERS = ("P0003", "P0004", "P0005")
COUNTY_DUTY = ("P0006", "P0007", "P0008", "P0009", "P0010")

_COUNTY_POSTS = (
    (COMMANDER, "指挥长（县长）", None),
    ("P0002", "副指挥长（副县长）", COMMANDER),
    *((code, "带班领导", "P0002") for code in LEADERS),
    *((code, "县防指值班员", LEADERS[number % 3]) for number, code in enumerate(COUNTY_DUTY)),
)


def town_head(town: str) -> str:
    """Code of a town's head (防汛指挥)."""
    return f"P{town[-3:]}01"


def town_duty(town: str) -> tuple[str, str]:
    """Codes of a town's two duty officers, A and B."""
    return f"P{town[-3:]}02", f"P{town[-3:]}03"


def people_rows(listed: list[Village], hamlets: dict[str, list[str]]) -> list[dict[str, object]]:
    """Rows of people.csv: 10 of the county, 54 of the towns, 96 of the villages."""
    rows: list[dict[str, object]] = []

    def add(
        code: str, area: str, post: str, superior: str | None, duties: list[str], drill_phone: bool
    ) -> None:
        number = len(rows) + 1
        rows.append(
            {
                "code": code,
                "name": person_name(number),
                "phone": f"1990000{number:04d}",
                "drill_phone": f"1991000{number:04d}" if drill_phone else "",
                "area": area,
                "post": post,
                "superior": superior or "",
                "active": "1",
                "responsibilities": ";".join(duties),
            }
        )

    for code, post, superior in _COUNTY_POSTS:
        duties = (
            [f"{CODE}:防汛指挥:A"] if code == COMMANDER else [f"{CODE}:防汛指挥:B"] if code == "P0002" else []
        )
        add(code, CODE, post, superior, duties, drill_phone=code != COMMANDER)
    for town in towns():
        first, second = town_duty(town.code)
        add(town_head(town.code), town.code, "镇乡防汛指挥", "P0002", [f"{town.code}:防汛指挥:A"], False)
        add(first, town.code, "防汛值班员", town_head(town.code), [f"{town.code}:防汛值班:A"], True)
        add(second, town.code, "防汛值班员", town_head(town.code), [f"{town.code}:防汛值班:B"], False)
    for position, village in enumerate(listed):
        first, second = f"P{village.code[-6:]}A", f"P{village.code[-6:]}B"
        moved = [f"{hamlet}:转移责任人:A" for hamlet in hamlets.get(village.code, [])]
        head = town_head(village.town.code)
        add(
            first, village.code, "村防汛责任人", head, [f"{village.code}:防汛责任人:A", *moved], position < 12
        )
        moved = [one[:-1] + "B" for one in moved]
        add(second, village.code, "村防汛责任人", head, [f"{village.code}:防汛责任人:B", *moved], False)
    return rows
