"""SL 651 by the broker: frames in messages, answers on `down`, packets that survive a killed ingest, gaps."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client

from cli.services import Services
from cli.services.broker import ensure_accounts
from core.clock import system_clock
from core.settings import Ingest as IngestSettings
from drill.rtu.lines import BrokerLine, Line
from drill.rtu.runner import Runner
from drill.rtu.unit import Unit
from formats.sl651 import End, Frame, Function, Link, decode, query_bases, read_frame
from formats.sl651.encode import Group, Hour, Station, Value, encode_picture, encode_report
from ingest.retry import Retried, retry
from ingest.sl651.caretaker import ask_for_packets, give_up_old, look_for_gaps
from store import quarantine
from store.gaps import asked, due, forget, gaps, settle
from tests.integration.ingesting import Ingest, number, running_ingest, seed, sender, until
from tests.integration.sl651_stations import ADDRESS, bind, jpeg, link_of, now, reasons, values

Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    folder = tmp_path_factory.mktemp("ingest")
    bind(database, folder, networks="")
    with running_ingest(environment, folder) as running:
        yield running


@contextmanager
def heard(client: Client, topic: str) -> Iterator[queue.SimpleQueue[Frame]]:
    """Frames that the centre sends on a topic."""
    found: queue.SimpleQueue[Frame] = queue.SimpleQueue()

    def on_message(_: Client, __: object, message: Any) -> None:
        frame = read_frame(bytes(message.payload))
        assert isinstance(frame, Frame)
        found.put(frame)

    ready = queue.SimpleQueue[bool]()
    client.on_message = on_message
    client.on_subscribe = lambda *_: ready.put(True)
    client.subscribe(topic, 1)
    ready.get(timeout=5)
    yield found


def retry_all(view: Connection, reason: str) -> Retried:
    numbers = quarantine.open_numbers(view, quarantine.Filter(reason=reason))
    return retry(view, IngestSettings(), system_clock, numbers)


def report(station: str, level: float, *, serial: int = 1, code: str = "39", minutes: int = 0) -> bytes:
    time = now().replace(second=0) - timedelta(minutes=minutes)
    link = link_of(station)
    group = Group(time, (Value(code, level),))
    return encode_report(link, 0x32, serial, now(), (Station(link.address, "H", (group,)),))


def test_raw_bytes_and_digits_several_frames_in_one_message(gateway: Client, view: Connection) -> None:
    with heard(gateway, "anlan/sl651/gw1/down") as answers:
        gateway.publish(
            "anlan/sl651/gw1", report("RIVER1", 1.1, serial=11) + report("RIVER2", 2.2, serial=12), 1
        )
        text = "\n".join(report(f"RIVER{n}", n + 0.3, serial=10 + n).hex().upper() for n in (3, 4))
        gateway.publish("anlan/sl651/gw1", text, 1)
        frames = [answers.get(timeout=5) for _ in range(4)]
    assert [(one.address, one.end, decode(one).serial) for one in frames] == [
        (ADDRESS[f"RIVER{n}"], End.EOT, 10 + n) for n in (1, 2, 3, 4)
    ]
    assert [values(view, f"RIVER{n}", "water_level")[-1][1] for n in (1, 2, 3, 4)] == [1.1, 2.2, 3.3, 4.3]
    topic = number(view, "select topic from station_contact where station = 'RIVER3'")
    assert topic == "anlan/sl651/gw1"


def test_a_message_sent_three_times_is_one_row_and_another_value_a_revision(
    gateway: Client, view: Connection
) -> None:
    frame = report("RIVER4", 0.5, serial=21, code="22", minutes=600)
    with heard(gateway, "anlan/sl651/gw10/down") as answers:
        for _ in range(3):
            gateway.publish("anlan/sl651/gw10", frame, 1)
        assert [decode(answers.get(timeout=5)).serial for _ in range(3)] == [21] * 3
        kept = values(view, "RIVER4", "rainfall")
        assert [value for _, value in kept] == [0.5]
        gateway.publish("anlan/sl651/gw10", report("RIVER4", 1.5, serial=22, code="22", minutes=600), 1)
        answers.get(timeout=5)
    assert [value for _, value in values(view, "RIVER4", "rainfall")] == [1.5]


def test_a_stations_own_login_speaks_for_itself_alone(
    services: Services, ingest: Ingest, view: Connection
) -> None:
    ensure_accounts(["RIVER5"], services.home)
    with sender(services, "RIVER5") as station, heard(station, "anlan/sl651/RIVER5/down") as answers:
        station.publish("anlan/sl651/RIVER5", report("RIVER6", 6.6, serial=1), 1)
        station.publish("anlan/sl651/RIVER5", report("RIVER5", 5.5, serial=2), 1)
        answer = answers.get(timeout=5)
    assert (answer.address, decode(answer).serial) == (ADDRESS["RIVER5"], 2)
    assert values(view, "RIVER6", "water_level") == []
    assert reasons(view, "anlan/sl651/RIVER5") == ["foreign_station"]


def test_an_exercise_has_rows_and_answers_of_its_own(gateway: Client, view: Connection) -> None:
    before = values(view, "RIVER7", "water_level")
    with heard(gateway, "anlan/drill/EX1/sl651/gw1/down") as answers:
        gateway.publish("anlan/drill/EX1/sl651/gw1", report("RIVER7", 7.7, serial=4), 1)
        assert decode(answers.get(timeout=5)).serial == 4
    assert [value for _, value in values(view, "RIVER7", "water_level", "EX1")] == [7.7]
    assert values(view, "RIVER7", "water_level") == before
    gateway.publish("anlan/drill/NONE/sl651/gw1", report("RIVER7", 7.8), 1)
    until(lambda: reasons(view, "anlan/drill/NONE/sl651/gw1") == ["unknown_exercise"])


def test_an_unknown_station_is_kept_whole_and_read_after_its_import(
    gateway: Client, view: Connection, database: str
) -> None:
    link = Link("0077001122", password="1234")
    packets = encode_picture(link, 3, now(), "H", now(), jpeg())
    group = Group(now().replace(second=0), (Value("39", 7.25),))
    gateway.publish(
        "anlan/sl651/gw2", encode_report(link, 0x32, 1, now(), (Station(link.address, "H", (group,)),)), 1
    )
    for packet in packets:
        gateway.publish("anlan/sl651/gw2", packet, 1)
    until(lambda: reasons(view, "anlan/sl651/gw2") == ["unknown_station"] * 2)
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into station (code, name, name_en, kind, lon, lat, origin)"
            " values ('77001122', '新站', 'New', 'ZZ', 121.9, 29.5, 'scenario:test')"
        )
    assert retry_all(view, "unknown_station").resolved == 2
    assert [value for _, value in values(view, "77001122", "water_level")] == [7.25]
    assert number(view, "select count(*) from station_picture where station = '77001122'") == 1


def test_a_level_over_an_unknown_base_is_read_after_the_base_is_set(
    gateway: Client, view: Connection, database: str, tmp_path: Path
) -> None:
    link = link_of("RIVER8")
    first = now().replace(minute=5, second=0) - timedelta(hours=4)
    hour = Group(first, (Hour("F5", [0.75] * 12),))
    gateway.publish(
        "anlan/sl651/gw3", encode_report(link, 0x34, 1, now(), (Station(link.address, "H", (hour,)),)), 1
    )
    until(lambda: reasons(view, "anlan/sl651/gw3") == ["base_unknown"])
    bind(database, tmp_path, "code,address,base_1_m", f"RIVER8,{ADDRESS['RIVER8']},30")
    assert retry_all(view, "base_unknown").resolved == 1
    assert {value for _, value in values(view, "RIVER8", "water_level")} == {30.75}


def test_a_base_level_that_levels_give_away_is_proposed_and_one_that_is_told_holds(
    gateway: Client, view: Connection
) -> None:
    link = link_of("RIVER9")
    first = now().replace(minute=5, second=0) - timedelta(hours=2)
    both = [Group(first, (Value("39", 12.5),)), Group(first, (Hour("F5", [0.5] * 12),))]
    gateway.publish(
        "anlan/sl651/gw4", encode_report(link, 0x34, 1, now(), (Station(link.address, "H", both),)), 1
    )
    query = "select base_m, proposed_m, source from station_base where station = 'RIVER9'"
    until(lambda: view.execute(query).fetchone() == (None, 12.0, None))
    unit = Unit(link, "H", base_m=12.0)
    for answer in unit.hear(query_bases(unit.link, now()), now()):
        gateway.publish("anlan/sl651/gw4", answer, 1)
    until(lambda: view.execute(query).fetchone() == (12.0, 12.0, "station"))


def test_packets_survive_an_ingest_that_is_killed_between_them(
    gateway: Client, ingest: Ingest, view: Connection
) -> None:
    picture = jpeg(240, 180)
    packets = encode_picture(link_of("RIVER2"), 51, now(), "H", now(), picture)
    assert len(packets) > 6
    with heard(gateway, "anlan/sl651/gw5/down") as answers:
        for packet in packets[:4]:
            gateway.publish("anlan/sl651/gw5", packet, 1)
        until(lambda: number(view, "select count(*) from telemetry_packet") >= 4)
        ingest.kill()
        for packet in packets[4:]:
            gateway.publish("anlan/sl651/gw5", packet, 1).wait_for_publish(5)
        ingest.start()
        answer = answers.get(timeout=15)
        assert (answer.end, decode(answer).serial) == (End.EOT, 51)
    kept = number(view, "select jpeg from station_picture where station = 'RIVER2'")
    assert bytes(kept) == picture


def test_missing_packets_are_asked_for_twice_then_what_came_is_kept(
    gateway: Client, view: Connection, database: str
) -> None:
    packets = encode_picture(link_of("RIVER4"), 61, now(), "H", now(), jpeg())
    gateway.publish("anlan/sl651/gw6", packets[0] + packets[1], 1)
    transfer = "select count(*) from telemetry_transfer where address = %s"
    until(lambda: number(view, transfer, ADDRESS["RIVER4"]) == 1)
    sent: list[tuple[str, str, bytes]] = []
    later = now() + timedelta(seconds=30)
    with psycopg.connect(database, autocommit=True) as own:
        for turn in range(3):
            ask_for_packets(own, later + turn * timedelta(seconds=30), lambda *what: sent.append(what))
        ours = [what for what in sent if what[1] == ADDRESS["RIVER4"]]
        assert [what[0] for what in ours] == ["anlan/sl651/gw6"] * 2
        first = read_frame(ours[0][2])
        assert isinstance(first, Frame)
        assert (first.end, first.packet) == (End.NAK, (len(packets), 3))
        give_up_old(own, now() + timedelta(hours=2))
    assert reasons(view, "anlan/sl651/gw6") == ["packets_missing"]
    payload = number(view, "select payload from quarantine where reason = 'packets_missing'")
    assert bytes(payload) == packets[0] + packets[1]
    assert number(view, transfer, ADDRESS["RIVER4"]) == 0


def test_missing_hours_are_found_asked_for_and_filled(
    services: Services, gateway: Client, view: Connection, database: str
) -> None:
    unit = Unit(link_of("RAIN1"), "P", wait=timedelta(seconds=3))
    this_hour = now().replace(minute=0, second=0)
    # The station measured all day, but four hours of it never arrived.
    for slot in range(1, 12 * 12 + 1):
        unit.memory.measure(
            this_hour - timedelta(hours=12) + slot * timedelta(minutes=5), {"22": slot % 7 / 2}
        )
    for hour in range(12):
        if hour not in (4, 5, 8, 9):
            unit.report_hour(now(), this_hour - timedelta(hours=11 - hour), ("F4",))

    def dial() -> Line:
        return BrokerLine(services.broker.url("gateway"), "rtu9", as_text=True)

    runner = Runner(unit, dial, keep_alive_s=0.5)
    runner.start()
    try:
        until(lambda: len(values(view, "RAIN1", "rainfall")) == 8 * 12)
        with psycopg.connect(database, autocommit=True) as own:
            later = now() + timedelta(minutes=31)
            look_for_gaps(own, later, 7)
            found = gaps(own, "RAIN1")
            assert [(one.begins, one.ends) for one in found] == [
                (this_hour - timedelta(hours=4), this_hour - timedelta(hours=2)),
                (this_hour - timedelta(hours=8), this_hour - timedelta(hours=6)),
            ]
            # In the second half of an hour ingest itself may have found them, and asked.
            assert {one.state for one in found} <= {"open", "asked", "filled"}
            assert look_for_gaps(own, later, 7) == (0, 0)
        # The next word of the station, a heartbeat, brings the first question; the other waits a minute.
        until(lambda: len(values(view, "RAIN1", "rainfall")) >= 10 * 12)
        view.execute(
            "update station_gap set asked_at = asked_at - interval '2 minutes' where asked_at is not null"
        )
        until(lambda: len(values(view, "RAIN1", "rainfall")) == 12 * 12)
        with psycopg.connect(database, autocommit=True) as own:
            look_for_gaps(own, later, 7)
        assert {(one.state, one.attempts) for one in gaps(view, "RAIN1")} == {("filled", 1)}
    finally:
        runner.stop()
    told = values(view, "RAIN1", "rainfall")
    kept = [
        (this_hour - timedelta(hours=12) + slot * timedelta(minutes=5), slot % 7 / 2)
        for slot in range(1, 145)
    ]
    assert told == kept


def test_a_gap_that_nobody_fills_is_asked_for_three_times_and_given_up(
    ingest: Ingest, database: str, view: Connection
) -> None:
    seen = now()
    view.execute(
        "insert into series (station, property) values ('RIVER1', 'water_level') on conflict do nothing"
    )
    view.execute(
        "insert into station_gap (series, begins, ends, found_at)"
        " select id, %s, %s, %s from series where station = 'RIVER1' and property = 'water_level' limit 1",
        (seen - timedelta(hours=5), seen - timedelta(hours=4), seen),
    )
    for attempt in range(3):
        at = seen + timedelta(hours=attempt)
        gap = due(view, "RIVER1", None, at)
        assert gap is not None
        asked(view, gap.id, at)
        assert due(view, "RIVER1", None, at + timedelta(seconds=61)) is None
    at = seen + timedelta(hours=4)
    assert due(view, "RIVER1", None, at) is None
    settle(view, seen - timedelta(days=7), at)
    [gap_now] = [one for one in gaps(view, "RIVER1") if one.attempts]
    assert (gap_now.state, gap_now.attempts) == ("given_up", 3)
    forget(view, seen - timedelta(hours=5))
    assert gap_now in gaps(view, "RIVER1")
    forget(view, seen)
    assert gap_now not in gaps(view, "RIVER1")


def test_a_picture_of_a_station_that_is_a_camera_is_its_snapshot(gateway: Client, view: Connection) -> None:
    view.execute(
        "insert into camera (code, name, name_en, area, lon, lat)"
        " values ('RIVER6', '六号', 'Six', 'C', 121.9, 29.5)"
    )
    picture = jpeg()
    packets = encode_picture(link_of("RIVER6"), 71, now(), "H", now(), picture)
    with heard(gateway, "anlan/sl651/gw7/down") as answers:
        for _ in range(2):
            gateway.publish("anlan/sl651/gw7", b"".join(packets), 1)
            assert decode(answers.get(timeout=5)).serial == 71
    kept = view.execute("select jpeg from camera_snapshot where camera = 'RIVER6'").fetchall()
    assert [bytes(row[0]) for row in kept] == [picture]
    assert number(view, "select count(*) from station_picture where station = 'RIVER6'") == 0


def test_what_is_no_picture_is_kept_in_the_quarantine(gateway: Client, view: Connection) -> None:
    packets = encode_picture(link_of("RIVER1"), 81, now(), "H", now(), b"\xff\xd8 no picture" * 90)
    for packet in packets:
        gateway.publish("anlan/sl651/gw8", packet, 1)
    until(lambda: reasons(view, "anlan/sl651/gw8") == ["bad_image"])
    payload = bytes(number(view, "select payload from quarantine where topic = 'anlan/sl651/gw8'"))
    assert all(packet in payload for packet in packets)


def test_a_clock_behind_in_a_report_that_waited_is_not_believed(gateway: Client, view: Connection) -> None:
    link = link_of("RIVER3")
    earlier = now() - timedelta(hours=2)
    group = Group(earlier.replace(second=0), (Value("39", 3.0),))
    with heard(gateway, "anlan/sl651/gw9/down") as answers:
        gateway.publish(
            "anlan/sl651/gw9",
            encode_report(link, Function.TIMED, 5, earlier, (Station(link.address, "H", (group,)),)),
            1,
        )
        assert answers.get(timeout=5).end is End.ESC
        setting = answers.get(timeout=5)
    assert (setting.function, setting.end) == (Function.SET_CLOCK, End.ENQ)
    errors = view.execute("select error_s from station_clock where station = 'RIVER3'").fetchall()
    assert all(abs(error) < 60 for (error,) in errors)
