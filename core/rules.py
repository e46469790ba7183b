"""Rules as they are stored, where several rooms speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.alarms import AlarmClass
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A rule in force; `terms` as its kind documents them. `priority`: how people are called for what has no colour.
    `requires`: other alarms that must hold too (`alerts.rules.gates`).
    """

    code: str
    version: int
    kind: str
    alarm_class: AlarmClass
    property: str | None
    station_kinds: tuple[str, ...]
    priority: Severity | None
    terms: Mapping[str, Any]
    requires: dict[str, Any] | None = None

    def signature(self) -> str:
        """How the rule signs what it writes into an alarm's history."""
        return f"rule:{self.code} v{self.version}"
