"""What a station brings to the judgement of its series: the neighbour that was named for it, and its kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from core.judgement_limits import JudgementLimit
from core.settings import Ingest as Settings
from core.stations import StationKind
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store.connection import connect
from store.judgement_limits import save_limit
from tests.integration.levels import Field

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
SETTINGS = Settings()


@pytest.fixture(scope="module")
def field(database: str) -> Iterator[Field]:
    """UP1 and UP2 are to be compared with DOWN, LONE with nothing."""
    with connect(database, name="test-neighbours", autocommit=True) as connection:
        made = Field(connection)
        made.county()
        for code in ("UP1", "UP2", "DOWN", "LONE"):
            made.station(code)
        with connection.transaction():
            for code in ("UP1", "UP2"):
                limit = JudgementLimit(
                    code, "water_level", 1, "neighbour_difference", None, 0.4, "DOWN:1", "same reach"
                )
                save_limit(connection, limit, "test")
        yield made


def message(station: str, minutes: float, level_m: float) -> Inbound:
    time = NOW - timedelta(minutes=minutes)
    payload = {"time": time.isoformat(), "values": {"water_level": level_m}}
    return Inbound(f"anlan/obs/{station}", json.dumps(payload).encode(), NOW)


def receive(field: Field, *messages: Inbound) -> None:
    with field.connection.transaction():
        write(field.connection, messages, Directory(), Limits.of(SETTINGS), keeping=Keeping.of(SETTINGS))


def reasons(field: Field, station: str) -> list[tuple[int, str]]:
    return field.connection.execute(
        "select quality, reason from public_v1.observation where station = %s order by time", (station,)
    ).fetchall()


GOOD, APART = (1, ""), (3, "neighbour_differs")


def test_another_stations_gauge_is_the_neighbour(field: Field) -> None:
    receive(field, message("DOWN", 20, 2.0))
    receive(field, message("UP1", 19, 2.39), message("LONE", 19, 5.0))
    assert (reasons(field, "UP1"), reasons(field, "LONE")) == ([GOOD], [GOOD])
    receive(field, message("DOWN", 15, 2.0))
    receive(field, message("UP1", 14, 2.5))
    assert reasons(field, "UP1") == [GOOD, APART]


def test_both_in_one_batch_are_compared_at_the_same_time(field: Field) -> None:
    receive(field, message("DOWN", 10, 2.0), message("UP2", 10, 2.3))
    receive(field, message("UP2", 5, 2.75), message("DOWN", 5, 2.1))
    assert reasons(field, "UP2") == [GOOD, APART]


def test_a_neighbour_that_rises_too_is_no_doubt(field: Field) -> None:
    receive(field, message("DOWN", 4, 2.3), message("UP2", 4, 2.6))
    receive(field, message("DOWN", 2, 2.6), message("UP2", 2, 2.9))
    assert reasons(field, "UP2")[2:] == [GOOD, GOOD]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (StationKind.RIVER_LEVEL, (3, "rises_fast")),
        (StationKind.SLUICE, GOOD),
        (StationKind.PUMP, GOOD),
        (StationKind.RESERVOIR, (3, "rises_fast")),
    ],
)
def test_the_defaults_are_those_of_the_stations_kind(
    field: Field, kind: StationKind, found: tuple[int, str]
) -> None:
    """2.5 m in half an hour: behind a gate that closes it is the water, in a river it is in doubt."""
    code = field.station(f"KIND-{kind.value}", kind=kind)
    for minutes, level in ((60, 2.0), (30, 4.5)):
        receive(field, message(code, minutes, level))
    assert reasons(field, code) == [GOOD, found]
