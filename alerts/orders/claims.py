"""From due deliveries to jobs: decides, refuses what nobody approved, and writes each attempt down.

An attempt is committed as `sending`, under a lease, before its job is handed to a channel: so at most
one message ever leaves per number, and a crash leaves a trace.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import Connection

from alerts.orders import texts
from alerts.orders.actors import CENTRE
from alerts.orders.approvals import refusal, steps_of
from alerts.orders.escalation import escalate
from alerts.orders.next_step import Step, Verdict, next_step, number_of
from alerts.orders.notice_speech import NoticeSpeech
from alerts.orders.receipts import command_id
from core.errors import InputError
from core.language import translator
from core.orders import Channel, DeliveryState, Order, OrderKind
from core.settings import Settings
from formats.envelope import Command, CommandKind
from store import audit
from store import deliveries as store
from store import orders as order_store
from store.devices import internal_of, next_sequence

log = structlog.get_logger("anlan.dispatch")

LEASE = timedelta(seconds=30)
"""Longer than 2 s of work ahead plus the gateway's longest answer."""
_SPEECH_WAIT = timedelta(seconds=0.3)
_FLIGHTS_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class SmsJob:
    """One message that may leave now; `looked_at` is the due time that the claim set."""

    delivery: int
    attempt: int
    reference: str
    number: str
    text: str
    parts: int
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceJob:
    """One command that may leave now, unsigned."""

    delivery: int
    attempt: int
    exercise: str | None
    command: Command
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class CanaryJob:
    """One call of the canary: handed over to nobody, and answered at once."""

    delivery: int
    attempt: int
    looked_at: datetime


class Claims:
    """Claims within the transactions of one connection, the one that holds the lead."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._steps = steps_of(settings)
        self._words = translator("alerts", settings.language)
        self._speech = NoticeSpeech(settings)

    def close(self) -> None:
        """Ends what works beside the claims."""
        self._speech.close()

    def persons(self, connection: Connection[Any], now: datetime, parts: int) -> list[SmsJob]:
        """Messages of at most `parts` parts together (one message in any case), most urgent first."""
        jobs: list[SmsJob] = []
        with connection.transaction():
            orders: dict[int, tuple[Order, str | None]] = {}
            for due in store.claim(connection, kind="person", now=now, limit=parts):
                if jobs and sum(job.parts for job in jobs) >= parts:
                    break
                verdict, order = self._verdict(connection, due, orders, now)
                if verdict.step is Step.SEND:
                    jobs.append(self._call(connection, due, order, now))
                else:
                    self._leave(connection, due, verdict, now)
        return jobs

    def devices(self, connection: Connection[Any], now: datetime, limit: int) -> list[DeviceJob]:
        """Commands for screens and loudspeakers, most urgent first."""
        jobs: list[DeviceJob] = []
        with connection.transaction():
            orders: dict[int, tuple[Order, str | None]] = {}
            for due in store.claim(connection, kind="device", now=now, limit=limit):
                verdict, order = self._verdict(connection, due, orders, now)
                if verdict.step in (Step.SEND, Step.CANCEL):
                    try:
                        if verdict.step is Step.SEND and due.channel is Channel.LOUDSPEAKER:
                            spoken = self._spoken(connection, order)
                            if spoken is None:
                                store.put_off(connection, due.id, now + _SPEECH_WAIT)
                                continue
                            order = spoken
                        jobs.append(self._command(connection, due, order, verdict.step, now))
                    except InputError as error:
                        self._leave(connection, due, Verdict(Step.FAIL, error.reason), now)
                else:
                    self._leave(connection, due, verdict, now)
        return jobs

    def canary(self, connection: Connection[Any], now: datetime) -> list[CanaryJob]:
        """The canary's call that is due, by the same steps as a person's."""
        jobs: list[CanaryJob] = []
        with connection.transaction():
            orders: dict[int, tuple[Order, str | None]] = {}
            for due in store.claim(connection, kind="canary", now=now, limit=_FLIGHTS_AT_ONCE):
                verdict, _ = self._verdict(connection, due, orders, now)
                if verdict.step is Step.SEND:
                    _, attempt, until = self._open(connection, due, "send", due.sends + 1, now, None)
                    jobs.append(CanaryJob(due.id, attempt, until))
                else:
                    store.stop(connection, due.id, reason=verdict.reason)
        return jobs

    def _verdict(
        self,
        connection: Connection[Any],
        due: store.Due,
        orders: dict[int, tuple[Order, str | None]],
        now: datetime,
    ) -> tuple[Verdict, Order]:
        if due.order_id not in orders:
            orders[due.order_id] = self._examined(connection, due.order_id, now)
        order, refused = orders[due.order_id]
        verdict = next_step(due, order, attempts=self._settings.dispatch.attempts)
        if refused is None and not _belongs(connection, due):
            refused = "not_a_recipient"
        if refused is not None and verdict.step is Step.SEND:
            return Verdict(Step.WITHHOLD, refused), order
        return verdict, order

    def _examined(
        self, connection: Connection[Any], order_id: int, now: datetime
    ) -> tuple[Order, str | None]:
        """The order, and why it must not leave: looked at anew for every claim, whoever wrote the row."""
        order = order_store.order(connection, order_id)
        given = order_store.approvals(connection, order_id)
        recipients = order_store.recipients(connection, order_id)
        refused = refusal(
            order,
            recipients,
            given,
            steps=self._steps,
            drafters=order_store.drafters(connection, order_id),
            signers=order_store.signers(connection, [one.by_user for one in given], order.area),
            internal=internal_of(connection, [one.code for one in recipients if one.kind == "device"]),
        )
        if refused is not None and not order_store.has_event(connection, order_id, "refused"):
            log.error("order refused", order=order.number, reason=refused)
            order_store.add_event(
                connection, order_id, "refused", at=now, actor="dispatch", detail={"reason": refused}
            )
            audit.append(
                connection, actor="dispatch", action="order.refused", subject=f"order/{order_id}",
                detail={"number": order.number, "reason": refused},
            )  # fmt: skip
        return order, refused

    def _call(self, connection: Connection[Any], due: store.Due, order: Order, now: datetime) -> SmsJob:
        number = due.sends + 1
        body = order.text
        if due.called_for is not None:
            body = self._words("sms.called_for", name=due.called_for) + body
        text = texts.sms_text(
            body,
            signature=self._settings.sms.signature,
            drill=due.exercise is not None,
            attempt=number,
            needs_answer=order.needs_answer,
            words=self._words,
        )
        reference, attempt, until = self._open(connection, due, "send", number, now, None)
        phone = number_of(due)
        assert phone is not None  # next_step lets nobody without a number through
        return SmsJob(due.id, attempt, reference, phone, text, texts.sms_parts(text), until)

    def _spoken(self, connection: Connection[Any], order: Order) -> Order | None:
        """The order with its speech; None while that of a notice is being rendered. Raises InputError."""
        if order.kind is not OrderKind.NOTICE or order.audio_sha256 is not None:
            return order
        speech = self._speech.of(order)
        if speech is None:
            return None
        order_store.set_notice_speech(connection, order.id, speech.sha256)
        return replace(order, audio_sha256=speech.sha256)

    def _command(
        self, connection: Connection[Any], due: store.Due, order: Order, step: Step, now: datetime
    ) -> DeviceJob:
        cancel = step is Step.CANCEL
        spoken = due.channel is Channel.LOUDSPEAKER and not cancel
        text: str | None = None
        if not cancel:
            text = (
                _fitted(due, order)
                if due.channel is Channel.LED
                else _marked(order.spoken_text or order.text, order)
            )
        sequence = next_sequence(connection, due.recipient, now)
        number = (due.cancels if cancel else due.sends) + 1
        _, attempt, until = self._open(connection, due, "cancel" if cancel else "send", number, now, sequence)
        kind = CommandKind.CANCEL if cancel else CommandKind.PLAY if spoken else CommandKind.SHOW
        command = Command(
            id=command_id(due.id, order.content_hash),
            device=due.recipient,
            kind=kind,
            issued=now,
            ttl_s=self._settings.dispatch.device_wait_s,
            sequence=sequence,
            exercise=due.exercise,
            severity=order.severity,
            text=text,
            audio_url=f"{self._settings.audio_address}/{order.audio_sha256}.wav" if spoken else None,
            audio_sha256=order.audio_sha256 if spoken else None,
            ends=max(order.stays_until or order.ends_at, now + timedelta(minutes=1))
            if cancel
            else (order.stays_until or order.ends_at),
        )
        return DeviceJob(due.id, attempt, due.exercise, command, until)

    def _open(
        self,
        connection: Connection[Any],
        due: store.Due,
        purpose: str,
        number: int,
        now: datetime,
        sequence: int | None,
    ) -> tuple[str, int, datetime]:
        """Writes the attempt; returns its reference, its id, and when the delivery is looked at if we die."""
        until = now + LEASE
        reference = f"{purpose[0]}{due.id}-{number}-{secrets.token_hex(4)}"
        attempt = store.open_attempt(
            connection,
            due.id,
            number=number,
            purpose=purpose,
            started_at=now,
            lease_until=until,
            reference=reference,
            sequence=sequence,
        )
        rising = due.state in (
            DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.REJECTED, DeliveryState.EXPIRED,
            DeliveryState.WITHHELD,
        )  # fmt: skip
        state = DeliveryState.SENDING if rising and purpose == "send" else due.state
        store.mark_called(
            connection, due.id, state, number=number if purpose == "send" else due.sends, due=until
        )
        return reference, attempt, until

    def _leave(self, connection: Connection[Any], due: store.Due, verdict: Verdict, now: datetime) -> None:
        """Nothing is sent: the delivery is no longer due, with the reason."""
        state = None
        if verdict.step is Step.WITHHOLD and due.sends == 0:
            state = DeliveryState.WITHHELD
        elif verdict.step is Step.FAIL:
            state = DeliveryState.FAILED
        store.stop(connection, due.id, reason=verdict.reason, state=state)
        if verdict.step is Step.ESCALATE:
            escalate(connection, due.order_id, due.id, due.recipient, reason=verdict.reason or "", at=now)
        elif verdict.step in (Step.FAIL, Step.WITHHOLD) or verdict.reason == "not_cleared":
            order_store.add_event(
                connection, due.order_id, "delivery_ended", at=now, actor=CENTRE, delivery=due.id,
                detail={"recipient": due.recipient, "reason": verdict.reason},
            )  # fmt: skip


def _belongs(connection: Connection[Any], due: store.Due) -> bool:
    """True if the delivery is to somebody whom the approvals name, or to a superior of one."""
    return store.is_recipient(connection, due.id) or (
        due.escalated_from is not None and store.is_called_for_recipient(connection, due.id)
    )


def _fitted(due: store.Due, order: Order) -> str:
    drill = order.exercise is not None
    return texts.fit_led(order.led_text or order.text, columns=due.columns, rows=due.rows, drill=drill).text


def _marked(text: str, order: Order) -> str:
    return texts.mark_drill(text, drill=order.exercise is not None)
