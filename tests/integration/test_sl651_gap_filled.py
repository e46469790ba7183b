"""A missing hour that the station reports late by itself (34H) is filled, and is not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.settings import Ingest as Settings
from formats.sl651 import Function
from formats.sl651.encode import Group, Hour, Station, encode_report
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.sl651.caretaker import look_for_gaps
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store.gaps import due, gaps
from tests.integration.ingesting import seed
from tests.integration.sl651_stations import bind, link_of, now, values

Connection = psycopg.Connection[Any]
SETTINGS = Settings()
THIS_HOUR = now().replace(minute=0, second=0)


@pytest.fixture
def connection(another_database: str, tmp_path: Path) -> Iterator[Connection]:
    seed(another_database)
    bind(another_database, tmp_path, networks="")
    with psycopg.connect(another_database, autocommit=True) as own:
        yield own


def hourly(end: datetime) -> bytes:
    """34H: an hour of rain, 0.5 mm in each slot."""
    link = link_of("RAIN1")
    hour = Group(end - timedelta(minutes=55), (Hour("F4", [0.5] * 12),))
    return encode_report(link, Function.HOURLY, 1, end, (Station(link.address, "P", (hour,)),))


def receive(connection: Connection, *frames: bytes) -> None:
    messages = [Inbound("anlan/sl651/gateway", frame, now()) for frame in frames]
    with connection.transaction():
        write(connection, messages, Directory(), Limits.of(SETTINGS), keeping=Keeping.of(SETTINGS))


def test_an_hour_that_comes_late_fills_its_gap(connection: Connection) -> None:
    missing = THIS_HOUR - timedelta(hours=3)
    receive(connection, *(hourly(THIS_HOUR - timedelta(hours=n)) for n in range(9) if n not in (3, 5)))
    later = now() + timedelta(minutes=31)
    look_for_gaps(connection, later, 7)
    found = [(gap.ends, gap.state) for gap in gaps(connection, "RAIN1")]
    assert found == [(missing, "open"), (THIS_HOUR - timedelta(hours=5), "open")]

    receive(connection, hourly(missing))
    assert look_for_gaps(connection, later, 7)[1] == 1
    found = [(gap.ends, gap.state) for gap in gaps(connection, "RAIN1")]
    assert found == [(missing, "filled"), (THIS_HOUR - timedelta(hours=5), "open")]
    asked = due(connection, "RAIN1", None, later)
    assert asked is not None and asked.ends == THIS_HOUR - timedelta(hours=5)
    assert [value for _, value in values(connection, "RAIN1", "rainfall")] == [0.5] * (8 * 12)
