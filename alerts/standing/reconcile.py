"""Compares what holds now with the open alarms of a rule, and moves them: one look of one finder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from alerts.standing.finding import Finder, Finding, Found, Look, StandingRule, SubjectKey
from core.alarms import Alarm, AlarmEvent, AlarmState
from core.language import LANGUAGES, translator
from store import alarms, exercises, open_alarms
from store.rules import standing_rules

log = structlog.get_logger("anlan.alerts")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to: what holds, the lines of history that were written, and whether there is more at once."""

    findings: int = 0
    lines: int = 0
    faults: int = 0
    more: bool = False


def look(connection: Connection[Any], finder: Finder, at: Look, wording: Wording) -> Looked:
    """Looks once for all rules of the finder's kind, each under a savepoint of the caller's transaction.

    A rule whose look fails leaves its alarms as they are. Raises psycopg.OperationalError.
    """
    running = exercises.hold_running(connection)
    findings, lines, faults, more = 0, 0, 0, False
    for rule in standing_rules(connection, finder.kind):
        try:
            with connection.transaction():
                found = finder.find(connection, rule, at)
                holding, written = _settle(connection, found, rule, at, wording, running)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            faults += 1
            log.error("alarm.look", rule=rule.code, error=f"{type(error).__name__}: {error}", exc_info=True)
            continue
        findings += holding
        lines += written
        more |= found.more
    flush(connection, wording, at.now)
    return Looked(findings, lines, faults, more)


def _settle(
    connection: Connection[Any],
    found: Found,
    rule: StandingRule,
    at: Look,
    wording: Wording,
    running: frozenset[str],
) -> tuple[int, int]:
    gate = Gatekeeper.of(connection, rule.requires, at.now) if rule.kind != COMBINED else None
    holding = {f.key: f for f in found.findings if f.exercise is None or f.exercise in running}
    over = found.returned
    if over is None:
        over = frozenset(open_alarms.open_subjects(connection, (rule.code,)) - found.held)
    known = {
        _key(alarm): alarm
        for alarm in open_alarms.lock_open_of_rule(connection, rule.code, holding.keys() | over)
    }
    settlement = _Settlement(connection, rule, at.now, wording, hiding(connection, rule.code, at.now), gate)
    lines, opened = 0, []
    for key in sorted(holding.keys() | known.keys(), key=str):
        finding, alarm = holding.get(key), known.get(key)
        if alarm is not None:
            lines += settlement.settle(finding, alarm)
        elif finding is not None and (new := settlement.opened(finding)) is not None:
            opened.append(new)
    return len(holding), lines + settlement.write(opened)


def _key(alarm: Alarm) -> SubjectKey:
    return alarm.exercise, alarm.subject_kind, alarm.subject


@dataclass(frozen=True, slots=True)
class _Opened:
    """An alarm that is not written yet (its `id` is 0), what happened to it, and why."""

    alarm: Alarm
    changes: tuple[Change, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Settlement:
    """The subjects of one rule at one look."""

    connection: Connection[Any]
    rule: StandingRule
    now: datetime
    wording: Wording
    hiding: Hiding
    gate: Gatekeeper | None = None

    def settle(self, finding: Finding | None, alarm: Alarm) -> int:
        """Steps an open alarm by what was found of its subject; returns the lines of history written."""
        if finding is None and not alarm.abnormal:
            return 0
        if finding is not None and not alarm.abnormal and self._shut(alarm):
            return 0
        after, changes = step(standing(alarm), _observed(finding, None))
        moved = self._dated(self._told(stand(alarm, after), finding), changes, finding)
        if finding is not None and changes:
            moved = replace(moved, observed_at=finding.observed_at)
        if moved != alarm:
            alarms.save(self.connection, moved)
        alarms.add_events(self.connection, [self._event(moved, change, finding) for change in changes])
        self._announce(moved, changes, finding)
        return len(changes)

    def opened(self, finding: Finding) -> _Opened | None:
        """The alarm of a subject that had none; None where its gate is shut."""
        fresh = self._new(finding)
        if self._shut(fresh):
            return None
        hidden = self.hiding(replace(fresh, detail=dict(finding.facts)))
        after, changes = step(Standing(latches=fresh.latches), _observed(finding, hidden))
        moved = self._told(stand(fresh, after), finding)
        if hidden is not None:
            moved = replace(moved, suppressed_by=hidden.by, service_until=hidden.until)
        return _Opened(self._dated(moved, changes, finding), changes, finding) if changes else None

    def write(self, opened: Sequence[_Opened]) -> int:
        """Writes new alarms with their histories, all together; returns the lines of history."""
        numbers = alarms.create_all(self.connection, [one.alarm for one in opened])
        known = [
            replace(one, alarm=replace(one.alarm, id=number))
            for one, number in zip(opened, numbers, strict=True)
        ]
        lines = [self._event(one.alarm, change, one.finding) for one in known for change in one.changes]
        alarms.add_events(self.connection, lines)
        for one in known:
            self._announce(one.alarm, one.changes, one.finding)
        return len(lines)

    def _shut(self, alarm: Alarm) -> bool:
        return self.gate is not None and self.gate.shut_for(alarm)

    def _dated(self, alarm: Alarm, changes: Sequence[Change], finding: Finding | None) -> Alarm:
        for change in changes:
            alarm = dated(alarm, change, at=self.now, observed_at=self._observed_at(finding))
        return alarm

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

    def _event(self, alarm: Alarm, change: Change, finding: Finding | None) -> AlarmEvent:
        return AlarmEvent(
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

    def _announce(self, alarm: Alarm, changes: Sequence[Change], finding: Finding | None) -> None:
        if finding is None or alarm.urgency is None or not any(change.call for change in changes):
            return
        title, text = (self._words(self.wording.language, part, finding) for part in ("title", "text"))
        announce(self.connection, alarm, Cause(title, text, alarm.urgency, alarm.severity), at=self.now)


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

    def again(self, finder: Finder) -> None:
        """It has more to say at once."""
        self._due[self._finders.index(finder)] = float("-inf")

    def next_s(self, now_s: float) -> float:
        """Seconds until the next turn."""
        return max(0.0, min(self._due.values(), default=now_s + 60.0) - now_s)
