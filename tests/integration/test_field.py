"""The simulated field over a real broker and gateway: prepared by the command, speaking only the wire."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client, MQTTMessage

from cli import preparing
from cli.services import Services
from core.devices import DeviceReport
from core.errors import ConflictError
from core.severity import Severity
from core.stations import Station, StationKind
from core.topics import build
from formats.envelope import (
    Command,
    CommandKind,
    Receipt,
    decode_receipt,
    encode_command,
    load_signing_key,
    public_key_of,
    seal,
    verify,
)
from store import devices, stations
from tests.integration.ingesting import running_ingest, sender, until


def settings_of(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        if name.startswith("ANLAN_"):
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def prepared(environment: dict[str, str]) -> dict[str, str]:
    """The county is imported, devices have accounts and keys."""
    with pytest.MonkeyPatch.context() as patch:
        settings_of(environment, patch)
        preparing.prepare("typhoon-2026", say=lambda line: None)
    return environment


@pytest.fixture(scope="module")
def field(prepared: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The whole field, running."""
    log = tmp_path_factory.mktemp("field") / "field.log"
    with running_ingest(prepared, log.parent, session_expiry_s=60), log.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "field", "run", "--speed", "60"],
            env=prepared,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            yield Path(prepared["ANLAN_HOME"]) / "field"
        finally:
            running.terminate()
            assert running.wait(30) == 0, log.read_text()


class Centre:
    """Stands for dispatch: sends commands, hears receipts, proves them by the devices' keys."""

    def __init__(self, client: Client, database: str, environment: dict[str, str]) -> None:
        self._client = client
        self._key = load_signing_key(Path(environment["ANLAN_DISPATCH__SIGNING_KEY_FILE"]).read_bytes())
        with psycopg.connect(database) as connection:
            self._keys = {
                entry.code: public_key_of(entry.public_key)
                for entry in devices.devices(connection)
                if entry.public_key
            }
        self.receipts: list[Receipt] = []
        self._sequence = time.time_ns() // 1_000_000
        client.on_message = self._on_message
        client.subscribe([("anlan/device/+/receipt", 1), ("anlan/drill/+/device/+/receipt", 1)])

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        self.receipts.append(decode_receipt(verify(bytes(message.payload), self._keys.get)))

    def send(self, command: Command, key: Ed25519PrivateKey | None = None) -> bytes:
        self._sequence += 1
        command = replace(command, sequence=self._sequence)
        raw = seal(encode_command(command), key_id="anlan-1", key=key or self._key)
        self.publish(command.exercise, command.device, raw)
        return raw

    def publish(self, exercise: str | None, device: str, raw: bytes) -> None:
        self._client.publish(build(exercise, "device", device, "command"), raw, qos=1)

    def states(self, command: str) -> list[str]:
        return [receipt.state.value for receipt in self.receipts if receipt.command == command]

    def wait(self, command: str, *states: str, seconds: float = 15) -> None:
        until(lambda: self.states(command) == list(states), seconds)


@pytest.fixture(scope="module")
def centre(services: Services, database: str, prepared: dict[str, str], field: Path) -> Iterator[Centre]:
    until(lambda: (field / "leds" / "LED-032.png").exists(), 30)
    with sender(services, "dispatch") as client:
        yield Centre(client, database, prepared)


def command(identity: str, device: str = "LED-001", **changes: Any) -> Command:
    now = datetime.now(UTC)
    base = Command(
        id=identity,
        device=device,
        kind=CommandKind.SHOW,
        issued=now,
        ttl_s=60,
        sequence=0,
        exercise=None,
        severity=Severity.ORANGE,
        text="橙色预警\n请立即转移",
        audio_url=None,
        audio_sha256=None,
        ends=now + timedelta(hours=1),
    )
    return replace(base, **changes)


def test_the_first_screen_is_alive(database: str, field: Path) -> None:
    def history_is_in() -> bool:
        with psycopg.connect(database) as connection:
            row = connection.execute("select count(*), count(distinct series) from observation").fetchone()
            assert row is not None
            return bool(row[0] > 30_000 and row[1] >= 111)

    begin = time.monotonic()
    until(history_is_in, 30)
    assert time.monotonic() - begin < 30
    with psycopg.connect(database) as connection:
        rain = connection.execute(
            "select max(total) from (select sum(value) as total from public_v1.observation"
            " where property = 'rainfall' and time > now() - interval '3 hours' group by station) as sums"
        ).fetchone()
        assert rain is not None
        assert rain[0] > 25
        assert connection.execute("select count(*) from quarantine").fetchone() == (0,)
        assert connection.execute("select name from typhoon").fetchone() == ("演示台风“安澜”",)


def test_values_keep_coming(database: str, field: Path) -> None:
    def newest() -> datetime:
        with psycopg.connect(database) as connection:
            row = connection.execute("select max(time) from observation").fetchone()
            assert row is not None
            assert isinstance(row[0], datetime)
            return row[0]

    before = newest()
    until(lambda: newest() > before + timedelta(seconds=3), 20, every=0.5)
    assert abs(newest() - datetime.now(UTC)) < timedelta(seconds=10)


def test_pictures_arrive_and_one_camera_is_off_line(database: str, field: Path) -> None:
    def pictures() -> int:
        with psycopg.connect(database) as connection:
            row = connection.execute("select count(distinct camera) from camera_snapshot").fetchone()
            assert row is not None
            return int(row[0])

    until(lambda: pictures() == 22, 30, every=0.5)
    with psycopg.connect(database) as connection:
        off = connection.execute("select camera from camera_state where not online").fetchall()
        assert off == [("CAM-013",)]
        largest = connection.execute("select max(length(jpeg)) from camera_snapshot").fetchone()
        assert largest is not None
        assert largest[0] <= 60_000


def test_a_screen_shows_and_is_cleared(centre: Centre, field: Path) -> None:
    picture = field / "leds" / "LED-001.png"
    dark = picture.read_bytes()
    centre.send(command("show-1"))
    centre.wait("show-1", "accepted", "showing")
    assert picture.read_bytes() != dark
    centre.send(command("show-1", kind=CommandKind.CANCEL))
    centre.wait("show-1", "accepted", "showing", "cancelled")
    until(lambda: picture.read_bytes() == dark)


def test_forged_replayed_misdirected_and_late_commands_are_refused(centre: Centre) -> None:
    centre.send(command("forged", "LED-002"), key=Ed25519PrivateKey.generate())
    centre.wait("forged", "rejected")
    raw = centre.send(command("once", "LED-002"))
    centre.wait("once", "accepted", "showing")
    centre.publish(None, "LED-002", raw)
    centre.wait("once", "accepted", "showing", "rejected")
    centre.publish(None, "LED-003", raw)
    until(lambda: [one.reason for one in centre.receipts if one.device == "LED-003"] == ["wrong_device"])
    centre.send(command("late", "LED-003", issued=datetime.now(UTC) - timedelta(hours=1)))
    centre.wait("late", "expired")
    reasons = {one.command: one.reason for one in centre.receipts if one.state == DeviceReport.REJECTED}
    assert reasons["forged"] == "bad_signature"


def test_a_real_order_takes_the_screen_from_a_drill(centre: Centre) -> None:
    centre.send(command("drill-1", "LED-004", exercise="EX9", text="【演练】转移【演练】"))
    centre.wait("drill-1", "accepted", "showing")
    centre.send(command("real-1", "LED-004"))
    centre.wait("real-1", "accepted", "showing")
    centre.wait("drill-1", "accepted", "showing", "preempted")
    assert {one.exercise for one in centre.receipts if one.command == "drill-1"} == {"EX9"}


def test_a_loudspeaker_plays_for_as_long_as_the_audio_lasts(centre: Centre, audio: tuple[str, str]) -> None:
    url, sha256 = audio
    play = {"kind": CommandKind.PLAY, "text": None, "audio_url": url, "audio_sha256": sha256}
    centre.send(command("play-1", "SPK-001", **play))
    centre.wait("play-1", "accepted", "playing", "done")
    playing, done = (
        one.time for one in centre.receipts if one.command == "play-1" and one.state != "accepted"
    )
    assert 1.4 <= (done - playing).total_seconds() <= 2.5
    centre.send(command("changed", "SPK-001", **{**play, "audio_sha256": "0" * 64}))
    centre.wait("changed", "accepted", "failed")
    assert [one.reason for one in centre.receipts if one.command == "changed"] == ["", "audio_changed"]


@pytest.fixture
def audio() -> Iterator[tuple[str, str]]:
    """A WAV of 1.5 s behind a real HTTP server: its address and SHA-256."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 12_000)
    content = held.getvalue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/a.wav", hashlib.sha256(content).hexdigest()
        server.shutdown()


def test_a_phone_receives_a_long_text_whole_and_answers(field: Path, prepared: dict[str, str]) -> None:
    text = "【演示县防指】" + "请立即组织避险转移，" * 18 + "回复人数。"
    to = "19900000006"
    answer = httpx.get(
        prepared["ANLAN_SMS__URL"],
        params={
            "username": prepared["ANLAN_SMS__USER"],
            "password": prepared["ANLAN_SMS__PASSWORD"],
            "from": "1069",
            "to": to,
            "text": text,
            "coding": "2",
            "charset": "UTF-8",
        },
        trust_env=False,
    )
    assert answer.status_code == 202
    inbox = field / "inbox.jsonl"

    def notes() -> list[dict[str, str]]:
        """Of this telephone alone: what others left in the gateway's queue may come first."""
        lines = inbox.read_text(encoding="utf-8").splitlines() if inbox.exists() else []
        return [one for one in map(json.loads, lines) if to in (one.get("to"), one.get("from"))]

    until(lambda: {"received", "sent"} <= {one["what"] for one in notes()}, 20)
    received = next(one for one in notes() if one["what"] == "received")
    assert (received["to"], received["text"]) == (to, text)
    sent = next(one for one in notes() if one["what"] == "sent")
    assert (sent["from"], sent["to"]) == (to, "1069")


def test_preparing_again_begins_the_story_anew(
    prepared: dict[str, str], another_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of(prepared, monkeypatch)
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    preparing.prepare("typhoon-2026", say=lambda line: None)
    with psycopg.connect(another_database) as connection:
        connection.execute(
            "insert into series (station, property) values ('99022001', 'water_level'), ('99022002', 'flow')"
        )
        connection.execute(
            "insert into observation (series, time, value, quality, received_at, source)"
            " select id, now() - interval '1 hour', 1, 1, now(), 'test' from series"
        )
        connection.execute(
            "insert into observation (series, time, value, quality, received_at, source)"
            " select id, now() - interval '9 days', 1, 1, now(), 'test' from series"
        )
    preparing.prepare("typhoon-2026", say=lambda line: None)
    with psycopg.connect(another_database) as connection:
        assert connection.execute("select count(*) from observation").fetchone() == (2,)
        assert connection.execute("select purpose from installation").fetchone() == ("demo",)
        assert connection.execute("select count(*) from roster").fetchone() == (61 * 20,)


def test_it_never_enters_a_database_with_real_stations(
    prepared: dict[str, str], another_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of(prepared, monkeypatch)
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    with psycopg.connect(another_database) as connection:
        real = Station("real-1", "真实站", "Real", StationKind.RIVER, None, 121.9, 29.5)
        stations.save_station(connection, real)
    with pytest.raises(ConflictError, match="real stations"):
        preparing.prepare("typhoon-2026", say=lambda line: None)
    with psycopg.connect(another_database) as connection:
        assert connection.execute("select count(*) from station").fetchone() == (1,)
        assert connection.execute("select purpose from installation").fetchone() == ("operational",)
