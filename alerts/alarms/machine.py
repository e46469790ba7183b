"""The life of an alarm after ISA-18.2 (field.md §1.2): (standing, event) → (standing, changes).

Pure. A change says what happened and whether people must be called for it; who writes it down and
who calls is decided elsewhere. What the standard leaves open and we decided:

- A worsening calls again, acknowledged or not; an improvement and a return call nobody.
- Only a *fresh* reading calls. What was observed too long ago moves the alarm silently; the first
  fresh reading that bears it out (`CONFIRMED`) calls then.
- A suspect or bad value that reaches a limit raises like a good one, marked `to_verify` (待核实);
  only a certain reading takes the mark off.
- The shelf hides up to the severity that the person saw who shelved. Anything worse breaks out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.alarms import AlarmEventKind, AlarmState
from core.errors import ConflictError
from core.severity import Severity

_UNACKNOWLEDGED = AlarmState.UNACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alarm stands. `severity` None: the process is normal.

    `called` is the worst severity that people were called for since the last return or improvement;
    `ceiling` what the shelf hides at most, while it is shelved.
    """

    state: AlarmState = AlarmState.NORMAL
    severity: Severity | None = None
    highest: Severity | None = None
    called: Severity | None = None
    to_verify: bool = False
    ceiling: Severity | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A reading: the condition that now holds (deadband included) and what it reached by itself.

    `certain`: of usable quality. `fresh`: it came soon enough to call people for.
    """

    severity: Severity | None
    reached: Severity | None
    certain: bool = True
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has heard it."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A person puts it aside for a while."""


@dataclass(frozen=True, slots=True)
class Unshelved:
    """The shelf ends: by a person, or `by_itself` when its time is over."""

    by_itself: bool


@dataclass(frozen=True, slots=True)
class Over:
    """What it belonged to is over: the exercise has ended."""


Event = Observed | Acknowledged | Shelved | Unshelved | Over


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the alarm's history; `call`: people must be called for it."""

    kind: AlarmEventKind
    state: AlarmState
    severity: Severity | None
    call: bool = False


def step(standing: Standing, event: Event) -> tuple[Standing, tuple[Change, ...]]:
    """Moves an alarm. Raises ConflictError where a person's act does not fit its state."""
    match event:
        case Observed():
            return _observed(standing, event)
        case Acknowledged():
            return _acknowledged(standing)
        case Shelved():
            return _shelved(standing)
        case Unshelved():
            return _unshelved(standing, event)
        case Over():
            return _over(standing)


def ceiling(standing: Standing) -> Severity | None:
    """What a shelf would hide at most: the present severity, of a returned alarm its worst."""
    return standing.severity or standing.highest


def _observed(standing: Standing, event: Observed) -> tuple[Standing, tuple[Change, ...]]:
    changes: list[Change] = []
    if standing.state is AlarmState.SHELVED and _rank(event.severity) > _rank(standing.ceiling):
        standing = replace(standing, state=_UNACKNOWLEDGED, ceiling=None, called=None)
        changes.append(Change(AlarmEventKind.UNSHELVED, _UNACKNOWLEDGED, standing.severity))

    was, now = standing.severity, event.severity
    if now is None:
        if was is not None:
            standing, returned = _returned(standing)
            changes += returned
        return standing, tuple(changes)

    loud = event.fresh and standing.state is not AlarmState.SHELVED
    if _rank(now) > _rank(was):
        state = AlarmState.SHELVED if standing.state is AlarmState.SHELVED else _UNACKNOWLEDGED
        standing = replace(
            standing,
            state=state,
            severity=now,
            highest=_worse(standing.highest, now),
            called=now if loud else standing.called,
            to_verify=not event.certain,
        )
        kind = AlarmEventKind.RAISED if was is None else AlarmEventKind.WORSENED
        return standing, (*changes, Change(kind, state, now, call=loud))

    if _rank(now) < _rank(was):
        called = standing.called if _rank(standing.called) <= _rank(now) else now
        standing = replace(standing, severity=now, called=called)
        changes.append(Change(AlarmEventKind.IMPROVED, standing.state, now))

    verified = standing.to_verify and event.certain and _rank(event.reached) >= _rank(now)
    call = loud and standing.state is _UNACKNOWLEDGED and _rank(event.reached) > _rank(standing.called)
    if verified or call:
        standing = replace(
            standing,
            to_verify=standing.to_verify and not event.certain,
            called=event.reached if call else standing.called,
        )
        changes.append(Change(AlarmEventKind.CONFIRMED, standing.state, now, call=call))
    return standing, tuple(changes)


def _returned(standing: Standing) -> tuple[Standing, list[Change]]:
    after = replace(standing, severity=None, called=None, to_verify=False)
    if standing.state is AlarmState.ACKNOWLEDGED:
        return replace(after, state=AlarmState.NORMAL), [
            Change(AlarmEventKind.RETURNED, AlarmState.NORMAL, None),
            Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
        ]
    if standing.state is _UNACKNOWLEDGED:
        after = replace(after, state=AlarmState.RETURNED_UNACKNOWLEDGED)
    return after, [Change(AlarmEventKind.RETURNED, after.state, None)]


def _acknowledged(standing: Standing) -> tuple[Standing, tuple[Change, ...]]:
    match standing.state:
        case AlarmState.UNACKNOWLEDGED:
            after = replace(standing, state=AlarmState.ACKNOWLEDGED, called=standing.severity)
            return after, (Change(AlarmEventKind.ACKNOWLEDGED, after.state, after.severity),)
        case AlarmState.RETURNED_UNACKNOWLEDGED:
            return replace(standing, state=AlarmState.NORMAL), (
                Change(AlarmEventKind.ACKNOWLEDGED, AlarmState.NORMAL, None),
                Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
            )
        case AlarmState.ACKNOWLEDGED:
            raise ConflictError("this alarm has been acknowledged already")
        case AlarmState.SHELVED:
            raise ConflictError("this alarm is shelved: take it off the shelf before acknowledging it")
        case _:
            raise ConflictError("this alarm is over: there is nothing to acknowledge")


def _shelved(standing: Standing) -> tuple[Standing, tuple[Change, ...]]:
    if standing.state is AlarmState.SHELVED:
        raise ConflictError("this alarm is shelved already: unshelve it to give another end")
    if standing.state is AlarmState.NORMAL:
        raise ConflictError("this alarm is over: there is nothing to shelve")
    after = replace(standing, state=AlarmState.SHELVED, ceiling=ceiling(standing), called=None)
    return after, (Change(AlarmEventKind.SHELVED, after.state, after.severity),)


def _unshelved(standing: Standing, event: Unshelved) -> tuple[Standing, tuple[Change, ...]]:
    if standing.state is not AlarmState.SHELVED:
        raise ConflictError("this alarm is not shelved")
    after = replace(standing, ceiling=None)
    if standing.severity is None:
        return replace(after, state=AlarmState.NORMAL), (
            Change(AlarmEventKind.UNSHELVED, AlarmState.NORMAL, None),
            Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
        )
    after = replace(after, state=_UNACKNOWLEDGED, called=standing.severity)
    return after, (
        Change(AlarmEventKind.UNSHELVED, _UNACKNOWLEDGED, standing.severity, call=event.by_itself),
    )


def _over(standing: Standing) -> tuple[Standing, tuple[Change, ...]]:
    if standing.state is AlarmState.NORMAL:
        raise ConflictError("this alarm is over already")
    after = Standing(highest=standing.highest)
    return after, (Change(AlarmEventKind.CLOSED, after.state, None),)


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else severity.rank


def _worse(one: Severity | None, other: Severity) -> Severity:
    return other if one is None or other.rank > one.rank else one
