"""Acts of people on the roster: turns, turns made from a shift, who is away and who stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.orders.actors import Actor, require, require_reason
from core.duty import Shift, Turn, never_there, turns_of
from core.errors import ConflictError, InputError
from core.people import Absence
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
_DAY = timedelta(days=1)


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
    _refuse_overlap(connection, turn)
    if not store.add_turns(connection, [turn], by=actor.name, at=at):
        raise ConflictError("exactly this turn stands already")
    _record(connection, actor, "roster.add", area_code, turn)


def change_turn(
    connection: Connection[Any],
    actor: Actor,
    number: int,
    *,
    person_code: str,
    starts: datetime,
    ends: datetime,
    reason: str,
    at: datetime,
) -> None:
    """Changes a turn: a coming one wholly, of a running one the end alone, because what was stays on the roster.

    Raises as `add_turn` does, ConflictError for a turn that is over.
    """
    old = store.turn(connection, number)
    require(connection, actor, Act.EDIT_ROSTER, old.area)
    why = _reason(reason)
    if old.ends <= at:
        raise ConflictError("this turn is over: what was, stays on the roster")
    if old.starts <= at and (person_code, starts) != (old.person, old.starts):
        raise InputError(
            "running", "this turn runs: only its end can be changed; enter who stands in, or take it off"
        )
    _span(starts, ends, LONGEST_TURN, at)
    if starts < at and starts != old.starts:
        raise InputError("past", "a turn that has not begun begins in the future")
    if person_code != old.person and not person(connection, person_code).active:
        raise InputError("not_in_use", "this person is not in use and is never called; choose another person")
    new = replace(old, person=person_code, starts=starts, ends=ends)
    if new == old:
        raise InputError("no_change", "nothing would change: it stands just so")
    _refuse_overlap(connection, new)
    store.change_turn(connection, new, by=actor.name, at=at)
    _record(
        connection, actor, "roster.change", old.area, new, reason=why, old_person=old.person,
        old_starts=old.starts.isoformat(), old_ends=old.ends.isoformat(),
    )  # fmt: skip


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

    Coming turns of this shift in the span are replaced; the running one and turns of other origin stay. Where the
    shift has nobody now although its turn runs, that turn is made from now on.
    """
    store.hold_plans(connection)
    shift = store.shift(connection, code)
    require(connection, actor, Act.EDIT_ROSTER, shift.area)
    if not shift.active:
        raise ConflictError(f"the shift {shift.name} is not in use")
    local = ZoneInfo(zone)
    if until < since or (until - at.astimezone(local).date()).days > MOST_DAYS:
        raise InputError("bad_span", f"choose a first and a last day, at most {MOST_DAYS} days from now")
    begin = max(datetime.combine(since, datetime.min.time(), local), at)
    end = datetime.combine(until + timedelta(days=1), datetime.min.time(), local)
    made = made_of(shift, since, until, local, at, running(connection, code, at))
    removed = store.clear_shift(connection, code, begin, end)
    store.add_turns(connection, made, by=actor.name, at=at)
    audit.append(
        connection, actor=actor.name, action="roster.make", subject=f"shift/{code}",
        detail={"since": since.isoformat(), "until": until.isoformat(), "made": len(made), "replaced": removed},
    )  # fmt: skip
    return len(made)


def made_of(
    shift: Shift, since: date, until: date, zone: ZoneInfo, at: datetime, standing: Sequence[Turn]
) -> list[Turn]:
    """The turns that making them writes: the coming ones, and the running one from `at` on where the span begins today
    and the shift has had nobody in it. `standing` are the shift's turns of the last day."""
    today = at.astimezone(zone).date()
    coming = [one for one in turns_of(shift, since, until, zone) if one.starts >= at]
    if since > today:
        return coming
    now = [one for one in turns_of(shift, today - _DAY, today, zone) if one.starts < at < one.ends]
    manned = any(one.starts < at and one.ends > now[0].starts for one in standing) if now else False
    return coming if manned else [replace(one, starts=at) for one in now] + coming


def running(connection: Connection[Any], code: str, at: datetime) -> list[Turn]:
    """The turns of a shift in the day before `at`, those that were cut short too."""
    return [one for one in store.turns(connection, at - _DAY, at) if one.shift == code]


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
    zone: str,
) -> int:
    """A person is away; `substitute` stands in (代班) or nobody does. Returns the absence's number.

    Raises InputError for a substitute who is not in use, would stand in for themselves or is away too for a part of it,
    ConflictError if the person is entered as away then already, ForbiddenError.
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
    others = store.presence(connection, max(starts, at), ends)
    if any(one.person == person_code and one.id for one in others):
        raise ConflictError(f"{away.name} is entered as away in this time already; end that entry first")
    if substitute is not None:
        new = Absence(0, person_code, substitute, starts, ends, why, actor.name)
        missing = never_there([*others, new], person_code, max(starts, at), ends)
        if missing is not None:
            raise InputError(
                "substitute_away",
                f"from {missing.astimezone(ZoneInfo(zone)):%m-%d %H:%M} on nobody would be there: the substitute, or who"
                " stands in for the substitute, is away then too; choose another person, or enter it in parts",
            )
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


def _refuse_overlap(connection: Connection[Any], turn: Turn) -> None:
    for one in store.turns(connection, turn.starts, turn.ends):
        same = (one.area, one.position, one.person) == (turn.area, turn.position, turn.person)
        if same and one.id != turn.id:
            raise ConflictError(
                "this person is on this desk's roster for a part of that time already; change that turn"
            )


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
