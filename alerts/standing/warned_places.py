"""Which of our areas an official warning touches: by shape, by code, by name. Pure.

Whoever leaves open which place is meant is believed to mean ours: a trusted sender's warning that cannot be placed
is the county's (`UNKNOWN`), never nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.areas import Area
from core.geometry import Place, Polygon, distance_to_km, polygons_of, touch, within
from core.warnings import WarnedArea, WarningMessage


class Placed(StrEnum):
    """How it is known which place is meant."""

    SHAPE = "shape"
    CODE = "code"
    NAME = "name"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Touched:
    """The county alone where all of it is meant (or nobody knows), else its towns that are."""

    areas: tuple[Area, ...]
    how: Placed


def touched(message: WarningMessage, county: Area, towns: Sequence[Area]) -> Touched | None:
    """The areas of ours that a warning touches; None where it means other places."""
    warned = list(dict.fromkeys(area for info in message.infos for area in info.areas))
    if any(_by_code(one, county) for one in warned):
        return Touched((county,), Placed.CODE)
    by_shape = _by_shape(warned, county, towns)
    if by_shape:
        return Touched(by_shape, Placed.SHAPE)
    by_code = tuple(town for town in towns if any(_codes_within(one, town.code) for one in warned))
    if by_code:
        return Touched(_all_or(by_code, county, towns), Placed.CODE)
    by_name = tuple(town for town in towns if any(_names(one, town) for one in warned))
    if by_name:
        return Touched(_all_or(by_name, county, towns), Placed.NAME)
    if any(_names(one, county) for one in warned):
        return Touched((county,), Placed.NAME)
    if any(_placed(one) for one in warned):
        return None
    return Touched((county,), Placed.UNKNOWN)


def _placed(one: WarnedArea) -> bool:
    return bool(one.polygons or one.circles or any(_region(value) for _, value in one.geocodes))


def _by_shape(warned: Iterable[WarnedArea], county: Area, towns: Sequence[Area]) -> tuple[Area, ...]:
    shapes = [_Shape.of(one) for one in warned if one.polygons or one.circles]
    found = tuple(town for town in towns if any(shape.touches(town) for shape in shapes))
    if found:
        return _all_or(found, county, towns)
    return (county,) if any(shape.touches(county) for shape in shapes) else ()


def _all_or(found: tuple[Area, ...], county: Area, towns: Sequence[Area]) -> tuple[Area, ...]:
    return (county,) if len(found) == len(towns) else found


def _by_code(one: WarnedArea, county: Area) -> bool:
    """A code of the county itself or of what it lies in."""
    own = _region(county.code) or county.code
    return any((region := _region(value)) and own.startswith(region) for _, value in one.geocodes)


def _codes_within(one: WarnedArea, code: str) -> bool:
    """A code of the town, of what it lies in, or of a place in it."""
    own = _region(code) or code
    return any(
        (region := _region(value)) and (own.startswith(region) or region.startswith(own))
        for _, value in one.geocodes
    )


def _region(value: str) -> str | None:
    """What tells of a code of GB/T 2260 or GB/T 10114 (6, 9, 12 or 15 digits): without the zeros that fill it."""
    code = value.strip()
    if not code.isascii() or not code.isdigit() or not 6 <= len(code) <= 15:
        return None
    head, tail = code[:6], code[6:]
    while tail.endswith("000"):
        tail = tail[:-3]
    if tail:
        return head + tail
    while head.endswith("00"):
        head = head[:-2]
    return head or None


def _names(one: WarnedArea, area: Area) -> bool:
    said = one.description.casefold()
    return any(name and name.casefold() in said for name in (area.name, area.name_en))


@dataclass(frozen=True, slots=True)
class _Shape:
    polygons: tuple[Polygon, ...]
    circles: tuple[tuple[Place, float], ...]

    @classmethod
    def of(cls, one: WarnedArea) -> _Shape:
        return cls(
            tuple([[(lon, lat) for lat, lon in ring]] for ring in one.polygons),
            tuple(((circle.lon, circle.lat), circle.radius_km) for circle in one.circles),
        )

    def touches(self, area: Area) -> bool:
        """By the area's outline, else by the point that stands for it."""
        outline = polygons_of(area.outline)
        if outline:
            return any(touch(mine, its) for mine in self.polygons for its in outline) or any(
                distance_to_km(centre, outline) <= radius for centre, radius in self.circles
            )
        if area.lon is None or area.lat is None:
            return False
        place = (area.lon, area.lat)
        return any(within(place, mine) for mine in self.polygons) or any(
            distance_to_km(place, ([[centre]],)) <= radius for centre, radius in self.circles
        )
