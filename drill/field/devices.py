"""The screens, or the loudspeakers: every device with its own connection, account, key and memory."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.devices import DeviceKind
from core.errors import ConfigurationError, InputError
from core.topics import build, split
from drill.broker import address_for
from drill.county import list_file
from drill.field import device as decisions
from drill.field.memory import keep, recall
from drill.field.part import KEYS_FILE, Part
from drill.field.screen import picture
from drill.field.sound import fetch, seconds
from drill.field.wire import Wire
from formats.envelope import (
    Command,
    Receipt,
    Status,
    decode_base64,
    encode_receipt,
    encode_status,
    load_verify_key,
    seal,
)

_ACT_S = 0.4
"""From accepting a text to showing it."""
_SLOW_S = 20.0
_BABBLE_S = 0.1
_OPENING_S = 0.02


@dataclass(frozen=True, slots=True)
class Listed:
    """A device as the county's list has it."""

    code: str
    kind: DeviceKind
    columns: int
    rows: int


def listed(kind: DeviceKind) -> list[Listed]:
    """The county's devices of one kind."""
    with list_file("devices").open(encoding="utf-8", newline="") as source:
        return [
            Listed(row["code"], DeviceKind(row["kind"]), int(row["columns"]), int(row["rows"]))
            for row in csv.DictReader(source)
            if row["kind"] == kind
        ]


class SimulatedDevice:
    """The thin edge around `drill.field.device`: wire, files, waiting and sound."""

    def __init__(
        self,
        entry: Listed,
        url: str,
        private: Ed25519PrivateKey,
        *,
        trusted_id: str,
        trusted: Ed25519PublicKey,
        folder: Path,
        slow: bool,
    ) -> None:
        self._entry = entry
        self._private = private
        self._trusted_id, self._trusted = trusted_id, trusted
        self._memory_file = folder / f"{entry.code}.json"
        self._picture_file = folder / f"{entry.code}.png"
        self._slow = slow
        self._memory = recall(self._memory_file)
        self._on: Command | None = None
        self._acting: asyncio.Task[None] | None = None
        self._delayed: set[asyncio.Task[None]] = set()
        command = (entry.code, "command")
        self.wire = Wire(
            url,
            entry.code,
            [build(None, "device", *command), build("+", "device", *command)],
            will=lambda: (self._topic(None, "status"), self._status(online=False)),
            on_connect=self._say_status,
            on_message=self._receive,
        )

    def open(self) -> None:
        """Connects and resumes what was on before a restart."""
        self.wire.open()
        if self._memory.held:
            self._start(self._memory.held[0])
        self._draw()

    async def close(self) -> None:
        """Says that it goes off-line, and goes."""
        if self._acting:
            self._acting.cancel()
        self.wire.publish(self._topic(None, "status"), self._status(online=False), retain=True)
        await self.wire.close()

    def look_at_clock(self) -> None:
        """Takes off what has ended."""
        self._follow(decisions.ended(self._memory, datetime.now(UTC)))

    def babble(self) -> None:
        """A faulty device that repeats its status without need."""
        self._say_status()

    def _receive(self, topic: str, raw: bytes) -> None:
        place = split(topic)
        if place is None:
            return
        outcome = decisions.receive(
            raw,
            place.exercise,
            self._memory,
            device=self._entry.code,
            kind=self._entry.kind,
            key_id=self._trusted_id,
            key=self._trusted,
            now=datetime.now(UTC),
            on=self._on.id if self._on else None,
        )
        self._follow(outcome)

    def _follow(self, outcome: decisions.Outcome) -> None:
        if outcome.memory != self._memory:
            self._memory = outcome.memory
            keep(self._memory_file, outcome.memory)
        for receipt in outcome.receipts:
            self._say(receipt)
        if outcome.stop:
            if self._acting:
                self._acting.cancel()
            self._on = None
            self._draw()
            self._say_status()
        if outcome.begin is not None:
            self._start(outcome.begin)

    def _start(self, command: Command) -> None:
        act = self._show if self._entry.kind == DeviceKind.LED else self._play
        self._acting = asyncio.get_running_loop().create_task(act(command))

    async def _show(self, command: Command) -> None:
        await asyncio.sleep(_ACT_S)
        self._on = command = self._newest(command)
        self._draw()
        self._say(decisions.begun(command, self._entry.kind, datetime.now(UTC)))
        self._say_status()

    async def _play(self, command: Command) -> None:
        failure = ""
        try:
            audio = await fetch(command.audio_url or "", command.audio_sha256 or "")
            length_s = seconds(audio)
            self._on = command = self._newest(command)
            self._say(decisions.begun(command, self._entry.kind, datetime.now(UTC)))
            self._say_status()
            await asyncio.sleep(length_s)
        except InputError as error:
            failure = error.reason
        self._on = None
        # What follows may start the next text, whose task then takes this one's place.
        self._acting = None
        self._follow(decisions.played(self._memory, command, datetime.now(UTC), failure))
        self._say_status()

    def _newest(self, command: Command) -> Command:
        """The same text by its latest attempt, whose sequence the receipt must name."""
        return next((held for held in self._memory.held if held.id == command.id), command)

    def _say(self, receipt: Receipt) -> None:
        raw = seal(encode_receipt(receipt), key_id=self._entry.code, key=self._private)
        topic = self._topic(receipt.exercise, "receipt")
        if not self._slow:
            self.wire.publish(topic, raw)
            return
        task = asyncio.get_running_loop().create_task(self._say_later(topic, raw))
        self._delayed.add(task)
        task.add_done_callback(self._delayed.discard)

    async def _say_later(self, topic: str, raw: bytes) -> None:
        await asyncio.sleep(_SLOW_S)
        self.wire.publish(topic, raw)

    def _say_status(self) -> None:
        self.wire.publish(self._topic(None, "status"), self._status(online=True), retain=True)

    def _status(self, *, online: bool) -> bytes:
        state = "idle" if self._on is None else "showing" if self._entry.kind == DeviceKind.LED else "playing"
        status = Status(self._entry.code, online, state, datetime.now(UTC), None)
        return seal(encode_status(status), key_id=self._entry.code, key=self._private)

    def _topic(self, exercise: str | None, last: str) -> str:
        return build(exercise, "device", self._entry.code, last)

    def _draw(self) -> None:
        if self._entry.kind == DeviceKind.LED:
            self._picture_file.write_bytes(picture(self._on, self._entry.columns, self._entry.rows))


def run(part: Part, kind: DeviceKind) -> None:
    """All devices of one kind, until SIGTERM."""
    asyncio.run(_run(part, kind))


async def _run(part: Part, kind: DeviceKind) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    made = devices_of(part, kind)
    babbling = [device for code, device in made.items() if code in part.behaviour.babbling]
    for device in made.values():
        device.open()
        await asyncio.sleep(_OPENING_S)
    ticks = 0
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), _BABBLE_S if babbling else 1.0)
        except TimeoutError:
            ticks += 1
        for device in babbling:
            device.babble()
        if not babbling or ticks % round(1 / _BABBLE_S) == 0:
            for device in made.values():
                device.look_at_clock()
    await asyncio.gather(*(device.close() for device in made.values()))


def devices_of(part: Part, kind: DeviceKind) -> dict[str, SimulatedDevice]:
    """The devices that are not off-line, with their accounts and keys.

    Raises ConfigurationError that names what `anlan field prepare` has not made yet.
    """
    field = part.settings.field
    if field.verify_key_file is None or field.accounts_file is None:
        raise ConfigurationError(
            "ANLAN_FIELD__VERIFY_KEY_FILE and ANLAN_FIELD__ACCOUNTS_FILE are not set;"
            " the simulated devices need the centre's public key and their broker accounts"
        )
    try:
        accounts: Mapping[str, str] = json.loads(field.accounts_file.read_text())
        keys: Mapping[str, str] = json.loads((part.folder / KEYS_FILE).read_text())
        trusted = load_verify_key(field.verify_key_file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{error.filename} is missing; run: anlan field prepare") from error
    folder = part.folder / f"{kind}s"
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for entry in listed(kind):
        if entry.code in part.behaviour.offline:
            continue
        if entry.code not in keys or entry.code not in accounts:
            raise ConfigurationError(f"{entry.code} has no key or no account; run: anlan field prepare")
        made[entry.code] = SimulatedDevice(
            entry,
            address_for(part.settings.need_mqtt(field.mqtt_url), entry.code, accounts[entry.code]),
            Ed25519PrivateKey.from_private_bytes(decode_base64(keys[entry.code])),
            trusted_id=part.settings.dispatch.key_id,
            trusted=trusted,
            folder=folder,
            slow=entry.code in part.behaviour.slow,
        )
    return made
