"""What every page needs to know of its place: the installation, the exercises, the county's outline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from app.auth.identity import SignedIn
from core.areas import Area
from store.areas import areas
from store.exercises import exercises
from store.installation import installation


@dataclass(frozen=True, slots=True)
class Basis:
    """`home` goes to the scripts as it is: names, demo mark, areas and the outline for the map."""

    person: SignedIn
    exercise: str | None
    exercises: list[dict[str, Any]]
    demo: bool
    name: str
    name_en: str
    home: dict[str, Any]
    order: int | None = None

    def place(self, language: str) -> str:
        """The name of the command centre."""
        return self.name_en if language == "en" else self.name


def read_basis(
    connection: Connection[Any], person: SignedIn, exercise: str | None, order: int | None
) -> Basis:
    """Reads it once per page that is opened."""
    place = installation(connection)
    known = areas(connection)
    if order is not None and exercise is None:
        exercise = _exercise_of_order(connection, order)
    return Basis(
        person=person,
        exercise=exercise,
        exercises=[
            {"code": each.code, "name": each.name, "ended": each.ended_at is not None}
            for each in exercises(connection)
        ],
        demo=place.purpose == "demo",
        name=place.name,
        name_en=place.name_en,
        order=order,
        home={
            "lon": place.lon,
            "lat": place.lat,
            "areas": [_area(area) for area in known],
            "cards": _cards(connection),
            "posts": _posts(connection),
            "outline": next((area.outline for area in known if area.kind == "county" and area.outline), None),
        },
    )


def _exercise_of_order(connection: Connection[Any], order: int) -> str | None:
    """An order's page belongs to the order's exercise, whatever the address says."""
    found = connection.execute("select exercise from orders where id = %s", (order,)).fetchone()
    return found[0] if found else None


def _posts(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Posts that persons hold, and how many hold each, by area."""
    found = connection.execute(
        "select area, post, count(distinct person) from ("
        " select person.area, person.post, person.code as person from person where active"
        " union select responsibility.area, responsibility.post, responsibility.person from responsibility"
        " join person on person.code = responsibility.person where person.active"
        ") held group by area, post order by post, area"
    ).fetchall()
    return [{"area": area, "post": post, "persons": persons} for area, post, persons in found]


def _cards(connection: Connection[Any]) -> dict[str, Any]:
    """What each rule advises, by `code/version`."""
    found = connection.execute("select code, version, card, source from rule").fetchall()
    return {f"{code}/{version}": {"card": card, "source": source} for code, version, card, source in found}


def _area(area: Area) -> dict[str, Any]:
    return {
        "code": area.code,
        "name": area.name,
        "name_en": area.name_en,
        "kind": area.kind,
        "parent": area.parent,
        "lon": area.lon,
        "lat": area.lat,
        "at_risk": area.people_at_risk,
    }
