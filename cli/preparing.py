"""Prepares a database, a broker and keys for the simulated field."""

from __future__ import annotations

import getpass
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.imports import import_file
from cli.services.broker import ensure_accounts
from core.errors import ConflictError
from core.settings import Settings, load_settings
from drill.county import CENTRE, LISTS, NAME, NAME_EN, list_file
from drill.county.generate import as_csv
from drill.county.roster import roster_rows
from drill.field.behaviour import behaviour_of
from drill.field.part import KEYS_FILE
from drill.field.rtus import source_rows
from drill.field.warnings import SENDERS
from drill.scenario import STORM, scenario
from drill.storm.scenario import storm_of
from formats.envelope import decode_base64, encode_base64, public_key_text
from store import devices, installation, stations
from store.connection import connect


def prepare(code: str, say: Callable[[str], None] = print) -> None:
    """Imports the invented county, marks the database as a demo, makes accounts and keys; safe twice.

    Raises ConflictError on a database with real stations: invented ones would stand among them.
    """
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
            sources = Path(folder) / "sources.csv"
            sources.write_text(as_csv(source_rows(behaviour_of(chosen))), encoding="utf-8")
            made = (("roster", roster), ("sources", sources))
            for kind, file in (*((kind, list_file(kind)) for kind in LISTS), *made):
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
        storm = storm_of(chosen)
        since = datetime.now(UTC) - timedelta(hours=storm.history_h + 1)
        installation.forget_story(connection, chosen.origin, storm.code, SENDERS, since)
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
