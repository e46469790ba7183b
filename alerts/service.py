"""Out of service (停用): a station, screen, loudspeaker or camera that is worked on alarms nobody for a while.

Two persons decide it (`second_person`), with a reason and an end, at most 12 hours ahead. Its alarms go on being
judged and keep their history, hidden; those that stand when it ends call then. It ends by itself, or by one
person before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import PutBack, TakenOut
from alerts.alarms.recall import recall
from alerts.notices import Wording
from core.alarms import AlarmState
from core.errors import ConflictError, InputError
from core.requests import Affected, Proposal, Request
from store import alarms, audit, service
from store.cameras import camera
from store.devices import device
from store.service import Absence
from store.stations import station

KINDS = ("station", "device", "camera")
BY_ITSELF = "by itself"


def check(connection: Connection[Any], proposal: Proposal, at: datetime) -> Affected:
    """`station/CODE`, `device/CODE` or `camera/CODE`, in service by now; what it silences.

    Raises NotFoundError, InputError for another subject, ConflictError if it is out of service already.
    """
    kind, code = _subject(proposal.subject)
    area, name, name_en = _place(connection, kind, code)
    if (kind, code) in service.out_of_service(connection):
        raise ConflictError(f"{kind} {code} is out of service already")
    found = service.open_alarms(connection, kind, code)
    return Affected(
        area,
        stations=(code,) if kind == "station" else (),
        alarms=tuple(found),
        facts={"kind": kind, "code": code, "name": name, "name_en": name_en},
    )


def execute(connection: Connection[Any], request: Request, at: datetime) -> None:
    """Takes it out of service, as two persons decided: every open alarm of it is hidden at once."""
    kind, code = _subject(request.subject)
    if request.ends_at is None or request.decided_by is None:
        raise InputError(
            "end_missing", "out of service needs an end, at most 12 hours ahead, and a second person"
        )
    area, name, name_en = _place(connection, kind, code)
    if (kind, code) in service.out_of_service(connection):
        raise ConflictError(f"{kind} {code} is out of service already")
    entry = Absence(
        0, kind, code, name, name_en, area, at, request.ends_at, request.reason, request.proposed_by,
        request.decided_by, request.id, None, None,
    )  # fmt: skip
    number = service.begin(connection, entry)
    detail = {"reason": request.reason, "until": request.ends_at.isoformat(), "second": request.decided_by}
    hidden = []
    for alarm_id in service.open_alarms(connection, kind, code):
        alarm = alarms.lock(connection, alarm_id)
        if alarm.state in (AlarmState.NORMAL, AlarmState.OUT_OF_SERVICE):
            continue
        moved, _ = act(connection, alarm, TakenOut(), actor=request.proposed_by, at=at, detail=detail)
        alarms.save(
            connection,
            replace(
                moved,
                service_until=request.ends_at,
                suppressed_by=None,
                shelved_until=None,
                shelved_reason=None,
                shelved_by=None,
            ),
        )
        hidden.append(alarm_id)
    audit.append(
        connection,
        actor=request.proposed_by,
        action="service.take_out",
        subject=f"{kind}/{code}",
        detail=detail | {"absence": number, "alarms": hidden},
    )


def put_back(
    connection: Connection[Any], absence_id: int, *, actor: str, at: datetime, wording: Wording
) -> None:
    """Puts it back into service; what stands of its alarms calls now, what is over is closed.

    In the caller's transaction, history and audit included. Raises NotFoundError, ConflictError if it is back.
    """
    entry = service.absence(connection, absence_id, lock=True)
    if entry.ended_at is not None:
        raise ConflictError(
            f"{entry.kind} {entry.subject} has been in service again since {entry.ended_at:%F %H:%M} UTC"
        )
    service.end(connection, entry, at=at, by=actor)
    for alarm_id in service.open_alarms(connection, entry.kind, entry.subject):
        alarm = alarms.lock(connection, alarm_id)
        if alarm.state is not AlarmState.OUT_OF_SERVICE:
            continue
        moved, changes = act(connection, alarm, PutBack(), actor=actor, at=at, detail={"absence": absence_id})
        alarms.save(connection, moved)
        recall(connection, moved, changes, wording, at=at)
    audit.append(
        connection,
        actor=actor,
        action="service.put_back",
        subject=f"{entry.kind}/{entry.subject}",
        detail={"absence": absence_id, "until": entry.until.isoformat()},
    )


def end_due(connection: Connection[Any], absence_id: int, wording: Wording, now: datetime) -> None:
    """Ends an absence whose time is over; nothing if somebody was quicker."""
    entry = service.absence(connection, absence_id, lock=True)
    if entry.ended_at is None and entry.until <= now:
        put_back(connection, absence_id, actor=BY_ITSELF, at=now, wording=wording)


def _subject(subject: str) -> tuple[str, str]:
    kind, _, code = subject.partition("/")
    if kind not in KINDS or not code:
        raise InputError(
            "wrong_subject",
            f"{subject!r} cannot be out of service: name station/CODE, device/CODE or camera/CODE",
        )
    return kind, code


def _place(connection: Connection[Any], kind: str, code: str) -> tuple[str | None, str, str]:
    """Area and names of a thing. Raises NotFoundError."""
    match kind:
        case "station":
            a = station(connection, code)
            return a.area, a.name, a.name_en
        case "device":
            b = device(connection, code)
            return b.area, b.name, b.name_en
        case _:
            c = camera(connection, code)
            return c.area, c.name, c.name_en
