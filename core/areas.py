"""Areas: county, towns, villages, hamlets at risk (风险点); and shelters (避灾安置场所)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Area:
    """`kind` is county, town, village or hamlet; `parent` the area above it.

    `people_at_risk` counts persons to be moved when the area must be left; `outline` is a GeoJSON
    geometry in WGS 84, if one is known.
    """

    code: str
    name: str
    name_en: str
    kind: str
    parent: str | None = None
    population: int | None = None
    people_at_risk: int | None = None
    lon: float | None = None
    lat: float | None = None
    outline: dict[str, Any] | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Shelter:
    """A place where evacuated people stay; `capacity` in persons."""

    code: str
    name: str
    name_en: str
    area: str
    capacity: int
    lon: float | None = None
    lat: float | None = None
    origin: str | None = None
