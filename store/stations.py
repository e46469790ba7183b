"""Stations, their series, and the thresholds that stand for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.canary import is_apart
from core.datum import comparable
from core.errors import ConflictError, NotFoundError
from core.severity import Severity
from core.stations import Series, SeriesKey, Station, StationKind
from core.thresholds import Threshold, ThresholdKey
from store.connection import rows

_STATION = """
select code, name, name_en, kind, area, lon, lat, period_s, datum, river, origin, out_of_service, basin
from station
"""

_SAVE_STATION = """
insert into station
    (code, name, name_en, kind, area, lon, lat, period_s, datum, river, origin, out_of_service, basin)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    name = excluded.name, name_en = excluded.name_en, kind = excluded.kind, area = excluded.area,
    lon = excluded.lon, lat = excluded.lat, period_s = excluded.period_s, datum = excluded.datum,
    river = excluded.river, origin = excluded.origin, out_of_service = excluded.out_of_service,
    basin = excluded.basin
"""

_CREATE_SERIES = """
insert into series (station, property, sensor, period_s, exercise)
select * from unnest(%s::text[], %s::text[], %s::smallint[], %s::integer[], %s::text[])
order by 1, 2, 3, 4, 5
on conflict do nothing
"""

_FIND_SERIES = """
select series.id, series.station, series.property, series.sensor, series.period_s, series.exercise
from unnest(%s::text[], %s::text[], %s::smallint[], %s::integer[], %s::text[])
     as wanted (station, property, sensor, period_s, exercise)
join series on series.station = wanted.station and series.property = wanted.property
    and series.sensor = wanted.sensor and series.period_s = wanted.period_s
    and series.exercise is not distinct from wanted.exercise
"""

_THRESHOLD = """
select station, property, name, severity, value, deadband, datum, source, season_from, season_to, version,
       period_s, on_delay_s, off_delay_s
from threshold where replaced_at is null
"""

_REPLACE_THRESHOLD = """
update threshold set replaced_at = now(), replaced_by = %s, replaced_reason = %s
where station = %s and property = %s and name = %s and season_from is not distinct from %s and period_s = %s
    and replaced_at is null
returning version
"""

_COMPUTED_OVER = """
select distinct station, datum from (
    select station, datum from curve where replaced_at is null
    union all
    select station, datum from tidal_constant where replaced_at is null
) found
where %(station)s::text is null or station = %(station)s
order by station, datum
"""

_COUNT_SERIES = """
select station, exercise, count(*) from series where station = any(%s) group by station, exercise
"""

MOST_SERIES = 200
"""Series of one station, in the real world and in each exercise: properties × sensors × periods."""

_INSERT_THRESHOLD = """
insert into threshold (station, property, name, severity, value, deadband, datum, season_from, season_to,
                       source, version, set_by, period_s, on_delay_s, off_delay_s, reason, second_person)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _stations(connection: Connection[Any], where: LiteralString, values: Sequence[Any]) -> list[Station]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_STATION + where, values).fetchall()
    return [Station(**{**row, "kind": StationKind(row["kind"])}) for row in found]


def stations(connection: Connection[Any], *, within: str | None = None) -> list[Station]:
    """All gauges by code; with `within` those whose area is that one or lies below it."""
    return _stations(
        connection,
        " where kind <> %s and (%s::text is null or area_within(area, %s)) order by code",
        (StationKind.CANARY, within, within),
    )


def station(connection: Connection[Any], code: str) -> Station:
    """One station. Raises NotFoundError."""
    found = _stations(connection, " where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no station {code!r}")
    return found[0]


def is_station(connection: Connection[Any], code: str, within: str | None) -> bool:
    """True if there is such a station, and in the area where one is named."""
    found = connection.execute(
        "select 1 from station where code = %s and (%s::text is null or area_within(area, %s))",
        (code, within, within),
    ).fetchone()
    return found is not None


def period_of(connection: Connection[Any], code: str | None) -> int:
    """The reporting period of a station in seconds; 300 of one that is not known, as when it is read."""
    found = connection.execute("select period_s from station where code = %s", (code,)).fetchone()
    return int(found[0]) if found else 300


def has_real_stations(connection: Connection[Any]) -> bool:
    """True if any station is a real one (`origin` null): then every replay must be an exercise."""
    found = connection.execute("select exists (select 1 from station where origin is null)").fetchone()
    return bool(found and found[0])


def save_station(connection: Connection[Any], entry: Station) -> None:
    """Creates or replaces a station.

    Raises ConflictError where a new datum would leave thresholds, curves or tidal constants behind that were set
    over the old one: what is computed by them would stop, and what was computed would no longer be true.
    """
    for threshold in thresholds(connection, entry.code):
        if not comparable(threshold.property, entry.datum, threshold.datum):
            raise ConflictError(
                f"station {entry.code}: datum {entry.datum or 'none'} differs from that of its threshold"
                f" {threshold.name} ({threshold.datum or 'none'}). Import the thresholds over the new datum"
                " together with the station, or keep the datum."
            )
    for other in computed_over(connection, entry.code).get(entry.code, ()):
        if other != entry.datum:
            raise ConflictError(
                f"station {entry.code}: datum {entry.datum or 'none'} differs from {other or 'none'}, that of its"
                " curves or tidal constants and of the levels that are stored. Keep the datum, or give the"
                " station over the new one a code of its own."
            )
    connection.execute(
        _SAVE_STATION,
        (
            entry.code, entry.name, entry.name_en, entry.kind, entry.area, entry.lon, entry.lat,
            entry.period_s, entry.datum, entry.river, entry.origin, entry.out_of_service,
            entry.basin,
        ),
    )  # fmt: skip


def computed_over(connection: Connection[Any], station: str | None = None) -> dict[str, list[str | None]]:
    """The datums of curves and tidal constants that stand, by station (None: of all stations)."""
    found: dict[str, list[str | None]] = {}
    for code, datum in connection.execute(_COMPUTED_OVER, {"station": station}).fetchall():
        found.setdefault(code, []).append(datum)
    return found


def ensure_series(connection: Connection[Any], keys: Iterable[SeriesKey]) -> dict[SeriesKey, Series]:
    """The series of each key; those that do not exist yet are created.

    Keys beyond `MOST_SERIES` of a station are left out: one station whose period wanders made five
    thousand series with one message, and the first look at a page took half a minute. Station and exercise must exist (foreign keys): check them before, so that an unknown one costs a
    quarantine and not the transaction. Safe by several processes at once.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    found = {_key(series): series for series in rows(connection, Series, _FIND_SERIES, _columns(wanted))}
    new = _within_bounds(connection, [key for key in wanted if key not in found])
    if new:
        connection.execute(_CREATE_SERIES, _columns(new))
        found |= {_key(series): series for series in rows(connection, Series, _FIND_SERIES, _columns(new))}
    return found


def _within_bounds(connection: Connection[Any], new: list[SeriesKey]) -> list[SeriesKey]:
    """Those of the new series for which their stations have room, and that do not mix the canary with gauges."""
    if not new:
        return []
    counted = connection.execute(_COUNT_SERIES, ([key.station for key in new],)).fetchall()
    count = Counter({(station, exercise): number for station, exercise, number in counted})
    allowed = []
    for key in new:
        count[key.station, key.exercise] += 1
        if count[key.station, key.exercise] <= MOST_SERIES and is_apart(key.station, key.exercise):
            allowed.append(key)
    return allowed


def _columns(keys: list[SeriesKey]) -> tuple[list[Any], ...]:
    return (
        [key.station for key in keys],
        [key.property for key in keys],
        [key.sensor for key in keys],
        [key.period_s for key in keys],
        [key.exercise for key in keys],
    )


def _key(series: Series) -> SeriesKey:
    return SeriesKey(series.station, series.property, series.sensor, series.period_s, series.exercise)


def thresholds(connection: Connection[Any], station: str | None = None) -> list[Threshold]:
    """The thresholds that stand now (of all seasons), of one station or of all."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            _THRESHOLD
            + " and (%s::text is null or station = %s) order by station, property, value, season_from",
            (station, station),
        ).fetchall()
    return [Threshold(**{**row, "severity": Severity(row["severity"])}) for row in found]


def save_threshold(
    connection: Connection[Any],
    entry: Threshold,
    set_by: str,
    *,
    reason: str = "",
    second_person: str | None = None,
) -> bool:
    """Sets a threshold; the one it replaces is kept as history. False if nothing would change.

    Whether that takes a second person is for the caller to know (`alerts.limits`). Raises NotFoundError for an unknown station, ConflictError where the datums differ.
    """
    owner = station(connection, entry.station)
    if not comparable(entry.property, owner.datum, entry.datum):
        raise ConflictError(
            f"threshold {entry.name} of {entry.station} is over datum {entry.datum or 'none'}, the station"
            f" over {owner.datum or 'none'}: convert the limit to the station's datum before importing it."
        )
    standing = [known for known in thresholds(connection, entry.station) if known.key == entry.key]
    if standing and _same(standing[0], entry):
        return False
    replaced = connection.execute(_REPLACE_THRESHOLD, (set_by, reason, *entry.key)).fetchone()
    connection.execute(
        _INSERT_THRESHOLD,
        (
            entry.station, entry.property, entry.name, entry.severity, entry.value, entry.deadband,
            entry.datum, entry.season_from, entry.season_to, entry.source,
            (replaced[0] + 1) if replaced else 1, set_by, entry.period_s, entry.on_delay_s,
            entry.off_delay_s, reason, second_person,
        ),
    )  # fmt: skip
    return True


def remove_threshold(connection: Connection[Any], key: ThresholdKey, removed_by: str, reason: str) -> bool:
    """Takes a threshold away; it is kept as history. False if there is none."""
    return connection.execute(_REPLACE_THRESHOLD, (removed_by, reason, *key)).fetchone() is not None


def _same(one: Threshold, other: Threshold) -> bool:
    return replace(one, version=0) == replace(other, version=0)
