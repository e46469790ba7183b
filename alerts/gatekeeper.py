"""Gates of rules at work: what a gate looks at is read once, and asked for every subject.

Rules that look (`alerts.standing`) ask at every look. Rules that are told by readings ask when a reading would raise;
`reopen` has the newest reading of what waits judged anew once its gate opens.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.rules.gates import Answer, Asker, Gate, Places, ask, gate_of
from core.alarms import Alarm
from store import alarm_spans, marks
from store.areas import parents
from store.gated import waiting
from store.marks import Mark


class Gatekeeper:
    """The gate of one rule at one moment."""

    def __init__(self, connection: Connection[Any], gate: Gate, now: datetime) -> None:
        self._gate, self._now = gate, now
        self._spans = alarm_spans.spans(connection, gate.rules, now - gate.within)
        self._places = Places(parents(connection))

    @classmethod
    def of(
        cls, connection: Connection[Any], requires: dict[str, Any] | None, now: datetime
    ) -> Gatekeeper | None:
        """None where the rule has no gate. Raises KeyError, ValueError for one that cannot be."""
        gate = gate_of(requires)
        return None if gate is None else cls(connection, gate, now)

    def ask(self, asker: Asker) -> Answer:
        """Whether it is open for this subject."""
        return ask(self._gate, asker, self._spans, self._places, self._now)

    def shut_for(self, alarm: Alarm) -> bool:
        """True if this alarm must not be raised now."""
        return not self.ask(Asker(alarm.exercise, alarm.subject, alarm.station, alarm.area)).open


def reopen(connection: Connection[Any], now: datetime) -> int:
    """Marks the newest reading of every series that has reached a limit and waited for a gate that is open now;
    returns how many. In the caller's transaction."""
    keepers: dict[str, Gatekeeper | None] = {}
    found: list[Mark] = []
    for one in waiting(connection):
        if one.rule not in keepers:
            keepers[one.rule] = Gatekeeper.of(connection, one.requires, now)
        keeper = keepers[one.rule]
        asker = Asker(one.exercise, one.station, one.station, one.area)
        if keeper is None or keeper.ask(asker).open:
            found.append(Mark(one.series, one.observed_at, one.until))
    marks.add(connection, marks.EVALUATOR, found)
    return len(found)
