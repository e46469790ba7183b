"""A suppression is proposed, looked at, allowed, refused, or nobody decides in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.notices import Wording
from alerts.orders.actors import CENTRE, Actor, require_reason
from alerts.second_person.kinds import CHECKS, EXECUTORS, PROPOSERS
from alerts.second_person.persons import require_own, require_person, require_second
from alerts.second_person.showing import hash_of, silenced
from alerts.second_person.telling import tell_commanders
from core.errors import ChangedError, ConflictError, ForbiddenError, InputError
from core.requests import Affected, Proposal, Request, RequestKind, RequestState, Silenced
from core.roles import allows
from store import audit
from store import requests as store

OPEN_FOR = timedelta(minutes=30)
"""Nobody decided: the request is over. What was true when it was proposed need not be true any more."""
LONGEST = timedelta(hours=12)
"""design.md: a suppression ends by itself; field.md §1.2 gives 12 h for the shelf."""


def preview(
    connection: Connection[Any], proposal: Proposal, by: Actor, *, at: datetime
) -> tuple[Affected, Silenced]:
    """What the proposal would silence, after all checks that need no second person. Writes nothing."""
    require_reason(proposal.reason)
    _check_end(proposal, at)
    if proposal.kind not in CHECKS or proposal.kind not in EXECUTORS:
        raise InputError("unknown_kind", f"{proposal.kind} cannot be proposed here")
    affected = CHECKS[proposal.kind](connection, proposal, at)
    if not any(allows(by.role, act) for act in PROPOSERS[proposal.kind]):
        raise ForbiddenError(f"the role {by.role} may not propose this ({proposal.kind}); ask the leader")
    require_own(connection, by, affected.area)
    return affected, silenced(connection, affected, at)


def propose(connection: Connection[Any], proposal: Proposal, by: Actor, *, at: datetime) -> int:
    """Writes a request in the caller's transaction, audit included; returns its id. Nothing is silenced yet.

    Raises ForbiddenError where role or area do not allow it or no person stands behind the name, InputError
    without reason or with an end that is past or more than 12 h ahead, ConflictError if it is open already.
    """
    expire_due(connection, at)
    affected, shown = preview(connection, proposal, by, at=at)
    require_person(connection, by)
    reason = require_reason(proposal.reason)
    request_id = store.add(
        connection,
        store.NewRequest(
            kind=proposal.kind,
            subject=proposal.subject,
            area=affected.area,
            exercise=affected.exercise,
            detail=proposal.detail,
            silences=shown,
            content_hash=hash_of(proposal, shown),
            reason=reason,
            proposed_at=at,
            proposed_by=by.name,
            expires_at=at + OPEN_FOR,
            ends_at=proposal.ends_at,
        ),
    )
    _record(connection, request_id, "propose", by.name, proposal.kind, proposal.subject, {"reason": reason})
    return request_id


def present(connection: Connection[Any], request: Request, at: datetime) -> tuple[Silenced, str]:
    """What an open request would silence now, and the hash that an approval must name."""
    proposal = _proposal(request)
    shown = silenced(connection, CHECKS[request.kind](connection, proposal, at), at)
    return shown, hash_of(proposal, shown)


def approve(
    connection: Connection[Any],
    request_id: int,
    by: Actor,
    *,
    content_hash: str,
    at: datetime,
    wording: Wording,
    note: str = "",
) -> Request:
    """The second person allows it: it is done at once, and every commander of the area is told.

    Raises ForbiddenError if it is the same person, or the role is below leader (below commander for what is
    county-wide) or the area another; ConflictError if it is decided or expired; ChangedError if it silences
    something else by now than `content_hash` says.
    """
    request = _open(connection, request_id, at)
    require_second(connection, request, by)
    if request.ends_at is not None and request.ends_at <= at:
        raise ConflictError("this would have ended by now: refuse it and propose it anew")
    shown, now = present(connection, request, at)
    if content_hash != now:
        raise ChangedError(
            "what this silences has changed since you saw it; look at it again before you allow it",
            [asdict(shown)],
        )
    allowed = replace(
        request, silences=shown, state=RequestState.APPROVED, decided_at=at, decided_by=by.name, note=note
    )
    EXECUTORS[request.kind](connection, allowed, at)
    told, notice = tell_commanders(connection, allowed, wording, at)
    store.decide(connection, request_id, RequestState.APPROVED, at=at, by=by.name, note=note, notice=notice)
    _record(
        connection, request_id, "approve", by.name, request.kind, request.subject,
        {"proposed_by": request.proposed_by, "content_hash": now, "note": note, "told": told,
         "ends_at": request.ends_at.isoformat() if request.ends_at else None},
    )  # fmt: skip
    return replace(allowed, notice=notice)


def refuse(connection: Connection[Any], request_id: int, by: Actor, *, at: datetime, note: str = "") -> None:
    """A second person refuses it, or its author takes it back. Raises as `approve` does."""
    request = _open(connection, request_id, at)
    if by.name != request.proposed_by:
        require_second(connection, request, by)
    store.decide(connection, request_id, RequestState.REFUSED, at=at, by=by.name, note=note)
    _record(connection, request_id, "refuse", by.name, request.kind, request.subject, {"note": note})


def expire_due(connection: Connection[Any], now: datetime) -> int:
    """Closes what nobody decided in time, each with its line in the audit; returns how many."""
    found = store.overdue(connection, now)
    for request in found:
        store.decide(connection, request.id, RequestState.EXPIRED, at=now, by=None)
        _record(connection, request.id, "expire", CENTRE, request.kind, request.subject, {})
    return len(found)


def _check_end(proposal: Proposal, at: datetime) -> None:
    if proposal.kind is RequestKind.RAISE_LIMIT:
        if proposal.ends_at is not None:
            raise InputError(
                "wrong_end", "a changed limit stays until it is changed again: leave the end out"
            )
    elif proposal.ends_at is None or not at < proposal.ends_at <= at + LONGEST:
        raise InputError("wrong_end", "this ends by itself after 12 hours at most: give an end within that")


def _open(connection: Connection[Any], request_id: int, at: datetime) -> Request:
    request = store.get(connection, request_id, lock=True)
    if request.state is not RequestState.OPEN:
        raise ConflictError(f"request {request_id} is {request.state} already")
    if request.expires_at <= at:
        raise ConflictError(f"request {request_id} has expired: nobody decided in time; propose it anew")
    return request


def _proposal(request: Request) -> Proposal:
    return Proposal(request.kind, request.subject, request.reason, request.ends_at, request.detail)


def _record(
    connection: Connection[Any],
    request_id: int,
    act: str,
    actor: str,
    kind: RequestKind,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    audit.append(
        connection,
        actor=actor,
        action=f"request.{act}",
        subject=f"request/{request_id}",
        detail={"kind": kind, "subject": subject, **detail},
    )
