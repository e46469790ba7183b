"""Serious suppressions need a second person: one proposes, another one allows it, all commanders are told.

Raising a limit, shelving red, taking out of service and silencing red may keep a flood from being heard.
So none of them is done by one person alone. What is proposed shows exactly what it silences; whoever allows
it signs the hash of that, and if it has changed meanwhile the request must be looked at again. Nothing of it
holds longer than 12 hours, but a changed limit, which stays until it is changed again.

A kind of suppression is two functions: its check in `CHECKS` (is it possible, where does it lie, what does it
silence) and its executor in `EXECUTORS` (do it, in the transaction of the approval). An executor finds the
second person in `request.decided_by`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts import service, shelve, silences
from alerts.callees import callees
from alerts.limits.changing import change_for_two, check_change
from alerts.notices import Wording
from alerts.orders import by_sms, create_notice
from alerts.orders.actors import CENTRE, Actor, require_area, require_reason
from core.alarms import AlarmClass
from core.errors import ChangedError, ConflictError, ForbiddenError, InputError
from core.language import translator
from core.requests import Affected as Affected
from core.requests import Proposal as Proposal
from core.requests import Request, RequestKind, RequestState, Silenced
from core.roles import Act, Role, allows
from core.severity import Severity
from store import audit
from store import requests as store
from store.areas import area as area_of
from store.areas import top_area
from store.orders import commanders
from store.silences import matched
from store.stations import stations as all_stations

OPEN_FOR = timedelta(minutes=30)
"""Nobody decided: the request is over. What was true when it was proposed need not be true any more."""
LONGEST = timedelta(hours=12)
"""design.md: a suppression ends by itself; field.md §1.2 gives 12 h for the shelf."""
LARGEST_DETAIL = 20_000


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
    _require_area(connection, by, affected.area)
    return affected, silenced(connection, affected, at)


def propose(connection: Connection[Any], proposal: Proposal, by: Actor, *, at: datetime) -> int:
    """Writes a request in the caller's transaction, audit included; returns its id. Nothing is silenced yet.

    Raises ForbiddenError where role or area do not allow it or no person stands behind the name, InputError
    without reason or with an end that is past or more than 12 h ahead, ConflictError if it is open already.
    """
    expire_due(connection, at)
    affected, shown = preview(connection, proposal, by, at=at)
    _require_person(connection, by)
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
    _require_second(connection, request, by)
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
    told, notice = _tell(connection, allowed, wording, at)
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
        _require_second(connection, request, by)
    store.decide(connection, request_id, RequestState.REFUSED, at=at, by=by.name, note=note)
    _record(connection, request_id, "refuse", by.name, request.kind, request.subject, {"note": note})


def expire_due(connection: Connection[Any], now: datetime) -> int:
    """Closes what nobody decided in time, each with its line in the audit; returns how many."""
    found = store.overdue(connection, now)
    for request in found:
        store.decide(connection, request.id, RequestState.EXPIRED, at=now, by=None)
        _record(connection, request.id, "expire", CENTRE, request.kind, request.subject, {})
    return len(found)


def why_not(connection: Connection[Any], request: Request, by: Actor) -> str | None:
    """Why this person may not decide the request, as a sentence; None if it may."""
    try:
        _require_second(connection, request, by)
    except ForbiddenError as error:
        return str(error)
    return None


def silenced(connection: Connection[Any], affected: Affected, at: datetime) -> Silenced:
    """The open alarms, stations and persons that fall silent.

    Persons are those who would be called now for these alarms, for red water at these stations, and for what
    the proposal names beside.
    """
    alarms = store.open_alarms(
        connection, affected.exercise, alarms=affected.alarms, stations=affected.stations
    )
    touched = [one for one in all_stations(connection) if one.code in affected.stations]
    spoken_for = [(AlarmClass(one.alarm_class), one.area, _worst(one)) for one in alarms]
    spoken_for += [(AlarmClass.WATER, one.area, Severity.RED) for one in touched]
    spoken_for += affected.calls
    persons = {
        person.code: person
        for hazard, area, severity in dict.fromkeys(spoken_for)
        for person in callees(
            connection, hazard=hazard, area=area, severity=severity, at=at, exercise=affected.exercise
        ).persons
    }
    return Silenced(
        alarms=tuple(asdict(one) for one in alarms),
        stations=tuple({"code": one.code, "name": one.name, "name_en": one.name_en} for one in touched),
        persons=tuple(
            {"code": code, "name": persons[code].name, "post": persons[code].post} for code in sorted(persons)
        ),
        facts=affected.facts,
    )


def _worst(alarm: store.OpenAlarm) -> Severity | None:
    named = alarm.severity or alarm.highest_severity
    return Severity(named) if named else None


def hash_of(proposal: Proposal, shown: Silenced) -> str:
    """SHA-256 over what is asked and what it silences: an approval holds for exactly this.

    How bad an alarm is belongs to it; its value, which moves all the time, does not.
    """
    seen = {
        "kind": proposal.kind,
        "subject": proposal.subject,
        "detail": proposal.detail,
        "ends_at": proposal.ends_at.astimezone(UTC).isoformat() if proposal.ends_at else None,
        "alarms": sorted([one["id"], one["severity"], one["highest_severity"]] for one in shown.alarms),
        "stations": sorted(one["code"] for one in shown.stations),
        "persons": sorted(one["code"] for one in shown.persons),
        "facts": shown.facts,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


def check_detail(detail: Mapping[str, Any]) -> None:
    """Raises InputError for a detail that is too large to be shown to the person who decides."""
    if len(json.dumps(detail, default=str)) > LARGEST_DETAIL:
        raise InputError("too_large", "the detail of a request must fit into 20,000 characters")


def number_in(subject: str, kind: str) -> int:
    """The number of `alarm/12`. Raises InputError."""
    name, _, number = subject.partition("/")
    if name != kind or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise InputError("bad_subject", f"the subject must be {kind}/NUMBER, not {subject[:80]!r}")
    return int(number)


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


def _require_second(connection: Connection[Any], request: Request, by: Actor) -> None:
    if by.name == request.proposed_by:
        raise ForbiddenError("who proposed this cannot allow it: a second person must")
    if not allows(by.role, Act.CHECK_ORDER):
        raise ForbiddenError(f"the role {by.role} may not allow this; the leader or the commander may")
    if _county_wide(connection, request.area) and by.role is not Role.COMMANDER:
        raise ForbiddenError("this is county-wide: only the commander may allow it")
    _require_area(connection, by, request.area)
    person = _require_person(connection, by)
    if person is not None and person == store.person_of(connection, request.proposed_by)[1]:
        raise ForbiddenError("the same person stands behind both names: a second person must allow this")


def _require_person(connection: Connection[Any], by: Actor) -> str | None:
    known, person = store.person_of(connection, by.name)
    if not known:
        raise ForbiddenError("this needs a person who is signed in: a token or wall screen cannot do it")
    return person


def _require_area(connection: Connection[Any], by: Actor, area: str | None) -> None:
    if area is not None:
        require_area(connection, by, [area])
    elif by.area is not None:
        raise ForbiddenError(f"this is county-wide and outside your area ({by.area}); the county may do it")


def _county_wide(connection: Connection[Any], area: str | None) -> bool:
    return area is None or area_of(connection, area).parent is None


def _proposal(request: Request) -> Proposal:
    return Proposal(request.kind, request.subject, request.reason, request.ends_at, request.detail)


def _tell(
    connection: Connection[Any], request: Request, wording: Wording, at: datetime
) -> tuple[list[str], int | None]:
    """Tells all commanders of the area by a notice that asks for no answer; nobody to tell is said in the audit."""
    area = request.area or top_area(connection)
    persons = commanders(connection, area) if area else []
    if area is None or not persons:
        return [], None
    words = translator("alerts", wording.language)
    zone = ZoneInfo(wording.time_zone)
    said = {
        "subject": _named(request.silences, request.subject),
        "proposer": request.proposed_by,
        "approver": request.decided_by or "",
        "reason": request.reason,
        "alarms": len(request.silences.alarms),
        "stations": len(request.silences.stations),
        "persons": len(request.silences.persons),
        "until": f"{request.ends_at.astimezone(zone):%m-%d %H:%M}" if request.ends_at else "",
    }
    notice = create_notice(
        connection,
        recipients=by_sms(persons),
        severity=None,
        title=words(f"second.{request.kind}.title", **said),
        text=words(f"second.{request.kind}.text", **said) + words("second.silences", **said),
        area=area,
        exercise=request.exercise,
        at=at,
        needs_answer=False,
        zone=wording.time_zone,
    )
    return persons, notice


def _named(shown: Silenced, subject: str) -> str:
    """The things by the names that people know, the subject's code where there is none."""
    names = [str(one["name"]) for one in shown.stations] or [
        str(one["station_name"] or one["subject"]) for one in shown.alarms
    ]
    first = list(dict.fromkeys(names))
    if not first:
        return subject
    return "、".join(first[:3]) + ("…" if len(first) > 3 else "")


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
