"""How far ahead a time may be, and how wrong a clock, are settings; what is beyond is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from core.settings import load_settings
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store.connection import connect
from tests.integration.levels import Field

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def field(database: str) -> Iterator[Field]:
    with connect(database, name="test-times", autocommit=True) as connection:
        made = Field(connection)
        made.county()
        yield made


def stored(field: Field, station: str, seconds: float) -> list[tuple[int, str]]:
    """Quality and reason of a level whose time is so far ahead of its receipt; nothing if it was kept aside."""
    time = NOW + timedelta(seconds=seconds)
    payload = json.dumps({"time": time.isoformat(), "values": {"water_level": 2.0}}).encode()
    settings = load_settings().ingest
    with field.connection.transaction():
        write(
            field.connection,
            [Inbound(f"anlan/obs/{station}", payload, NOW)],
            Directory(),
            Limits.of(settings),
            keeping=Keeping.of(settings),
        )
    return field.connection.execute(
        "select quality, reason from public_v1.observation where station = %s and time = %s", (station, time)
    ).fetchall()


def kept_aside(field: Field, station: str) -> list[tuple[str]]:
    return field.connection.execute(
        "select reason from quarantine where topic = %s", (f"anlan/obs/{station}",)
    ).fetchall()


GOOD, AHEAD = [(1, "")], [(3, "time_ahead")]


@pytest.mark.parametrize(
    ("future_s", "ahead_s", "found"),
    [
        (None, None, {300: GOOD, 301: AHEAD, 600: AHEAD, 601: []}),
        (3600, 60, {60: GOOD, 61: AHEAD, 3600: AHEAD, 3601: []}),
        (30, 10, {10: GOOD, 11: AHEAD, 30: AHEAD, 31: []}),
    ],
    ids=["as it comes", "wider", "narrower"],
)
def test_how_far_ahead_a_time_may_be(
    field: Field,
    monkeypatch: pytest.MonkeyPatch,
    future_s: int | None,
    ahead_s: int | None,
    found: dict[int, list[tuple[int, str]]],
) -> None:
    if future_s is not None:
        monkeypatch.setenv("ANLAN_INGEST__FUTURE_TOLERANCE_S", str(future_s))
        monkeypatch.setenv("ANLAN_INGEST__AHEAD_SUSPECT_S", str(ahead_s))
    station = field.station(f"AHEAD-{future_s}")
    assert {seconds: stored(field, station, seconds) for seconds in found} == found
    assert kept_aside(field, station) == [("time_in_future",)]


@pytest.mark.parametrize(("limit_s", "reason"), [(None, "clock_wrong"), (899, "clock_wrong"), (900, "")])
def test_how_wrong_a_clock_may_be(
    field: Field, monkeypatch: pytest.MonkeyPatch, limit_s: int | None, reason: str
) -> None:
    if limit_s is not None:
        monkeypatch.setenv("ANLAN_INGEST__CLOCK_SUSPECT_S", str(limit_s))
    station = field.station(f"CLOCK-{limit_s}")
    field.connection.execute(
        "insert into station_clock (station, error_s, measured_at) values (%s, -900, now())", (station,)
    )
    assert stored(field, station, 0) == [(3 if reason else 1, reason)]
