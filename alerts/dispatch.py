"""The role `anlan dispatch`: one owner sends and hears, any others stand by.

The owner holds an advisory lock on the very connection by which it claims: who loses the connection
loses the lead and can claim nothing more. The gateway's call-backs and the device topics belong to it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql
from psycopg_pool import ConnectionPool

from alerts.channels.callbacks import DeliveryReport, Listener, Message
from alerts.channels.devices import DeviceLink, Heard
from alerts.channels.outbox import Outbox
from alerts.channels.sms import Gateway, Outcome, Sent, is_reachable
from alerts.orders.claims import CanaryJob, Claims, DeviceJob, SmsJob
from alerts.orders.lifecycle import tend
from alerts.orders.receipts import take_device_receipt, take_device_status, take_sms_receipt
from alerts.orders.replies import take_reply
from alerts.watching.flight import land
from core.broker_session import session_name
from core.clock import Clock
from core.errors import AnlanError, ConfigurationError, UnavailableError
from core.notices import DISPATCH
from core.orders import DeliveryState
from core.settings import Settings
from formats.envelope import load_signing_key
from store import deliveries as store
from store.connection import connect, open_pool, transaction
from store.heartbeats import beat
from store.lead import wait_for_lead
from store.receipts import note_babbling

log = structlog.get_logger("anlan.dispatch")

ROLE = "dispatch"
_STANDBY_S = 1.0
_BEAT_S = 5.0
_TEND_S = 3.0
_LOOK_S = 1.0
_BUSY_S = 0.05
"""How soon the owner looks again while the outbox is full."""
_UNREACHABLE_S = 5.0
_DEVICES_AT_ONCE = 100
_SESSION = "lead"
"""One broker session for whoever leads: a standby of another instance name finds the queued receipts."""

Pool = ConnectionPool[Connection[tuple[Any, ...]]]


class Dispatcher:
    """Runs until `stop` is set; takes the lead when it is free."""

    def __init__(self, settings: Settings, clock: Clock, *, instance: str = "1") -> None:
        self._settings = settings
        self._clock = clock
        self._instance = instance
        self.stop = threading.Event()

    def run(self) -> None:
        """Stands by, leads, and stands by again after a lost connection. Raises ConfigurationError."""
        url = self._settings.need_database()
        while not self.stop.is_set():
            try:
                with connect(url, name=f"anlan-{ROLE}", autocommit=True) as connection:
                    if wait_for_lead(connection, ROLE, stand_by=partial(self._stand_by, connection)):
                        log.info("leading", instance=self._instance)
                        self._lead(connection, url)
            except (UnavailableError, psycopg.OperationalError) as error:
                log.warning("the lead is lost or not to be had", error=str(error).strip())
                self.stop.wait(_STANDBY_S)

    def _stand_by(self, connection: Connection[Any]) -> bool:
        beat(connection, ROLE, self._instance, self._clock(), {"leads": False})
        return not self.stop.wait(_STANDBY_S)

    def _lead(self, connection: Connection[Any], url: str) -> None:
        with ExitStack() as stack:
            pool = open_pool(url, name=f"anlan-{ROLE}-work", size=12)
            stack.callback(pool.close)
            owner = Owner(self._settings, self._clock, pool, self._instance)
            stack.callback(owner.close)
            owner.take_over(connection)
            owner.work(connection, self.stop)


class Owner:
    """Everything that only one process may have: the outbox, the listener, the device session."""

    def __init__(self, settings: Settings, clock: Clock, pool: Pool, instance: str) -> None:
        self._settings, self._clock, self._pool, self._instance = settings, clock, pool, instance
        self._rules = settings.dispatch
        self._claims = Claims(settings)
        self._closing = threading.Event()
        self._gateway_rests_until = 0.0
        self._counts = {"sent": 0, "unreachable": 0, "commands": 0, "receipts": 0, "replies": 0}
        self._stack = ExitStack()
        with ExitStack() as made:
            listener = Listener(settings.sms, on_report=self._on_report, on_message=self._on_message)
            made.callback(listener.close)
            self._outbox = Outbox(
                lambda: Gateway(settings.sms), self._on_sent, per_second=settings.sms.per_second
            )
            made.callback(self._outbox.close)
            broker_url = settings.need_mqtt(self._rules.mqtt_url)
            self._link = DeviceLink(
                broker_url,
                key=_signing_key(settings),
                key_id=self._rules.key_id,
                on_sent=self._on_command_sent,
                client_id=session_name(ROLE, _SESSION, broker_url),
            )
            made.callback(self._link.close)
            self._ear = threading.Thread(target=self._listen_to_devices, name="devices", daemon=True)
            self._ear.start()
            self._stack = made.pop_all()

    def close(self) -> None:
        """Finishes what was handed over, then leaves the channels."""
        self._closing.set()
        self._ear.join(10)
        self._stack.close()
        self._claims.close()

    def take_over(self, connection: Connection[Any]) -> None:
        """Whatever was `sending` belonged to an owner that is gone: it is unknown now."""
        with connection.transaction():
            self._mend(connection, everything=True)
        connection.execute(sql.SQL("listen {}").format(sql.Identifier(DISPATCH)))

    def work(self, connection: Connection[Any], stop: threading.Event) -> None:
        """Claims what is due until `stop` is set."""
        tended = beaten = float("-inf")
        while not stop.is_set():
            now = time.monotonic()
            if now - tended >= _TEND_S:
                with connection.transaction():
                    self._mend(connection, everything=False)
                    tend(connection, at=self._clock())
                tended = now
            if now - beaten >= _BEAT_S:
                detail = self._counts | {
                    "leads": True, "broker": self._link.is_up(), "oversized": self._link.oversized(),
                    "sms": "ok" if is_reachable(self._settings.sms) else "lost",
                }  # fmt: skip
                beat(connection, ROLE, self._instance, self._clock(), detail)
                beaten = now
            busy = self._claim(connection)
            for _ in connection.notifies(timeout=_BUSY_S if busy else self._pause(connection), stop_after=1):
                pass

    def _claim(self, connection: Connection[Any]) -> bool:
        """Hands due work to the channels; True if more may be waiting."""
        for flight in self._claims.canary(connection, self._clock()):
            self._fly(flight)
        room = self._outbox.room() if time.monotonic() >= self._gateway_rests_until else 0
        jobs = self._claims.persons(connection, self._clock(), room) if room else []
        self._outbox.put(jobs)
        commands = (
            self._claims.devices(connection, self._clock(), _DEVICES_AT_ONCE) if self._link.is_up() else []
        )
        for command in commands:
            self._link.send(command)
        return bool(jobs or commands)

    def _fly(self, job: CanaryJob) -> None:
        """The canary's call goes nowhere: it is handed over and answered here, each in a transaction of its own."""
        self._settle(
            job.attempt, job.delivery, "sent", DeliveryState.SENT, self._clock(), job.looked_at,
            self._rules.answer_wait_s, None, None,
        )  # fmt: skip
        try:
            with transaction(self._pool) as connection:
                land(connection, job.delivery, self._clock())
        except Exception:
            log.exception("the canary could not land; it is called again", delivery=job.delivery)

    def _pause(self, connection: Connection[Any]) -> float:
        due = store.next_due(connection)
        if due is None:
            return _LOOK_S
        return min(_LOOK_S, max(_BUSY_S, (due - self._clock()).total_seconds()))

    def _mend(self, connection: Connection[Any], *, everything: bool) -> None:
        """Attempts that were cut off become unknown; the next one follows when the answer time is over."""
        now = self._clock()
        for delivery, started_at, purpose in store.cut_off(connection, now, everything=everything):
            wait = self._rules.answer_wait_s if purpose == "send" else 0
            store.after_cut_off(
                connection, delivery, purpose=purpose, now=now, due=started_at + timedelta(seconds=wait)
            )
            log.warning("an attempt was cut off", delivery=delivery)

    def _on_sent(self, job: SmsJob, sent: Sent) -> None:
        """In a sending thread: what the gateway said is kept; if that fails, the lease will tell."""
        now = self._clock()
        wait = self._rules.answer_wait_s
        after: tuple[str, DeliveryState, float, str | None, str | None]
        if sent.outcome is Outcome.SENT:
            self._counts["sent"] += 1
            after = ("sent", DeliveryState.SENT, wait, None, None)
        elif sent.outcome is Outcome.UNREACHABLE:
            self._counts["unreachable"] += 1
            self._gateway_rests_until = time.monotonic() + _UNREACHABLE_S
            after = ("failed", DeliveryState.FAILED, _UNREACHABLE_S, "unreachable", "gateway_unreachable")
            log.warning("the SMS gateway is not reached", detail=sent.detail)
        elif sent.outcome is Outcome.REFUSED:
            after = ("failed", DeliveryState.FAILED, _UNREACHABLE_S, sent.detail, "gateway_refused")
            log.error("the SMS gateway refused a message", detail=sent.detail)
        else:
            after = ("unknown", DeliveryState.UNKNOWN, wait, sent.detail, None)
        settled, state, wait_s, error, reason = after
        self._settle(job.attempt, job.delivery, settled, state, now, job.looked_at, wait_s, error, reason)

    def _on_command_sent(self, job: DeviceJob) -> None:
        self._counts["commands"] += 1
        self._settle(
            job.attempt, job.delivery, "sent", DeliveryState.SENT, self._clock(), job.looked_at,
            self._rules.device_wait_s, None, None,
        )  # fmt: skip

    def _settle(
        self,
        attempt: int,
        delivery: int,
        settled: str,
        state: DeliveryState,
        now: datetime,
        looked_at: datetime,
        wait_s: float,
        error: str | None,
        reason: str | None,
    ) -> None:
        try:
            with transaction(self._pool) as connection:
                store.hold(connection, delivery)
                store.settle_attempt(connection, attempt, settled, now, error)
                store.after_call(
                    connection, delivery, state, at=now, claimed=looked_at,
                    due=now + timedelta(seconds=wait_s), reason=reason,
                )  # fmt: skip
        except Exception:
            log.exception("an attempt could not be settled; its lease will end", delivery=delivery)

    def _on_report(self, report: DeliveryReport) -> None:
        self._counts["receipts"] += 1
        with transaction(self._pool) as connection:
            take_sms_receipt(
                connection, report.reference, report.code, answer=report.answer, at=self._clock()
            )

    def _on_message(self, message: Message) -> None:
        self._counts["replies"] += 1
        with transaction(self._pool) as connection:
            take_reply(
                connection, sender=message.sender, text=message.text, at=self._clock(),
                message_id=message.message_id,
            )  # fmt: skip

    def _listen_to_devices(self) -> None:
        while not self._closing.is_set():
            for heard in self._link.hear(100, 0.5):
                if not self._repeat_until_stored(lambda heard=heard: self._take(heard)):  # type: ignore[misc]
                    return
                self._link.acknowledge(heard)

    def _take(self, heard: Heard) -> None:
        self._counts["receipts"] += 1
        with transaction(self._pool) as connection:
            if heard.kind == "receipt":
                take_device_receipt(
                    connection,
                    heard.device,
                    heard.exercise,
                    heard.payload,
                    at=self._clock(),
                    rules=self._rules,
                )
            else:
                take_device_status(connection, heard.device, heard.exercise, heard.payload, at=self._clock())
            if heard.babbled:
                note_babbling(connection, heard.device, heard.exercise, heard.babbled, self._clock())

    def _repeat_until_stored(self, take: Callable[[], None]) -> bool:
        """False if dispatch ends before the database answered: the broker then keeps the message."""
        while not self._closing.is_set():
            try:
                take()
            except AnlanError as error:
                log.warning("a device's message cannot be used", error=str(error))
            except (psycopg.OperationalError, psycopg.errors.AdminShutdown) as error:
                log.warning("the database does not answer; the message waits", error=str(error).strip())
                self._closing.wait(0.5)
                continue
            except Exception:
                log.exception("a device's message was left out")
            return True
        return False


def _signing_key(settings: Settings) -> Any:
    path = settings.dispatch.signing_key_file
    if path is None:
        raise ConfigurationError(
            "ANLAN_DISPATCH__SIGNING_KEY_FILE is not set: devices obey signed commands only."
            " Make a key: openssl genpkey -algorithm ed25519 -out signing-key.pem"
        )
    try:
        return load_signing_key(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"the signing key {path} cannot be read: {error.strerror}") from error
