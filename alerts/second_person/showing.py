"""What exactly a suppression silences, as both persons see it, and the hash that an approval signs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from alerts.callees import callees
from core.alarms import AlarmClass
from core.errors import InputError
from core.requests import Affected, Proposal, Silenced
from core.severity import Severity
from store import requests as store
from store.stations import stations as all_stations

LARGEST_DETAIL = 20_000


def silenced(connection: Connection[Any], affected: Affected, at: datetime) -> Silenced:
    """The open alarms, stations and persons that fall silent.

    Persons are those who would be called now for these alarms, for red water at these stations, and for what
    the proposal names beside.
    """
    alarms = store.open_alarms(
        connection, affected.exercise, alarms=affected.alarms, stations=affected.stations
    )
    touched = [one for one in all_stations(connection) if one.code in affected.stations]
    spoken_for = [(AlarmClass(one.alarm_class), one.area, _worst(one)) for one in alarms]
    spoken_for += [(AlarmClass.WATER, one.area, Severity.RED) for one in touched]
    spoken_for += affected.calls
    persons = {
        person.code: person
        for hazard, area, severity in dict.fromkeys(spoken_for)
        for person in callees(
            connection, hazard=hazard, area=area, severity=severity, at=at, exercise=affected.exercise
        ).persons
    }
    return Silenced(
        alarms=tuple(asdict(one) for one in alarms),
        stations=tuple({"code": one.code, "name": one.name, "name_en": one.name_en} for one in touched),
        persons=tuple(
            {"code": code, "name": persons[code].name, "post": persons[code].post} for code in sorted(persons)
        ),
        facts=affected.facts,
    )


def _worst(alarm: store.OpenAlarm) -> Severity | None:
    named = alarm.severity or alarm.highest_severity
    return Severity(named) if named else None


def hash_of(proposal: Proposal, shown: Silenced) -> str:
    """SHA-256 over what is asked and what it silences: an approval holds for exactly this.

    How bad an alarm is belongs to it; its value, which moves all the time, does not.
    """
    seen = {
        "kind": proposal.kind,
        "subject": proposal.subject,
        "detail": proposal.detail,
        "ends_at": proposal.ends_at.astimezone(UTC).isoformat() if proposal.ends_at else None,
        "alarms": sorted([one["id"], one["severity"], one["highest_severity"]] for one in shown.alarms),
        "stations": sorted(one["code"] for one in shown.stations),
        "persons": sorted(one["code"] for one in shown.persons),
        "facts": shown.facts,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


def check_detail(detail: Mapping[str, Any]) -> None:
    """Raises InputError for a detail that is too large to be shown to the person who decides."""
    if len(json.dumps(detail, default=str)) > LARGEST_DETAIL:
        raise InputError("too_large", "the detail of a request must fit into 20,000 characters")
