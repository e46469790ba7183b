"""Responsible persons (责任人), their posts and superiors, who is on duty, and who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A person who can be called.

    `phone` is used for real orders only, and so is `phone2`, which red calls use at the same time. An exercise
    reaches the person only by `drill_phone`; without one, nothing of an exercise is sent to this person.
    """

    code: str
    name: str
    phone: str
    area: str
    post: str
    superior: str | None = None
    drill_phone: str | None = None
    active: bool = True
    origin: str | None = None
    phone2: str | None = None


@dataclass(frozen=True, slots=True)
class Responsibility:
    """`person` holds `post` for `area`; `turn` is A or B (A/B 角)."""

    person: str
    area: str
    post: str
    turn: str = "A"


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """`person` is on duty for `area` from `starts` until `ends`; `position` is duty or leader."""

    area: str
    person: str
    position: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """`person` is away from `starts` until `ends`; `substitute` stands in (代班), None is nobody."""

    id: int
    person: str
    substitute: str | None
    starts: datetime
    ends: datetime
    reason: str
    made_by: str
