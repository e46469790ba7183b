"""Compares what holds now with the open alarms of a rule, and moves them: one look of one finder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.alarms.acts import dated, stand, standing
from alerts.alarms.happenings import Observed
from alerts.alarms.hiding import Hidden, Hiding, hiding
from alerts.alarms.machine import Change, Standing, step
from alerts.annunciation import announce, flush
from alerts.gatekeeper import Gatekeeper
from alerts.notices import Cause, Wording, standing_words
from alerts.standing.combined import COMBINED
from alerts.standing.finding import Finder, Finding, Look, StandingRule, SubjectKey
from core.alarms import Alarm, AlarmEvent, AlarmState
from core.language import LANGUAGES, translator
from store import alarms, exercises, open_alarms
from store.rules import standing_rules

log = structlog.get_logger("anlan.alerts")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to: what holds, and the lines of history that were written."""

    findings: int = 0
    lines: int = 0
    faults: int = 0


def look(connection: Connection[Any], finder: Finder, at: Look, wording: Wording) -> Looked:
    """Looks once for all rules of the finder's kind, each under a savepoint of the caller's transaction.

    A rule whose look fails leaves its alarms as they are. Raises psycopg.OperationalError.
    """
    running = exercises.hold_running(connection)
    findings, lines, faults = 0, 0, 0
    for rule in standing_rules(connection, finder.kind):
        try:
            with connection.transaction():
                found, written = _settle(connection, finder, rule, at, wording, running)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            faults += 1
            log.error("alarm.look", rule=rule.code, error=f"{type(error).__name__}: {error}", exc_info=True)
            continue
        findings += found
        lines += written
    flush(connection, wording, at.now)
    return Looked(findings, lines, faults)


def _settle(
    connection: Connection[Any],
    finder: Finder,
    rule: StandingRule,
    at: Look,
    wording: Wording,
    running: frozenset[str],
) -> tuple[int, int]:
    found = finder.find(connection, rule, at)
    gate = Gatekeeper.of(connection, rule.requires, at.now) if rule.kind != COMBINED else None
    holding = {f.key: f for f in found.findings if f.exercise is None or f.exercise in running}
    over = found.returned
    if over is None:
        over = frozenset(open_alarms.open_subjects(connection, (rule.code,)) - found.held)
    known = {
        _key(alarm): alarm
        for alarm in open_alarms.lock_open_of_rule(connection, rule.code, holding.keys() | over)
    }
    hide = hiding(connection, rule.code, at.now)
    lines = 0
    for key in sorted(holding.keys() | known.keys(), key=str):
        finding, alarm = holding.get(key), known.get(key)
        if finding is None and (alarm is None or not alarm.abnormal):
            continue
        lines += _Settlement(connection, rule, at.now, wording, hide, gate).settle(finding, alarm)
    return len(holding), lines


def _key(alarm: Alarm) -> SubjectKey:
    return alarm.exercise, alarm.subject_kind, alarm.subject


@dataclass(frozen=True, slots=True)
class _Settlement:
    """One subject under one rule."""

    connection: Connection[Any]
    rule: StandingRule
    now: datetime
    wording: Wording
    hiding: Hiding
    gate: Gatekeeper | None = None

    def settle(self, finding: Finding | None, alarm: Alarm | None) -> int:
        """Steps the alarm by what was found of its subject; returns the lines of history written."""
        fresh = alarm or (self._new(finding) if finding else None)
        if fresh is None:
            return 0
        if finding is not None and not fresh.abnormal and self.gate is not None and self.gate.shut_for(fresh):
            return 0
        hidden = self._hidden(fresh, finding) if alarm is None else None
        before = standing(alarm) if alarm else Standing(latches=fresh.latches)
        after, changes = step(before, _observed(finding, hidden))
        moved = self._told(stand(fresh, after), finding)
        if hidden is not None:
            moved = replace(moved, suppressed_by=hidden.by, service_until=hidden.until)
        for change in changes:
            moved = dated(moved, change, at=self.now, observed_at=self._observed_at(finding))
        if alarm is None:
            if not changes:
                return 0
            moved = replace(moved, id=alarms.create(self.connection, moved))
        elif finding is not None and changes:
            moved = replace(moved, observed_at=finding.observed_at)
        if moved != alarm:
            alarms.save(self.connection, moved)
        for change in changes:
            self._write(moved, change, finding)
        return len(changes)

    def _hidden(self, new: Alarm, finding: Finding | None) -> Hidden | None:
        return self.hiding(replace(new, detail=dict(finding.facts))) if finding else None

    def _observed_at(self, finding: Finding | None) -> datetime:
        return finding.observed_at if finding else self.now

    def _new(self, finding: Finding) -> Alarm:
        return Alarm(
            id=0,
            alarm_class=self.rule.alarm_class,
            subject_kind=finding.subject_kind,
            subject=finding.subject,
            station=finding.station,
            property=finding.property,
            area=finding.area,
            rule=self.rule.code,
            rule_version=self.rule.version,
            exercise=finding.exercise,
            severity=None,
            highest_severity=None,
            state=AlarmState.NORMAL,
            raised_at=self.now,
            observed_at=finding.observed_at,
            returned_at=None,
            acknowledged_at=None,
            acknowledged_by=None,
            closed_at=None,
            value=None,
            threshold=None,
            threshold_name=None,
            shelved_until=None,
            reached_from=finding.observed_at,
            priority=self.rule.priority,
            latches=finding.latch,
        )

    def _told(self, alarm: Alarm, finding: Finding | None) -> Alarm:
        """The alarm with what is said of it now; of one that has returned, what was said last."""
        if finding is None:
            return alarm
        return replace(
            alarm,
            value=finding.value,
            threshold=finding.threshold,
            threshold_name=finding.threshold_name,
            title={language: self._words(language, "title", finding) for language in LANGUAGES},
            detail=dict(finding.facts),
        )

    def _words(self, language: str, part: str, finding: Finding) -> str:
        words = translator("alerts", language)
        return standing_words(words, self.rule.code, self.rule.kind, part, finding.facts)

    def _write(self, alarm: Alarm, change: Change, finding: Finding | None) -> None:
        event = AlarmEvent(
            alarm=alarm.id,
            at=self.now,
            kind=change.kind,
            state=change.state,
            severity=change.severity,
            value=finding.value if finding else alarm.value,
            threshold=alarm.threshold,
            observed_at=self._observed_at(finding),
            received_at=finding.received_at if finding else None,
            actor=self.rule.signature(),
            detail=dict(finding.facts) if finding else {},
        )
        alarms.add_event(self.connection, event)
        if change.call and finding is not None and alarm.urgency is not None:
            title, text = (self._words(self.wording.language, part, finding) for part in ("title", "text"))
            cause = Cause(title, text, alarm.urgency, alarm.severity)
            announce(self.connection, alarm, cause, at=self.now)


def _observed(finding: Finding | None, hidden: Hidden | None) -> Observed:
    if finding is None:
        return Observed(None, None)
    return Observed(
        severity=finding.severity,
        reached=finding.severity,
        certain=finding.certain,
        colourless=finding.severity is None,
        hidden=hidden.state if hidden else None,
    )


class Looks:
    """When each finder looks next; monotonic seconds are passed in."""

    def __init__(self, finders: Iterable[Finder]) -> None:
        self._finders = tuple(finders)
        self._due = dict.fromkeys(range(len(self._finders)), float("-inf"))

    def wake(self, announced: str) -> bool:
        """What was announced (a kind of `core.notices`) makes its finders look at once; False if it is nobody's."""
        woken = [place for place, finder in enumerate(self._finders) if announced in finder.wakes]
        self._due.update(dict.fromkeys(woken, float("-inf")))
        return bool(woken)

    def due(self, now_s: float) -> list[Finder]:
        """The finders whose turn has come; their next turn is set."""
        found = []
        for place, finder in enumerate(self._finders):
            if self._due[place] <= now_s:
                self._due[place] = now_s + finder.every_s
                found.append(finder)
        return found

    def next_s(self, now_s: float) -> float:
        """Seconds until the next turn."""
        return max(0.0, min(self._due.values(), default=now_s + 60.0) - now_s)
