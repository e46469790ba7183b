"""Requests for a second person: serious suppressions that one person alone may not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.alarms import AlarmClass
from core.severity import Severity


class RequestKind(StrEnum):
    """What is asked for."""

    RAISE_LIMIT = "raise_limit"
    SHELVE_RED = "shelve_red"
    OUT_OF_SERVICE = "out_of_service"
    SILENCE_RED = "silence_red"


class RequestState(StrEnum):
    """`EXPIRED`: nobody decided in time. `REFUSED` includes what its author took back."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Silenced:
    """Exactly what a request silences, as the persons who decide see it.

    `alarms` are open ones (`id`, `subject`, `rule`, `severity`, `state`), `stations` and `persons` (who will no
    longer be called) carry `code` and `name`, `facts` what else a kind has to say (old and new limit …).
    """

    alarms: tuple[dict[str, Any], ...] = ()
    stations: tuple[dict[str, Any], ...] = ()
    persons: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `area` None is county-wide; `ends_at` None only for a changed limit, which stays.

    `subject` names the thing as `alarm/12`, `station/CODE`, `silence/…`, `threshold/STATION/PROPERTY/NAME`;
    `detail` is what the kind needs to do it. `content_hash` covers all that was shown. Nobody may decide after
    `expires_at`.
    """

    id: int
    kind: RequestKind
    subject: str
    area: str | None
    exercise: str | None
    detail: dict[str, Any]
    silences: Silenced
    content_hash: str
    reason: str
    state: RequestState
    proposed_at: datetime
    proposed_by: str
    expires_at: datetime
    ends_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str
    notice: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person asks for; `ends_at` None only for a changed limit."""

    kind: RequestKind
    subject: str
    reason: str
    ends_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Affected:
    """What a proposal touches, as its kind's check found it.

    `area` None is county-wide. All open alarms of `stations` are silenced, and those named in `alarms`;
    `calls` are further calls that will not be made (class of alarm, area, severity), so that those are shown who
    would have been called; `facts` is what else the deciding person must see.
    """

    area: str | None
    exercise: str | None = None
    stations: tuple[str, ...] = ()
    alarms: tuple[int, ...] = ()
    calls: tuple[tuple[AlarmClass, str | None, Severity | None], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
