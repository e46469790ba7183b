"""Reports from the field: a person files, joins, edits or closes one, history and audit included.

A report is never refused for where it comes from: a position outside of the reporter's area is filed in that area all
the same, and says so. What looks like a report that is there already is proposed for joining, and filed by itself only
if the person says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from core.areas import Area
from core.errors import ConflictError, ForbiddenError, InputError
from core.geometry import distance_km, distance_to_km, polygons_of
from core.reports import SAME_PLACE_M, SAME_TIME, Report, ReportEventKind, ReportKind
from core.severity import Severity
from store import areas, audit, exercises, reports

FUTURE = timedelta(minutes=5)
OLDEST = timedelta(days=7)
MOST_PHOTOS = 12
"""Of one report: three persons with four pictures each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person reports; `join` is the report that it is of the same danger as, `separate`: it is of another."""

    key: str
    kind: ReportKind
    severity: Severity | None
    text: str
    place: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    area: str | None
    observed_at: datetime | None
    exercise: str | None
    join: int | None = None
    separate: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """The report as filed (`repeated`: it had been before), or those that look like it (`similar`): nothing was filed."""

    report: Report | None
    repeated: bool = False
    similar: tuple[Report, ...] = ()


def file(
    connection: Connection[Any], draft: Draft, *, actor: str, own_area: str | None, at: datetime
) -> Filed:
    """Files a report in the caller's transaction; `own_area` bounds the reporter (None: the county).

    Raises InputError (neither place nor area, a time that cannot be, no such area), ForbiddenError for a named
    area that is not the reporter's, ConflictError (its exercise is over; joined to one that is closed or of
    another kind), NotFoundError. Whether the role may report is for the caller to check.
    """
    known = reports.by_key(connection, actor, draft.key)
    if known is not None:
        return Filed(known, repeated=True)
    exercises.require_running(connection, draft.exercise)
    seen = draft.observed_at or at
    if not at - OLDEST <= seen <= at + FUTURE:
        raise InputError(
            "observed_at", "a report is of the last seven days: correct the time of what was seen"
        )
    area, outside = _area_of(connection, draft, own_area)
    report = Report(
        0, draft.key, draft.exercise, draft.kind, draft.severity or draft.kind.severity, area, draft.lon,
        draft.lat, draft.accuracy_m, _plain(draft.place), _plain(draft.text), min(seen, at), at, actor,
    )  # fmt: skip
    reports.hold_filing(connection, draft.exercise, draft.kind)
    if draft.join is not None:
        report = replace(report, joined_to=_first_of(connection, draft.join, report).id)
    elif not draft.separate:
        similar = similar_to(report, _candidates(connection, report, own_area))
        if similar:
            return Filed(None, similar=similar)
    id = reports.file(connection, report)
    if id is None:
        return Filed(reports.by_key(connection, actor, draft.key), repeated=True)
    detail = {"kind": report.kind, "severity": report.severity} | ({"outside_area": True} if outside else {})
    reports.add_event(connection, id, ReportEventKind.FILED, actor=actor, at=at, detail=detail)
    if report.joined_to is not None:
        _tell_joined(connection, id, report.joined_to, actor, at)
    _audit(connection, "report.file", id, actor, detail | {"area": area, "exercise": draft.exercise})
    return Filed(replace(report, id=id))


def similar_to(report: Report, candidates: Sequence[Report]) -> tuple[Report, ...]:
    """Reports that are probably of the same danger: same kind, within 200 m and 30 minutes; where one has no
    position, in the same area. Nearest first. Pure."""

    def apart_m(other: Report) -> float:
        if None in (report.lon, report.lat, other.lon, other.lat):
            return 0.0 if other.area == report.area else float("inf")
        assert report.lon is not None and report.lat is not None
        assert other.lon is not None and other.lat is not None
        return distance_km((report.lon, report.lat), (other.lon, other.lat)) * 1000

    near = [
        other
        for other in candidates
        if other.kind is report.kind
        and abs(other.observed_at - report.observed_at) <= SAME_TIME
        and apart_m(other) <= SAME_PLACE_M
    ]
    return tuple(sorted(near, key=lambda other: (apart_m(other), other.id)))


def join(connection: Connection[Any], id: int, to: int, *, actor: str, at: datetime) -> None:
    """Joins an open report (and those joined to it) to another of the same kind.

    Raises NotFoundError, ConflictError where one of them is closed, of another kind, or they are joined already.
    """
    for number in sorted({id, to}):
        reports.lock(connection, number)
    report = reports.get(connection, id)
    if report.closed_at is not None:
        raise ConflictError(f"report {id} is closed")
    first = _first_of(connection, to, report)
    if first.id in (id, report.joined_to):
        raise ConflictError(f"report {id} and report {to} are joined already")
    for one in (report, *reports.joined(connection, id)):
        reports.save(connection, replace(one, joined_to=first.id))
        _tell_joined(connection, one.id, first.id, actor, at)
    _audit(connection, "report.join", id, actor, {"to": first.id})


def edit(
    connection: Connection[Any],
    id: int,
    *,
    actor: str,
    at: datetime,
    severity: Severity | None = None,
    text: str | None = None,
    place: str | None = None,
    position: tuple[float, float] | None = None,
) -> None:
    """Changes what was reported; the history keeps what it was. Raises ConflictError if closed or nothing changes."""
    report = reports.lock(connection, id)
    if report.closed_at is not None:
        raise ConflictError(f"report {id} is closed: it stays as it was")
    after = replace(
        report,
        severity=severity or report.severity,
        text=report.text if text is None else _plain(text),
        place=report.place if place is None else _plain(place),
        lon=position[0] if position else report.lon,
        lat=position[1] if position else report.lat,
        accuracy_m=None if position else report.accuracy_m,
    )
    changed = {
        name: {"was": getattr(report, name), "now": getattr(after, name)}
        for name in ("severity", "text", "place", "lon", "lat")
        if getattr(report, name) != getattr(after, name)
    }
    if not changed:
        raise ConflictError("nothing to do: the report says this already")
    reports.save(connection, after)
    reports.add_event(connection, id, ReportEventKind.EDITED, actor=actor, at=at, detail=changed)
    _audit(connection, "report.edit", id, actor, changed)


def note(connection: Connection[Any], id: int, text: str, *, actor: str, at: datetime) -> None:
    """Adds what is known since. Raises InputError for an empty text, NotFoundError."""
    said = _plain(text)
    if not said:
        raise InputError("text_missing", "write what is known now")
    reports.lock(connection, id)
    reports.add_event(connection, id, ReportEventKind.NOTED, actor=actor, at=at, detail={"text": said})


def add_photo(
    connection: Connection[Any], id: int, jpeg: bytes, size: tuple[int, int], *, actor: str, at: datetime
) -> int:
    """Keeps a picture of a report; returns its number. Raises ConflictError where there are twelve already."""
    reports.lock(connection, id)
    if len(reports.photos(connection, [id]).get(id, [])) >= MOST_PHOTOS:
        raise ConflictError(f"report {id} has {MOST_PHOTOS} pictures already")
    number = reports.add_photo(connection, id, jpeg, size, actor=actor, at=at)
    reports.add_event(connection, id, ReportEventKind.PHOTO, actor=actor, at=at, detail={"photo": number})
    return number


def close(connection: Connection[Any], id: int, reason: str, *, actor: str, at: datetime) -> None:
    """险情解除: the danger is over, for this report and all that were joined to it.

    Its alarm returns, and is latched until a person resets it. Raises InputError without a reason, NotFoundError,
    ConflictError where it is closed, or joined to another (that one is closed). The role is for the caller to check.
    """
    said = _plain(reason)
    if not said:
        raise InputError(
            "reason_missing", "closing a report needs a reason: say how it is known that the danger is over"
        )
    report = reports.lock(connection, id)
    if report.closed_at is not None:
        raise ConflictError(f"{report.closed_by} has closed report {id} already")
    if report.joined_to is not None:
        raise ConflictError(f"report {id} is joined to report {report.joined_to}: close that one")
    for one in (report, *reports.joined(connection, id)):
        if one.closed_at is None:
            reports.save(connection, replace(one, closed_at=at, closed_by=actor, closed_reason=said))
            reports.add_event(
                connection, one.id, ReportEventKind.CLOSED, actor=actor, at=at, detail={"reason": said}
            )
    _audit(connection, "report.close", id, actor, {"reason": said})


def _first_of(connection: Connection[Any], id: int, report: Report) -> Report:
    """The first report of the danger that `id` is of. Raises where `report` cannot be of the same."""
    other = reports.lock(connection, id)
    if other.joined_to is not None:
        other = reports.lock(connection, other.joined_to)
    if other.exercise != report.exercise:
        raise ConflictError("a report of an exercise and a real one are never joined")
    if other.kind is not report.kind:
        raise ConflictError(f"report {id} is of another kind ({other.kind}): they are not joined")
    if other.closed_at is not None:
        raise ConflictError(f"report {other.id} is closed: file this one by itself")
    return other


def _candidates(connection: Connection[Any], report: Report, own: str | None) -> list[Report]:
    since, until = report.observed_at - SAME_TIME, report.observed_at + SAME_TIME
    return reports.open_of_kind(connection, report.exercise, report.kind, since, until, within=own)


def _tell_joined(connection: Connection[Any], id: int, to: int, actor: str, at: datetime) -> None:
    reports.add_event(connection, id, ReportEventKind.JOINED, actor=actor, at=at, detail={"to": to})
    reports.add_event(connection, to, ReportEventKind.JOINED, actor=actor, at=at, detail={"report": id})


def _area_of(connection: Connection[Any], draft: Draft, own: str | None) -> tuple[str, bool]:
    """The area of a report, and whether its position lies outside of the reporter's own."""
    known = areas.areas(connection)
    codes = {area.code: area for area in known}
    if draft.area is not None:
        if draft.area not in codes:
            raise InputError("area_unknown", f"there is no area {draft.area!r}: choose one of the list")
        if own is not None and not _below(codes, draft.area, own):
            raise ForbiddenError(
                "this place is not in your area: report it there, or without naming the area"
            )
        return draft.area, False
    if draft.lon is None or draft.lat is None:
        if own is not None:
            return own, False
        raise InputError("place_missing", "say where: a position, or an area")
    found = area_at((draft.lon, draft.lat), known)
    if found is not None and (own is None or _below(codes, found, own)):
        return found, False
    home = own or next((area.code for area in known if area.parent is None), None)
    if home is None:
        raise InputError("area_unknown", "no area is known here yet: import areas first")
    return home, own is not None


NEAR_KM = 3.0
"""A place so near to the point of a hamlet or village belongs to it, where no outline says otherwise."""


def area_at(place: tuple[float, float], known: Sequence[Area]) -> str | None:
    """The smallest area in whose outline a place lies; else the nearest village or hamlet within 3 km, else the
    nearest town within the county's outline. None outside of everything. Pure."""
    order = {"hamlet": 0, "village": 1, "town": 2, "county": 3}
    outlined = [
        area for area in known if area.outline and distance_to_km(place, polygons_of(area.outline)) == 0
    ]
    small = [area for area in outlined if area.kind != "county"]
    if small:
        return min(small, key=lambda area: (order[area.kind], area.code)).code

    def away(area: Area) -> float:
        if area.lon is None or area.lat is None:
            return float("inf")
        return distance_km(place, (area.lon, area.lat))

    villages = [area for area in known if area.kind in ("hamlet", "village") and away(area) <= NEAR_KM]
    if villages:
        return min(villages, key=lambda area: (away(area), area.code)).code
    if not outlined:
        return None
    towns = [area for area in known if area.kind == "town" and away(area) < float("inf")]
    return min(towns, key=lambda area: (away(area), area.code)).code if towns else outlined[0].code


def _below(codes: dict[str, Area], code: str, own: str) -> bool:
    at: str | None = code
    while at is not None and at in codes:
        if at == own:
            return True
        at = codes[at].parent
    return False


def _plain(text: str) -> str:
    """Text in NFC without blanks around it. Raises InputError for control and invisible characters."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") and letter != "\n" for letter in plain):
        raise InputError("text", "the text holds control or invisible characters: type it again")
    return plain


def _audit(connection: Connection[Any], action: str, id: int, actor: str, detail: dict[str, Any]) -> None:
    audit.append(connection, actor=actor, action=action, subject=f"report/{id}", detail=detail)
