"""From elements to readings in our properties and units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from core.faults import Fault, FaultReason
from core.observations import Reading
from core.quality import Quality
from formats.sl651.body import Item
from formats.sl651.elements import BY_CODE, Element, Kind
from formats.sl651.facts import StationFacts

_GATE_CLOSED = 444.0
_GATE_STATES = frozenset({_GATE_CLOSED, 555.0, 888.0, 999.0})
"""Closed, no gate, lifted out of the water, wholly open (E.3.2.2): no heights."""
_DRY_WELL = 444.0
_DURATION, _STORM_RAIN, _GATE_NUMBER, _RIVER_LEVEL, _UPPER_LEVEL = "05", "25", "0A", "39", "3B"
_BY_GATE = frozenset({"gate_opening", "gates_open", "gate_flow"})
_TIDE, _INTAKES = "T", frozenset({"I", "O"})
_BESIDE_UPPER = 3
"""Sensor of a level Z that comes together with a level ZU, which is then the station's level."""
_GROUP_OF = attrgetter("group")
RELATIVE_LEVEL = "relative_level"
"""Property of a relative level whose base level is not known, in metres."""


def read_items(
    items: Sequence[Item], facts: Callable[[str], StationFacts]
) -> tuple[list[Reading], list[Fault]]:
    """Readings in the order of the body, and what has no meaning here.

    Elements of a maker's own (FFxx) become readings of a property with that name; those that the
    standard reserves are a fault, for they are mostly a slip of the reading before.
    """
    readings: list[Reading] = []
    strange: set[str] = set()
    known: dict[str, StationFacts] = {}
    for _, together in groupby(items, key=_GROUP_OF):
        members = list(together)
        group = _Group(members)
        for item in members:
            if item.time is None or not item.address:
                continue
            station = known.get(item.address)
            if station is None:
                station = known[item.address] = facts(item.address)
            element = BY_CODE.get(item.code)
            if element is None:
                if item.code.startswith("FF") or not _is_code(item.code):
                    readings.append(_reading(station.code, item.code, item.time, item.value))
                else:
                    strange.add(item.code)
            elif element.kind is Kind.NOTE or item.code == _DURATION:
                group.note(item)
            elif element.property:
                _add(readings, station, element, item, item.time, group)
    return readings, [
        Fault(FaultReason.UNKNOWN_ELEMENT, f"element {code} is reserved; its value was left out.")
        for code in sorted(strange)
    ]


def _is_code(code: str) -> bool:
    """True of a leading byte, False of letters that an ASCII body made up."""
    return len(code) == 2 and all(sign in "0123456789ABCDEF" for sign in code)


class _Group:
    """What the elements of one station and time say of each other."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.gate = 1
        codes = {item.code for item in items}
        self.upper = _UPPER_LEVEL in codes and _RIVER_LEVEL in codes
        self.storm_s = next((_seconds(item.value) for item in items if item.code == _DURATION), None)

    def note(self, item: Item) -> None:
        """A gate's number holds for the elements behind it."""
        if item.code == _GATE_NUMBER and item.value:
            self.gate = int(item.value)


def _add(
    readings: list[Reading],
    station: StationFacts,
    element: Element,
    item: Item,
    time: datetime,
    group: _Group,
) -> None:
    name, sensor, period_s, value = element.property, element.sensor, element.period_s, item.value
    reason = ""
    if name == "water_level":
        if element.kind is Kind.HOUR_LEVEL:
            base = station.base_levels_m.get(sensor)
            if base is None:
                name, reason = RELATIVE_LEVEL, FaultReason.BASE_UNKNOWN
            elif value is not None:
                value = round(base + value, 3)
        if item.category in _INTAKES and element.kind is Kind.HOUR_LEVEL:
            sensor += 10
        elif group.upper and item.code == _RIVER_LEVEL:
            sensor = _BESIDE_UPPER
        if item.category == _TIDE and name == "water_level" and sensor == 1:
            name = "tide_level"
    elif name in _BY_GATE:
        sensor = group.gate
    elif item.code == _STORM_RAIN and group.storm_s:
        name, period_s = "rainfall", group.storm_s
    if element.kind is Kind.DIRECTION and value is not None:
        value = (value - 1) * 22.5 if 1 <= value <= 16 else None
    elif element.kind is Kind.GATE_HEIGHT and value in _GATE_STATES:
        readings.append(_reading(station.code, "gate_state", time, value, sensor))
        if value != _GATE_CLOSED:
            return
        value = 0.0
    elif element.kind is Kind.DEPTH and value == _DRY_WELL:
        value = None
    readings.append(_reading(station.code, name, time, value, sensor, period_s, reason))


def _reading(
    station: str,
    name: str,
    time: datetime,
    value: float | None,
    sensor: int = 1,
    period_s: int = 0,
    reason: str = "",
) -> Reading:
    if value is None:
        return Reading(station, name, time, None, sensor, period_s, Quality.MISSING, FaultReason.MISSING)
    return Reading(station, name, time, value, sensor, period_s, Quality.NOT_EVALUATED, reason)


def _seconds(duration: float | None) -> int | None:
    """Seconds of HH.mm; None if there are none."""
    if duration is None or duration <= 0:
        return None
    hours, minutes = divmod(round(duration * 100), 100)
    return hours * 3600 + minutes * 60


def implied_bases(items: Sequence[Item]) -> dict[int, float]:
    """Base levels that a body gives away: a true and a relative level at the same time.

    By level number, to 1 cm; where two times disagree there is none.
    """
    true = {
        (item.address, 2 if item.code == "3A" else 1, item.time): item.value
        for item in items
        if item.code in (_RIVER_LEVEL, "3A", _UPPER_LEVEL) and item.value is not None
    }
    found: dict[int, set[float]] = {}
    for item in items:
        if item.code in ("F5", "F6") and item.value is not None and item.time is not None:
            number = 1 if item.code == "F5" else 2
            level = true.get((item.address, number, item.time))
            if level is not None:
                found.setdefault(number, set()).add(round(level - item.value, 2))
    return {number: next(iter(bases)) for number, bases in found.items() if len(bases) == 1}
