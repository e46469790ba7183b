"""Typhoon tracks, analysed and forecast."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from core.typhoons import Typhoon
from formats import typhoon
from hydrology.judgement import judge_time
from ingest.understood import Keeping, Known, Limits, Understood
from store import typhoons


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The typhoon with those of its positions whose time of issue can be true."""
    found, understood.faults = typhoon.decode(understood.message.payload, limits.values)
    if found is None:
        return
    believed = []
    for fix in found.fixes:
        # A forecast's times lie ahead by its nature; the time it was issued must not.
        fault = judge_time(fix.issued or fix.time, understood.message.received_at, limits.time)
        if fault is None:
            believed.append(fix)
        elif fault not in understood.faults:
            understood.faults.append(fault)
    if believed:
        understood.report = Typhoon(found.code, found.name, found.name_en, tuple(believed))


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the positions."""
    typhoons.save(
        connection,
        understood.report,
        understood.to.exercise,
        source=understood.message.topic,
        received_at=understood.message.received_at,
    )
