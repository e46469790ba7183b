"""Acts of people on what the roster is made from: shifts, and chains of whom to call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.duty.checking import Known, chain_faults, refuse, shift_faults, text_faults
from alerts.duty.roster import made_of, running
from alerts.orders.actors import Actor, require, require_area
from core.call_chains import CallChain
from core.duty import Clash, Gap, Shift, Turn, clashes, gaps
from core.errors import ChangedError, ConflictError, InputError
from core.people import Person
from core.roles import Act
from store import audit, call_chains, duty, people
from store.areas import area_codes

OUTLOOK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The roster as it would be with a shift's turns made: its turns, and the gaps and clashes of its desk."""

    turns: tuple[Turn, ...]
    gaps: tuple[Gap, ...]
    clashes: tuple[Clash, ...]


def known(connection: Connection[Any]) -> Known:
    """What shifts and chains can name."""
    persons = people.persons(connection)
    posts = {one.post for one in people.responsibilities(connection)} | {one.post for one in persons}
    return Known(
        frozenset(area_codes(connection)), {one.code: one.active for one in persons}, frozenset(posts)
    )


def look_at_shift(
    connection: Connection[Any], actor: Actor, shift: Shift, *, zone: str, at: datetime
) -> Outlook:
    """The next 14 days if this shift were kept and its turns made. Writes nothing. Raises as `save_shift` does."""
    _check_shift(connection, actor, shift)
    until = at + OUTLOOK
    local = ZoneInfo(zone)
    standing = duty.turns(connection, at, until)
    made: list[Turn] = []
    if shift.active:
        first, last = at.astimezone(local).date(), until.astimezone(local).date()
        made = made_of(shift, first, last, local, at, running(connection, shift.code, at))
    after = [one for one in standing if one.shift != shift.code or one.starts <= at] + made
    absences = duty.presence(connection, at, until)
    persons = {person for entry in shift.rota for person in entry}
    there = [one for one in after if (one.area, one.position) == (shift.area, shift.position)]
    return Outlook(
        tuple(sorted(there, key=lambda one: (one.starts, one.person))),
        tuple(gaps(there, absences, [(shift.area, shift.position)], at, until)),
        tuple(one for one in clashes(after, absences, at, until) if one.person in persons),
    )


def save_shift(
    connection: Connection[Any], actor: Actor, shift: Shift, *, seen: datetime | None, at: datetime
) -> int:
    """Creates a shift (`seen` None) or changes one; returns how many coming turns were taken off.

    Turns that were made from it stay until they are made again; one that is taken out of use takes its coming
    turns with it. Raises ForbiddenError, InputError; ChangedError if it is not the one that the person saw.
    """
    duty.hold_plans(connection)
    old = next((one for one in duty.shifts(connection) if one.code == shift.code), None)
    _refuse_stale(duty.shift_stamps(connection).get(shift.code), seen, "shift")
    _check_shift(connection, actor, shift)
    if old is not None:
        require(connection, actor, Act.EDIT_ROSTER, old.area)
        if (old.area, old.position) != (shift.area, shift.position):
            raise InputError(
                "other_desk", "a shift stays at its desk: take it out of use and make another one"
            )
    _refuse_same(old, shift)
    duty.save_shift(connection, shift, by=actor.name, at=at)
    removed = 0
    if not shift.active:
        removed = duty.clear_shift(connection, shift.code, at, None)
    audit.append(
        connection, actor=actor.name, action="roster.shift", subject=f"shift/{shift.code}",
        detail={"old": _shift_detail(old), "new": _shift_detail(shift), "removed": removed},
    )  # fmt: skip
    return removed


def check_chain(connection: Connection[Any], actor: Actor, chain: CallChain) -> None:
    """Raises ForbiddenError or InputError for what this person may not keep as a chain. Writes nothing."""
    require(connection, actor, Act.EDIT_CHAINS, _existing(connection, chain.area))
    refuse(chain_faults(chain, known(connection)))
    refuse(text_faults("source", chain.source))
    named = [one.name for one in chain.members if one.kind == "person"]
    _require_persons(connection, actor, people.persons_of(connection, named))
    require_area(connection, actor, [one.area for one in chain.members if one.area is not None])


def save_chain(
    connection: Connection[Any], actor: Actor, chain: CallChain, *, seen: datetime | None, at: datetime
) -> None:
    """Creates a chain (`seen` None) or changes one. Raises as `save_shift` does."""
    duty.hold_plans(connection)
    old = next((one for one in call_chains.call_chains(connection) if one.code == chain.code), None)
    _refuse_stale(call_chains.stamps(connection).get(chain.code), seen, "chain")
    check_chain(connection, actor, chain)
    if old is not None:
        require(connection, actor, Act.EDIT_CHAINS, old.area)
    _refuse_same(old, chain)
    call_chains.save_call_chain(connection, chain, by=actor.name, at=at)
    audit.append(
        connection, actor=actor.name, action="chain.set", subject=f"chain/{chain.code}",
        detail={"old": _chain_detail(old), "new": _chain_detail(chain)},
    )  # fmt: skip


def _check_shift(connection: Connection[Any], actor: Actor, shift: Shift) -> None:
    require(connection, actor, Act.EDIT_ROSTER, _existing(connection, shift.area))
    refuse(shift_faults(shift, known(connection)))
    codes = {person for entry in shift.rota for person in entry}
    _require_persons(connection, actor, people.persons_of(connection, codes))


def _require_persons(connection: Connection[Any], actor: Actor, persons: Iterable[Person]) -> None:
    require_area(connection, actor, [one.area for one in persons])


def _existing(connection: Connection[Any], area: str) -> str:
    if area not in area_codes(connection):
        raise InputError("unknown_area", f"there is no area {area!r}; choose one of the list")
    return area


def _refuse_stale(stamp: duty.Stamp | None, seen: datetime | None, what: str) -> None:
    if stamp is None and seen is None:
        return
    if stamp is None:
        raise ChangedError(f"this {what} is not there any more: look again")
    if seen is None:
        raise ConflictError(
            f"there is a {what} of this code already: change that one, or choose another code"
        )
    if stamp.at != seen:
        raise ChangedError(f"{stamp.by} changed this {what} meanwhile: look at it again")


def _refuse_same(old: object, new: object) -> None:
    if old == new:
        raise InputError("no_change", "nothing would change: it stands just so")


def _shift_detail(shift: Shift | None) -> dict[str, Any] | None:
    if shift is None:
        return None
    return {key: _plain(value) for key, value in asdict(shift).items() if key != "code"}


def _chain_detail(chain: CallChain | None) -> dict[str, Any] | None:
    if chain is None:
        return None
    return {
        "name": chain.name, "area": chain.area, "hazard": chain.hazard, "least": chain.least,
        "members": [str(one) for one in chain.members],
        "channels": list(chain.channels) if chain.channels is not None else None,
        "quiet": f"{chain.quiet.start:%H:%M}-{chain.quiet.to:%H:%M}" if chain.quiet else None,
        "active": chain.active, "source": chain.source,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
