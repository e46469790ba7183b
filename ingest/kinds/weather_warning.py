"""Official weather warnings."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason, quoted
from core.warnings import Status, WarningMessage
from formats import cap
from hydrology.judgement import judge_time
from ingest.understood import Keeping, Known, Limits, Understood
from store import warnings


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The messages that are meant in earnest, or in an exercise that plays here.

    A time that cannot be true is named, and the warning kept: a sender's wrong clock must not hide it.
    """
    found, understood.faults = cap.decode(understood.message.payload)
    for message in found:
        fault = judge_time(message.sent, understood.message.received_at, limits.time)
        if fault is not None:
            understood.faults.append(fault)
    exercise = understood.to.exercise
    meant = [message for message in found if _is_meant(message, exercise)]
    for message in found:
        if message not in meant:
            understood.faults.append(
                Fault(
                    FaultReason.NOT_ACTUAL,
                    f"warning {quoted(message.identifier)} has status {message.status}; it is kept here and shown"
                    " nowhere. Exercises belong on anlan/drill/EXERCISE/weather/warning.",
                )
            )
    understood.report = meant or None


def _is_meant(message: WarningMessage, exercise: str | None) -> bool:
    """In an exercise a real warning of the past may be played again, so there both are taken."""
    return message.status is Status.ACTUAL or (exercise is not None and message.status is Status.EXERCISE)


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the messages; a copy changes nothing."""
    messages: list[WarningMessage] = understood.report
    for message in messages:
        warnings.save(
            connection,
            message,
            understood.to.exercise,
            trusted=message.sender in keeping.warning_senders,
            topic=understood.message.topic,
            received_at=understood.message.received_at,
            payload=understood.message.payload,
        )
