"""Who is known, remembered between batches: stations, cameras and numbers of series; exercises never are.

Only what is known is remembered, and only for a while: a station imported a second ago is found, and a
changed reporting period is seen within `REMEMBERED_S`. After a transaction that failed everything is
forgotten, because a series that it created does not exist.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from core.stations import SeriesKey
from ingest.routes import Format, Route
from ingest.understanding import Known
from store.exercises import ended_among, hold_running
from store.stations import ensure_series

REMEMBERED_S = 30.0


class Directory:
    """Look-ups of one writer; not for several threads."""

    def __init__(self) -> None:
        self._stations: dict[str, int] = {}
        self._cameras: set[str] = set()
        self._series: dict[SeriesKey, int] = {}
        self._since = time.monotonic()

    def forget(self) -> None:
        """Everything is asked anew."""
        self._stations.clear()
        self._cameras.clear()
        self._series.clear()
        self._since = time.monotonic()

    def known(self, connection: Connection[Any], routes: Iterable[Route]) -> Known:
        """Those of the routes' stations, cameras and exercises that exist.

        Running exercises are held until the transaction ends: nothing is stored of one that has ended.
        """
        if time.monotonic() - self._since > REMEMBERED_S:
            self.forget()
        stations, cameras, exercises = set(), set(), set()
        for route in routes:
            if route.format is Format.OBSERVATIONS:
                stations.add(route.code)
            elif route.code:
                cameras.add(route.code)
            if route.exercise is not None:
                exercises.add(route.exercise)
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
        return Known(self._stations, self._cameras, running, ended)

    def series(self, connection: Connection[Any], keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        """Numbers of the series, created where they do not exist; all keys ever asked are in it."""
        new = [key for key in dict.fromkeys(keys) if key not in self._series]
        if new:
            found = ensure_series(connection, sorted(new, key=repr))
            self._series.update((key, series.id) for key, series in found.items())
        return self._series
