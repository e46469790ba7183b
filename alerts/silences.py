"""Putting alarms to silence (静默): people are not called for what matches, the list shows it as before.

It mutes new notices, repeats and the calls that still run. What becomes worse than `most` is heard. When it ends,
by itself or by a person, people are called for what still is not acknowledged. What may mute red needs a second
person (`alerts.second_person`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.orders.actors import Actor, require_area, require_reason
from core import notices
from core.alarms import AlarmClass
from core.errors import ConflictError, ForbiddenError, InputError
from core.requests import Request
from core.roles import Act, allows
from core.severity import Severity
from core.silences import LONGEST, Matchers
from store import audit
from store import silences as store
from store.areas import area as area_of
from store.exercises import exercise as exercise_of
from store.rule_versions import versions
from store.stations import station as station_of

_ANNOUNCED_AT_ONCE = 700
"""A notification of the database is at most 8,000 bytes long."""


def lies_in(connection: Connection[Any], matchers: Matchers) -> str | None:
    """The area that a silence concerns, None: the whole county.

    Raises InputError where it would match everything, NotFoundError for a rule, area or station that there is not:
    a silence by a mistyped name would mute nothing, and whoever made it would not know; nor for its exercise.
    """
    if not any((matchers.hazard, matchers.rule, matchers.area, matchers.station)):
        raise InputError("matches_everything", "say what is silenced: a hazard, a rule, an area or a station")
    if matchers.exercise is not None:
        exercise_of(connection, matchers.exercise)
    if matchers.rule is not None:
        versions(connection, matchers.rule)
    within = area_of(connection, matchers.area).code if matchers.area else None
    if matchers.station is None:
        return within
    return station_of(connection, matchers.station).area or within


def silence(
    connection: Connection[Any],
    matchers: Matchers,
    *,
    by: Actor,
    at: datetime,
    until: datetime,
    reason: str,
    since: datetime | None = None,
    second: str | None = None,
) -> int:
    """Makes a silence in the caller's transaction, audit included; returns its id.

    Raises ForbiddenError where role or area do not allow it, or red may be muted and there is no `second` person;
    InputError without reason, without matchers, or with an end more than 12 h ahead; NotFoundError for an unknown
    area or station.
    """
    if not allows(by.role, Act.SHELVE):
        raise ForbiddenError(f"the role {by.role} may not silence alarms; ask the duty officer")
    area = lies_in(connection, matchers)
    if area is not None:
        require_area(connection, by, [area])
    elif by.area is not None:
        raise ForbiddenError(f"this is county-wide and outside your area ({by.area}); name an area of yours")
    if matchers.mutes_red and second is None:
        raise ForbiddenError("what may mute red needs a second person: propose it, or mute up to orange only")
    return _write(connection, matchers, by.name, at, since or at, until, reason, second)


def silence_for_two(connection: Connection[Any], request: Request, at: datetime) -> None:
    """Makes the silence that one person proposed and another one has allowed."""
    if request.ends_at is None or request.decided_by is None:
        raise ConflictError("a silence needs an end and a second person")
    _write(
        connection, matchers_in(request.detail, request.exercise), request.proposed_by, at, at, request.ends_at,
        request.reason, request.decided_by,
    )  # fmt: skip


def end_silence(connection: Connection[Any], number: int, *, by: Actor, at: datetime) -> None:
    """Ends a silence before its time: people are called for what still is not acknowledged.

    Raises NotFoundError, ForbiddenError, ConflictError if it is over already.
    """
    known = store.silence(connection, number, lock=True)
    if not allows(by.role, Act.SHELVE):
        raise ForbiddenError(f"the role {by.role} may not end a silence; ask the duty officer")
    area = lies_in(connection, known.matchers)
    if area is not None:
        require_area(connection, by, [area])
    elif by.area is not None:
        raise ForbiddenError(f"this is county-wide and outside your area ({by.area})")
    if known.ended_at is not None or known.ends_at <= at:
        raise ConflictError(f"silence {number} is over already")
    store.end(connection, number, at=at, by=by.name)
    found = store.matched(connection, known.matchers)
    store.hear_again(connection, found, at)
    _announce(connection, found)
    audit.append(
        connection,
        actor=by.name,
        action="silence.end",
        subject=f"silence/{number}",
        detail={"alarms": len(found)},
    )


def matchers_in(detail: dict[str, Any], exercise: str | None) -> Matchers:
    """Matchers as a request carries them. Raises InputError."""
    unknown = detail.keys() - {"hazard", "rule", "area", "station", "most", "exercise"}
    values = {name: detail.get(name) for name in ("hazard", "rule", "area", "station", "most")}
    texts = (exercise, *values.values())
    if unknown or not all(value is None or isinstance(value, str) for value in texts):
        raise InputError("bad_matchers", "a silence is described by hazard, rule, area, station and most")
    try:
        hazard = AlarmClass(values["hazard"]) if values["hazard"] else None
        most = Severity(values["most"]) if values["most"] else None
    except ValueError as error:
        raise InputError("bad_matchers", str(error)) from error
    return Matchers(exercise, hazard, values["rule"], values["area"], values["station"], most)


def detail_of(matchers: Matchers) -> dict[str, Any]:
    """Matchers as a request and the audit carry them."""
    named = {
        "hazard": matchers.hazard, "rule": matchers.rule, "area": matchers.area, "station": matchers.station,
        "most": matchers.most, "exercise": matchers.exercise,
    }  # fmt: skip
    return {name: str(value) for name, value in named.items() if value is not None}


def subject_of(matchers: Matchers) -> str:
    """`silence/` and what it matches: two requests for the same are one."""
    named = "&".join(f"{name}={value}" for name, value in sorted(detail_of(matchers).items()))
    return f"silence/{named}"[:300]


def _write(
    connection: Connection[Any],
    matchers: Matchers,
    author: str,
    at: datetime,
    since: datetime,
    until: datetime,
    reason: str,
    second: str | None,
) -> int:
    reason = require_reason(reason)
    if not max(at, since) < until <= at + LONGEST:
        raise InputError("silence_too_long", "a silence ends within 12 hours from now: choose an earlier end")
    if since < at:
        raise InputError("silence_past", "a silence begins now or later")
    number = store.add(
        connection,
        matchers,
        starts_at=since,
        ends_at=until,
        reason=reason,
        author=author,
        second=second,
        at=at,
    )
    found = store.matched(connection, matchers)
    _announce(connection, found)
    audit.append(
        connection, actor=author, action="silence.make", subject=f"silence/{number}",
        detail=detail_of(matchers)
        | {"from": since.isoformat(), "until": until.isoformat(), "reason": reason, "alarms": len(found)}
        | ({"second": second} if second else {}),
    )  # fmt: skip
    return number


def _announce(connection: Connection[Any], alarms: list[int]) -> None:
    for start in range(0, len(alarms), _ANNOUNCED_AT_ONCE):
        keys = alarms[start : start + _ANNOUNCED_AT_ONCE]
        notice = json.dumps({"kind": notices.ALARM, "keys": keys})
        connection.execute("select pg_notify(%s, %s)", (notices.CHANGES, notice))
