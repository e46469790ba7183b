"""The life of an alarm after ISA-18.2 (field.md §1.2): (standing, event) → (standing, changes).

Pure. A change says what happened and whether people must be called for it; who writes it down and
who calls is decided elsewhere. What the standard leaves open and we decided:

- A worsening calls again, acknowledged or not; an improvement and a return call nobody.
- Only a *fresh* reading calls. What was observed too long ago moves the alarm silently; the first
  fresh reading that bears it out (`CONFIRMED`) calls then, for as much as it bears out. What a reading reaches
  beyond the alarm's severity still waits for its delay, and calls nobody before.
- A suspect or bad value that reaches a limit raises like a good one, marked `to_verify` (待核实);
  only a certain reading, or a person's word, takes the mark off.
- The shelf hides up to the severity that the person saw who shelved. Anything worse breaks out.
- Hidden by design or out of service, an alarm goes on silently, whatever it reaches: what hides it is
  itself an alarm or an act of two persons. When that ends and the danger stands, it calls.
- A latching alarm that has returned stays until a person resets it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.alarms.happenings import (
    Acknowledged,
    Event,
    Observed,
    Over,
    PutBack,
    Released,
    Reset,
    Shelved,
    Suppressed,
    TakenOut,
    Unacknowledged,
    Unshelved,
    Verified,
)  # fmt: skip
from core.alarms import AlarmEventKind, AlarmState
from core.errors import ConflictError
from core.severity import Severity, worse

_UNACKNOWLEDGED = AlarmState.UNACKNOWLEDGED
_HIDDEN = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alarm stands. `severity` None: the process is normal, or abnormal without a colour.

    `called` is the worst severity that people were called for since the last return or improvement;
    `ceiling` what the shelf hides at most, while it is shelved. `colourless`: abnormal, as equipment is.
    `latches`: a return leaves it latched until a person resets it.
    """

    state: AlarmState = AlarmState.NORMAL
    severity: Severity | None = None
    highest: Severity | None = None
    called: Severity | None = None
    to_verify: bool = False
    ceiling: Severity | None = None
    colourless: bool = False
    latches: bool = False

    @property
    def abnormal(self) -> bool:
        """True while the process is not normal."""
        return self.colourless or self.severity is not None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the alarm's history; `call`: people must be called for it."""

    kind: AlarmEventKind
    state: AlarmState
    severity: Severity | None
    call: bool = False


Stepped = tuple[Standing, tuple[Change, ...]]


def step(standing: Standing, event: Event) -> Stepped:
    """Moves an alarm. Raises ConflictError where a person's act does not fit its state."""
    match event:
        case Observed():
            return _observed(standing, event)
        case Acknowledged():
            return _acknowledged(standing)
        case Unacknowledged():
            return _unacknowledged(standing)
        case Verified():
            return _verified(standing)
        case Shelved():
            return _shelved(standing)
        case Unshelved():
            return _unshelved(standing)
        case Suppressed():
            return _suppressed(standing)
        case Released():
            return _shown_again(standing, AlarmState.SUPPRESSED, AlarmEventKind.RELEASED)
        case TakenOut():
            return _taken_out(standing)
        case PutBack():
            return _shown_again(standing, AlarmState.OUT_OF_SERVICE, AlarmEventKind.PUT_BACK)
        case Reset():
            return _reset(standing)
        case Over():
            return _over(standing)


def ceiling(standing: Standing) -> Severity | None:
    """What a shelf would hide at most: the present severity, of a returned alarm its worst."""
    return standing.severity or standing.highest


def _observed(standing: Standing, event: Observed) -> Stepped:
    changes: list[Change] = []
    if standing.state is AlarmState.SHELVED and _rank(event.severity) > _rank(standing.ceiling):
        standing = replace(standing, state=_UNACKNOWLEDGED, ceiling=None, called=None)
        changes.append(Change(AlarmEventKind.UNSHELVED, _UNACKNOWLEDGED, standing.severity))

    now = event.severity
    if now is None and not event.colourless:
        if standing.abnormal:
            standing, returned = _returned(standing)
            changes += returned
        return standing, tuple(changes)

    hidden = standing.state if standing.state in _HIDDEN else event.hidden if _is_new(standing) else None
    loud = event.fresh and hidden is None
    if not standing.abnormal or _rank(now) > _rank(standing.severity):
        kind = AlarmEventKind.WORSENED if standing.abnormal else AlarmEventKind.RAISED
        state = hidden or _UNACKNOWLEDGED
        standing = replace(
            standing,
            state=state,
            severity=now,
            highest=worse(standing.highest, now),
            called=now if loud else standing.called,
            to_verify=not event.certain,
            colourless=event.colourless,
        )
        return standing, (*changes, Change(kind, state, now, call=loud))

    if _rank(now) < _rank(standing.severity):
        called = standing.called if _rank(standing.called) <= _rank(now) else now
        standing = replace(standing, severity=now, called=called, colourless=event.colourless)
        changes.append(Change(AlarmEventKind.IMPROVED, standing.state, now))

    borne_out = now if _rank(event.reached) >= _rank(now) else event.reached
    verified = standing.to_verify and event.certain and borne_out is now
    call = loud and standing.state is _UNACKNOWLEDGED and _rank(borne_out) > _rank(standing.called)
    if verified or call:
        standing = replace(
            standing,
            to_verify=standing.to_verify and not verified,
            called=borne_out if call else standing.called,
        )
        changes.append(Change(AlarmEventKind.CONFIRMED, standing.state, now, call=call))
    return standing, tuple(changes)


def _is_new(standing: Standing) -> bool:
    """True before an alarm's first raising: one that people know already is hidden by an event of its own."""
    return standing.state is AlarmState.NORMAL


def _returned(standing: Standing) -> tuple[Standing, list[Change]]:
    after = replace(standing, severity=None, called=None, to_verify=False, colourless=False)
    if standing.state is AlarmState.ACKNOWLEDGED:
        if standing.latches:
            after = replace(after, state=AlarmState.LATCHED)
            return after, [Change(AlarmEventKind.RETURNED, after.state, None)]
        return replace(after, state=AlarmState.NORMAL), [
            Change(AlarmEventKind.RETURNED, AlarmState.NORMAL, None),
            Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
        ]
    if standing.state is _UNACKNOWLEDGED:
        after = replace(after, state=AlarmState.RETURNED_UNACKNOWLEDGED)
    return after, [Change(AlarmEventKind.RETURNED, after.state, None)]


def _acknowledged(standing: Standing) -> Stepped:
    match standing.state:
        case AlarmState.UNACKNOWLEDGED:
            after = replace(standing, state=AlarmState.ACKNOWLEDGED, called=standing.severity)
            return after, (Change(AlarmEventKind.ACKNOWLEDGED, after.state, after.severity),)
        case AlarmState.RETURNED_UNACKNOWLEDGED:
            return _at_rest(standing, AlarmEventKind.ACKNOWLEDGED)
        case AlarmState.ACKNOWLEDGED:
            raise ConflictError("this alarm has been acknowledged already")
        case AlarmState.SHELVED:
            raise ConflictError("this alarm is shelved: take it off the shelf before acknowledging it")
        case AlarmState.SUPPRESSED | AlarmState.OUT_OF_SERVICE:
            raise ConflictError("this alarm is hidden and calls nobody: there is nothing to acknowledge")
        case AlarmState.LATCHED:
            raise ConflictError("this alarm is latched and has been acknowledged: reset it when all is done")
        case AlarmState.NORMAL:
            raise ConflictError("this alarm is over: there is nothing to acknowledge")


def _unacknowledged(standing: Standing) -> Stepped:
    if standing.state is not AlarmState.ACKNOWLEDGED:
        raise ConflictError("this alarm is not acknowledged: there is nothing to take back")
    after = replace(standing, state=_UNACKNOWLEDGED)
    return after, (Change(AlarmEventKind.UNACKNOWLEDGED, after.state, after.severity, call=True),)


def _verified(standing: Standing) -> Stepped:
    if not standing.to_verify:
        raise ConflictError("nothing of this alarm waits to be verified")
    after = replace(standing, to_verify=False)
    return after, (Change(AlarmEventKind.VERIFIED, after.state, after.severity),)


def _shelved(standing: Standing) -> Stepped:
    match standing.state:
        case AlarmState.SHELVED:
            raise ConflictError("this alarm is shelved already: unshelve it to give another end")
        case AlarmState.NORMAL:
            raise ConflictError("this alarm is over: there is nothing to shelve")
        case AlarmState.SUPPRESSED | AlarmState.OUT_OF_SERVICE:
            raise ConflictError("this alarm is hidden already: there is nothing to shelve")
        case AlarmState.LATCHED:
            raise ConflictError("this alarm is latched: reset it when all is done")
    after = replace(standing, state=AlarmState.SHELVED, ceiling=ceiling(standing), called=None)
    return after, (Change(AlarmEventKind.SHELVED, after.state, after.severity),)


def _unshelved(standing: Standing) -> Stepped:
    if standing.state is not AlarmState.SHELVED:
        raise ConflictError("this alarm is not shelved")
    return _shown(replace(standing, ceiling=None), AlarmEventKind.UNSHELVED)


def _suppressed(standing: Standing) -> Stepped:
    if standing.state in _HIDDEN or standing.state in (AlarmState.NORMAL, AlarmState.LATCHED):
        raise ConflictError("this alarm is over, latched or hidden already: there is nothing to suppress")
    after = replace(standing, state=AlarmState.SUPPRESSED, called=None)
    return after, (Change(AlarmEventKind.SUPPRESSED, after.state, after.severity),)


def _taken_out(standing: Standing) -> Stepped:
    if standing.state in (AlarmState.NORMAL, AlarmState.OUT_OF_SERVICE):
        raise ConflictError("this alarm is over or out of service already")
    after = replace(standing, state=AlarmState.OUT_OF_SERVICE, ceiling=None, called=None)
    return after, (Change(AlarmEventKind.TAKEN_OUT, after.state, after.severity),)


def _shown_again(standing: Standing, hidden: AlarmState, kind: AlarmEventKind) -> Stepped:
    if standing.state is not hidden:
        raise ConflictError(f"this alarm is not {hidden.value.replace('_', ' ')}")
    return _shown(standing, kind)


def _shown(standing: Standing, kind: AlarmEventKind) -> Stepped:
    """What was hidden is seen again: unacknowledged if the danger stands, and people are called; else at rest."""
    if not standing.abnormal:
        return _at_rest(standing, kind)
    after = replace(standing, state=_UNACKNOWLEDGED, called=standing.severity)
    return after, (Change(kind, _UNACKNOWLEDGED, standing.severity, call=True),)


def _at_rest(standing: Standing, kind: AlarmEventKind) -> Stepped:
    """No danger, nothing left to hear: latched if it latches, else over."""
    if standing.latches:
        return replace(standing, state=AlarmState.LATCHED), (Change(kind, AlarmState.LATCHED, None),)
    return replace(standing, state=AlarmState.NORMAL), (
        Change(kind, AlarmState.NORMAL, None),
        Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
    )


def _reset(standing: Standing) -> Stepped:
    if standing.state is not AlarmState.LATCHED:
        raise ConflictError("this alarm is not latched: only what has returned and was acknowledged is reset")
    return replace(standing, state=AlarmState.NORMAL), (
        Change(AlarmEventKind.RESET, AlarmState.NORMAL, None),
        Change(AlarmEventKind.CLOSED, AlarmState.NORMAL, None),
    )


def _over(standing: Standing) -> Stepped:
    if standing.state is AlarmState.NORMAL:
        raise ConflictError("this alarm is over already")
    after = Standing(highest=standing.highest)
    return after, (Change(AlarmEventKind.CLOSED, after.state, None),)


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else severity.rank
