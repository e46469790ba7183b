"""`anlan/weather/typhoon`: a typhoon's track and forecast as JSON.

    {"code": "2421", "name": "康妮", "name_en": "Kong-rey",
     "fixes": [{"time", "lon", "lat", "pressure_hpa", "wind_ms", "radius7_km", "radius10_km",
                "radius12_km", "move_dir_deg", "move_kmh", "grade", "circles"}],
     "forecast": {"issued": "…", "fixes": [the same]}}

A circle is `{"force": 7, "quadrants_km": [NE, SE, SW, NW]}` or `{"force": 7, "longest_km", "shortest_km",
"towards_deg"}`. A wrong field of a fix is left out and named; a fix without a true time and position is left out whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from core.faults import Fault, FaultReason, quoted
from core.topics import CODE
from core.typhoons import GRADES, Typhoon, TyphoonFix, WindCircle
from formats.json_reading import read_json
from formats.texts import read_text
from formats.times import read_time

_RANGES: dict[str, tuple[float, float]] = {
    "pressure_hpa": (800.0, 1100.0),
    "wind_ms": (0.0, 150.0),
    "radius7_km": (0.0, 3000.0),
    "radius10_km": (0.0, 3000.0),
    "radius12_km": (0.0, 3000.0),
    "move_dir_deg": (0.0, 360.0),
    "move_kmh": (0.0, 300.0),
}
_FIX_FIELDS = frozenset({"time", "lon", "lat", "grade", "circles", *_RANGES})
_CIRCLE_FIELDS = frozenset({"force", "longest_km", "shortest_km", "towards_deg", "quadrants_km"})
_FORCES = (7, 10, 12)
_WIDEST_KM = 3000.0
_FIELDS = frozenset({"code", "name", "name_en", "fixes", "forecast"})


def decode(payload: bytes, most_fixes: int = 5_000) -> tuple[Typhoon | None, list[Fault]]:
    """The typhoon (None if nothing of it can be used) and what was wrong; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return None, [content]
    faults: list[Fault] = []
    if not isinstance(content, dict):
        return None, [Fault(FaultReason.WRONG_SHAPE, "a typhoon is one object.")]
    code = content.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return None, [
            Fault(FaultReason.BAD_CODE, f"code {quoted(code)} is no code: letters, digits and _ . - only.")
        ]
    faults += _unknown_fields(content, _FIELDS, "")
    name = read_text(content.get("name"), "name", code, faults)
    name_en = read_text(content.get("name_en"), "name_en", name, faults)
    fixes = _fixes(content.get("fixes"), "fixes", None, faults, most_fixes)
    forecast = content.get("forecast")
    if forecast is not None:
        issued = read_time(forecast.get("issued") if isinstance(forecast, dict) else None)
        if not isinstance(forecast, dict):
            faults.append(Fault(FaultReason.WRONG_SHAPE, "forecast is one object."))
        elif isinstance(issued, Fault):
            faults.append(Fault(issued.reason, f"forecast issued: {issued.detail}"))
        else:
            faults += _unknown_fields(forecast, frozenset({"issued", "fixes"}), "forecast: ")
            fixes += _fixes(forecast.get("fixes"), "forecast", issued, faults, most_fixes)
    if not fixes:
        faults.append(Fault(FaultReason.EMPTY, "no position of the typhoon can be used."))
        return None, faults
    return Typhoon(code, name, name_en, tuple(fixes)), faults


def encode(typhoon: Typhoon) -> bytes:
    """One message; the newest forecast goes with it."""
    issued = max((fix.issued for fix in typhoon.fixes if fix.issued is not None), default=None)
    message: dict[str, Any] = {
        "code": typhoon.code,
        "name": typhoon.name,
        "name_en": typhoon.name_en,
        "fixes": _plain([fix for fix in typhoon.fixes if fix.issued is None]),
    }
    if issued is not None:
        message["forecast"] = {
            "issued": issued.isoformat(),
            "fixes": _plain([fix for fix in typhoon.fixes if fix.issued == issued]),
        }
    return msgspec.json.encode(message)


def _plain(fixes: Sequence[TyphoonFix]) -> list[dict[str, Any]]:
    plain = []
    for fix in fixes:
        entry: dict[str, Any] = {"time": fix.time.isoformat(), "lon": fix.lon, "lat": fix.lat}
        entry |= {name: value for name in _RANGES if (value := getattr(fix, name)) is not None}
        if fix.grade is not None:
            entry["grade"] = fix.grade
        if fix.circles:
            entry["circles"] = [_plain_circle(circle) for circle in fix.circles]
        plain.append(entry)
    return plain


def _fixes(
    content: Any, name: str, issued: datetime | None, faults: list[Fault], most: int
) -> list[TyphoonFix]:
    if content is None:
        return []
    if not isinstance(content, list):
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{name} is a list of positions."))
        return []
    if len(content) > most:
        faults.append(
            Fault(FaultReason.TOO_MANY_VALUES, f"{name}: {len(content)} positions, {most} are allowed.")
        )
        return []
    found = []
    for place, entry in enumerate(content):
        fix = _fix(entry, f"{name} {place}: ", issued, faults)
        if fix is not None:
            found.append(fix)
    return found


def _fix(entry: Any, where: str, issued: datetime | None, faults: list[Fault]) -> TyphoonFix | None:
    if not isinstance(entry, dict):
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}a position is an object."))
        return None
    faults += _unknown_fields(entry, _FIX_FIELDS, where)
    time = read_time(entry.get("time"))
    if isinstance(time, Fault):
        faults.append(Fault(time.reason, where + time.detail))
        return None
    lon = _number(entry.get("lon"), "lon", -180.0, 180.0, where, faults)
    lat = _number(entry.get("lat"), "lat", -90.0, 90.0, where, faults)
    if lon is None or lat is None:
        if "lon" not in entry or "lat" not in entry:
            faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}a position needs lon and lat."))
        return None
    others = {
        name: _number(entry.get(name), name, *limits, where, faults) for name, limits in _RANGES.items()
    }
    grade = entry.get("grade")
    if grade is not None and grade not in GRADES:
        faults.append(
            Fault(FaultReason.OUT_OF_RANGE, f"{where}grade {quoted(grade)} is none of {', '.join(GRADES)}.")
        )
        grade = None
    circles = _circles(entry.get("circles"), where, faults)
    for circle in circles:
        if others[f"radius{circle.force}_km"] is None:
            others[f"radius{circle.force}_km"] = circle.longest_km
    return TyphoonFix(time, lon, lat, issued, **others, grade=grade, circles=circles)


def _plain_circle(circle: WindCircle) -> dict[str, Any]:
    if circle.quadrants_km is not None:
        return {"force": circle.force, "quadrants_km": list(circle.quadrants_km)}
    plain = {"force": circle.force, "longest_km": circle.longest_km, "shortest_km": circle.shortest_km}
    return plain if circle.towards_deg is None else plain | {"towards_deg": circle.towards_deg}


def _circles(content: Any, where: str, faults: list[Fault]) -> tuple[WindCircle, ...]:
    if content is None:
        return ()
    if not isinstance(content, list) or len(content) > len(_FORCES):
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}circles is a list of at most {len(_FORCES)}."))
        return ()
    found: dict[int, WindCircle] = {}
    for entry in content:
        circle = _circle(entry, where, faults)
        if circle is not None:
            found[circle.force] = circle
    return tuple(found.values())


def _circle(entry: Any, where: str, faults: list[Fault]) -> WindCircle | None:
    if not isinstance(entry, dict) or entry.get("force") not in _FORCES:
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}a circle has a force of {_FORCES}."))
        return None
    faults += _unknown_fields(entry, _CIRCLE_FIELDS, where)
    force = int(entry["force"])
    quadrants = entry.get("quadrants_km")
    if quadrants is not None:
        four = quadrants if isinstance(quadrants, list) and len(quadrants) == 4 else [None] * 4
        km = [_number(one, "quadrants_km", 0.0, _WIDEST_KM, where, faults) for one in four]
        numbers = [one for one in km if one is not None]
        if len(numbers) != 4:
            faults.append(
                Fault(FaultReason.WRONG_SHAPE, f"{where}quadrants_km are four numbers: NE, SE, SW, NW.")
            )
            return None
        ne, se, sw, nw = numbers
        return WindCircle(force, max(numbers), min(numbers), None, (ne, se, sw, nw))
    longest = _number(entry.get("longest_km"), "longest_km", 0.0, _WIDEST_KM, where, faults)
    if longest is None:
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}a circle has longest_km or quadrants_km."))
        return None
    shortest = _number(entry.get("shortest_km"), "shortest_km", 0.0, longest, where, faults)
    towards = _number(entry.get("towards_deg"), "towards_deg", 0.0, 360.0, where, faults)
    return WindCircle(force, longest, longest if shortest is None else shortest, towards)


def _number(value: Any, name: str, low: float, high: float, where: str, faults: list[Fault]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(Fault(FaultReason.WRONG_TYPE, f"{where}{name} is a number, not {quoted(value)}."))
        return None
    if not low <= value <= high:
        faults.append(
            Fault(FaultReason.OUT_OF_RANGE, f"{where}{name} {value:g} is outside {low:g} to {high:g}.")
        )
        return None
    return float(value)


def _unknown_fields(content: dict[str, Any], known: frozenset[str], where: str) -> list[Fault]:
    return [
        Fault(FaultReason.UNKNOWN_FIELD, f"{where}field {quoted(name)} is not of the contract.")
        for name in content
        if name not in known
    ]
