"""Typhoons and their positions, analysed and forecast."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.typhoons import Typhoon, TyphoonFix

_SAVE: LiteralString = """
insert into typhoon (code, exercise, name, name_en) values (%s, %s, %s, %s)
on conflict (code, exercise) do update set name = excluded.name, name_en = excluded.name_en
where (typhoon.name, typhoon.name_en) is distinct from (excluded.name, excluded.name_en)
"""

_SAVE_FIX: LiteralString = """
insert into typhoon_fix as held (typhoon, exercise, issued, time, lon, lat, pressure_hpa, wind_ms, radius7_km,
    radius10_km, radius12_km, move_dir_deg, move_kmh, source, received_at)
values (%(typhoon)s, %(exercise)s, %(issued)s, %(time)s, %(lon)s, %(lat)s, %(pressure_hpa)s, %(wind_ms)s,
    %(radius7_km)s, %(radius10_km)s, %(radius12_km)s, %(move_dir_deg)s, %(move_kmh)s, %(source)s,
    %(received_at)s)
on conflict (typhoon, exercise, issued, time) do update set
    lon = excluded.lon, lat = excluded.lat, pressure_hpa = excluded.pressure_hpa, wind_ms = excluded.wind_ms,
    radius7_km = excluded.radius7_km, radius10_km = excluded.radius10_km, radius12_km = excluded.radius12_km,
    move_dir_deg = excluded.move_dir_deg, move_kmh = excluded.move_kmh, source = excluded.source,
    received_at = excluded.received_at
where (held.lon, held.lat, held.pressure_hpa, held.wind_ms, held.radius7_km, held.radius10_km,
       held.radius12_km, held.move_dir_deg, held.move_kmh)
    is distinct from (excluded.lon, excluded.lat, excluded.pressure_hpa, excluded.wind_ms,
       excluded.radius7_km, excluded.radius10_km, excluded.radius12_km, excluded.move_dir_deg,
       excluded.move_kmh)
"""

_FIX_FIELDS = tuple(field.name for field in fields(TyphoonFix))


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
                | {name: getattr(fix, name) for name in _FIX_FIELDS}
                for fix in typhoon.fixes
            ],
        )
