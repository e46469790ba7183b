"""Rules (规则): what makes an alarm, with its alarm card (处置卡), version by version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.alarms import AlarmClass
from core.severity import Severity

CARD_PARTS = ("cause", "consequence", "action", "within")
"""What an alarm card says in each language: cause, consequence, what to do, by when."""
CARD_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule; a change is a new one. `active`: this version is in force.

    `kinds` are kinds of stations, `terms` parameters of its kind, `requires` other alarms that must hold too,
    `card` per language the parts of `CARD_PARTS`. `priority` says how people are called for what has no colour.
    """

    code: str
    alarm_class: AlarmClass
    kind: str
    property: str | None
    kinds: tuple[str, ...]
    priority: Severity | None
    terms: dict[str, Any]
    requires: dict[str, Any] | None
    card: dict[str, Any]
    source: str
    active: bool = True
    version: int = 0
    set_at: datetime | None = None
    set_by: str = ""
    reason: str = ""
    second_person: str | None = field(default=None)
