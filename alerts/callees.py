"""Who is called for a hazard in an area: decided here, called by the orders.

A chain (呼叫链) names them; the most specific wins. Where no chain fits, or none of its members can be called,
all duty officers of the area are, else of the area above it; with none anywhere, the leaders on duty; with no roster
at all, everybody who commands there. Who is away is never called: whoever stands in (代班) is. `decide` is pure;
`callees` reads what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from core.alarms import AlarmClass
from core.call_chains import CallChain, Member, MemberKind, QuietHours, in_order, why_not
from core.devices import Device
from core.duty import stand_in
from core.orders import Channel, Recipient
from core.people import Person
from core.severity import Severity
from store.areas import top_area
from store.call_chains import Scene, scene

ALL_AT_ONCE = (Channel.SMS, Channel.SMS2, Channel.LED, Channel.LOUDSPEAKER)
"""Red: both numbers, and the screens and loudspeakers of the duty room."""
_DESK = (Member(MemberKind.DUTY), Member(MemberKind.LEADER))


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision: `kind` is a key of the pages' texts, `facts` what it is about."""

    kind: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Callees:
    """Who is called, at whose desk, and how.

    `desk` is the area whose duty desk has the alarm: the nearest with anybody on duty, else the county; None
    before any area is known. Without `persons` nobody can be called, and `reason` says why (`no_area`,
    `nobody_on_duty`); else it says by which rule they were found: `chain:CODE`, `duty`, `leader` or `commander`.
    `quiet_until` is set while the call waits for the morning. `stands_in` maps who is called to whom they
    stand in for. `devices` are the duty room's own. `reasons` tell every step.
    """

    desk: str | None
    persons: tuple[Person, ...] = ()
    channels: tuple[Channel, ...] = (Channel.SMS,)
    quiet_until: datetime | None = None
    reason: str = ""
    stands_in: Mapping[str, str] | None = None
    devices: tuple[Device, ...] = ()
    exercise: str | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the persons."""
        return tuple(person.code for person in self.persons)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Persons × channels and the duty room's devices, as `create_notice` takes them.

        A second number is real, so an exercise never has it.
        """
        if not self.persons:
            return ()
        first = [Recipient("person", person.code, Channel.SMS) for person in self.persons]
        second = [
            Recipient("person", person.code, Channel.SMS2)
            for person in self.persons
            if person.phone2 and Channel.SMS2 in self.channels and self.exercise is None
        ]
        devices = [Recipient("device", device.code, Channel(device.kind)) for device in self.devices]
        return (*first, *second, *devices)


def callees(
    connection: Connection[Any],
    *,
    hazard: AlarmClass,
    area: str | None,
    severity: Severity | None,
    at: datetime,
    exercise: str | None,
    zone: str = "Asia/Shanghai",
    quiet: QuietHours | None = None,
    trial: CallChain | None = None,
) -> Callees:
    """Who is called at `at` for an alarm of this hazard, area (None: the county) and severity.

    `quiet` are the centre's quiet hours for blue, in `zone`; a chain may have its own. `trial` is a chain that is
    not kept yet: who would be called if it were.
    """
    county = top_area(connection)
    asked = area or county
    if asked is None or county is None:
        return Callees(None, reason="no_area", exercise=exercise)
    here = scene(connection, asked, at, trial=trial)
    return decide(
        here, hazard=hazard, severity=severity, at=at, exercise=exercise, county=county, zone=ZoneInfo(zone),
        quiet=quiet,
    )  # fmt: skip


def on_duty_as(connection: Connection[Any], kind: MemberKind, area: str, at: datetime) -> tuple[Person, ...]:
    """Who is on duty at `at` as duty officer or leader for the area, else for the area above it; who is away is
    replaced by who stands in."""
    here = scene(connection, area, at)
    found = _called(here, (Member(kind),), [])
    return tuple(here.persons[code] for code in found.persons)


def decide(
    here: Scene,
    *,
    hazard: AlarmClass,
    severity: Severity | None,
    at: datetime,
    exercise: str | None,
    county: str,
    zone: ZoneInfo,
    quiet: QuietHours | None,
) -> Callees:
    """The whole decision, with a reason for every step."""
    reasons: list[Reason] = []
    chain = _chosen(here, hazard, severity, reasons)
    found = _called(here, chain.members, reasons) if chain else _Called({}, None)
    reason = f"chain:{chain.code}" if chain else ""
    if chain and not found.persons:
        reasons.append(Reason("chain_empty", {"chain": chain.code, "name": chain.name}))
    on_duty = _Called({}, None)
    for member in _DESK:
        on_duty = _called(here, (member,), reasons if not found.persons else [])
        if on_duty.persons:
            break
    desk = on_duty.area or county
    if not found.persons:
        found, reason = on_duty, str(member.kind)
    if not found.persons:
        found, reason = _Called(_present(here, list(here.commanders), reasons), None), "commander"
        if found.persons:
            reasons.append(Reason("commander", {"persons": " ".join(found.persons)}))
    if not found.persons:
        reasons.append(Reason("nobody", {}))
        return Callees(desk, reason="nobody_on_duty", exercise=exercise, reasons=tuple(reasons))
    channels = _channels(chain, severity)
    wait = _quiet(chain, severity, at, zone, quiet)
    if wait is not None:
        reasons.append(Reason("quiet", {"until": wait.isoformat()}))
    return Callees(
        desk,
        tuple(here.persons[code] for code in found.persons),
        channels,
        wait,
        reason,
        {code: stands_for for code, stands_for in found.persons.items() if stands_for is not None},
        tuple(one for one in here.devices if one.area == desk and Channel(one.kind) in channels),
        exercise,
        tuple(reasons),
    )


@dataclass(frozen=True, slots=True)
class _Called:
    """Who is called, each with whom they stand in for (None: nobody), and the area that they were found in."""

    persons: dict[str, str | None]
    area: str | None


def _chosen(
    here: Scene, hazard: AlarmClass, severity: Severity | None, reasons: list[Reason]
) -> CallChain | None:
    chosen = None
    for chain in in_order(here.chains, here.areas):
        why = why_not(chain, hazard, severity) or ("less_specific" if chosen else None)
        facts = {"chain": chain.code, "name": chain.name, "area": chain.area}
        if why is None:
            chosen = chain
            reasons.append(Reason("chain", facts))
        else:
            reasons.append(Reason(f"not_{why}", facts))
    if chosen is None:
        reasons.append(Reason("no_chain", {}))
    return chosen


def _called(here: Scene, members: tuple[Member, ...], reasons: list[Reason]) -> _Called:
    persons: dict[str, str | None] = {}
    area = None
    for member in members:
        found = _of_member(here, member, reasons)
        area = area or found.area
        for code, stands_for in found.persons.items():
            persons[code] = persons.get(code) or stands_for
        facts = {"member": str(member), "area": found.area or "", "persons": " ".join(found.persons)}
        reasons.append(Reason("member" if found.persons else "member_nobody", facts))
    return _Called(persons, area)


def _of_member(here: Scene, member: Member, reasons: list[Reason]) -> _Called:
    if member.kind is MemberKind.PERSON:
        return _Called(_present(here, [member.name], reasons), None)
    for area in (member.area,) if member.area else here.areas:
        if member.kind is MemberKind.POST:
            found = _of_post(here, area, member, reasons)
        else:
            turns = [one.person for one in here.turns if (one.area, one.position) == (area, str(member.kind))]
            found = _present(here, turns, reasons)
        if found:
            return _Called(found, area)
    return _Called({}, None)


def _of_post(here: Scene, area: str, member: Member, reasons: list[Reason]) -> dict[str, str | None]:
    """A 角; B 角 while no A is there, or beside A if the chain wants both."""
    held = [one for one in here.holders if (one.area, one.post) == (area, member.name)]
    first = _present(here, [one.person for one in held if one.turn == "A"], reasons)
    if first and not member.both:
        return first
    return first | _present(here, [one.person for one in held if one.turn == "B"], reasons)


def _present(here: Scene, codes: list[str], reasons: list[Reason]) -> dict[str, str | None]:
    """Those who are there, or who stands in for them; a person who is there anyway stands in for nobody."""
    found: dict[str, str | None] = {}
    for code in codes:
        there = stand_in(code, here.away)
        if there != code:
            reasons.append(
                Reason("away" if there else "away_nobody", {"person": code, "substitute": there or ""})
            )
        if there is None:
            continue
        if there not in here.persons:
            reasons.append(Reason("not_in_use", {"person": there}))
            continue
        if there == code or there not in found:
            found[there] = None if there == code else code
    return found


def _channels(chain: CallChain | None, severity: Severity | None) -> tuple[Channel, ...]:
    """The first number always; what the chain names, else everything for red."""
    if chain is not None and chain.channels is not None:
        return tuple(one for one in ALL_AT_ONCE if one is Channel.SMS or one in chain.channels)
    return ALL_AT_ONCE if severity is Severity.RED else (Channel.SMS,)


def _quiet(
    chain: CallChain | None, severity: Severity | None, at: datetime, zone: ZoneInfo, quiet: QuietHours | None
) -> datetime | None:
    """Only blue waits."""
    hours = chain.quiet if chain is not None and chain.quiet is not None else quiet
    return hours.until(at, zone) if hours is not None and severity is Severity.BLUE else None
