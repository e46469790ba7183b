"""A past flood as a timeline: its gauges, their limits, and every reading in time order.

Pure: reads scenario files, sends nothing.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError
from core.severity import Severity, worse
from core.stations import Station, StationKind
from core.thresholds import DEFAULT_DEADBAND_M, THRESHOLD_SEVERITY, Threshold
from drill.scenario import Scenario

LOCAL_DATUM = "local"
"""The gauges' own zero: the owner gives levels and limits over it and names no datum."""

_PERIOD_S = 3600
"""Median gap of the file's readings is 3,595 s."""

_LIMITS = (
    ("alert", "alert_level_m"),
    ("minor_flood", "minor_flood_level_m"),
    ("major_flood", "major_flood_level_m"),
)


@dataclass(frozen=True, slots=True)
class PlayedReading:
    """One level in metres; `station` is a code."""

    time: datetime
    station: str
    level_m: float


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything of a past flood: readings in time order, without duplicates of (station, time)."""

    stations: list[Station]
    thresholds: list[Threshold]
    readings: list[PlayedReading]
    duplicates: int


def slug(name: str) -> str:
    """A stable ASCII code of a name: lower case, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def load(scenario: Scenario) -> Replay:
    """Reads the scenario's files.

    Limits of 0 are "not set" and become no threshold at all. Raises InputError where two different
    levels are given for one station and time, because there would be no plain reading of the file.
    """
    with (scenario.folder / "stations.json").open(encoding="utf-8") as source:
        gauges = json.load(source)
    codes = {gauge["name"]: slug(gauge["name"]) for gauge in gauges}
    if len(set(codes.values())) < len(codes):
        raise InputError("duplicate_station", f"{scenario.code}: two gauges have the same code")
    readings, duplicates = _readings(scenario.folder / "all.tsv", codes)
    return Replay(
        stations=[_station(gauge, codes, scenario.origin) for gauge in gauges],
        thresholds=[limit for gauge in gauges for limit in _thresholds(gauge, codes)],
        readings=readings,
        duplicates=duplicates,
    )


def _station(gauge: dict[str, object], codes: dict[str, str], origin: str) -> Station:
    name = str(gauge["name"])
    place = gauge["lat_lng"]
    assert isinstance(place, list)
    return Station(
        code=codes[name],
        name=name,
        name_en=name,
        kind=StationKind.RIVER_LEVEL,
        area=None,
        lon=float(place[1]),
        lat=float(place[0]),
        period_s=_PERIOD_S,
        datum=LOCAL_DATUM,
        river=str(gauge["river_name"]),
        origin=origin,
    )


def _thresholds(gauge: dict[str, object], codes: dict[str, str]) -> list[Threshold]:
    return [
        Threshold(
            station=codes[str(gauge["name"])],
            property="water_level",
            name=name,
            severity=THRESHOLD_SEVERITY[name],
            value=value,
            deadband=DEFAULT_DEADBAND_M,
            datum=LOCAL_DATUM,
            source="Irrigation Department of Sri Lanka, by lk_irrigation",
        )
        for name, field in _LIMITS
        if (value := float(str(gauge[field]))) != 0
    ]


def _readings(path: Path, codes: dict[str, str]) -> tuple[list[PlayedReading], int]:
    found: dict[tuple[datetime, str], float] = {}
    duplicates = 0
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            key = (datetime.fromtimestamp(int(row["time_ut"]), UTC), codes[row["station_name"]])
            level = float(row["water_level_m"])
            if key in found:
                if found[key] != level:
                    raise InputError("two_values", f"{path.name}: two levels for {key[1]} at {key[0]}")
                duplicates += 1
            found[key] = level
    return [
        PlayedReading(time, station, level) for (time, station), level in sorted(found.items())
    ], duplicates


def shifted(readings: list[PlayedReading], end: datetime) -> list[PlayedReading]:
    """The same readings with their gaps, moved in whole seconds so that the last falls on `end`."""
    if not readings:
        return []
    move = end.replace(microsecond=0) - readings[-1].time
    return [replace(reading, time=reading.time + move) for reading in readings]


def highest_severities(
    readings: Iterable[PlayedReading], thresholds: Iterable[Threshold]
) -> dict[str, Severity]:
    """What a plain reading gives: per station the worst limit that any value reached (value ≥ limit)."""
    limits: dict[str, list[Threshold]] = {}
    for threshold in thresholds:
        limits.setdefault(threshold.station, []).append(threshold)
    highest: dict[str, Severity] = {}
    for reading in readings:
        for limit in limits.get(reading.station, []):
            if reading.level_m >= limit.value:
                reached = worse(highest.get(reading.station), limit.severity)
                assert reached is not None
                highest[reading.station] = reached
    return highest
