"""A person changes a limit: at once where it makes alarms earlier, with a second person where it relaxes them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.backtest.reading import kept
from alerts.limits import inhibition_changes
from alerts.limits.changing import apply, detail_of, subject_of
from alerts.limits.completeness import Doubtful, contradictions
from alerts.limits.relaxing import Relaxation, relaxations
from alerts.limits.rule_changes import (
    PREFIX,
    look_at_rule,
    proposal_detail,
    refuse_faults,
    refuse_stale,
    require_rules,
    write,
)
from alerts.orders.actors import Actor, require_area, require_reason
from alerts.second_person import propose
from core.datum import comparable
from core.errors import ChangedError, ForbiddenError, InputError, NotFoundError
from core.inhibition import Inhibition
from core.properties import KNOWN_PROPERTIES
from core.requests import Proposal, RequestKind
from core.roles import Act, allows
from core.rule_versions import Rule
from core.stations import Station
from core.thresholds import SEASON_DAY, Threshold, ThresholdKey
from store import backtests
from store import thresholds as store
from store.rule_versions import same
from store.stations import station

_LONGEST_NAME = 60
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Change:
    """`key` is the limit that is changed or removed (None: a new one), `new` what takes its place (None: nothing).

    `seen` is the row of the limit that the person saw; None: that there was none.
    """

    new: Threshold | None
    reason: str
    key: ThresholdKey | None = None
    seen: int | None = None

    @property
    def of(self) -> ThresholdKey:
        """Which limit it is about. Raises InputError for a change of nothing."""
        if self.key is not None:
            return self.key
        if self.new is None:
            raise InputError("no_change", "name the limit that is removed")
        return self.new.key


@dataclass(frozen=True, slots=True)
class Looked:
    """What a change would do: what it relaxes (then a second person must allow it) and what looks wrong."""

    station: Station
    old: store.SetLimit | None
    relaxes: tuple[Relaxation, ...]
    doubts: tuple[Doubtful, ...]


def look(connection: Connection[Any], change: Change, by: Actor) -> Looked:
    """Checks a change; writes nothing.

    Raises ForbiddenError, NotFoundError; InputError for what cannot be a limit; ChangedError if the limit is
    not the one that the person saw.
    """
    owner = station(connection, change.of[0])
    _require(connection, owner, by)
    standing = store.standing(connection, station=owner.code)
    old = next((one for one in standing if one.limit.key == change.of), None)
    if (old.id if old else None) != change.seen:
        raise ChangedError("this limit was changed meanwhile: look at it again", [_seen(old)] if old else [])
    if old is None and change.new is None:
        raise InputError("no_change", "there is no such limit to remove")
    if change.new is not None:
        _check(change.new, owner)
        taken = next((one for one in standing if one.limit.key == change.new.key and one is not old), None)
        if taken is not None:
            raise InputError("exists", "there is a limit of this name and season already: change that one")
    left = [one.limit for one in standing if one is not old]
    after = [*left, change.new] if change.new else left
    return Looked(
        owner,
        old,
        relaxations(old.limit if old else None, change.new),
        tuple(doubt for doubt in contradictions(after) if change.new in (doubt.limit, doubt.other)),
    )


def change_limit(
    connection: Connection[Any], change: Change, by: Actor, *, at: datetime, backtest: int | None = None
) -> int | None:
    """Makes the change, or proposes it to a second person; returns the request's number then.

    In the caller's transaction. What is proposed needs a finished `backtest` of just this change, so that
    the second person sees what it would have silenced. Raises as `look` does, InputError `backtest_missing`.
    """
    reason = require_reason(change.reason)
    found = look(connection, change, by)
    old = found.old.limit if found.old else None
    if not found.relaxes:
        store.hold(connection, found.station.code)
        found = look(connection, change, by)  # nobody else may have changed it meanwhile
        if not apply(connection, old, change.new, by.name, reason):
            raise InputError("no_change", "nothing would change: the limit stands just so")
        return None
    assert found.old is not None and old is not None  # only what stands can be relaxed
    last_year = _last_year(connection, backtest, old, change.new)
    proposal = Proposal(
        RequestKind.RAISE_LIMIT, subject_of(old.key), reason,
        detail=detail_of(found.old, change.new, last_year),
    )  # fmt: skip
    return propose(connection, proposal, by, at=at)


def change_rule(
    connection: Connection[Any], new: Rule, reason: str, by: Actor, *, seen: int | None, at: datetime
) -> tuple[int | None, int | None]:
    """Writes a new version of a rule, or proposes it to a second person; returns (version, request).

    In the caller's transaction. Raises ForbiddenError; ChangedError if the newest version is not `seen`; InputError
    for what cannot be a rule, and where nothing would change.
    """
    reason = require_reason(reason)
    found = look_at_rule(connection, new, by)
    refuse_stale(found.old, seen)
    refuse_faults(found.faults)
    if found.old is not None and same(found.old, new):
        raise InputError("no_change", "nothing would change: the rule stands just so")
    if not found.relaxes or found.old is None:
        return write(connection, new, by.name, reason), None
    proposal = Proposal(
        RequestKind.RAISE_LIMIT, f"{PREFIX}{new.code}", reason, detail=proposal_detail(found.old, new)
    )
    return None, propose(connection, proposal, by, at=at)


def change_inhibition(connection: Connection[Any], new: Inhibition, by: Actor, *, at: datetime) -> int | None:
    """Lets a rule hide another, or changes how: at once where it hides no more than before, else proposed.

    Returns the request's number then. In the caller's transaction. Raises ForbiddenError, and InputError for what
    may never be hidden, without a reason, or where nothing would change.
    """
    require_rules(by)
    new = replace(new, reason=require_reason(new.reason))
    inhibition_changes.refuse(connection, new)
    old = inhibition_changes.standing(connection, new.source, new.target)
    if not inhibition_changes.hides_more(old, new):
        if not inhibition_changes.write(connection, new, by.name):
            raise InputError("no_change", "nothing would change: it stands just so")
        return None
    proposal = Proposal(
        RequestKind.RAISE_LIMIT, inhibition_changes.subject_of(new), new.reason,
        detail=inhibition_changes.proposal_detail(old, new),
    )  # fmt: skip
    return propose(connection, proposal, by, at=at)


def end_inhibition(connection: Connection[Any], source: str, target: str, reason: str, by: Actor) -> None:
    """Lets a rule hide another no longer: what still stands calls at the next look.

    Raises ForbiddenError, NotFoundError, InputError without a reason.
    """
    require_rules(by)
    reason = require_reason(reason)
    old = inhibition_changes.standing(connection, source, target)
    if old is None:
        raise NotFoundError(f"{source} does not hide {target}")
    inhibition_changes.remove(connection, replace(old, reason=reason), by.name)


def _require(connection: Connection[Any], owner: Station, by: Actor) -> None:
    if not allows(by.role, Act.SET_LIMIT):
        raise ForbiddenError(f"the role {by.role} may not change limits; a leader or an administrator may")
    if owner.area is not None:
        require_area(connection, by, [owner.area])
    elif by.area is not None:
        raise ForbiddenError(f"this station belongs to the county, not to your area ({by.area})")


def _check(limit: Threshold, owner: Station) -> None:
    """Raises InputError for what cannot be a limit of this station."""
    known = KNOWN_PROPERTIES.get(limit.property)
    if known is None:
        raise InputError("unknown_property", f"{limit.property!r} is no property that is measured")
    if not math.isfinite(limit.value) or not known.low <= limit.value <= known.high:
        raise InputError(
            "bad_value", f"the limit must lie between {known.low:g} and {known.high:g} {known.unit}"
        )
    if limit.value == 0:
        raise InputError("zero", "0 means that no limit is set (未设): remove the limit instead")
    if not 0 <= limit.deadband <= 1000:
        raise InputError("bad_deadband", "the deadband must lie between 0 and 1000")
    if not comparable(limit.property, owner.datum, limit.datum):
        raise InputError(
            "datum",
            f"the limit is over {limit.datum or 'no datum'}, the station over {owner.datum or 'none'}:"
            " convert it to the station's datum",
        )
    if (limit.season_from is None) != (limit.season_to is None):
        raise InputError("half_season", "a season needs its first and its last day")
    for day in (limit.season_from, limit.season_to):
        if day is not None and not SEASON_DAY.fullmatch(day):
            raise InputError("bad_season", f"{day!r} is no day of the year: write month and day as 0715")
    _check_text("name", limit.name, _LONGEST_NAME, more="/@:")
    _check_text("source", limit.source, _LONGEST_TEXT)


def _check_text(what: str, text: str, longest: int, more: str = "") -> None:
    if not text.strip():
        raise InputError(f"{what}_missing", f"the {what} of a limit must be given")
    if len(text) > longest:
        raise InputError(f"{what}_too_long", f"the {what} may have {longest} characters")
    if any(
        letter in "<>" + more or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") for letter in text
    ):
        raise InputError(f"bad_{what}", f"the {what} holds characters that cannot stand there")


def _last_year(
    connection: Connection[Any], number: int | None, old: Threshold, new: Threshold | None
) -> dict[str, Any]:
    """The sums of a back-test of just this change. Raises InputError (`backtest_missing`)."""
    missing = InputError(
        "backtest_missing",
        "relaxing a limit needs a back-test of this very change, so that it is seen what it would have silenced",
    )
    if number is None:
        raise missing
    found = backtests.get(connection, number)
    if found.state != "done" or found.result is None:
        raise missing
    tried: Sequence[dict[str, Any]] = found.spec["changes"]
    if found.spec["stations"] != [old.station] or not _covers(tried, old, new):
        raise missing
    return kept(found.result)


def _covers(tried: Sequence[dict[str, Any]], old: Threshold, new: Threshold | None) -> bool:
    """True if the back-test tried what is proposed: the old limit gone, the new one in its place."""
    by_key = {(one["name"], one["season_from"], one["period_s"]): one for one in tried}
    if new is None or new.key != old.key:
        gone = by_key.get(_short(old))
        if gone is None or gone["value"] is not None:
            return False
    if new is None:
        return len(by_key) == 1
    one = by_key.get(_short(new))
    if one is None or one["value"] != new.value:
        return False
    delays = (new.on_delay_s, new.off_delay_s)
    return all(
        one[name] is None or one[name] == getattr(new, name) for name in ("severity", "deadband", "season_to")
    ) and (
        (one["on_delay_s"], one["off_delay_s"]) == delays
        if one["default_delays"]
        else delays == (old.on_delay_s, old.off_delay_s)
    )


def _short(limit: Threshold) -> tuple[str, str | None, int]:
    return limit.name, limit.season_from, limit.period_s


def _seen(old: store.SetLimit) -> dict[str, Any]:
    return {"id": old.id, "value": old.limit.value, "set_by": old.set_by, "set_at": old.set_at.isoformat()}
