"""What others see of derived values: the interface, the wall's situation, imports of curves and constants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection

from cli.imports import ImportRefusedError, import_file
from core.errors import ConflictError
from store import curves, stations, tidal_constants
from store.live import READERS
from store.situation import situation
from tests.integration.deriving import Said, derive, place, say, series_of

NOW = datetime(2026, 7, 10, 6, tzinfo=UTC)
DATUM = "1985 国家高程基准"


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    """A county with a reservoir, a tide gauge and a rain gauge; rolled back."""
    with psycopg.connect(database, options="-c timezone=UTC") as opened:
        opened.execute("insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')")
        place(opened, "R", "RR", datum=DATUM, area="C")
        place(opened, "T", "TT", datum=DATUM, area="C")
        place(opened, "G", area="C")
        yield opened
        opened.rollback()


def bring(connection: Connection[Any], folder: Path, kind: str, text: str) -> int:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(connection, kind, path, actor="test", zone="Asia/Shanghai", language="en").changed


def rain(connection: Connection[Any], until: datetime) -> None:
    last = int(until.timestamp())
    say(connection, [Said("G", "rainfall", last - 300 * step, 1.0, 300) for step in range(36)])


def test_the_situation_shows_sums_and_says_when_they_are_old(connection: Connection[Any]) -> None:
    rain(connection, NOW)
    derive(connection)
    fresh = situation(connection, None, None, NOW, ZoneInfo("Asia/Shanghai"))
    (row,) = fresh.rain
    assert (row.one_hour, row.hour_before, row.three_hours, row.stale) == (12.0, 12.0, 36.0, False)
    assert [(one.kind, one.mean) for one in fresh.area_rain] == [("county", 36.0)]
    later = situation(connection, None, None, NOW + timedelta(hours=2), ZoneInfo("Asia/Shanghai"))
    assert [(one.three_hours, one.stale) for one in later.rain] == [(36.0, True)]


def test_pages_read_sums_beside_the_gauge_and_not_as_readings(connection: Connection[Any]) -> None:
    rain(connection, NOW)
    derive(connection)
    entries = READERS["latest"](connection, None, None, "Asia/Shanghai")
    (row,) = [one for one in entries.values() if one["station"] == "G"]
    assert (row["property"], row["mm_1h"], row["mm_3h"], row["mm_24h"]) == ("rainfall", 12.0, 36.0, 36.0)
    assert row["sums_time"] == row["time"]


CURVE = "stcd,rz,w,ptno,mstm,基面,来源\n"


def test_a_curve_of_the_field_s_columns_is_imported_and_used_at_once(
    connection: Connection[Any], tmp_path: Path
) -> None:
    at = int(NOW.timestamp())
    say(connection, [Said("R", "water_level", at, 15.0)])
    derive(connection)
    text = f"{CURVE}R,20,5,2,2020-01-01,{DATUM},实测\nR,10,1,1,2020-01-01,{DATUM},实测\n"
    assert bring(connection, tmp_path, "curves", text) == 1
    derive(connection)
    assert series_of(connection, "R", "storage") == {at: (3.0, 1, "")}
    assert bring(connection, tmp_path, "curves", text) == 0
    assert bring(connection, tmp_path, "curves", text.replace(",5,", ",9,")) == 1
    derive(connection)
    assert series_of(connection, "R", "storage") == {at: (5.0, 1, "")}
    assert [one.version for one in curves.curves(connection, ["R"])] == [2]


def test_every_bad_point_of_a_curve_is_named(connection: Connection[Any], tmp_path: Path) -> None:
    text = (
        f"{CURVE}R,10,5,1,,{DATUM},a\nR,20,4,2,,{DATUM},a\nR,20,6,3,,{DATUM},a\nX,1,1,,,,a\nR,30,,4,,吴淞,a\n"
    )
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, tmp_path, "curves", text)
    assert {(fault.row, fault.column) for fault in caught.value.faults} >= {
        (3, "storage"), (4, "level"), (5, "station"), (6, "storage"), (6, "datum"),
    }  # fmt: skip
    assert curves.curves(connection) == []


TIDES = "station,constituent,amplitude_m,lag_deg,zone_h,datum,source\n"


def test_constants_given_for_beijing_time_are_kept_for_greenwich(
    connection: Connection[Any], tmp_path: Path
) -> None:
    text = f"{TIDES}T,Z0,2.1,0,0,{DATUM},a\nT,m2,1.8,{(100 + 8 * 28.9841042) % 360},8,{DATUM},a\n"
    assert bring(connection, tmp_path, "tides", text) == 1
    found = {one.constituent: one for one in tidal_constants.constants(connection, ["T"])}
    assert found["M2"].lag_deg == pytest.approx(100.0, abs=0.001)
    assert bring(connection, tmp_path, "tides", text) == 0


def test_constants_without_a_mean_level_are_refused(connection: Connection[Any], tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="lacks Z0"):
        bring(connection, tmp_path, "tides", f"{TIDES}T,M2,1.8,100,8,{DATUM},a\n")


STATIONS = "code,name,kind,area,lon,lat,datum\n"


@pytest.mark.parametrize("computed_by", ["curves", "tides"])
def test_a_stations_datum_cannot_change_under_what_is_computed_over_it(
    connection: Connection[Any], tmp_path: Path, computed_by: str
) -> None:
    texts = {
        "curves": f"{CURVE}R,10,1,1,,{DATUM},a\nR,20,5,2,,{DATUM},a\n",
        "tides": f"{TIDES}R,Z0,2.1,0,0,{DATUM},a\nR,M2,1.8,100,8,{DATUM},a\n",
    }
    bring(connection, tmp_path, computed_by, texts[computed_by])
    for datum in ("吴淞", ""):
        with pytest.raises(ImportRefusedError, match="the datum of its curves or tidal constants") as caught:
            bring(connection, tmp_path, "stations", f"{STATIONS}R,R,RR,C,121.9,29.5,{datum}\n")
        assert [(fault.row, fault.column) for fault in caught.value.faults] == [(2, "datum")]
        entry = stations.station(connection, "R")
        with pytest.raises(ConflictError, match="curves or tidal constants"):
            stations.save_station(connection, replace(entry, datum=datum or None))
    assert bring(connection, tmp_path, "stations", f"{STATIONS}R,水库,RR,C,121.9,29.5,{DATUM}\n") == 1
    assert stations.station(connection, "R").name == "水库"
