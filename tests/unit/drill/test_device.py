"""A device shows and speaks only what the centre signed for it, now, and newer than the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.devices import DeviceKind, DeviceReport
from core.severity import Severity
from drill.field.device import Memory, Outcome, begun, ended, played, receive
from formats.envelope import Command, CommandKind, encode_command, seal

NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
CENTRE = Ed25519PrivateKey.generate()
SHOW = Command(
    id="order-1",
    device="LED-001",
    kind=CommandKind.SHOW,
    issued=NOW,
    ttl_s=60,
    sequence=10,
    exercise=None,
    severity=Severity.RED,
    text="立即转移",
    audio_url=None,
    audio_sha256=None,
    ends=NOW + timedelta(hours=2),
)
PLAY = replace(SHOW, kind=CommandKind.PLAY, text=None, audio_url="http://h/a.wav", audio_sha256="0" * 64)


def give(
    command: Command,
    memory: Memory | None = None,
    *,
    kind: DeviceKind = DeviceKind.LED,
    key: Ed25519PrivateKey = CENTRE,
    key_id: str = "anlan-1",
    branch: str | None = None,
    now: datetime = NOW,
    on: str | None = None,
) -> Outcome:
    return receive(
        seal(encode_command(command), key_id=key_id, key=key),
        branch,
        memory or Memory(),
        device="LED-001",
        kind=kind,
        key_id="anlan-1",
        key=CENTRE.public_key(),
        now=now,
        on=on,
    )


def said(outcome: Outcome) -> list[tuple[str, DeviceReport]]:
    return [(receipt.command, receipt.state) for receipt in outcome.receipts]


def test_a_good_command_is_accepted_and_begun() -> None:
    outcome = give(SHOW)
    assert said(outcome) == [("order-1", DeviceReport.ACCEPTED)]
    assert outcome.begin == SHOW
    assert outcome.memory == Memory(10, (SHOW,))
    assert begun(SHOW, DeviceKind.LED, NOW).state == DeviceReport.SHOWING
    assert begun(PLAY, DeviceKind.LOUDSPEAKER, NOW).state == DeviceReport.PLAYING


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (replace(SHOW, device="LED-002"), "wrong_device"),
        (replace(SHOW, sequence=9), "replayed"),
        (replace(SHOW, sequence=8), "replayed"),
        (replace(SHOW, issued=NOW + timedelta(minutes=5)), "from_the_future"),
        (replace(SHOW, issued=NOW - timedelta(minutes=5)), "expired"),
        (replace(SHOW, ends=NOW), "expired"),
        (replace(SHOW, exercise="e1"), "wrong_exercise"),
        (replace(SHOW, text=None), "no_text"),
        (PLAY, "wrong_kind"),
    ],
)
def test_what_is_not_right_is_refused_with_its_reason(command: Command, reason: str) -> None:
    before = Memory(9)
    outcome = give(command, before)
    assert [receipt.reason for receipt in outcome.receipts] == [reason]
    assert outcome.receipts[0].state in (DeviceReport.REJECTED, DeviceReport.EXPIRED)
    assert outcome.receipts[0].device == "LED-001"
    assert outcome.begin is None
    assert outcome.memory == before


def test_a_forged_command_is_refused_and_changes_nothing() -> None:
    outcome = give(SHOW, key=Ed25519PrivateKey.generate())
    assert [(receipt.state, receipt.reason) for receipt in outcome.receipts] == [
        (DeviceReport.REJECTED, "bad_signature")
    ]
    assert outcome.receipts[0].command == "order-1"
    assert outcome.memory == Memory()
    assert give(SHOW, key_id="other").receipts[0].reason == "unknown_key"


def test_rubbish_is_refused_without_a_command_to_name() -> None:
    outcome = receive(
        b"\xff rubbish",
        None,
        Memory(),
        device="LED-001",
        kind=DeviceKind.LED,
        key_id="anlan-1",
        key=CENTRE.public_key(),
        now=NOW,
        on=None,
    )
    assert [(receipt.state, receipt.reason) for receipt in outcome.receipts] == [
        (DeviceReport.REJECTED, "bad_envelope")
    ]


def test_a_real_command_on_a_drill_branch_is_refused() -> None:
    assert give(SHOW, branch="e1").receipts[0].reason == "wrong_exercise"


def test_a_small_difference_of_clocks_is_borne() -> None:
    ahead = replace(SHOW, issued=NOW + timedelta(seconds=20))
    assert said(give(ahead)) == [("order-1", DeviceReport.ACCEPTED)]


def test_a_second_attempt_for_the_same_text_only_repeats_the_receipt() -> None:
    memory = give(SHOW).memory
    again = give(replace(SHOW, sequence=11), memory, on="order-1")
    assert said(again) == [("order-1", DeviceReport.ACCEPTED), ("order-1", DeviceReport.SHOWING)]
    assert {receipt.sequence for receipt in again.receipts} == {11}
    assert again.begin is None
    early = give(replace(SHOW, sequence=11), memory, on=None)
    assert said(early) == [("order-1", DeviceReport.ACCEPTED)]


def test_a_real_text_preempts_a_drill() -> None:
    drill = replace(SHOW, id="drill-1", exercise="e1")
    memory = give(drill, branch="e1").memory
    real = give(replace(SHOW, sequence=11, severity=Severity.BLUE), memory)
    assert said(real) == [("order-1", DeviceReport.ACCEPTED), ("drill-1", DeviceReport.PREEMPTED)]
    assert real.receipts[1].exercise == "e1"
    assert (real.stop, real.begin and real.begin.id) == (True, "order-1")
    assert [held.id for held in real.memory.held] == ["order-1"]


def test_a_drill_waits_behind_a_real_text_and_comes_on_after_it() -> None:
    memory = give(replace(SHOW, severity=Severity.BLUE)).memory
    drill = replace(SHOW, id="drill-1", exercise="e1", sequence=11)
    waiting = give(drill, memory, branch="e1")
    assert said(waiting) == [("drill-1", DeviceReport.ACCEPTED), ("drill-1", DeviceReport.QUEUED)]
    cancelled = give(replace(SHOW, kind=CommandKind.CANCEL, sequence=12), waiting.memory)
    assert said(cancelled) == [("order-1", DeviceReport.CANCELLED)]
    assert cancelled.stop
    assert cancelled.begin is not None
    assert cancelled.begin.id == "drill-1"


def test_cancelling_what_is_not_there_says_so() -> None:
    outcome = give(replace(SHOW, kind=CommandKind.CANCEL), Memory())
    assert [(receipt.state, receipt.reason) for receipt in outcome.receipts] == [
        (DeviceReport.CANCELLED, "not_here")
    ]
    assert not outcome.stop


def test_a_text_comes_off_at_its_end() -> None:
    memory = give(SHOW).memory
    assert ended(memory, NOW + timedelta(hours=1)) == Outcome(memory)
    over = ended(memory, NOW + timedelta(hours=2))
    assert said(over) == [("order-1", DeviceReport.DONE)]
    assert over.stop
    assert over.memory.held == ()


def test_speech_of_equal_weight_is_heard_out_and_the_next_follows() -> None:
    memory = give(PLAY, kind=DeviceKind.LOUDSPEAKER).memory
    second = replace(PLAY, id="order-2", sequence=11, issued=NOW + timedelta(seconds=1))
    waiting = give(second, memory, kind=DeviceKind.LOUDSPEAKER)
    assert said(waiting) == [("order-2", DeviceReport.ACCEPTED), ("order-2", DeviceReport.QUEUED)]
    done = played(waiting.memory, PLAY, NOW + timedelta(seconds=9))
    assert said(done) == [("order-1", DeviceReport.DONE)]
    assert done.begin is not None
    assert done.begin.id == "order-2"


def test_a_more_severe_speech_interrupts() -> None:
    memory = give(replace(PLAY, severity=Severity.YELLOW), kind=DeviceKind.LOUDSPEAKER).memory
    second = replace(PLAY, id="order-2", sequence=11)
    outcome = give(second, memory, kind=DeviceKind.LOUDSPEAKER)
    assert said(outcome) == [("order-2", DeviceReport.ACCEPTED), ("order-1", DeviceReport.PREEMPTED)]
    assert outcome.stop


def test_audio_that_cannot_be_played_is_a_failure_with_its_reason() -> None:
    memory = give(PLAY, kind=DeviceKind.LOUDSPEAKER).memory
    outcome = played(memory, PLAY, NOW, "audio_changed")
    assert [(receipt.state, receipt.reason) for receipt in outcome.receipts] == [
        (DeviceReport.FAILED, "audio_changed")
    ]
