"""Who watches us: what the centre knows of itself, judged. Pure.

The evaluator cannot tell of its own death: so the same judgement is made by the evaluator (which raises the
alarm), by every web process (which shows it) and by the watcher on another machine (which calls by its own path).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.settings import Watch


class Part(StrEnum):
    """What is watched, in the order of the data's way."""

    CANARY = "canary"
    INGEST = "ingest"
    EVALUATOR = "evaluator"
    DISPATCH = "dispatch"
    DERIVE = "derive"
    CLOCK = "clock"
    WATCHER = "watcher"


class Condition(StrEnum):
    """`unknown` is never good: nobody has told yet. `off`: not set up, by the owner's choice."""

    GOOD = "good"
    LATE = "late"
    UNKNOWN = "unknown"
    OFF = "off"


STAGES = ("published", "received", "raised", "ordered", "sent", "delivered", "answered")
"""What the canary passes, in this order."""

REASONS = (
    "silent", "behind", "stuck", "never", "beginning", "apart", "unsynchronised", "unknown", "mute", "not_set_up",
)  # fmt: skip
"""Why a part is not in order."""

TAKEN_AWAY_AFTER = timedelta(days=1)
"""A watcher that does not look for longer, while another one does, is not waited for."""

ROLE_OF = {
    Part.INGEST: "ingest",
    Part.EVALUATOR: "alerts",
    Part.DISPATCH: "dispatch",
    Part.DERIVE: "derive",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One flight of the canary: when it passed each stage, None where it has not (yet).

    `published` is the time of its reading; `sent` when dispatch had handed its call over; `answered` is the
    end of the way.
    """

    published: datetime
    received: datetime | None = None
    raised: datetime | None = None
    ordered: datetime | None = None
    sent: datetime | None = None
    delivered: datetime | None = None
    answered: datetime | None = None

    @property
    def left(self) -> datetime:
        """When it left at the latest: a gauge whose clock is ahead proves nothing for the time to come."""
        return self.published if self.received is None else min(self.published, self.received)

    @property
    def missing(self) -> str | None:
        """The first stage that was not passed; None if all were."""
        return next((stage for stage in STAGES if getattr(self, stage) is None), None)

    @property
    def whole_s(self) -> float | None:
        """Seconds from the gauge to the answer."""
        return None if self.answered is None else (self.answered - self.published).total_seconds()

    @property
    def delays_s(self) -> dict[str, float]:
        """Seconds from each stage to the next one that was passed, by the name of the later one."""
        found: dict[str, float] = {}
        before = self.published
        for stage in STAGES[1:]:
            at = getattr(self, stage)
            if at is not None:
                found[stage] = (at - before).total_seconds()
                before = at
        return found


@dataclass(frozen=True, slots=True)
class Clock:
    """What one process says of the clock of its machine.

    `synchronised` None: nobody can tell there. `since` is when that answer began, `off_s` how far the process
    is ahead of the database.
    """

    role: str
    host: str
    synchronised: bool | None
    since: datetime
    off_s: float


@dataclass(frozen=True, slots=True)
class Look:
    """The last look of a watcher; `can_call` is what it says of its own path (None: it does not say)."""

    name: str
    at: datetime
    can_call: bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at `now`, by the database's clock. None where nobody has ever told.

    `beats` is the newest sign of life of each role. `begun` is when the oldest kept passage began.
    """

    now: datetime
    beats: Mapping[str, datetime] = field(default_factory=dict)
    begun: datetime | None = None
    whole: Passage | None = None
    newest: Passage | None = None
    ingest_lag_s: float | None = None
    evaluator_lag_s: float | None = None
    dispatch_lag_s: float | None = None
    clocks: Sequence[Clock] = ()
    looks: Sequence[Look] = ()
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds beyond which a part is late (settings `watch.…`)."""

    canary_s: float = 180
    silent_s: float = 60
    ingest_s: float = 60
    evaluator_s: float = 30
    dispatch_s: float = 60
    clock_off_s: float = 2
    unsynchronised_s: float = 900
    watcher_s: float = 300


def limits_of(settings: Watch) -> Limits:
    """The limits that the owner set."""
    return Limits(
        canary_s=settings.canary_late_s,
        silent_s=settings.silent_s,
        ingest_s=settings.ingest_late_s,
        evaluator_s=settings.evaluator_late_s,
        dispatch_s=settings.dispatch_late_s,
        clock_off_s=settings.clock_off_s,
        unsynchronised_s=settings.clock_unsynchronised_s,
        watcher_s=settings.watcher_late_s,
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One part's state. `figure_s` is what `limit_s` is held against; `since` from when a page can count on.

    `reason` is one of `REASONS`, empty where all is well. `alarm` says that people shall be
    told: what has never run here is shown, and called by nobody.
    """

    part: Part
    condition: Condition
    reason: str = ""
    figure_s: float | None = None
    limit_s: float | None = None
    since: datetime | None = None
    alarm: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)


def judge(facts: Facts, limits: Limits) -> tuple[Check, ...]:
    """Every part, in the order of the data's way."""
    return (
        _canary(facts, limits),
        _role(Part.INGEST, facts, limits, facts.ingest_lag_s, limits.ingest_s),
        _role(Part.EVALUATOR, facts, limits, facts.evaluator_lag_s, limits.evaluator_s),
        _role(Part.DISPATCH, facts, limits, facts.dispatch_lag_s, limits.dispatch_s),
        _role(Part.DERIVE, facts, limits, None, None),
        _clock(facts, limits),
        _watcher(facts, limits),
    )


def _canary(facts: Facts, limits: Limits) -> Check:
    since = facts.whole.left if facts.whole else facts.begun
    if since is None:
        return Check(Part.CANARY, Condition.UNKNOWN, "never", limit_s=limits.canary_s)
    age = (facts.now - since).total_seconds()
    detail = (
        {"whole_s": facts.whole.whole_s, "delays_s": facts.whole.delays_s} if facts.whole is not None else {}
    )
    if age <= limits.canary_s:
        condition, reason = (Condition.GOOD, "") if facts.whole else (Condition.UNKNOWN, "beginning")
        return Check(Part.CANARY, condition, reason, age, limits.canary_s, since, detail=detail)
    stuck = _stuck_at(facts)
    return Check(
        Part.CANARY, Condition.LATE, "stuck", age, limits.canary_s, since, True, {**detail, "stage": stuck}
    )


def _stuck_at(facts: Facts) -> str:
    """The stage that the newest flight did not pass; where it passed all, no newer one was received."""
    newest = facts.newest
    missing = newest.missing if newest is not None else None
    return missing or "received"


def _role(part: Part, facts: Facts, limits: Limits, lag_s: float | None, lag_limit_s: float | None) -> Check:
    beat = facts.beats.get(ROLE_OF[part])
    if beat is None:
        return Check(part, Condition.UNKNOWN, "never", limit_s=limits.silent_s)
    silence = (facts.now - beat).total_seconds()
    detail = {"silent_s": limits.silent_s} | ({"lag_s": lag_s} if lag_s is not None else {})
    if silence > limits.silent_s:
        return Check(part, Condition.LATE, "silent", silence, limits.silent_s, beat, True, detail)
    if lag_s is not None and lag_limit_s is not None and lag_s > lag_limit_s:
        return Check(part, Condition.LATE, "behind", lag_s, lag_limit_s, beat, True, detail)
    return Check(part, Condition.GOOD, "", lag_s, lag_limit_s, beat, detail=detail)


def _clock(facts: Facts, limits: Limits) -> Check:
    if not facts.clocks:
        return Check(Part.CLOCK, Condition.UNKNOWN, "never")
    apart = max(facts.clocks, key=lambda clock: abs(clock.off_s))
    where = {"role": apart.role, "host": apart.host}
    if abs(apart.off_s) > limits.clock_off_s:
        return Check(
            Part.CLOCK, Condition.LATE, "apart", abs(apart.off_s), limits.clock_off_s, None, True, where
        )
    for synchronised, reason in ((False, "unsynchronised"), (None, "unknown")):
        found = [clock for clock in facts.clocks if clock.synchronised is synchronised]
        if found:
            first = min(found, key=lambda clock: clock.since)
            lasted = (facts.now - first.since).total_seconds()
            alarm = 0 < limits.unsynchronised_s < lasted
            condition = Condition.UNKNOWN if synchronised is None else Condition.LATE
            detail = {"role": first.role, "host": first.host}
            return Check(
                Part.CLOCK, condition, reason, lasted, limits.unsynchronised_s, first.since, alarm, detail
            )
    return Check(Part.CLOCK, Condition.GOOD, "", abs(apart.off_s), limits.clock_off_s, detail=where)


def _watcher(facts: Facts, limits: Limits) -> Check:
    if not facts.watched:
        return Check(Part.WATCHER, Condition.OFF, "not_set_up", limit_s=limits.watcher_s)
    if not facts.looks:
        return Check(Part.WATCHER, Condition.UNKNOWN, "never", limit_s=limits.watcher_s)
    waited = _waited_for(facts)
    look = min(waited, key=lambda look: look.at)
    mute = next((look for look in waited if look.can_call is False), None)
    reason = "silent" if (facts.now - look.at).total_seconds() > limits.watcher_s else ""
    if not reason and mute is not None:
        look, reason = mute, "mute"
    return Check(
        Part.WATCHER, Condition.LATE if reason else Condition.GOOD, reason, (facts.now - look.at).total_seconds(),
        limits.watcher_s, look.at, bool(reason), {"name": look.name},
    )  # fmt: skip


def _waited_for(facts: Facts) -> list[Look]:
    """Every watcher of the last day, so that of two that watch none dies unseen. One that has not looked for longer while
    another does was taken away."""
    lately = [look for look in facts.looks if facts.now - look.at <= TAKEN_AWAY_AFTER]
    return lately or [max(facts.looks, key=lambda look: look.at)]


def as_json(check: Check) -> dict[str, Any]:
    """A check for pages, the interface and the watcher."""
    return {
        "part": check.part.value,
        "condition": check.condition.value,
        "reason": check.reason,
        "figure_s": None if check.figure_s is None else round(check.figure_s, 1),
        "limit_s": check.limit_s,
        "since": check.since.isoformat() if check.since else None,
        "alarm": check.alarm,
        "detail": dict(check.detail),
    }
