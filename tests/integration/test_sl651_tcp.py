"""SL 651 stations that dial in: a real ingest, a real database, RTUs that speak the true protocol."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.clock import system_clock
from core.errors import InputError
from core.settings import Ingest as IngestSettings
from drill.rtu.unit import Unit
from formats.sl651 import End, Frame, Function, Link, decode, read_frame
from formats.sl651.encode import (
    Group,
    Hour,
    Station,
    Value,
    encode_keep_alive,
    encode_picture,
    encode_report,
)
from formats.sl651.frame import build_frame
from ingest.retry import retry
from tests.integration.ingesting import Ingest, number, running_ingest, seed, until
from tests.integration.sl651_stations import (
    ADDRESS,
    Plain,
    bind,
    dialling,
    jpeg,
    link_of,
    now,
    port_of,
    reasons,
    values,
)
from tests.unit.formats.sl651.test_mutations import mutated

Connection = psycopg.Connection[Any]
HOURS = Group(now().replace(minute=5, second=0) - timedelta(hours=2), (Hour("F4", [0.5] * 12),))
TOPIC = "tcp:sl651:127.0.0.1"


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    folder = tmp_path_factory.mktemp("ingest")
    bind(database, folder)
    bind(
        database,
        folder,
        "code,address,networks,password,confirm,set_clock,base_1_m",
        f"RIVER2,{ADDRESS['RIVER2']},127.0.0.1,,esc,no,",
        f"RIVER3,{ADDRESS['RIVER3']},127.0.0.1,9999,,,",
        f"RIVER4,{ADDRESS['RIVER4']},10.8.0.0/24,,,,",
        f"RIVER5,{ADDRESS['RIVER5']},127.0.0.1,,,,20.5",
    )
    with running_ingest(environment, folder, sl651_port=0, sl651_host="127.0.0.1") as running:
        yield running


@pytest.fixture
def port(ingest: Ingest) -> int:
    return port_of(ingest)


@pytest.fixture
def line(port: int) -> Iterator[Plain]:
    plain = Plain(port)
    yield plain
    plain.close()


def report(
    station: str, level: float, *, serial: int = 1, minutes: int = 0, link: Link | None = None
) -> bytes:
    time = now().replace(second=0) - timedelta(minutes=minutes)
    group = Group(time, (Value("39", level),))
    link = link or link_of(station)
    return encode_report(link, Function.TIMED, serial, now(), (Station(link.address, "H", (group,)),))


def test_a_report_is_confirmed_after_it_is_stored_with_its_serial(line: Plain, view: Connection) -> None:
    line.send(report("RIVER1", 3.456, serial=77))
    [answer] = line.frames()
    assert [value for _, value in values(view, "RIVER1", "water_level")] == [3.456]
    assert (answer.end, answer.up, answer.address) == (End.EOT, False, ADDRESS["RIVER1"])
    assert decode(answer).serial == 77
    assert (
        number(view, "select count(*) from raw_message where topic = %s and station = 'RIVER1'", TOPIC) == 1
    )


def test_a_report_sent_three_times_is_confirmed_three_times_and_stored_once(
    line: Plain, view: Connection
) -> None:
    frame = report("RIVER2", 4.5, serial=5)
    line.send(frame * 3)
    answers = line.frames(most=3)
    assert [(one.end, decode(one).serial) for one in answers] == [(End.ESC, 5)] * 3
    assert len(values(view, "RIVER2", "water_level")) == 1


def test_the_same_time_with_another_value_is_a_revision(line: Plain, view: Connection) -> None:
    time = now().replace(second=0) - timedelta(minutes=3)
    link = link_of("RIVER6")
    for level in (5.0, 5.25):
        group = Group(time, (Value("39", level),))
        line.send(encode_report(link, 0x32, 1, now(), (Station(link.address, "H", (group,)),)))
    line.frames(most=2)
    assert values(view, "RIVER6", "water_level") == [(time, 5.25)]
    revisions = (
        "select count(*) from observation_revision join series on series.id = series where station = 'RIVER6'"
    )
    assert number(view, revisions) >= 1


def test_a_station_speaks_from_its_own_network_and_with_its_own_password_only(
    port: int, view: Connection
) -> None:
    for station, reason in (("RIVER4", "foreign_source"), ("RIVER3", "wrong_password")):
        line = Plain(port)
        line.send(report(station, 9.9))
        until(lambda reason=reason: reason in reasons(view, TOPIC))  # type: ignore[misc]
        assert line.frames(0.5) == []
        assert values(view, station, "water_level") == []
        line.close()


def test_an_unknown_station_is_kept_whole_and_not_confirmed(port: int, view: Connection) -> None:
    line = Plain(port)
    stranger = Link("0099999999", password="1234")
    frame = report("", 1.0, link=stranger)
    line.send(frame)
    until(lambda: "unknown_station" in reasons(view, TOPIC))
    kept = number(
        view, "select payload from quarantine where reason = 'unknown_station' and topic = %s", TOPIC
    )
    assert bytes(kept) == frame
    assert line.frames(0.5) == []
    line.send(frame + frame)
    assert line.is_closed()


def test_a_connection_brings_no_values_of_stations_of_other_networks(line: Plain, view: Connection) -> None:
    time = now().replace(second=0)
    own, foreign = ADDRESS["RIVER7"], ADDRESS["RIVER4"]
    stations = [Station(address, "H", (Group(time, (Value("39", 6.0),)),)) for address in (own, foreign)]
    line.send(encode_report(link_of("RIVER7"), 0x32, 1, now(), stations))
    assert len(line.frames()) == 1
    assert len(values(view, "RIVER7", "water_level")) == 1
    assert values(view, "RIVER4", "water_level") == []
    assert "foreign_station" in reasons(view, TOPIC)


def test_a_keep_alive_gets_no_answer_and_a_maintenance_report_is_no_observation(
    line: Plain, view: Connection
) -> None:
    link = link_of("RIVER8")
    line.send(encode_keep_alive(link, 1, now()))
    assert line.frames(0.5) == []
    assert number(view, "select count(*) from raw_message where station = 'RIVER8' and readings = 0") == 1
    group = Group(now(), (Value("39", 8.0),))
    line.send(encode_report(link, Function.TEST, 9, now(), (Station(link.address, "H", (group,)),)))
    [answer] = line.frames()
    assert decode(answer).serial == 9
    assert values(view, "RIVER8", "water_level") == []


def test_relative_levels_stand_on_the_base_level(line: Plain, view: Connection) -> None:
    first = now().replace(minute=5, second=0) - timedelta(hours=3)
    for station in ("RIVER5", "RIVER9"):
        hour = Group(first, (Hour("F5", [1.25] * 12),))
        link = link_of(station)
        line.send(encode_report(link, 0x34, 1, now(), (Station(link.address, "H", (hour,)),)))
    answers = line.frames(most=3)
    # The one without a base level is kept, confirmed, and asked for it.
    assert [one.end for one in answers] == [End.EOT, End.ESC, End.ENQ]
    assert answers[2].function == Function.READ_SETTINGS
    assert {value for _, value in values(view, "RIVER5", "water_level")} == {21.75}
    assert values(view, "RIVER9", "water_level") == []
    assert "base_unknown" in reasons(view, TOPIC)


def test_a_wrong_clock_is_set_twice_and_its_error_kept(port: int, view: Connection) -> None:
    unit = Unit(link_of("RAIN1"), "P", clock_error=timedelta(minutes=7))
    with dialling(unit, port) as runner:
        with runner.lock:
            unit.report(now(), Function.TIMED, [Group(now(), [Value("22", 1.0)])])
        until(lambda: unit.clock_set == 2)
        assert abs(unit.clock_error) < timedelta(seconds=2)
        until(
            lambda: abs(float(number(view, "select error_s from station_clock where station = 'RAIN1'"))) < 2
        )


def test_a_picture_in_packets_is_put_together_kept_and_confirmed(port: int, view: Connection) -> None:
    picture = jpeg()
    unit = Unit(link_of("RIVER1"), "H")
    with dialling(unit, port) as runner:
        with runner.lock:
            serial = unit.send_picture(now(), picture)
            unit.report_text(now(), "水位上涨，已加密观测")
        until(lambda: serial in unit.confirmed and len(unit.confirmed) == 2)
    kept = view.execute("select jpeg, width from station_picture where station = 'RIVER1'").fetchall()
    assert [(bytes(one), width) for one, width in kept] == [(picture, 160)]
    assert number(view, "select text from station_text where station = 'RIVER1'") == "水位上涨，已加密观测"
    assert number(view, "select count(*) from telemetry_packet") == 1


def test_a_lost_packet_is_asked_for_again(line: Plain, view: Connection) -> None:
    picture = jpeg(200, 150)
    packets = encode_picture(link_of("RIVER6"), 31, now(), "H", now(), picture)
    assert len(packets) > 4
    line.send(packets[0] + packets[1] + b"".join(packets[3:]))
    [question] = line.frames()
    assert (question.end, question.packet) == (End.NAK, (len(packets), 3))
    line.send(packets[2])
    [answer] = line.frames()
    assert (answer.end, decode(answer).serial) == (End.EOT, 31)
    assert number(view, "select count(*) from station_picture where station = 'RIVER6'") == 1
    line.send(packets[-1])
    [again] = line.frames()
    assert (again.end, decode(again).serial) == (End.EOT, 31)
    assert number(view, "select count(*) from station_picture where station = 'RIVER6'") == 1


def test_a_sender_of_noise_is_hung_up_on(port: int, view: Connection) -> None:
    line = Plain(port)
    line.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    until(lambda: "bad_frame" in reasons(view, TOPIC))
    line.send(b"\x7e\x7e" + bytes(range(256)) * 80)
    assert line.is_closed()


def test_spoilt_frames_by_the_hundred_harm_nobody(port: int, view: Connection) -> None:
    """Whatever stands in the bodies of listed stations' frames, the next good report is stored and confirmed."""
    chance = random.Random(651)
    link = link_of("RIVER8")
    line = Plain(port)
    sound = [
        read_frame(report("RIVER8", 1.0)),
        read_frame(encode_report(link, 0x34, 1, now(), (Station(link.address, "H", (HOURS,)),))),
    ]
    for count in range(300):
        frame = sound[count % 2]
        assert isinstance(frame, Frame)
        body = mutated(chance, frame.body)[:4_000]
        function = chance.choice([0x31, 0x32, 0x34, 0x35, 0x36, 0x38, 0x43, 0x46, 0x4A, 0x77])
        line.send(
            build_frame(
                frame.coding,
                up=True,
                centre=1,
                address=link.address,
                password="1234",
                function=function,
                body=body,
                end=End.ETX,
                packet=chance.choice([None, None, (chance.randint(1, 5), 1)]),
            )
        )
    line.send(report("RIVER8", 8.125, serial=4711))
    confirmed: set[int | None] = set()

    def is_confirmed() -> bool:
        confirmed.update(decode(one).serial for one in line.frames(0.5))
        return 4711 in confirmed

    until(is_confirmed, 30)
    assert 8.125 in [value for _, value in values(view, "RIVER8", "water_level")]
    assert number(view, "select count(*) from quarantine where reason = 'decoder_failed'") == 0
    assert number(view, "select count(*) from quarantine where reason = 'cannot_be_stored'") == 0
    line.close()


def test_what_was_refused_is_read_once_its_network_is_listed(
    database: str, view: Connection, tmp_path: Path, port: int
) -> None:
    line = Plain(port)
    line.send(report("RIVER4", 4.75))
    wrong = "select id from quarantine where reason = 'foreign_source' and resolved_at is null"
    until(lambda: view.execute(wrong).fetchone() is not None)
    line.close()
    bind(database, tmp_path, "code,address,networks", f"RIVER4,{ADDRESS['RIVER4']},127.0.0.1")
    retry(view, IngestSettings(), system_clock, [row[0] for row in view.execute(wrong).fetchall()])
    assert 4.75 in [value for _, value in values(view, "RIVER4", "water_level")]
    assert view.execute(wrong).fetchall() == []


def test_the_newest_connection_of_a_station_is_answered_on(port: int) -> None:
    old, new = Plain(port), Plain(port)
    for one in (old, new):
        one.send(report("RIVER2", 1.5, serial=1))
        assert len(one.frames()) == 1
    old.close()
    new.send(report("RIVER2", 1.5, serial=2))
    assert len(new.frames()) == 1
    new.close()


def test_sources_are_read_from_a_file_all_or_nothing(database: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        bind(
            database,
            tmp_path,
            "code,address,networks,password,confirm",
            "RIVER1,00604123,10.0.0.0/8,,",
            "RIVER2,0060412302,0.0.0.0/0,,",
            "NOBODY,0060412399,10.0.0.1,zz,never",
            "RIVER3,0060412304,somewhere,,",
        )
    lines = str(refused.value)
    assert lines.count("\n") == 7, lines
