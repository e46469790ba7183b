"""What stands in an element of a warning: texts, words of a list, times, shapes. Faults are collected."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone

from lxml import etree

from core.faults import Fault, FaultReason, quoted
from core.warnings import Circle, Point

MOST_FAULTS = 20
MOST_POINTS = 5_000
LONGEST_LINE = 500
LONGEST_TEXT = 20_000

_BEIJING = timezone(timedelta(hours=8))
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d(:\d\d)?)(\.\d{1,9})?\s?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Faults(list[Fault]):
    """At most `MOST_FAULTS`: a hostile document does not fill the quarantine's detail."""

    def note(self, reason: FaultReason, detail: str) -> None:
        """One more, if there is room."""
        if len(self) < MOST_FAULTS:
            self.append(Fault(reason, detail))


class Node:
    """An element and what may be asked of it by local names; `where` is how faults call it."""

    def __init__(self, element: etree._Element, faults: Faults, where: str = "") -> None:
        self._element = element
        self._faults = faults
        self._where = where or _local(element)

    def all(self, name: str, most: int) -> list[Node]:
        """The children of this name, at most `most` of them."""
        found = [child for child in self._element if _local(child) == name]
        if len(found) > most:
            self._faults.note(
                FaultReason.TOO_MANY_VALUES,
                f"{self._where} holds {len(found)} of {name}; the first {most} were read.",
            )
        return [Node(child, self._faults, f"{self._where}/{name}") for child in found[:most]]

    @property
    def own_text(self) -> str:
        """The text of the element itself, without invisible characters; only the document bounds it."""
        return _clean(self._element.text or "", None)

    def text(self, name: str, longest: int = LONGEST_LINE) -> str:
        """The text of the first child of this name, empty where there is none; cut where it is too long."""
        for child in self._element:
            if _local(child) == name:
                return _clean("".join(str(part) for part in child.itertext()), longest)
        return ""

    def words(self, name: str, known: frozenset[str] | None = None) -> tuple[str, ...]:
        """The texts of all children of this name, at most 20, those on the list where there is one."""
        found = [node.own_text[:LONGEST_LINE] for node in self.all(name, 20)]
        if known is not None:
            for word in found:
                if word not in known:
                    self._faults.note(
                        FaultReason.OUT_OF_RANGE,
                        f"{self._where}/{name} {quoted(word)} is no word of the list.",
                    )
        return tuple(word for word in found if word and (known is None or word in known))

    def word(self, name: str, known: frozenset[str], otherwise: str) -> str:
        """The text of a child if it is on the list, else `otherwise` and a fault."""
        found = self.text(name)
        if found in known:
            return found
        self._faults.note(
            FaultReason.OUT_OF_RANGE,
            f"{self._where}/{name} {quoted(found)} is none of {', '.join(sorted(known))}.",
        )
        return otherwise

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """`valueName` and `value` of all children of this name."""
        return tuple((node.text("valueName"), node.text("value")) for node in self.all(name, 100))

    def time(self, name: str) -> datetime | None:
        """The time of a child in UTC; None where there is none or it cannot be read, which is a fault."""
        found = self.text(name)
        if not found:
            return None
        moment = read_warning_time(found)
        if isinstance(moment, Fault):
            self._faults.note(moment.reason, f"{self._where}/{name}: {moment.detail}")
            return None
        return moment


def read_warning_time(text: str, *, zone_needed: bool = True) -> datetime | Fault:
    """A moment in UTC: CAP's form, a blank for the T, Z, or (unless a zone is needed) Beijing time."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return Fault(
            FaultReason.TIME_UNREADABLE, f"time {quoted(text)} is not of the form 2026-07-15T08:12:00+08:00."
        )
    if match["zone"] is None and zone_needed:
        return Fault(FaultReason.TIME_WITHOUT_ZONE, f"time {quoted(text)} has no offset; add one as +08:00.")
    clock = match["clock"] if match[3] else match["clock"] + ":00"
    try:
        moment = datetime.fromisoformat(
            f"{match['day']}T{clock}{(match['zone'] or '').replace('Z', '+00:00')}"
        )
        return (moment if moment.tzinfo else moment.replace(tzinfo=_BEIJING)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Fault(FaultReason.TIME_UNREADABLE, f"time {quoted(text)} names no real moment.")


def read_polygon(text: str, faults: Faults, where: str) -> tuple[Point, ...] | None:
    """`lat,lon lat,lon …`, at least four pairs, the last the first; an open one is closed."""
    words = text.split()
    if len(words) > MOST_POINTS:
        faults.note(FaultReason.TOO_MANY_VALUES, f"{where}: {len(words)} points, {MOST_POINTS} are allowed.")
        return None
    points = [_pair(word) for word in words]
    if any(point is None for point in points):
        faults.note(FaultReason.OUT_OF_RANGE, f"{where}: {quoted(text)} holds a point that is no lat,lon.")
        return None
    ring = [point for point in points if point is not None]
    if ring and ring[0] != ring[-1]:
        faults.note(FaultReason.OUT_OF_RANGE, f"{where}: the polygon was not closed; it was closed here.")
        ring.append(ring[0])
    if len(ring) < 4:
        faults.note(FaultReason.OUT_OF_RANGE, f"{where}: a polygon has at least four points.")
        return None
    return tuple(ring)


def read_circle(text: str, faults: Faults, where: str) -> Circle | None:
    """`lat,lon radius`, the radius in km."""
    centre, _, rest = text.strip().partition(" ")
    point, radius = _pair(centre), _number(rest)
    if point is None or radius is None or not 0 <= radius <= 20_000:
        faults.note(
            FaultReason.OUT_OF_RANGE, f"{where}: {quoted(text)} is no circle; write lat,lon radius_km."
        )
        return None
    return Circle(*point, radius)


def _pair(word: str) -> Point | None:
    first, _, second = word.partition(",")
    lat, lon = _number(first), _number(second)
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return lat, lon


def _number(text: str) -> float | None:
    if not re.fullmatch(r"\s*[+-]?\d{1,9}(\.\d{1,12})?\s*", text, re.ASCII):
        return None
    found = float(text)
    return found if math.isfinite(found) else None


def _clean(text: str, longest: int | None) -> str:
    return _INVISIBLE.sub("", text).strip()[:longest]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
