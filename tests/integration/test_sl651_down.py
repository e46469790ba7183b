"""What the centre says to stations behind the broker goes to the topic `down` beside theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from cli.services import Services
from formats.sl651 import End, Function, decode
from formats.sl651.encode import Group, Station, Value, encode_picture, encode_report
from tests.integration.ingesting import running_ingest, seed, sender
from tests.integration.sl651_stations import ADDRESS, bind, jpeg, link_of, now, values
from tests.integration.test_sl651_mqtt import Connection, heard


@pytest.fixture(scope="module")
def view(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The database of a running ingest that knows the stations by their addresses."""
    seed(database)
    folder = tmp_path_factory.mktemp("down")
    bind(database, folder, networks="")
    with (
        running_ingest(environment, folder),
        psycopg.connect(database, autocommit=True) as connection,
    ):
        yield connection


def test_a_clock_that_is_far_out_is_set_twice(services: Services, view: Connection) -> None:
    """The confirmation keeps the station on line for the setting, and the setting bears the time of sending."""
    link, wrong = link_of("RIVER1"), now() + timedelta(minutes=8)
    with sender(services) as gateway, heard(gateway, "anlan/sl651/gw1/down") as answers:
        group = Group(wrong, (Value("39", 1.5),))
        report = encode_report(link, Function.TIMED, 7, wrong, (Station(link.address, "H", (group,)),))
        gateway.publish("anlan/sl651/gw1", report, 1)
        confirmed, setting = answers.get(timeout=10), answers.get(timeout=10)
        assert (confirmed.end, decode(confirmed).serial) == (End.ESC, 7)
        assert (setting.function, setting.end, setting.address) == (0x4A, End.ENQ, ADDRESS["RIVER1"])
        told = decode(setting).sent
        assert told is not None and abs(told - now()) < timedelta(seconds=3)
        answer = encode_report(link, Function.SET_CLOCK, 8, now(), (Station(link.address, None),))
        gateway.publish("anlan/sl651/gw1", answer, 1)
        again = [answers.get(timeout=10) for _ in range(2)]
        assert [one.function for one in again] == [0x4A, 0x4A]
        assert {one.end for one in again} == {End.ESC, End.ENQ}
        gateway.publish("anlan/sl651/gw1", answer, 1)
        assert answers.get(timeout=10).end is End.EOT
        assert answers.empty(), "twice is enough"
    quality = "select quality, reason from public_v1.observation where station = 'RIVER1' and value = 1.5"
    assert view.execute(quality.encode()).fetchall() == [(3, "time_ahead")]


def test_a_missing_packet_is_asked_for_and_the_whole_is_confirmed(
    services: Services, view: Connection
) -> None:
    picture = jpeg(200, 150)
    packets = encode_picture(link_of("RIVER2"), 31, now(), "H", now(), picture)
    assert len(packets) > 4
    with sender(services) as gateway, heard(gateway, "anlan/sl651/gw2/down") as answers:
        for number, packet in enumerate(packets, 1):
            if number != 3:
                gateway.publish("anlan/sl651/gw2", packet, 1)
        question = answers.get(timeout=10)
        assert (question.end, question.packet) == (End.NAK, (len(packets), 3))
        gateway.publish("anlan/sl651/gw2", packets[2], 1)
        done = answers.get(timeout=10)
        assert (done.end, decode(done).serial) == (End.EOT, 31)
    [(kept,)] = view.execute("select jpeg from station_picture where station = 'RIVER2'").fetchall()
    assert bytes(kept) == picture


def test_an_exercise_is_answered_in_the_exercise(services: Services, view: Connection) -> None:
    link = link_of("RIVER3")
    group = Group(now().replace(second=0), (Value("39", 3.5),))
    report = encode_report(link, Function.TIMED, 9, now(), (Station(link.address, "H", (group,)),))
    with (
        sender(services) as gateway,
        heard(gateway, "anlan/drill/EX1/sl651/gw3/down") as answers,
    ):
        gateway.publish("anlan/drill/EX1/sl651/gw3", report, 1)
        assert decode(answers.get(timeout=10)).serial == 9
    assert values(view, "RIVER3", "water_level") == []
    assert [level for _, level in values(view, "RIVER3", "water_level", "EX1")] == [3.5]
