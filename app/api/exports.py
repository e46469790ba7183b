"""Observations as a file: CSV, or Excel. No cell of it is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from app.api.asking import ExerciseCode, Who, problems, see_area
from app.api.paging import LONGEST
from app.pages.words import Words, words_of
from core.cells import plain
from core.errors import InputError
from core.properties import PROPERTIES
from core.quality import Quality
from core.stations import Station
from core.topics import CODE
from store import readings
from store import stations as stations_store

if TYPE_CHECKING:
    from app.context import AppContext

MOST_ROWS = 120_000
"""More than a year at five minutes."""
COLUMNS = (
    "station", "name", "property", "sensor", "period_s", "time", "value", "unit", "quality", "reason", "by", "received_at",
)  # fmt: skip


class FileFormat(StrEnum):
    """CSV (UTF-8 with a byte order mark, as spreadsheets expect it) or an Excel workbook."""

    CSV = "csv"
    XLSX = "xlsx"


_MEDIA = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_routes(context: AppContext) -> APIRouter:
    """GET observations/export."""
    router = APIRouter(tags=["observations"])

    @router.get("/observations/export", responses=problems(404, 422), response_class=Response)
    def export(
        who: Who,
        station: Annotated[str, Query(max_length=64, description="its code")],
        since: Annotated[AwareDatetime, Query(alias="from", description="inclusive")],
        until: Annotated[AwareDatetime, Query(alias="to", description="exclusive")],
        property: Annotated[list[str] | None, Query(description="such as water_level; default all")] = None,
        sensor: Annotated[int | None, Query(description="only of this sensor")] = None,
        period_s: Annotated[
            int | None, Query(description="only totals of this period; 0 at an instant")
        ] = None,
        exercise: ExerciseCode = None,
        format: Annotated[FileFormat, Query(description="csv, or an Excel workbook")] = FileFormat.CSV,
        language: Annotated[
            str | None, Query(max_length=2, description="zh or en; default one's own")
        ] = None,
    ) -> Response:
        """Observations of a station as a file, oldest first; at most 366 days and 120,000 rows."""
        if not since < until <= since + LONGEST:
            raise InputError("time_range", "`from` must lie before `to`, and at most 366 days before it")
        with context.transaction() as connection:
            place = stations_store.station(connection, station)
            see_area(connection, who, place.area, f"station {station!r}")
            found = readings.page(
                connection, exercise=exercise, area=who.area, stations=[station], properties=property,
                qualities=None, since=since.astimezone(UTC), until=until.astimezone(UTC), after=None,
                limit=MOST_ROWS + 1, sensor=sensor, period_s=period_s,
            )  # fmt: skip
        if len(found) > MOST_ROWS:
            raise InputError("too_many", f"more than {MOST_ROWS} rows: take a shorter time or one property")
        words, zone = words_of(language or who.language), ZoneInfo(context.settings.time_zone)
        lines = _lines(found, place, words, zone)
        head = [words(f"export {column}") for column in COLUMNS]
        body = as_csv(head, lines) if format is FileFormat.CSV else as_workbook(head, lines, words)
        name = f"{station}-{since.astimezone(zone):%Y%m%d%H%M}-{until.astimezone(zone):%Y%m%d%H%M}"
        name += f"-drill-{exercise}" if exercise and CODE.fullmatch(exercise) else ""
        return Response(
            body,
            media_type=_MEDIA[format],
            headers={"Content-Disposition": f'attachment; filename="{name}.{format}"'},
        )

    return router


def as_csv(head: Sequence[str], lines: Iterator[list[Any]]) -> bytes:
    """One line for each; times as `2026-07-01 08:05:00`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for line in lines:
        writer.writerow(
            [f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell for cell in line]
        )
    return out.getvalue().encode("utf-8-sig")


def as_workbook(head: Sequence[str], lines: Iterator[list[Any]], words: Words) -> bytes:
    """One sheet; times and numbers are such, so that it can be calculated with."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(words("export sheet"))
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJKL", (14, 18, 14, 8, 10, 20, 12, 10, 12, 20, 14, 20), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append(list(head))
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(
    found: Sequence[readings.Reading], place: Station, words: Words, zone: ZoneInfo
) -> Iterator[list[Any]]:
    name = plain(place.name_en if words.language == "en" else place.name)
    for one in found:
        known = PROPERTIES.get(one.property)
        yield [
            plain(one.station),
            name,
            words(f"property {one.property}") if known else plain(one.property),
            one.sensor,
            one.period_s,
            one.time.astimezone(zone).replace(tzinfo=None),
            one.value,
            known.unit if known else "",
            words(f"quality {Quality(one.quality).name.lower()}"),
            plain(reason_text(words, one.reason)),
            plain(one.by or ""),
            one.received_at.astimezone(zone).replace(tzinfo=None, microsecond=0),
        ]


def reason_text(words: Words, reason: str) -> str:
    """Reasons of a value, several joined by a comma, as people read them; an unknown code as it is."""
    return ", ".join(
        code if (known := words(f"reason {code}")) == f"reason {code}" else known
        for code in reason.split(",")
        if code
    )
