"""An hour of SL 651 frames that nobody took in: all of it is there afterwards, once, and is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client

from cli.services import Services
from formats.sl651 import Frame, Function, decode, read_frame
from formats.sl651.encode import (
    Group,
    Hour,
    Station,
    Value,
    encode_keep_alive,
    encode_picture,
    encode_report,
    encode_text,
)
from tests.integration.ingesting import Ingest, number, running_ingest, seed, sender, until
from tests.integration.sl651_stations import ADDRESS, bind, jpeg, link_of, now, values

Connection = psycopg.Connection[Any]
END = now().replace(minute=0, second=0)
"""The hour that ends here was measured while nobody listened."""
RIVERS = [f"RIVER{count}" for count in range(1, 10)]


@pytest.fixture
def view(another_database: str) -> Iterator[Connection]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def away(environment: dict[str, str], another_database: str, tmp_path: Path) -> Iterator[Ingest]:
    """An ingest that has been here and is not now: the broker keeps its session."""
    seed(another_database)
    bind(another_database, tmp_path, networks="")
    here = {**environment, "ANLAN_DATABASE_URL": another_database}
    with running_ingest(here, tmp_path, session_expiry_s=300) as ingest:
        assert ingest.stop() == 0
        yield ingest


def report(station: str, minutes: int, level: float, serial: int) -> bytes:
    """A level of so many minutes before END."""
    link, time = link_of(station), END - timedelta(minutes=minutes)
    group = Group(time, (Value("39", level), Value("38", 12.5)))
    return encode_report(link, Function.TIMED, serial, time, (Station(link.address, "H", (group,)),))


def rain() -> bytes:
    link = link_of("RAIN1")
    hour = Group(END - timedelta(minutes=55), (Hour("F4", [0.5] * 12),))
    return encode_report(link, Function.HOURLY, 900, END, (Station(link.address, "P", (hour,)),))


def test_an_hour_of_frames_with_ingest_off_arrives_whole_and_once(
    services: Services, away: Ingest, view: Connection
) -> None:
    """Nine rivers every five minutes, an hour of rain, a picture, a text; every frame three times."""
    picture = jpeg()
    river = link_of("RIVER1")
    frames = [
        report(station, 60 - 5 * turn, 2 + turn / 100, 1 + turn) for turn in range(12) for station in RIVERS
    ]
    frames += [encode_keep_alive(river, 12, END), rain(), encode_text(river, 901, END, "堤脚渗水")]
    frames += encode_picture(river, 902, END, "H", END, picture)
    answers: set[tuple[str, int | None]] = set()

    def hear(_: Client, __: object, message: Any) -> None:
        frame = read_frame(bytes(message.payload))
        assert isinstance(frame, Frame)
        answers.add((frame.address, decode(frame).serial))

    with sender(services) as gateway:
        gateway.on_message = hear
        gateway.subscribe("anlan/sl651/gateway/down", 1)
        sent = [gateway.publish("anlan/sl651/gateway", frame, 1) for frame in frames for _ in range(3)]
        for info in sent:
            info.wait_for_publish(30)
        away.start()
        expected = {(ADDRESS[station], 1 + turn) for turn in range(12) for station in RIVERS}
        expected |= {(ADDRESS["RAIN1"], 900), (river.address, 901), (river.address, 902)}
        until(lambda: answers == expected, 60)
        for station in RIVERS:
            assert values(view, station, "water_level") == [
                (END - timedelta(minutes=60 - 5 * turn), 2 + turn / 100) for turn in range(12)
            ]
        assert [value for _, value in values(view, "RAIN1", "rainfall")] == [0.5] * 12
        assert number(view, "select count(*) from observation") == 9 * 12 * 2 + 12
        assert number(view, "select count(*) from observation_revision") == 0
        assert number(view, "select text from station_text") == "堤脚渗水"
        assert bytes(number(view, "select jpeg from station_picture")) == picture
        assert number(view, "select count(*) from quarantine") == 0

        gateway.publish(
            "anlan/sl651/gateway", b"".join(report(station, 60, 2.0, 800) for station in RIVERS), 1
        )
        until(lambda: answers >= {(ADDRESS[station], 800) for station in RIVERS})
        assert number(view, "select count(*) from observation_revision") == 0, "sent again much later"
        assert number(view, "select count(*) from observation") == 9 * 12 * 2 + 12

        gateway.publish("anlan/sl651/gateway", report("RIVER2", 5, 7.77, 950), 1)
        until(lambda: (ADDRESS["RIVER2"], 950) in answers)
    assert values(view, "RIVER2", "water_level")[-1] == (END - timedelta(minutes=5), 7.77)
    revised = view.execute(
        "select observation_revision.value from observation_revision join series on series.id = series"
        " where station = 'RIVER2' and property = 'water_level'"
    ).fetchall()
    assert revised == [(2.11,)]
