"""Prepares a database, a broker and keys for the simulated field, and runs it."""

from __future__ import annotations

import getpass
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.imports import import_file
from cli.roles import program
from cli.supervise import Program, Supervisor
from core.errors import ConflictError
from core.settings import Settings, load_settings
from drill.county import CENTRE, LISTS, NAME, NAME_EN, list_file
from drill.county.generate import as_csv
from drill.county.roster import roster_rows
from drill.field.devices import KEYS_FILE
from drill.field.part import Part
from drill.field.parts import PARTS
from drill.scenario import STORM, Scenario, scenario
from drill.storm.scenario import storm_of
from drill.story import Story
from formats.envelope import decode_base64, encode_base64, public_key_text
from store import devices, installation, stations
from store.connection import connect


def prepare(code: str, say: Callable[[str], None] = print) -> None:
    """Imports the invented county, marks the database as a demo, makes accounts and keys; safe twice.

    Raises ConflictError on a database with real stations: invented ones would stand among them.
    """
    from cli.services.broker import ensure_accounts

    settings = load_settings()
    chosen = scenario(code, STORM)
    actor = f"cli:{getpass.getuser()}"
    with connect(settings.need_database(), name="anlan-field") as connection:
        if stations.has_real_stations(connection):
            raise ConflictError(
                "this database has real stations; the simulated field belongs into a database of its own"
                " (./anlan demo makes one)"
            )
        with tempfile.TemporaryDirectory() as folder:
            roster = Path(folder) / "roster.csv"
            today = datetime.now(ZoneInfo(settings.time_zone)).date()
            roster.write_text(as_csv(roster_rows(today, settings.time_zone)), encoding="utf-8")
            for kind, file in (*((kind, list_file(kind)) for kind in LISTS), ("roster", roster)):
                done = import_file(
                    connection,
                    kind,
                    file,
                    actor=actor,
                    zone=settings.time_zone,
                    language=settings.language,
                    origin=chosen.origin,
                )
                say(f"{kind}: {done.rows} rows, {done.changed} new or changed")
        installation.mark_demo(
            connection, f"{NAME}防汛防台抗旱指挥部", f"{NAME_EN} Flood Control Headquarters", *CENTRE
        )
        codes = [entry.code for entry in devices.devices(connection) if entry.origin == chosen.origin]
        for device, key in _device_keys(settings, codes).items():
            devices.set_public_key(connection, device, public_key_text(key.public_key()))
    ensure_accounts(codes, settings.home)
    say(f"{len(codes)} devices have broker accounts and keys")


def _device_keys(settings: Settings, codes: list[str]) -> dict[str, Ed25519PrivateKey]:
    """The private key of each device, from the field's folder, made where one is missing."""
    path = settings.home / "field" / KEYS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    for code in codes:
        if code not in known:
            known[code] = encode_base64(Ed25519PrivateKey.generate().private_bytes_raw())
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(known, indent=0))
    fresh.replace(path)
    return {code: Ed25519PrivateKey.from_private_bytes(decode_base64(known[code])) for code in codes}


def run(code: str, speed: float) -> None:
    """Runs every part as its own process until SIGTERM; what dies is started again."""
    load_settings().need_mqtt()
    origin = datetime.now(UTC).replace(microsecond=0)
    Supervisor(programs(code, speed, origin)).run()


def programs(code: str, speed: float, origin: datetime, log: Path | None = None) -> list[Program]:
    """The field's processes, for a supervisor; `origin` is when the story begins (now)."""
    scenario(code, STORM)
    words = ("--scenario", code, "--speed", f"{speed:g}", "--origin", origin.isoformat())
    return [replace(program("field", "part", name, *words, log=log), name=f"field-{name}") for name in PARTS]


def run_part(name: str, code: str, speed: float, origin: datetime) -> None:
    """One part, in this process."""
    chosen: Scenario = scenario(code, STORM)
    story = Story(origin, storm_of(chosen).start, speed)
    PARTS[name](Part(load_settings(), chosen, story))
