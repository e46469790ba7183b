"""Nobody decides what is to be verified (待核实): the leader is called, then the commanders.

Nothing is remembered here: since when an alarm waits, and who was called for that, stands in its history. So a killed
evaluator that comes back calls whom it still has to call, and nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog
from psycopg import Connection

from alerts.callees import callees, on_duty_as
from alerts.notices import Reached, Wording, text
from alerts.orders import by_sms, create_notice
from core.alarms import Alarm, AlarmEvent, AlarmEventKind
from core.call_chains import MemberKind
from core.language import translator
from core.settings import Alerts
from store import alarms, doubts
from store.areas import top_area
from store.doubts import Waiting
from store.orders import commanders
from store.stations import station

log = structlog.get_logger("anlan.alerts")

ACTOR = "verification"


class Step(StrEnum):
    """Who is called when nobody has decided."""

    LEADER = "leader"
    COMMANDER = "commander"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a decision may take before each is called."""

    leader: timedelta
    commander: timedelta

    @classmethod
    def of(cls, settings: Alerts) -> Limits:
        """As the settings say."""
        return cls(
            timedelta(seconds=settings.verify_leader_s), timedelta(seconds=settings.verify_commander_s)
        )

    def due_at(self, step: Step, since: datetime) -> datetime:
        """When a step is due."""
        return since + (self.leader if step is Step.LEADER else self.commander)


def due(waiting: Waiting, limits: Limits, now: datetime) -> tuple[Step, ...]:
    """The steps that are to be taken now. Pure."""
    return tuple(
        step for step in Step if step not in waiting.steps and limits.due_at(step, waiting.since) <= now
    )


def next_due(connection: Connection[Any], limits: Limits) -> datetime | None:
    """When the next step is due."""
    times = [
        limits.due_at(step, one.since)
        for one in doubts.waiting(connection)
        for step in Step
        if step not in one.steps
    ]
    return min(times, default=None)


def escalate(connection: Connection[Any], limits: Limits, wording: Wording, now: datetime) -> int:
    """Calls whoever is due for alarms that wait to be verified; returns the number of calls.

    In the caller's transaction. Raises psycopg.OperationalError where the database itself fails.
    """
    called = 0
    for one in doubts.waiting(connection):
        if not due(one, limits, now):
            continue
        alarm = alarms.lock(connection, one.alarm)
        still = doubts.waiting(connection, one.alarm)
        steps = due(still[0], limits, now) if still else ()
        if steps:
            _call(connection, alarm, still[0], steps, wording, now)
            called += 1
    return called


def _call(
    connection: Connection[Any], alarm: Alarm, waiting: Waiting, steps: Sequence[Step], wording: Wording, now: datetime
) -> None:  # fmt: skip
    """One notice to all that are due and to the desk, whose own call it takes the place of. Without a leader on
    duty the commanders are called at once."""
    area = alarm.area or top_area(connection)
    if Step.LEADER in steps and not _persons(connection, Step.LEADER, area, now):
        steps = tuple(Step)
    reached = {*waiting.steps, *steps}
    found = {step: _persons(connection, step, area, now) for step in Step if step in reached}
    detail: dict[str, Any] = {"persons": [], "minutes": _minutes(waiting, now)}
    new = [code for step in steps for code in found[step]]
    if area is not None and new:
        desk = callees(
            connection, hazard=alarm.alarm_class, area=area, severity=alarm.urgency, at=now,
            exercise=alarm.exercise,
        )  # fmt: skip
        recipients = {*by_sms(code for codes in found.values() for code in codes), *desk.recipients}
        try:
            with connection.transaction():
                title, sentence = _words(connection, alarm, waiting, wording, now)
                detail["order"] = create_notice(
                    connection, alarms={alarm.id: alarm.urgency}, recipients=recipients, severity=alarm.urgency, title=title,
                    text=sentence, area=area, exercise=alarm.exercise, at=now, zone=wording.time_zone,
                )  # fmt: skip
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.error("alarm.not_called", alarm=alarm.id, error=str(error))
            detail["reason"] = f"{type(error).__name__}: {error}"[:500]
    for step in steps:
        reason = {} if found[step] else {"reason": f"no_{step}"}
        kind = AlarmEventKind.CALLED if found[step] and "order" in detail else AlarmEventKind.UNCALLED
        alarms.add_event(
            connection,
            AlarmEvent(
                alarm=alarm.id, at=now, kind=kind, state=alarm.state, severity=alarm.severity, value=alarm.value,
                threshold=alarm.threshold, observed_at=alarm.observed_at, received_at=None, actor=ACTOR,
                detail=detail | {"persons": list(found[step])} | reason | {"unverified": step.value},
            ),
        )  # fmt: skip


def _persons(connection: Connection[Any], step: Step, area: str | None, now: datetime) -> tuple[str, ...]:
    if area is None:
        return ()
    if step is Step.LEADER:
        return tuple(person.code for person in on_duty_as(connection, MemberKind.LEADER, area, now))
    return tuple(commanders(connection, area))


def _minutes(waiting: Waiting, now: datetime) -> int:
    return int((now - waiting.since).total_seconds() // 60)


def _words(
    connection: Connection[Any], alarm: Alarm, waiting: Waiting, wording: Wording, now: datetime
) -> tuple[str, str]:
    """Title and sentence: what is to be verified, and for how long nobody has decided."""
    words = translator("alerts", wording.language)
    name = station(connection, alarm.station).name if alarm.station else alarm.subject
    if alarm.title is not None:
        name = alarm.title[wording.language]
        what = words("unverified.what", subject=name)
    elif alarm.property and alarm.value is not None and alarm.severity and alarm.threshold is not None:
        facts = Reached(
            name, alarm.property, alarm.observed_at or now, alarm.value, alarm.severity,
            alarm.threshold_name or "", alarm.threshold, to_verify=True,
        )  # fmt: skip
        what = text(facts, words, ZoneInfo(wording.time_zone), now)
    else:
        what = words("unverified.what", subject=name)
    return words("unverified.title", subject=name), what + words(
        "unverified.text", minutes=_minutes(waiting, now)
    )
