"""Chains of whom to call (呼叫链): by hazard, area and severity, for how long nights are quiet. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.alarms import AlarmClass
from core.errors import InputError
from core.orders import Channel
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times between which what is quiet waits; `to` may be on the next day, equal ones are no hours."""

    start: time
    to: time

    def until(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours that hold at `at` end, None outside them."""
        local = at.astimezone(zone)
        now = local.time()
        if self.start == self.to:
            return None
        if self.start < self.to:
            inside, day = self.start <= now < self.to, local.date()
        else:
            inside = now >= self.start or now < self.to
            day = local.date() + timedelta(days=1) if now >= self.start else local.date()
        return datetime.combine(day, self.to, zone) if inside else None


NEVER_QUIET = "00:00-00:00"
"""Hours that are none: what a chain has that never waits."""


def quiet_hours(text: str) -> QuietHours | None:
    """`22:00-07:00` as the setting writes it; an empty text is None. Raises ValueError for anything else."""
    if not text:
        return None
    start, _, to = text.partition("-")
    hours = QuietHours(time.fromisoformat(start), time.fromisoformat(to))
    if hours.start.tzinfo is not None or hours.to.tzinfo is not None:
        raise ValueError("quiet hours are local times, without an offset")
    return hours


class MemberKind(StrEnum):
    """Who is on duty (值班员), the leader on duty (带班领导), who holds a post, or one person."""

    DUTY = "duty"
    LEADER = "leader"
    POST = "post"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a chain; without `area` that of the alarm, else the nearest above it that has anybody.

    Of a post A is called, and B while A is away; with `both` A and B at once.
    """

    kind: MemberKind
    name: str = ""
    area: str | None = None
    both: bool = False

    def __str__(self) -> str:
        parts = [str(self.kind), *([self.name] if self.name else []), *(["AB"] if self.both else [])]
        return ":".join(parts) + (f"@{self.area}" if self.area else "")


_MEMBER = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<name>[^:@]{1,80}))?(?P<both>:AB)?(?:@(?P<area>[^:@\s]{1,64}))?"
)
_WORDS = {
    "值班": "duty",
    "值班员": "duty",
    "带班": "leader",
    "带班领导": "leader",
    "职务": "post",
    "人员": "person",
}
_NAMED = (MemberKind.POST, MemberKind.PERSON)


def member_of(text: str) -> Member:
    """`duty`, `leader@AREA`, `post:NAME`, `post:NAME:AB@AREA`, `person:CODE`. Raises InputError (`bad_member`)."""
    head, colon, rest = text.strip().partition(":")
    head, at, area = head.partition("@")
    plain = _WORDS.get(head, head) + at + area + colon + rest
    found = _MEMBER.fullmatch(plain)
    kind = found["kind"] if found else ""
    if (
        found is None
        or kind not in list(MemberKind)
        or bool(found["name"]) != (kind in _NAMED)
        or (found["both"] and kind != MemberKind.POST)
        or (found["area"] and kind == MemberKind.PERSON)
    ):
        raise InputError(
            "bad_member",
            f"{text!r} is no member of a chain; write duty, leader, duty@AREA, post:NAME, post:NAME:AB or person:CODE",
        )
    return Member(MemberKind(kind), found["name"] or "", found["area"], bool(found["both"]))


@dataclass(frozen=True, slots=True)
class CallChain:
    """Who is called for `hazard` (None: any) in `area` and below it from the severity `least` on (None: any).

    `channels` None: as the severity asks. `quiet` None: as the setting says.
    """

    code: str
    name: str
    area: str
    hazard: AlarmClass | None
    least: Severity | None
    members: tuple[Member, ...]
    channels: tuple[Channel, ...] | None = None
    quiet: QuietHours | None = None
    active: bool = True
    source: str = ""


def why_not(chain: CallChain, hazard: AlarmClass, severity: Severity | None) -> str | None:
    """Why a chain does not fit (`hazard`, `severity`), None if it does."""
    if chain.hazard not in (None, hazard):
        return "hazard"
    if chain.least is not None and (severity is None or severity.rank < chain.least.rank):
        return "severity"
    return None


def in_order(chains: tuple[CallChain, ...], areas: tuple[str, ...]) -> list[CallChain]:
    """The most specific first: nearest area, a hazard before any, the highest least severity, then by code.

    `areas` are the alarm's own and those above it, nearest first; chains elsewhere are left out.
    """
    here = [chain for chain in chains if chain.active and chain.area in areas]
    return sorted(
        here,
        key=lambda chain: (
            areas.index(chain.area),
            chain.hazard is None,
            -(chain.least.rank if chain.least else 0),
            chain.code,
        ),
    )
