"""When the watcher calls, calls again, and says that all is well. Pure: the clock and what was heard are passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

BACK_AFTER_LOOKS = 3
"""So many good looks in a row, and it is over: one that comes and goes is one trouble, and calls once."""
CHAIN = ("canary", "ingest", "evaluator", "dispatch")
"""Parts whose standing still makes the centre dumb; the rest the centre can tell of itself."""


class Trouble(StrEnum):
    """`silent` is the worse one: nothing at all is heard."""

    LATE = "late"
    SILENT = "silent"

    @property
    def rank(self) -> int:
        return 2 if self is Trouble.SILENT else 1


@dataclass(frozen=True, slots=True)
class Heard:
    """A signed answer of the centre; `wrong` are the parts (or `database`) that stand still, as `part.reason`."""

    at: datetime
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """How long without a heartbeat, how often and how many calls."""

    silence: timedelta
    repeat: timedelta
    calls: int


@dataclass(frozen=True, slots=True)
class Vigil:
    """What the watcher remembers. `heard_at` begins at its start: it waits before it calls the first time."""

    heard_at: datetime
    trouble: Trouble | None = None
    since: datetime | None = None
    wrong: tuple[str, ...] = ()
    called: int = 0
    called_at: datetime | None = None
    answered_by: str | None = None
    good_looks: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Everybody is called now; `number` is the how-manieth call for this trouble.

    `trouble` and `wrong` are what holds now, which may be less than the worst of it.
    """

    trouble: Trouble
    since: datetime
    wrong: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Back:
    """Those who were called are told that it is over."""

    since: datetime


def heard_of(answer: Mapping[str, Any], at: datetime) -> Heard:
    """What stands still by the centre's own judgement; an old judgement is none."""
    if answer.get("database") == "lost" or not answer.get("fresh"):
        return Heard(at, ("database",))
    checks: Sequence[Mapping[str, Any]] = answer.get("checks") or ()
    wrong = [
        f"{check['part']}.{check['reason']}"
        for check in checks
        if check.get("alarm") and check.get("part") in CHAIN
    ]
    return Heard(at, tuple(wrong))


def look(vigil: Vigil, now: datetime, heard: Heard | None, rules: Rules) -> tuple[Vigil, Call | Back | None]:
    """One look: what follows from having heard this, or nothing."""
    if heard is not None:
        vigil = replace(vigil, heard_at=heard.at)
        if not heard.wrong:
            return _good(vigil, now)
        vigil = replace(vigil, good_looks=0)
        return _bad(vigil, now, Trouble.LATE, heard.wrong, now, rules)
    vigil = replace(vigil, good_looks=0)
    if now - vigil.heard_at < rules.silence:
        return vigil, None
    return _bad(vigil, now, Trouble.SILENT, (), vigil.heard_at, rules)


def answered(vigil: Vigil, by: str) -> tuple[Vigil, bool]:
    """Somebody answers: this trouble calls no more. False if there is none, or somebody was quicker."""
    if vigil.trouble is None or vigil.answered_by is not None:
        return vigil, False
    return replace(vigil, answered_by=by), True


def _good(vigil: Vigil, now: datetime) -> tuple[Vigil, Back | None]:
    looks = vigil.good_looks + 1
    if vigil.trouble is None:
        return replace(vigil, good_looks=looks), None
    if looks < BACK_AFTER_LOOKS:
        return replace(vigil, good_looks=looks), None
    told = Back(now) if vigil.called else None
    return Vigil(heard_at=vigil.heard_at, good_looks=looks), told


def _bad(
    vigil: Vigil, now: datetime, trouble: Trouble, wrong: tuple[str, ...], since: datetime, rules: Rules
) -> tuple[Vigil, Call | None]:
    if vigil.trouble is None or trouble.rank > vigil.trouble.rank:
        vigil = replace(
            vigil, trouble=trouble, since=since, wrong=wrong, called=0, called_at=None, answered_by=None
        )
    vigil = replace(vigil, wrong=wrong or vigil.wrong)
    due = vigil.called_at is None or now - vigil.called_at >= rules.repeat
    if vigil.answered_by is not None or vigil.called >= rules.calls or not due:
        return vigil, None
    vigil = replace(vigil, called=vigil.called + 1, called_at=now)
    assert vigil.since is not None  # set above
    return vigil, Call(trouble, vigil.since, wrong, vigil.called)
