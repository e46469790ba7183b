"""An exercise beside the real thing: it changes no real alarm and calls no real person's phone.

Everything runs for real: broker, ingest, evaluator, dispatch, Kannel, and a socket that plays the
phones. The county has a real station in alarm; the flood of 2025 is replayed over it.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from psycopg import Connection

from alerts.acknowledge import acknowledge
from cli.services import Services
from core.areas import Area
from core.people import Person, RosterEntry
from core.stations import Station, StationKind
from core.thresholds import THRESHOLD_SEVERITY, Threshold
from drill.replay import highest_severities, load
from drill.scenario import scenario
from store.areas import save_area
from store.connection import connect
from store.people import save_person, save_roster_entry
from store.stations import save_station, save_threshold
from tests.integration.ingesting import running_ingest, sender, until

REAL = {"T1": "13800000001", "T2": "13800000002", "X1": "13800000003"}
DRILL = {"T2": "17000000002", "X1": "17000000003"}
"""T1 has no drill phone: of an exercise T1 hears nothing."""

EXERCISE = "flood-drill-2026"


@dataclass
class Phones:
    """Plays all phones: keeps what the SMS centre delivers, joined into whole messages."""

    address: tuple[str, int]
    heard: list[tuple[str, str]] = field(default_factory=list)
    _parts: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def listen(self) -> None:
        """Reads until the SMS centre goes away (kannel's fake SMSC: one line a message)."""
        with socket.create_connection(self.address) as link, link.makefile("rb") as lines:
            for line in lines:
                self._take(line.decode("ascii").split())

    def _take(self, words: list[str]) -> None:
        number, kind, rest = words[1], words[2], words[3:]
        if kind == "udh":
            header, body = _bytes(rest[0]), _bytes(rest[2])
            parts = self._parts.setdefault((number, str(header[3])), {})
            parts[header[5]] = body
            if len(parts) < header[4]:
                return
            text = b"".join(parts[at] for at in sorted(parts)).decode("utf-16-be")
        else:
            text = _bytes(rest[0]).decode("utf-16-be")
        with self._lock:
            self.heard.append((number, text))

    def to(self, number: str) -> list[str]:
        """Texts that this phone got."""
        with self._lock:
            return [text for called, text in self.heard if called == number]


def _bytes(encoded: str) -> bytes:
    return unquote_to_bytes(encoded.replace("+", " "))


@pytest.fixture(scope="module")
def phones(services: Services) -> Phones:
    host, _, port = services.env()["ANLAN_FIELD__SMSC"].rpartition(":")
    found = Phones((host, int(port)))
    Thread(target=found.listen, daemon=True).start()
    return found


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Connection[Any]]:
    """A county with a real river station and people on duty now."""
    now = datetime.now(UTC)
    with connect(database, name="test-exercise", autocommit=True) as connection:
        with connection.transaction():
            save_area(connection, Area("X", "海山县", "Haishan", "county"))
            save_area(connection, Area("T", "河口镇", "Hekou", "town", parent="X"))
            for code, phone in REAL.items():
                area = code[0]
                person = Person(code, f"值班员{code}", phone, area, "值班员", None, DRILL.get(code))
                save_person(connection, person)
                day = timedelta(days=1)
                save_roster_entry(connection, RosterEntry(area, code, "duty", now - day, now + day))
            save_station(
                connection,
                Station("R1", "河口站", "Hekou", StationKind.RIVER_LEVEL, "T", 121.8, 29.4, datum="85高程"),
            )
            for name, limit in {"warning": 4.0, "guarantee": 5.0, "historic_highest": 6.0}.items():
                severity = THRESHOLD_SEVERITY[name]
                save_threshold(
                    connection,
                    Threshold("R1", "water_level", name, severity, limit, 0.05, "85高程", "test"),
                    "test",
                )
        yield connection


@pytest.fixture(scope="module")
def roles(
    environment: dict[str, str], county: Connection[Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Evaluator and dispatch as processes, ingest beside them."""
    folder = tmp_path_factory.mktemp("roles")
    quick = {
        "ANLAN_DISPATCH__ANSWER_WAIT_S": "5",
        "ANLAN_DISPATCH__ATTEMPTS": "2",
        "ANLAN_ALERTS__GROUP_WAIT_S": "0",
        "ANLAN_ALERTS__DELAYS": "false",
    }
    environment = {**environment, **quick}
    running = []
    for role in ("alerts", "dispatch"):
        with (folder / f"{role}.log").open("wb") as log:
            argv = [sys.executable, "-m", "cli.main", role]
            running.append(subprocess.Popen(argv, env=environment, stdout=log, stderr=log))
    try:
        with running_ingest(environment, folder):
            yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def publish(services: Services, topic: str, level: float) -> None:
    """A reading of R1, taken now."""
    payload = {"time": datetime.now(UTC).isoformat(), "values": {"water_level": level}}
    with sender(services) as client:
        client.publish(topic, json.dumps(payload), qos=1).wait_for_publish(5)


def alarm_rows(county: Connection[Any], where: str) -> list[Any]:
    return county.execute(
        f"select row(alarm.*)::text, array_agg(alarm_event::text order by alarm_event.id)"
        f" from alarm join alarm_event on alarm_event.alarm = alarm.id where {where}"
        " group by alarm.id order by alarm.id"
    ).fetchall()


def one(county: Connection[Any], query: Any) -> Callable[[], bool]:
    def holds() -> bool:
        return county.execute(query).fetchone() is not None

    holds.__name__ = str(query)
    return holds


@pytest.mark.timeout(180)
def test_a_replay_beside_a_real_alarm(
    services: Services,
    environment: dict[str, str],
    county: Connection[Any],
    phones: Phones,
    roles: None,
    tmp_path: Path,
) -> None:
    publish(services, "anlan/obs/R1", 5.2)
    until(lambda: bool(phones.to(REAL["T1"]) and phones.to(REAL["T2"])), 30)
    real_call = phones.to(REAL["T1"])[0]
    assert "河口站" in real_call and "5.20 m" in real_call and "演练" not in real_call

    with county.transaction():
        (number,) = county.execute("select id from alarm where exercise is null").fetchone() or (0,)
        acknowledge(county, number, actor="值班员T1", at=datetime.now(UTC))
    until(lambda: not _sending(county), 20)
    before = alarm_rows(county, "exercise is null")
    assert len(before) == 1
    heard_before = {number: len(phones.to(number)) for number in REAL.values()}

    words = ["replay", "ditwah-2025", "--shift", "--speed", "1000000", "--exercise", EXERCISE]
    argv = [sys.executable, "-m", "cli.main", *words]
    replay = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert replay.returncode == 0, replay.stdout + replay.stderr
    assert f"exercise {EXERCISE}" in replay.stdout

    publish(services, f"anlan/drill/{EXERCISE}/obs/R1", 6.3)
    until(lambda: bool(phones.to(DRILL["T2"]) and phones.to(DRILL["X1"])), 60)
    until(one(county, "select 1 from delivery where exercise is not null and state = 'withheld'"), 30)
    until(
        lambda: not county.execute("select 1 from mark where consumer = 'evaluator' limit 1").fetchone(), 30
    )
    time.sleep(6)

    assert alarm_rows(county, "exercise is null") == before
    assert {number: len(phones.to(number)) for number in REAL.values()} == heard_before

    for number in DRILL.values():
        for text in phones.to(number):
            assert re.fullmatch(r"【[^】]+】【演练】.+【演练】", text), text
    known = {
        number for row in county.execute("select phone, phone2, drill_phone from person") for number in row
    }  # what an earlier test left in the gateway is no call of this one
    heard = {number for number, _ in phones.heard} & known
    assert heard == {*REAL.values(), *DRILL.values()} - {REAL["X1"]}

    played = load(scenario("ditwah-2025"))
    reached = county.execute(
        "select station, highest_severity from alarm where exercise = %s and station <> 'R1'", (EXERCISE,)
    ).fetchall()
    assert dict(reached) == highest_severities(played.readings, played.thresholds)

    drill = county.execute(
        "select severity, state from alarm where exercise = %s and station = 'R1'", (EXERCISE,)
    ).fetchall()
    assert drill == [("red", "unacknowledged")]
    assert len(alarm_rows(county, f"exercise = '{EXERCISE}'")) > 20
    withheld = county.execute(
        "select distinct recipient, reason, attempts from delivery"
        " where exercise is not null and state = 'withheld' and reason = 'no_drill_phone'"
    ).fetchall()
    assert withheld == [("T1", "no_drill_phone", 0)]


def _sending(county: Connection[Any]) -> bool:
    return county.execute("select 1 from delivery_attempt where state = 'sending'").fetchone() is not None
