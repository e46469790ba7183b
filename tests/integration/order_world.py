"""A small county with phones and devices, for tests of orders and dispatch."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, unquote_to_bytes, urlsplit

import paho.mqtt.client as mqtt
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion
from psycopg import Connection

from alerts.orders import Actor, Draft, Selection
from cli.services import Services
from core.areas import Area
from core.devices import Device, DeviceKind, DeviceReport
from core.people import Person
from core.roles import Role
from core.settings import Settings
from core.severity import Severity
from formats import envelope
from formats.envelope import Command, CommandKind, Receipt, Status
from store.areas import save_area
from store.devices import save_device
from store.people import save_person

ROOT = Path(__file__).resolve().parents[2]

DUTY = Actor("duty", Role.DUTY)
LEADER = Actor("leader", Role.LEADER)
COMMANDER = Actor("commander", Role.COMMANDER)


def now() -> datetime:
    return datetime.now(UTC)


def found(connection: Connection[Any], query: str, *values: object) -> Any:
    """The first column of the first row, None if there is none."""
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def build_county(connection: Connection[Any]) -> None:
    """One county, two towns, three villages, persons with superiors, screens and loudspeakers, users."""
    save_area(connection, Area("C", "演示县", "Demo County", "county"))
    save_area(connection, Area("T1", "泗洲头镇", "Sizhoutou", "town", parent="C"))
    save_area(connection, Area("T2", "西周镇", "Xizhou", "town", parent="C"))
    for code, name, town in (("V1", "溪东村", "T1"), ("V2", "湖边村", "T1"), ("V3", "塔山村", "T2")):
        save_area(connection, Area(code, name, name, "village", parent=town, people_at_risk=60))
    persons = (
        Person("p0", "王指挥", "13900000000", "C", "指挥长", drill_phone="16600000000"),
        Person("p1", "周镇长", "13900000001", "T1", "镇长", superior="p0", drill_phone="16600000001"),
        Person(
            "p2", "陈书记", "13900000002", "V1", "村级防汛责任人", superior="p1", drill_phone="16600000002"
        ),
        Person("p3", "林支委", "13900000003", "V2", "村级防汛责任人", superior="p1"),
        Person("p4", "何队长", "13900000004", "V3", "村级防汛责任人"),
    )
    for one in persons:
        save_person(connection, one)
    for device in (
        Device("LED1", DeviceKind.LED, "溪口左岸屏", "LED 1", "V1", 121.8, 29.3, 8, 2),
        Device("LED2", DeviceKind.LED, "湖边村屏", "LED 2", "V2", 121.8, 29.3, 12, 3),
        Device("SPK1", DeviceKind.LOUDSPEAKER, "溪东村喇叭", "Speaker 1", "V1", 121.8, 29.3),
    ):
        save_device(connection, device)
    for name, role, person in (
        ("duty", "duty", None), ("leader", "leader", None), ("commander", "commander", "p0"),
        ("commander2", "commander", None), ("town", "commander", None),
    ):  # fmt: skip
        connection.execute(
            "insert into app_user (name, password_hash, role, area, person) values (%s, 'x', %s, %s, %s)",
            (name, role, "T2" if name == "town" else None, person),
        )
    connection.execute("insert into exercise (code, name, started_by) values ('ex-1', '演练', 'commander')")


def add_alarm(connection: Connection[Any], *, exercise: str | None = None, subject: str = "S1") -> int:
    """An unacknowledged red alarm in T1."""
    return int(
        found(
            connection,
            "insert into alarm (class, subject_kind, subject, area, rule, rule_version, exercise, severity,"
            " highest_severity, state, raised_at) values ('water', 'station', %s, 'T1', 'level', 1, %s, 'red',"
            " 'red', 'unacknowledged', now()) returning id",
            subject,
            exercise,
        )
    )


def draft(**changes: Any) -> Draft:
    """An evacuation order to everything in T1."""
    values: dict[str, Any] = {
        "area": "T1",
        "severity": Severity.RED,
        "title": "泗洲头镇立即转移",
        "text": "水位 3.42 米，请立即转移到塔山小学",
        "ends_at": now() + timedelta(hours=2),
        "selection": Selection(areas=("T1",), led=True, loudspeakers=True),
    }
    return Draft(**(values | changes))


@dataclass
class Phones:
    """Every phone of the county: the peer of Kannel's fake SMS centre, counting what arrives."""

    address: str
    received: list[tuple[str, str]] = field(default_factory=list)
    on_message: Callable[[str, str], str | None] = lambda number, text: None
    _parts: dict[tuple[str, int], dict[int, bytes]] = field(default_factory=dict)
    _socket: socket.socket | None = None
    _closed: bool = False

    def start(self) -> None:
        host, _, port = self.address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), 5)
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        self._closed = True
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def reply(self, number: str, text: str) -> None:
        """A message from a phone."""
        assert self._socket is not None
        line = f"{number} 1069 ucs2 {quote(text.encode('utf-16-be'))}\n"
        self._socket.sendall(line.encode())

    def texts_to(self, number: str) -> list[str]:
        return [text for to, text in list(self.received) if to == number]

    def _read(self) -> None:
        assert self._socket is not None
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    self._take(line.decode("ascii").split())
        except (OSError, ValueError):
            if not self._closed:
                raise

    def _take(self, words: list[str]) -> None:
        _, to, kind = words[:3]
        words = [word.replace("+", " ") for word in words]
        if kind == "udh":
            header, body = unquote_to_bytes(words[3]), unquote_to_bytes(words[-1])
            reference, total, number = header[3], header[4], header[5]
            parts = self._parts.setdefault((to, reference), {})
            parts[number] = body
            if len(parts) < total:
                return
            raw = b"".join(parts[one] for one in sorted(parts))
            del self._parts[to, reference]
        else:
            raw = unquote_to_bytes(words[3])
        text = raw.decode("utf-16-be")
        self.received.append((to, text))
        answer = self.on_message(to, text)
        if answer is not None:
            self.reply(to, answer)


class TestDevice:
    """A device that checks its commands and signs its receipts; `says` bends what it answers."""

    __test__ = False

    def __init__(self, code: str, url: str, trusted: Any, *, exercise: str | None = None) -> None:
        self.code, self.exercise, self.trusted = code, exercise, trusted
        self.key = Ed25519PrivateKey.generate()
        self.shown: dict[str, Command] = {}
        self.commands: list[Command] = []
        self.last = 0
        self.reports: tuple[DeviceReport, ...] = (DeviceReport.ACCEPTED, DeviceReport.SHOWING)
        self.sign_with = self.key
        self.branch = "anlan" if exercise is None else f"anlan/drill/{exercise}"
        parts = urlsplit(url)
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"{code}-{exercise}", protocol=mqtt.MQTTv5
        )
        self.client.username_pw_set(parts.username or "", parts.password)
        will = self.sealed(envelope.encode_status(Status(code, False, "idle", now(), exercise)))
        self.client.will_set(f"{self.branch}/device/{code}/status", will, qos=1, retain=True)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.host, self.port = parts.hostname or "", parts.port or 1883

    def connect(self) -> None:
        self.client.connect(self.host, self.port, keepalive=5)
        self.client.loop_start()

    def vanish(self) -> None:
        """Gone without a word: the broker sends the last will."""
        self.client.loop_stop()
        self.client._reset_sockets()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def sealed(self, payload: bytes) -> bytes:
        return envelope.seal(payload, key_id=self.code, key=self.sign_with)

    def say(self, command: Command, report: DeviceReport, reason: str = "") -> None:
        receipt = Receipt(self.code, command.id, report, now(), reason, self.exercise, command.sequence)
        payload = self.sealed(envelope.encode_receipt(receipt))
        self.client.publish(f"{self.branch}/device/{self.code}/receipt", payload, qos=1)

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(f"{self.branch}/device/{self.code}/command", qos=1)
        status = self.sealed(envelope.encode_status(Status(self.code, True, "idle", now(), self.exercise)))
        client.publish(f"{self.branch}/device/{self.code}/status", status, qos=1, retain=True)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        assert not message.retain, "a command is never retained"
        command = envelope.decode_command(envelope.verify(bytes(message.payload), lambda _: self.trusted))
        self.commands.append(command)
        if command.sequence <= self.last:
            self.say(command, DeviceReport.REJECTED, "replayed")
            return
        self.last = command.sequence
        if command.kind is CommandKind.CANCEL:
            self.shown.pop(command.id, None)
            self.say(command, DeviceReport.CANCELLED)
            return
        self.shown[command.id] = command
        for report in self.reports:
            self.say(command, report)


def environment(services: Services, database: str, home: Path, **settings: str) -> dict[str, str]:
    """Variables of a dispatch on the test's own database."""
    return {
        **services.env(),
        "ANLAN_HOME": str(home),
        "ANLAN_DATABASE_URL": database,
        "ANLAN_DISPATCH__ANSWER_WAIT_S": "5",
        "ANLAN_DISPATCH__DEVICE_WAIT_S": "2",
        "ANLAN_DISPATCH__REPEATS": "1",
        **settings,
    }


@contextmanager
def settings_from(variables: dict[str, str]) -> Iterator[Settings]:
    """Settings as a process with these variables reads them."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield Settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


class Dispatch:
    """The real role as its own process; `started` lists those of this test run."""

    started: ClassVar[list[Dispatch]] = []

    def __init__(self, variables: dict[str, str], log: Path) -> None:
        self.variables, self.log = variables, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self not in Dispatch.started:
            Dispatch.started.append(self)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "dispatch"], cwd=ROOT, stderr=out, stdout=out,
                env={**os.environ, **self.variables, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def eventually(check: Callable[[], Any], seconds: float = 15.0, why: str = "") -> Any:
    """Waits until `check` gives something true, and returns it."""
    until = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {why or check}")
        time.sleep(0.05)


def connected(database: str) -> Connection[Any]:
    return psycopg.connect(database, autocommit=True)
