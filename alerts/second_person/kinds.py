"""The kinds of suppression that need a second person: who may propose each, its check and its executor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts import service, shelve, silences
from alerts.limits.changing import change_for_two, check_change
from core.errors import InputError
from core.requests import Affected, Proposal, Request, RequestKind
from core.roles import Act
from store.silences import matched

Check = Callable[[Connection[Any], Proposal, datetime], Affected]
"""Raises NotFoundError, InputError or ConflictError where this cannot be proposed."""
Executor = Callable[[Connection[Any], Request, datetime], None]

PROPOSERS: dict[RequestKind, frozenset[Act]] = {
    RequestKind.RAISE_LIMIT: frozenset({Act.SET_LIMIT}),
    RequestKind.SHELVE_RED: frozenset({Act.CHECK_ORDER}),
    RequestKind.OUT_OF_SERVICE: frozenset({Act.SHELVE, Act.ADMINISTER}),
    RequestKind.SILENCE_RED: frozenset({Act.CHECK_ORDER}),
}
"""Who may propose: whoever may do at least one of these. Red is put aside by a leader only (field.md §1.2)."""


def check_shelve(connection: Connection[Any], proposal: Proposal, at: datetime) -> Affected:
    """`alarm/ID`, an open alarm that is or was red."""
    alarm = shelve.to_shelve(connection, number_in(proposal.subject, "alarm"))
    return Affected(alarm.area, alarm.exercise, alarms=(alarm.id,))


def check_silence(connection: Connection[Any], proposal: Proposal, at: datetime) -> Affected:
    """`silence/…`, whose matchers stand in the detail."""
    matchers = silences.matchers_in(proposal.detail, proposal.detail.get("exercise"))
    if proposal.subject != silences.subject_of(matchers):
        raise InputError("bad_subject", f"the subject must be {silences.subject_of(matchers)}")
    area = silences.lies_in(connection, matchers)
    return Affected(
        area,
        matchers.exercise,
        alarms=tuple(matched(connection, matchers)),
        facts={"matchers": silences.detail_of(matchers)},
    )


CHECKS: dict[RequestKind, Check] = {
    RequestKind.SILENCE_RED: check_silence,
    RequestKind.SHELVE_RED: check_shelve,
    RequestKind.RAISE_LIMIT: check_change,
    RequestKind.OUT_OF_SERVICE: service.check,
}
EXECUTORS: dict[RequestKind, Executor] = {
    RequestKind.SILENCE_RED: silences.silence_for_two,
    RequestKind.SHELVE_RED: shelve.shelve_for_two,
    RequestKind.RAISE_LIMIT: change_for_two,
    RequestKind.OUT_OF_SERVICE: service.execute,
}


def number_in(subject: str, kind: str) -> int:
    """The number of `alarm/12`. Raises InputError."""
    name, _, number = subject.partition("/")
    if name != kind or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise InputError("bad_subject", f"the subject must be {kind}/NUMBER, not {subject[:80]!r}")
    return int(number)
