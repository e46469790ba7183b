"""Templates of the common orders, filled from an alarm: 巡查, 准备转移, 立即转移, 解除."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from alerts.orders.texts import number_text
from core.errors import NotFoundError
from core.language import Translate
from core.properties import PROPERTIES
from core.severity import Severity
from store.areas import area as area_of
from store.areas import areas, shelters

TEMPLATES = ("patrol", "prepare", "evacuate", "all_clear")
"""In rising order of what they ask; `all_clear` takes it back."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may name; an unknown fact leaves a general word."""

    area_name: str
    people: int | None = None
    shelter: str | None = None
    station: str | None = None
    property: str | None = None
    value: float | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """Texts for the composer, to be changed at will."""

    title: str
    text: str
    led_text: str
    spoken_text: str


def fill(template: str, facts: Facts, words: Translate) -> Filled:
    """A template's texts. Raises NotFoundError for an unknown template."""
    if template not in TEMPLATES:
        raise NotFoundError(f"there is no template {template!r}; there are {', '.join(TEMPLATES)}")
    values = {
        "area": facts.area_name,
        "cause": _cause(facts, words),
        "shelter": facts.shelter or words("template.shelter"),
        "people": words("template.people_count", count=facts.people)
        if facts.people
        else words("template.people"),
    }
    title, text, led, spoken = (
        words(f"template.{template}.{part}", **values) for part in ("title", "text", "led", "spoken")
    )
    return Filled(title, text, led, spoken)


def facts_of(connection: Connection[Any], area: str, alarm: int | None, words: Translate) -> Facts:
    """Facts of an area, and of the alarm that an order is made from. Raises NotFoundError."""
    place = area_of(connection, area)
    below = areas(connection, within=area)
    people = place.people_at_risk or sum(one.people_at_risk or 0 for one in below if one.code != area)
    shelter = next((one.name for one in shelters(connection, within=area)), None)
    facts = Facts(place.name, people or None, shelter)
    if alarm is None:
        return facts
    found = connection.execute(
        "select coalesce(station.name, alarm.subject), alarm.property, alarm.value, alarm.threshold_name"
        " from alarm left join station on station.code = alarm.station where alarm.id = %s",
        (alarm,),
    ).fetchone()
    if found is None:
        raise NotFoundError(f"there is no alarm {alarm}")
    station, observed, value, limit = found
    known = f"limit.{limit}"
    name = words(known) if limit else None
    return Facts(
        place.name, people or None, shelter, station, observed, value, limit if name == known else name
    )


def suggested(severity: Severity | None) -> str:
    """The template that fits a severity: what the composer opens with."""
    if severity is Severity.RED:
        return "evacuate"
    return "prepare" if severity is Severity.ORANGE else "patrol"


def _cause(facts: Facts, words: Translate) -> str:
    observed = PROPERTIES.get(facts.property or "")
    if facts.station is None or facts.value is None or observed is None or facts.limit is None:
        return ""
    return words(
        "template.cause",
        station=facts.station,
        property=words(f"property.{observed.name}"),
        value=number_text(facts.value, observed.decimals),
        unit=observed.unit,
        limit=facts.limit,
    )
