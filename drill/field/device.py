"""What a screen or a loudspeaker does with a command. Pure: no clock, no wire, no files.

A device trusts only the centre's key. It refuses what is not signed, not meant for it, out of date, or
not newer than the last it accepted; it answers every command with a receipt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.devices import DeviceKind, DeviceReport
from core.errors import InputError
from formats.envelope import Command, CommandKind, Receipt, decode_command, unwrap, verify

CLOCK_TOLERANCE = timedelta(seconds=30)
"""A device's clock and the centre's may differ by so much."""

_KIND = {DeviceKind.LED: CommandKind.SHOW, DeviceKind.LOUDSPEAKER: CommandKind.PLAY}


@dataclass(frozen=True, slots=True)
class Memory:
    """What a device keeps through a restart: the last sequence, and the texts it holds, best first."""

    sequence: int = 0
    held: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an event: the new memory, receipts in order, and what is on now.

    `begin` is the command to show or play from now, `stop` is True if what was on must end.
    """

    memory: Memory
    receipts: list[Receipt] = field(default_factory=list)
    begin: Command | None = None
    stop: bool = False


def receive(
    raw: bytes,
    exercise: str | None,
    memory: Memory,
    *,
    device: str,
    kind: DeviceKind,
    key_id: str,
    key: Ed25519PublicKey,
    now: datetime,
    on: str | None,
) -> Outcome:
    """A command arrived on the branch of `exercise` (None: the real one); `on` is the text on now."""
    try:
        payload = verify(raw, lambda name: key if name == key_id else None)
        command = decode_command(payload)
    except InputError as error:
        command_id, sequence = _claimed(raw)
        receipt = Receipt(device, command_id, DeviceReport.REJECTED, now, error.reason, exercise, sequence)
        return Outcome(memory, [receipt])
    reason = _why_refused(command, exercise, memory, device, kind, now)
    if reason:
        state = DeviceReport.EXPIRED if reason == "expired" else DeviceReport.REJECTED
        receipt = Receipt(device, command.id, state, now, reason, exercise, command.sequence)
        return Outcome(memory, [receipt])
    memory = Memory(command.sequence, memory.held)
    if command.kind == CommandKind.CANCEL:
        return _cancel(command, memory, now)
    return _take(command, memory, kind, now, on)


def ended(memory: Memory, now: datetime) -> Outcome:
    """Texts whose time is over come off; what waited behind them comes on."""
    over = [command for command in memory.held if command.ends <= now]
    if not over:
        return Outcome(memory)
    return _without(memory, over, [_receipt(command, DeviceReport.DONE, now) for command in over], now)


def played(memory: Memory, command: Command, now: datetime, failure: str = "") -> Outcome:
    """A loudspeaker came to the end of what it played, or could not play it."""
    mine = [held for held in memory.held if held.id == command.id]
    if not mine:
        return Outcome(memory)
    state = DeviceReport.FAILED if failure else DeviceReport.DONE
    return _without(memory, mine, [_receipt(mine[0], state, now, failure)], now)


def begun(command: Command, kind: DeviceKind, now: datetime) -> Receipt:
    """The text is on the screen, or the sound has begun."""
    state = DeviceReport.SHOWING if kind == DeviceKind.LED else DeviceReport.PLAYING
    return _receipt(command, state, now)


def _why_refused(
    command: Command, exercise: str | None, memory: Memory, device: str, kind: DeviceKind, now: datetime
) -> str:
    if command.device != device:
        return "wrong_device"
    if command.exercise != exercise:
        return "wrong_exercise"
    if command.sequence <= memory.sequence:
        return "replayed"
    if command.issued > now + CLOCK_TOLERANCE:
        return "from_the_future"
    if now > command.issued + timedelta(seconds=command.ttl_s) + CLOCK_TOLERANCE:
        return "expired"
    if command.kind == CommandKind.CANCEL:
        return ""
    if command.kind != _KIND[kind]:
        return "wrong_kind"
    if command.ends <= now:
        return "expired"
    if kind == DeviceKind.LED and not command.text:
        return "no_text"
    if kind == DeviceKind.LOUDSPEAKER and not (command.audio_url and command.audio_sha256):
        return "no_audio"
    return ""


def _take(command: Command, memory: Memory, kind: DeviceKind, now: datetime, on: str | None) -> Outcome:
    receipts = [_receipt(command, DeviceReport.ACCEPTED, now)]
    current = memory.held[0] if memory.held else None
    known = [held for held in memory.held if held.id == command.id]
    if known:
        held = tuple(command if one.id == command.id else one for one in memory.held)
        if on == command.id:
            receipts.append(begun(command, kind, now))
        elif held[0].id != command.id:
            receipts.append(_receipt(command, DeviceReport.QUEUED, now))
        return Outcome(Memory(memory.sequence, held), receipts)
    held = tuple(sorted((*memory.held, command), key=partial(_rank, kind), reverse=True))
    if held[0].id != command.id:
        receipts.append(_receipt(command, DeviceReport.QUEUED, now))
        return Outcome(Memory(memory.sequence, held), receipts)
    if current is not None:
        if kind == DeviceKind.LOUDSPEAKER or (current.exercise and not command.exercise):
            held = tuple(one for one in held if one.id != current.id)
            receipts.append(_receipt(current, DeviceReport.PREEMPTED, now))
        else:
            receipts.append(_receipt(current, DeviceReport.QUEUED, now))
    return Outcome(Memory(memory.sequence, held), receipts, begin=command, stop=current is not None)


def _rank(kind: DeviceKind, command: Command) -> tuple[bool, int, float]:
    """Real before drill, then the more severe; then a screen shows the newer, but speech is heard out."""
    age = command.issued.timestamp()
    severity = command.severity.rank if command.severity else 0
    return (command.exercise is None, severity, age if kind == DeviceKind.LED else -age)


def _cancel(command: Command, memory: Memory, now: datetime) -> Outcome:
    """Confirms with the cancelling command's own sequence; a text that is not there is surely off."""
    mine = [held for held in memory.held if held.id == command.id]
    receipt = _receipt(command, DeviceReport.CANCELLED, now, "" if mine else "not_here")
    return _without(memory, mine, [receipt], now)


def _without(memory: Memory, gone: list[Command], receipts: list[Receipt], now: datetime) -> Outcome:
    current = memory.held[0] if memory.held else None
    gone_ids = {command.id for command in gone}
    held = tuple(one for one in memory.held if one.id not in gone_ids)
    stop = current is not None and current.id in gone_ids
    return Outcome(
        Memory(memory.sequence, held), receipts, begin=held[0] if stop and held else None, stop=stop
    )


def _receipt(command: Command, state: DeviceReport, now: datetime, reason: str = "") -> Receipt:
    return Receipt(command.device, command.id, state, now, reason, command.exercise, command.sequence)


def _claimed(raw: bytes) -> tuple[str, int]:
    """What an unproved command says of itself, so that the refusal can be matched to it."""
    try:
        command = decode_command(unwrap(raw).payload)
    except InputError:
        return "", 0
    return command.id, command.sequence
