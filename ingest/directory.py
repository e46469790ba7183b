"""Who is known, remembered between batches: stations, cameras and numbers of series; exercises never are.

Only what is known is remembered, and only for a while: a station imported a second ago is found, and a
changed reporting period is seen within `REMEMBERED_S`. After a transaction that failed everything is
forgotten, because a series that it created does not exist.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import Connection

from core.stations import SeriesKey
from ingest.memory import Memory
from ingest.routes import SPEAKERS, Format, Route
from ingest.sl651.stations import Stations
from ingest.understood import Known
from store.exercises import ended_among, hold_running
from store.stations import ensure_series

REMEMBERED_S = 30.0
_WARY_BATCHES = 50


class Directory:
    """Look-ups of one writer; not for several threads."""

    def __init__(self) -> None:
        self._stations: dict[str, int] = {}
        self._cameras: set[str] = set()
        self._series: dict[SeriesKey, int] = {}
        self.telemetry = Stations()
        self.memory = Memory()
        self._since = time.monotonic()
        self._wary = 0

    @property
    def periods_s(self) -> Mapping[str, int]:
        """Reporting periods of the stations that are remembered; it changes as they do."""
        return self._stations

    @property
    def expects_new(self) -> bool:
        """True unless readings that were there already have come lately: then more of them may follow."""
        return self._wary == 0

    def met(self, *, all_new: bool) -> None:
        """After a batch: whether all of its readings were new."""
        self._wary = max(0, self._wary - 1) if all_new else _WARY_BATCHES

    def forget(self) -> None:
        """Everything is asked anew."""
        self._forget_names()
        self.memory.forget()

    def _forget_names(self) -> None:
        self._stations.clear()
        self._cameras.clear()
        self._series.clear()
        self.telemetry.forget()
        self._since = time.monotonic()

    def known(self, connection: Connection[Any], routes: Iterable[Route], named: Iterable[str] = ()) -> Known:
        """Those of the routes' stations, cameras, devices and exercises that exist, and of `named` stations.

        Running exercises are held until the transaction ends: nothing is stored of one that has ended.
        """
        if time.monotonic() - self._since > REMEMBERED_S:
            self._forget_names()
        stations, cameras, exercises = set(named), set(), set()
        speakers: set[str] = set()
        for route in routes:
            if route.format is Format.OBSERVATIONS:
                stations.add(route.code)
            elif route.format in SPEAKERS:
                speakers |= {route.code} - {""}
            elif route.format in (Format.CAMERA_STATUS, Format.CAMERA_SNAPSHOT):
                cameras.add(route.code)
            if route.exercise is not None:
                exercises.add(route.exercise)
        stations |= speakers
        cameras |= speakers
        if new := stations - self._stations.keys():
            self._stations.update(
                connection.execute(
                    "select code, period_s from station where code = any(%s)", (list(new),)
                ).fetchall()
            )
        if new := cameras - self._cameras:
            self._cameras.update(
                row[0]
                for row in connection.execute("select code from camera where code = any(%s)", (list(new),))
            )
        running = hold_running(connection) if exercises else frozenset()
        ended = ended_among(connection, exercises - running)
        return Known(self._stations, self._cameras, running, ended, _devices(connection, speakers))

    def series(self, connection: Connection[Any], keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        """Numbers of the series, created where they do not exist; all keys ever asked are in it."""
        new = [key for key in dict.fromkeys(keys) if key not in self._series]
        if new:
            found = ensure_series(connection, sorted(new, key=repr))
            self._series.update((key, series.id) for key, series in found.items())
        return self._series


def _devices(connection: Connection[Any], codes: set[str]) -> frozenset[str]:
    """Those of the codes that are screens or loudspeakers."""
    if not codes:
        return frozenset()
    found = connection.execute("select code from device where code = any(%s)", (list(codes),))
    return frozenset(row[0] for row in found)
