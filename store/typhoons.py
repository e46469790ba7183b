"""Typhoons and their positions, analysed and forecast."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.errors import ConflictError
from core.typhoons import Typhoon, TyphoonFix, WindCircle
from store.connection import rows

_SAVE: LiteralString = """
insert into typhoon (code, exercise, name, name_en) values (%s, %s, %s, %s)
on conflict (code, exercise) do update set
    name = excluded.name, name_en = excluded.name_en, historical = false
where (typhoon.name, typhoon.name_en, typhoon.historical) is distinct from (excluded.name, excluded.name_en, false)
"""

_SAVE_FIX: LiteralString = """
insert into typhoon_fix as held (typhoon, exercise, issued, time, lon, lat, pressure_hpa, wind_ms, radius7_km,
    radius10_km, radius12_km, move_dir_deg, move_kmh, grade, circles, source, received_at)
values (%(typhoon)s, %(exercise)s, %(issued)s, %(time)s, %(lon)s, %(lat)s, %(pressure_hpa)s, %(wind_ms)s,
    %(radius7_km)s, %(radius10_km)s, %(radius12_km)s, %(move_dir_deg)s, %(move_kmh)s, %(grade)s, %(circles)s,
    %(source)s, %(received_at)s)
on conflict (typhoon, exercise, issued, time) do update set
    lon = excluded.lon, lat = excluded.lat, pressure_hpa = excluded.pressure_hpa, wind_ms = excluded.wind_ms,
    radius7_km = excluded.radius7_km, radius10_km = excluded.radius10_km, radius12_km = excluded.radius12_km,
    move_dir_deg = excluded.move_dir_deg, move_kmh = excluded.move_kmh, grade = excluded.grade,
    circles = excluded.circles, source = excluded.source, received_at = excluded.received_at
where (held.lon, held.lat, held.pressure_hpa, held.wind_ms, held.radius7_km, held.radius10_km,
       held.radius12_km, held.move_dir_deg, held.move_kmh, held.grade, held.circles)
    is distinct from (excluded.lon, excluded.lat, excluded.pressure_hpa, excluded.wind_ms,
       excluded.radius7_km, excluded.radius10_km, excluded.radius12_km, excluded.move_dir_deg,
       excluded.move_kmh, excluded.grade, excluded.circles)
"""

_FIX_FIELDS = tuple(field.name for field in fields_of(TyphoonFix) if field.name != "circles")

_LIST: LiteralString = """
select typhoon.code, typhoon.name, typhoon.name_en, typhoon.historical,
       min(fix.time) filter (where fix.issued is null) as first_time,
       max(fix.time) filter (where fix.issued is null) as last_time,
       max(fix.wind_ms) filter (where fix.issued is null) as highest_wind_ms,
       min(fix.pressure_hpa) filter (where fix.issued is null) as lowest_pressure_hpa,
       count(*) filter (where fix.issued is null) as fixes
from typhoon join typhoon_fix fix on fix.typhoon = typhoon.code
    and fix.exercise is not distinct from typhoon.exercise
where typhoon.exercise is not distinct from %s
group by typhoon.code, typhoon.name, typhoon.name_en, typhoon.historical
order by last_time desc nulls last limit 200
"""

_FIXES: LiteralString = """
select time, lon, lat, issued, pressure_hpa, wind_ms, radius7_km, radius10_km, radius12_km, move_dir_deg,
       move_kmh, grade, circles
from typhoon_fix where typhoon = %(code)s and exercise is not distinct from %(exercise)s
  and (issued is null or issued in (
        select distinct issued from typhoon_fix
        where typhoon = %(code)s and exercise is not distinct from %(exercise)s and issued is not null
        order by issued desc limit %(forecasts)s))
order by issued nulls first, time
"""


@dataclass(frozen=True, slots=True)
class KnownTyphoon:
    """A typhoon of which positions are kept; `historical` ones were imported."""

    code: str
    name: str
    name_en: str
    historical: bool
    first_time: datetime | None
    last_time: datetime | None
    highest_wind_ms: float | None
    lowest_pressure_hpa: float | None
    fixes: int


def known(connection: Connection[Any], exercise: str | None) -> list[KnownTyphoon]:
    """The last 200 typhoons, newest first."""
    return rows(connection, KnownTyphoon, _LIST, (exercise,))


def fixes(
    connection: Connection[Any], code: str, exercise: str | None, *, forecasts: int
) -> list[TyphoonFix]:
    """All analysed positions, and those of the newest `forecasts` forecasts."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            _FIXES, {"code": code, "exercise": exercise, "forecasts": forecasts}
        ).fetchall()
    return [TyphoonFix(**row | {"circles": _circles(row["circles"])}) for row in found]


def save_historical(
    connection: Connection[Any], typhoon: Typhoon, *, source: str, received_at: datetime
) -> None:
    """Keeps a track of an archive. Raises ConflictError where the number is a typhoon that was received live."""
    live = connection.execute(
        "select 1 from typhoon where code = %s and exercise is null and not historical", (typhoon.code,)
    ).fetchone()
    if live is not None:
        raise ConflictError(
            f"typhoon {typhoon.code} was received live; its track is not replaced by one of an archive"
        )
    save(connection, typhoon, None, source=source, received_at=received_at)
    connection.execute(
        "update typhoon set historical = true where code = %s and exercise is null", (typhoon.code,)
    )


def _circles(found: list[dict[str, Any]] | None) -> tuple[WindCircle, ...]:
    return tuple(
        WindCircle(
            one["force"], one["longest_km"], one["shortest_km"], one["towards_deg"],
            tuple(one["quadrants_km"]) if one["quadrants_km"] else None,
        )
        for one in found or ()
    )  # fmt: skip


def save(
    connection: Connection[Any],
    typhoon: Typhoon,
    exercise: str | None,
    *,
    source: str,
    received_at: datetime,
) -> None:
    """Keeps a typhoon and its positions; the newest message wins for a position known already."""
    connection.execute(_SAVE, (typhoon.code, exercise, typhoon.name, typhoon.name_en))
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE_FIX,
            [
                {"typhoon": typhoon.code, "exercise": exercise, "source": source}
                | {"received_at": received_at}
                | {"circles": Jsonb([asdict(one) for one in fix.circles]) if fix.circles else None}
                | {name: getattr(fix, name) for name in _FIX_FIELDS}
                for fix in typhoon.fixes
            ],
        )
