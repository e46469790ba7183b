"""Receipts of the gateway and of devices: kept as received, and what they prove moves the delivery."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.orders.actors import CENTRE
from alerts.orders.proof import device_state, person_state
from core.devices import DeviceReport
from core.errors import InputError
from core.orders import DeliveryState
from core.settings import Dispatch
from formats import envelope
from store import devices as device_store
from store import orders as order_store
from store import receipts as store

# Kannel's delivery report codes (user guide, dlr-mask; recipes.md §1).
_DLR = {1: "delivered", 2: "failed", 4: "queued", 8: "accepted", 16: "rejected"}
_FAILED = frozenset({"failed", "rejected"})
_AGAIN_AFTER_FAILURE = timedelta(seconds=5)
_TRY_AGAIN = frozenset({"replayed", "expired"})
"""Refusals that a newer command mends: it came late or out of order."""
_REFUSALS = frozenset({DeviceReport.REJECTED, DeviceReport.EXPIRED, DeviceReport.FAILED})


def take_sms_receipt(
    connection: Connection[Any], reference: str, code: int, *, answer: str, at: datetime
) -> bool:
    """A delivery report of the gateway; False if it names no attempt of ours (it is kept even so)."""
    word = _DLR.get(code, f"code_{code}")
    attempt = store.attempt_by_reference(connection, reference)
    store.add_receipt(
        connection,
        delivery=attempt.delivery if attempt else None,
        attempt=attempt.id if attempt else None,
        received_at=at,
        time=None,
        source="sms",
        state=word,
        verified=attempt is not None,
        detail={"code": code, "answer": answer} | ({} if attempt else {"reference": reference[:80]}),
    )
    if attempt is None:
        return False
    proved = {"delivered": DeliveryState.DELIVERED, "accepted": DeliveryState.SENT}.get(word)
    if word in _FAILED:
        proved = DeliveryState.FAILED
    if proved is None:
        return True
    if attempt.state != "delivered":
        settled = "sent" if proved is DeliveryState.SENT else str(proved)
        if not (settled == "sent" and attempt.state in ("sent", "failed")):
            store.set_attempt_state(connection, attempt.id, settled, at)
    state = person_state(attempt.delivery_state, proved)
    due = store.due_at(connection, attempt.delivery)
    if state is DeliveryState.FAILED and attempt.answered_at is None and due is not None:
        due = min(due, at + _AGAIN_AFTER_FAILURE)
    store.set_state(
        connection,
        attempt.delivery,
        state,
        due=due,
        reason="not_delivered" if state is DeliveryState.FAILED else None,
        verified=state is DeliveryState.DELIVERED or attempt.verified,
        delivered_at=at if proved is DeliveryState.DELIVERED else None,
        keep_reason=proved is not DeliveryState.FAILED,
    )
    return True


def take_device_receipt(
    connection: Connection[Any],
    device: str,
    exercise: str | None,
    raw: bytes,
    *,
    at: datetime,
    rules: Dispatch,
) -> str:
    """A receipt that came on a device's topic; returns a short word for counting.

    Kept whatever it is. A device that has a key proves by its signature alone; one without a key is
    believed but shown as 未核验. A wrong signature changes nothing.
    """
    try:
        sealed = envelope.unwrap(raw)
        receipt = envelope.decode_receipt(sealed.payload)
    except InputError as error:
        return _unusable(connection, device, raw, error.reason, at)
    if receipt.device != device or receipt.exercise != exercise:
        return _unusable(connection, device, raw, "wrong_topic", at)
    attempt = store.attempt_by_sequence(connection, device, exercise, receipt.sequence)
    key = attempt.public_key if attempt else None
    verified = key is not None and envelope.is_signed(sealed, envelope.public_key_of(key))
    matched = attempt is not None and receipt.command == command_id(attempt.delivery, attempt.content_hash)
    store.add_receipt(
        connection,
        delivery=attempt.delivery if attempt and matched else None,
        attempt=attempt.id if attempt and matched else None,
        received_at=at,
        time=receipt.time,
        source=f"device/{device}",
        state=receipt.state,
        verified=verified,
        detail={
            "reason": receipt.reason[:200],
            "command": receipt.command[:80],
            "sequence": receipt.sequence,
        },
    )
    if attempt is None or not matched:
        return "unknown_command"
    if key is not None and not verified:
        order_store.add_event(
            connection, attempt.order_id, "unverified_receipt", at=at, actor=CENTRE, delivery=attempt.delivery,
            detail={"device": device, "state": receipt.state},
        )  # fmt: skip
        return "unverified"
    _move(connection, attempt, receipt, verified=verified, at=at, rules=rules)
    return str(receipt.state)


def command_id(delivery: int, content_hash: str) -> str:
    """What names a delivery's text on its device: the same for every attempt and for the cancel."""
    return f"d{delivery}-{content_hash[:8]}"


def _move(
    connection: Connection[Any],
    attempt: store.Attempt,
    receipt: envelope.Receipt,
    *,
    verified: bool,
    at: datetime,
    rules: Dispatch,
) -> None:
    if attempt.verified and not verified:
        return
    state = device_state(attempt.delivery_state, receipt.state, purpose=attempt.purpose)
    if attempt.state in ("sending", "sent", "unknown"):
        failed = receipt.state in _REFUSALS
        store.set_attempt_state(connection, attempt.id, "failed" if failed else "delivered", at)
    due = _due_after(connection, attempt, receipt, state, at, rules)
    refused = receipt.state in _REFUSALS
    shown = receipt.state in (DeviceReport.SHOWING, DeviceReport.PLAYING, DeviceReport.DONE)
    store.set_state(
        connection,
        attempt.delivery,
        state,
        due=due,
        reason=(receipt.reason[:200] or str(receipt.state)) if refused else None,
        verified=verified,
        delivered_at=at if shown and attempt.purpose == "send" else None,
        keep_reason=False,
    )
    if state is not attempt.delivery_state:
        order_store.add_event(
            connection, attempt.order_id, f"device_{state}", at=at, actor=f"device/{receipt.device}",
            delivery=attempt.delivery, detail={"reason": receipt.reason[:200], "verified": verified},
        )  # fmt: skip


def _due_after(
    connection: Connection[Any],
    attempt: store.Attempt,
    receipt: envelope.Receipt,
    state: DeliveryState,
    at: datetime,
    rules: Dispatch,
) -> datetime | None:
    """When the delivery is looked at again: never for what is reached, soon for what can be mended."""
    standing = store.due_at(connection, attempt.delivery)
    if attempt.purpose == "cancel":
        if state is DeliveryState.CLEARED:
            return None
        return at if receipt.reason in _TRY_AGAIN and receipt.state in _REFUSALS else standing
    if attempt.order_state != "issued":
        return standing
    if receipt.state is DeviceReport.ACCEPTED and state is not DeliveryState.ACCEPTED:
        return standing
    if receipt.state in (DeviceReport.ACCEPTED, DeviceReport.PREEMPTED):
        return at + timedelta(seconds=2 * rules.device_wait_s)
    if receipt.state in (DeviceReport.REJECTED, DeviceReport.EXPIRED):
        if state not in (DeliveryState.REJECTED, DeliveryState.EXPIRED):
            return standing
        return at if receipt.reason in _TRY_AGAIN else None
    if receipt.state is DeviceReport.FAILED:
        return at + timedelta(seconds=rules.device_wait_s)
    return None


def take_device_status(
    connection: Connection[Any],
    device: str,
    exercise: str | None,
    raw: bytes,
    *,
    at: datetime,
) -> str:
    """A device's own state; one that comes back gets what it missed, and what it may have lost."""
    try:
        sealed = envelope.unwrap(raw)
        status = envelope.decode_status(sealed.payload)
    except InputError as error:
        return _unusable(connection, device, raw, error.reason, at)
    if status.device != device or status.exercise != exercise:
        return _unusable(connection, device, raw, "wrong_topic", at)
    known = device_store.device(connection, device)
    verified = known.public_key is not None and envelope.is_signed(
        sealed, envelope.public_key_of(known.public_key)
    )
    if known.public_key is not None and not verified:
        return _unusable(connection, device, raw, "bad_signature", at)
    before = store.was_online(connection, device, exercise)
    device_store.save_device_state(
        connection,
        device_store.DeviceState(
            device=device,
            exercise=exercise,
            online=status.online,
            state=status.state[:40] if status.online else "offline",
            time=status.time,
            received_at=at,
            verified=verified,
            detail={},
        ),
    )
    if status.online and before is False:
        store.back_online(connection, device, exercise, at)
    return "online" if status.online else "offline"


def _unusable(connection: Connection[Any], device: str, raw: bytes, reason: str, at: datetime) -> str:
    store.add_receipt(
        connection, delivery=None, attempt=None, received_at=at, time=None, source=f"device/{device}",
        state=reason, verified=False, detail={"raw": raw[:500].decode("utf-8", "replace").replace("\0", "")},
    )  # fmt: skip
    return reason
