"""Reports from the field: filed, joined, edited, closed; their history and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.errors import NotFoundError
from core.reports import Report, ReportEvent, ReportEventKind, ReportKind
from core.severity import Severity

_COLUMNS: LiteralString = """
    report.id, report.key, report.exercise, report.kind, report.severity, report.area, report.lon, report.lat,
    report.accuracy_m, report.place, report.text, report.observed_at, report.received_at, report.reported_by,
    report.joined_to, report.closed_at, report.closed_by, report.closed_reason
"""

_FILE: LiteralString = """
insert into report (key, exercise, kind, severity, area, lon, lat, accuracy_m, place, text, observed_at,
                    received_at, reported_by, joined_to)
values (%(key)s, %(exercise)s, %(kind)s, %(severity)s, %(area)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(place)s,
        %(text)s, %(observed_at)s, %(received_at)s, %(reported_by)s, %(joined_to)s)
on conflict (reported_by, key) do nothing
returning id
"""

_SAVE: LiteralString = """
update report set severity = %(severity)s, area = %(area)s, lon = %(lon)s, lat = %(lat)s,
    accuracy_m = %(accuracy_m)s, place = %(place)s, text = %(text)s, joined_to = %(joined_to)s,
    closed_at = %(closed_at)s, closed_by = %(closed_by)s, closed_reason = %(closed_reason)s
where id = %(id)s
"""

_LIST: LiteralString = f"""
select {_COLUMNS}, area.name as area_name, area.name_en as area_name_en,
       (select count(*) from report_photo where report_photo.report = report.id) as photos,
       (select count(*) from report as joined where joined.joined_to = report.id) as joined
from report join area on area.code = report.area
where report.exercise is not distinct from %(exercise)s
  and (%(area)s::text is null or area_within(report.area, %(area)s))
  and (not %(open)s or report.closed_at is null)
  and (%(since)s::timestamptz is null or report.received_at >= %(since)s)
order by report.closed_at is not null, report.received_at desc, report.id desc
limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report as a list shows it; `joined` counts the reports that were joined to it."""

    report: Report
    area_name: str
    area_name_en: str
    photos: int
    joined: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture without its bytes."""

    id: int
    at: datetime
    actor: str
    width: int
    height: int


def file(connection: Connection[Any], report: Report) -> int | None:
    """Files a report (its `id` is ignored); None if its reporter has filed one by this key already."""
    found = connection.execute(_FILE, _values(report)).fetchone()
    return None if found is None else int(found[0])


def by_key(connection: Connection[Any], reported_by: str, key: str) -> Report | None:
    """The report that its reporter filed by this key."""
    found = _reports(connection, "where reported_by = %s and key = %s", (reported_by, key))
    return found[0] if found else None


def get(connection: Connection[Any], id: int) -> Report:
    """One report. Raises NotFoundError."""
    return _one(connection, "where id = %s", id)


def lock(connection: Connection[Any], id: int) -> Report:
    """One report, held until the transaction ends. Raises NotFoundError."""
    return _one(connection, "where id = %s for update", id)


def save(connection: Connection[Any], report: Report) -> None:
    """Writes everything that may change of a report."""
    connection.execute(_SAVE, _values(report))


def hold_filing(connection: Connection[Any], exercise: str | None, kind: ReportKind) -> None:
    """Until the transaction ends nobody else files a report of this kind: two at once find each other."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtext('anlan.report'), hashtext(%s))", (f"{exercise}/{kind}",)
    )


def open_of_kind(
    connection: Connection[Any],
    exercise: str | None,
    kind: ReportKind,
    since: datetime,
    until: datetime,
    *,
    within: str | None,
) -> list[Report]:
    """Open first reports (joined to none) of a kind that were seen within [since, until], newest first; with
    `within` those of that area and below."""
    return _reports(
        connection,
        "where exercise is not distinct from %s and kind = %s and closed_at is null and joined_to is null"
        " and observed_at between %s and %s and (%s::text is null or area_within(area, %s))"
        " order by observed_at desc, id desc",
        (exercise, kind, since, until, within, within),
    )


def joined(connection: Connection[Any], id: int) -> list[Report]:
    """The reports that were joined to one, oldest first."""
    return _reports(connection, "where joined_to = %s order by id", (id,))


def open_reports(connection: Connection[Any]) -> list[Report]:
    """All open reports, real ones and those of exercises that run, oldest first."""
    return _reports(
        connection,
        "where closed_at is null and (exercise is null or exists (select from exercise"
        " where exercise.code = report.exercise and ended_at is null)) order by id",
        (),
    )


def list_reports(
    connection: Connection[Any],
    *,
    exercise: str | None,
    area: str | None,
    only_open: bool,
    since: datetime | None = None,
    limit: int = 200,
) -> list[ReportLine]:
    """Reports of an area and below: open ones first, then the newest."""
    values = {"exercise": exercise, "area": area, "open": only_open, "since": since, "limit": limit}
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_LIST, values).fetchall()
    return [
        ReportLine(_report(row), row["area_name"], row["area_name_en"], row["photos"], row["joined"])
        for row in found
    ]


def add_event(
    connection: Connection[Any],
    id: int,
    kind: ReportEventKind,
    *,
    actor: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Appends one line to a report's history."""
    connection.execute(
        "insert into report_event (report, at, kind, actor, detail) values (%s, %s, %s, %s, %s)",
        (id, at, kind, actor, Jsonb(detail or {})),
    )


def events(connection: Connection[Any], id: int) -> list[ReportEvent]:
    """A report's history, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select at, kind, actor, detail from report_event where report = %s order by id", (id,)
        ).fetchall()
    return [ReportEvent(**row | {"kind": ReportEventKind(row["kind"])}) for row in found]


def add_photo(
    connection: Connection[Any], id: int, jpeg: bytes, size: tuple[int, int], *, actor: str, at: datetime
) -> int:
    """Keeps a picture and returns its number."""
    found = connection.execute(
        "insert into report_photo (report, at, actor, width, height, jpeg) values (%s, %s, %s, %s, %s, %b)"
        " returning id",
        (id, at, actor, *size, jpeg),
    ).fetchone()
    if found is None:
        raise RuntimeError("an insert returned no row")
    return int(found[0])


def photos(connection: Connection[Any], ids: Sequence[int]) -> dict[int, list[Photo]]:
    """The pictures of reports, oldest first."""
    found: dict[int, list[Photo]] = {}
    for report, *photo in connection.execute(
        "select report, id, at, actor, width, height from report_photo where report = any(%s) order by id",
        (list(ids),),
    ):
        found.setdefault(report, []).append(Photo(*photo))
    return found


def photo(connection: Connection[Any], id: int, number: int) -> bytes:
    """One picture of a report as JPEG. Raises NotFoundError."""
    found = connection.execute(
        "select jpeg from report_photo where report = %s and id = %s", (id, number)
    ).fetchone()
    if found is None:
        raise NotFoundError(f"report {id} has no picture {number}")
    return bytes(found[0])


def alarm_of(connection: Connection[Any], id: int) -> int | None:
    """The newest alarm that stands (or stood) for a report."""
    found = connection.execute(
        "select id from alarm where subject_kind = 'report' and subject = %s order by id desc limit 1",
        (str(id),),
    ).fetchone()
    return None if found is None else int(found[0])


_FIELDS = tuple(field.name for field in fields(Report))


def _values(report: Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in _FIELDS}


def _one(connection: Connection[Any], where: LiteralString, id: int) -> Report:
    found = _reports(connection, where, (id,))
    if not found:
        raise NotFoundError(f"there is no report {id}")
    return found[0]


def _reports(connection: Connection[Any], where: LiteralString, values: Sequence[Any]) -> list[Report]:
    query: LiteralString = f"select {_COLUMNS} from report " + where
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_report(row) for row in cursor.execute(query, values)]


def _report(row: dict[str, Any]) -> Report:
    known = {name: row[name] for name in _FIELDS}
    return Report(**known | {"kind": ReportKind(row["kind"]), "severity": Severity(row["severity"])})
