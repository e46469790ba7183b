"""Alarms: states as ISA-18.2 names them, classes, events."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.severity import Severity


class AlarmState(StrEnum):
    """ISA-18.2 states (field.md §1.2)."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned_unacknowledged"
    LATCHED = "latched"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class AlarmClass(StrEnum):
    """What an alarm is about; equipment alarms carry no colour."""

    WATER = "water"
    RAIN = "rain"
    TIDE = "tide"
    WEATHER = "weather"
    REPORT = "report"
    EQUIPMENT = "equipment"


class AlarmEventKind(StrEnum):
    """What happened to an alarm.

    `CONFIRMED`: a fresh good reading bears out what came late or was to be verified. `UNCALLED`:
    somebody should have been called and nobody is on duty. `LATE`: something observed long ago
    became known. `CORRECTED`: a person corrected, confirmed, voided or restored a value that it stood for.
    `CALLED`: an order calls people for it. `VERIFIED`: a person found true (属实) what was to be verified.
    """

    RAISED = "raised"
    WORSENED = "worsened"
    IMPROVED = "improved"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    RELEASED = "released"
    TAKEN_OUT = "taken_out"
    PUT_BACK = "put_back"
    RESET = "reset"
    VERIFIED = "verified"
    CONFIRMED = "confirmed"
    CALLED = "called"
    UNCALLED = "uncalled"
    LATE = "late"
    CORRECTED = "corrected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, open while `closed_at` is None.

    `severity` is the present one, `highest_severity` the worst that was reached. `observed_at` is
    the observation time that last moved it, `raised_at` when the centre raised it. Unique while
    open per (exercise, subject kind, subject, rule).

    A shelf hides up to `shelved_severity`; anything worse breaks out of it. `to_verify` (待核实)
    stands while only suspect or bad values raised it. `called_severity` is the worst that people
    were called for since it last returned or improved. `reached_from` to `reached_until` (None:
    still) are the observation times whose danger this alarm stands for.

    `colourless`: abnormal without a severity, as equipment is; `priority` says how people are called for it
    (None: it is only listed). `title` names it in each language where station and limit do not. `latches`: its
    return leaves it latched. `suppressed_by` is what hides it by design, `service_until` when its subject
    comes back into service. `detail` are facts for whoever looks.
    """

    id: int
    alarm_class: AlarmClass
    subject_kind: str
    subject: str
    station: str | None
    property: str | None
    area: str | None
    rule: str
    rule_version: int
    exercise: str | None
    severity: Severity | None
    highest_severity: Severity | None
    state: AlarmState
    raised_at: datetime
    observed_at: datetime | None
    returned_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    value: float | None
    threshold: float | None
    threshold_name: str | None
    shelved_until: datetime | None
    shelved_reason: str | None = None
    shelved_by: str | None = None
    shelved_severity: Severity | None = None
    to_verify: bool = False
    called_severity: Severity | None = None
    reached_from: datetime | None = None
    reached_until: datetime | None = None
    colourless: bool = False
    priority: Severity | None = None
    latches: bool = False
    suppressed_by: str | None = None
    service_until: datetime | None = None
    title: dict[str, str] | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @builtins.property
    def abnormal(self) -> bool:
        """True while what raised it holds."""
        return self.colourless or self.severity is not None

    @builtins.property
    def urgency(self) -> Severity | None:
        """As what people are called for it: its colour, else the priority of its rule."""
        return self.severity or self.priority


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One line of an alarm's history; never changed once written.

    `actor` is a user's name, or `rule:CODE vN`. `late` marks what was observed too long ago to
    call anybody.
    """

    alarm: int
    at: datetime
    kind: AlarmEventKind
    state: AlarmState
    severity: Severity | None
    value: float | None
    threshold: float | None
    observed_at: datetime | None
    received_at: datetime | None
    actor: str
    late: bool = False
    detail: dict[str, Any] = field(default_factory=dict)
