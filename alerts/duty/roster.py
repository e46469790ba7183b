"""Acts of people on the roster: turns, turns made from a shift, who is away and who stands in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.orders.actors import Actor, require, require_reason
from core.duty import Turn, turns_of
from core.errors import ConflictError, InputError
from core.roles import Act
from store import audit
from store import duty as store
from store.areas import area
from store.people import person

LONGEST_TURN = timedelta(days=7)
LONGEST_ABSENCE = timedelta(days=366)
MOST_DAYS = 366
"""Turns are made for at most a year ahead."""
_LONGEST_REASON = 200


def add_turn(
    connection: Connection[Any],
    actor: Actor,
    *,
    area_code: str,
    person_code: str,
    position: str,
    starts: datetime,
    ends: datetime,
    at: datetime,
) -> None:
    """Enters a turn by hand. Raises ForbiddenError, NotFoundError, InputError, ConflictError if it stands already."""
    require(connection, actor, Act.EDIT_ROSTER, area(connection, area_code).code)
    if position not in ("duty", "leader"):
        raise InputError("bad_position", "a turn is that of duty or leader")
    _span(starts, ends, LONGEST_TURN, at)
    known = person(connection, person_code)
    if not known.active:
        raise InputError(
            "not_in_use", f"{known.name} is not in use and is never called; choose another person"
        )
    turn = Turn(area_code, position, person_code, starts, ends)
    if not store.add_turns(connection, [turn], by=actor.name, at=at):
        raise ConflictError("exactly this turn stands already")
    _record(connection, actor, "roster.add", area_code, turn)


def remove_turn(connection: Connection[Any], actor: Actor, number: int, *, reason: str, at: datetime) -> None:
    """Takes a turn off: a coming one wholly, a running one from now on. Raises ConflictError if it is over."""
    turn = store.turn(connection, number)
    require(connection, actor, Act.EDIT_ROSTER, turn.area)
    why = _reason(reason)
    if turn.ends <= at:
        raise ConflictError("this turn is over: what was, stays on the roster")
    store.remove_turn(connection, number, at=at)
    _record(connection, actor, "roster.remove", turn.area, turn, reason=why)


def make_turns(
    connection: Connection[Any],
    actor: Actor,
    code: str,
    *,
    since: date,
    until: date,
    zone: str,
    at: datetime,
) -> int:
    """Makes the turns of a shift that start on the days `since` to `until`; returns how many.

    Coming turns of this shift in the span are replaced; the running one and turns of other origin stay.
    """
    shift = store.shift(connection, code)
    require(connection, actor, Act.EDIT_ROSTER, shift.area)
    if not shift.active:
        raise ConflictError(f"the shift {shift.name} is not in use")
    if until < since or (until - since).days > MOST_DAYS:
        raise InputError("bad_span", f"choose a first and a last day, at most {MOST_DAYS} days apart")
    local = ZoneInfo(zone)
    begin = max(datetime.combine(since, datetime.min.time(), local), at)
    end = datetime.combine(until + timedelta(days=1), datetime.min.time(), local)
    made = [one for one in turns_of(shift, since, until, local) if one.starts >= begin]
    removed = store.clear_shift(connection, code, begin, end)
    store.add_turns(connection, made, by=actor.name, at=at)
    audit.append(
        connection, actor=actor.name, action="roster.make", subject=f"shift/{code}",
        detail={"since": since.isoformat(), "until": until.isoformat(), "made": len(made), "replaced": removed},
    )  # fmt: skip
    return len(made)


def set_away(
    connection: Connection[Any],
    actor: Actor,
    person_code: str,
    substitute: str | None,
    *,
    starts: datetime,
    ends: datetime,
    reason: str,
    at: datetime,
) -> int:
    """A person is away; `substitute` stands in (代班) or nobody does. Returns the absence's number.

    Raises InputError for a substitute who is not in use or would stand in for themselves, ConflictError if the
    person is entered as away then already, ForbiddenError.
    """
    away = person(connection, person_code)
    require(connection, actor, Act.EDIT_ROSTER, away.area)
    why = _reason(reason)
    _span(starts, ends, LONGEST_ABSENCE, at)
    if substitute is not None:
        stands_in = person(connection, substitute)
        require(connection, actor, Act.EDIT_ROSTER, stands_in.area)
        if not stands_in.active:
            raise InputError(
                "not_in_use", f"{stands_in.name} is not in use and is never called; choose another person"
            )
        if substitute == person_code:
            raise InputError("own_substitute", "nobody stands in for themselves; choose another person")
    if any(one.person == person_code for one in store.absences(connection, max(starts, at), ends)):
        raise ConflictError(f"{away.name} is entered as away in this time already; end that entry first")
    number = store.add_absence(
        connection, person_code, substitute, starts, ends, reason=why, by=actor.name, at=at
    )
    audit.append(
        connection, actor=actor.name, action="roster.away", subject=f"person/{person_code}",
        detail={
            "absence": number, "substitute": substitute, "starts": starts.isoformat(), "ends": ends.isoformat(),
            "reason": why,
        },
    )  # fmt: skip
    return number


def end_away(connection: Connection[Any], actor: Actor, number: int, *, at: datetime) -> None:
    """The person is back, or was never away. Raises ForbiddenError, NotFoundError, ConflictError if it is over."""
    absence = store.absence(connection, number)
    require(connection, actor, Act.EDIT_ROSTER, person(connection, absence.person).area)
    if absence.ends <= at:
        raise ConflictError("this absence is over already")
    store.end_absence(connection, number, by=actor.name, at=at)
    audit.append(
        connection, actor=actor.name, action="roster.back", subject=f"person/{absence.person}",
        detail={"absence": number, "substitute": absence.substitute},
    )  # fmt: skip


def _span(starts: datetime, ends: datetime, longest: timedelta, at: datetime) -> None:
    if ends <= starts:
        raise InputError("bad_span", "the end must come after the beginning")
    if ends - starts > longest:
        raise InputError("bad_span", f"this is longer than {longest.days} days; enter it in parts")
    if ends <= at:
        raise InputError("past", "this time is over: only what is or comes can be entered")


def _reason(reason: str) -> str:
    given = require_reason(reason)
    if len(given) > _LONGEST_REASON:
        raise InputError(
            "reason_too_long", f"the reason has more than {_LONGEST_REASON} characters; shorten it"
        )
    return given


def _record(
    connection: Connection[Any], actor: Actor, action: str, area_code: str, turn: Turn, **more: str
) -> None:
    audit.append(
        connection, actor=actor.name, action=action, subject=f"area/{area_code}",
        detail={
            "person": turn.person, "position": turn.position, "starts": turn.starts.isoformat(),
            "ends": turn.ends.isoformat(), **more,
        },
    )  # fmt: skip
