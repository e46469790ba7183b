"""A person corrects, confirms, voids or restores values: the values, the alarms' histories, the audit.

The alarms themselves are moved by the evaluator, which re-reads what changed; here stands who did it, and why.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from psycopg import Connection

from core import notices
from core.alarms import AlarmEvent, AlarmEventKind
from core.corrections import Correction
from store import alarms, audit, corrections, open_alarms
from store.corrections import Acted, Target


def correct_values(
    connection: Connection[Any],
    series: Target,
    since: datetime,
    until: datetime,
    act: Correction,
    *,
    seen: str,
    by: str,
    reason: str,
    at: datetime,
) -> Acted:
    """Does the act on the values within [since, until], in the caller's transaction.

    Every alarm that stands (or stood) for one of the values says so in its history, once for the whole act,
    with the highest of them before and after. Raises what `store.corrections.correct` raises. Whether the
    person may do so (role, area) is for the caller to check.
    """
    acted = corrections.correct(connection, series, since, until, act, seen=seen, by=by, reason=reason, at=at)
    if acted.repeated:
        return acted
    _tell_alarms(connection, series, act, acted, by=by, reason=reason, at=at)
    audit.append(
        connection,
        actor=by,
        action=f"observation.{act.act}",
        subject=f"station/{series.station}",
        detail={
            "correction": acted.id, "property": series.property, "sensor": series.sensor,
            "period_s": series.period_s, "exercise": series.exercise, "from": since.isoformat(),
            "to": until.isoformat(), "value": act.value, "shift": act.shift, "changed": acted.changed,
            "reason": reason,
        },
    )  # fmt: skip
    return acted


def _tell_alarms(
    connection: Connection[Any],
    series: Target,
    act: Correction,
    acted: Acted,
    *,
    by: str,
    reason: str,
    at: datetime,
) -> None:
    times = [old.time for old, _ in acted.changes]
    told = open_alarms.standing_for(connection, series.station, series.property, series.exercise, times)
    old, new = max(
        acted.changes, key=lambda pair: pair[0].value if pair[0].value is not None else float("-inf")
    )
    detail = {
        "act": str(act.act), "reason": reason, "correction": acted.id, "changed": acted.changed,
        "was": old.value, "sensor": series.sensor,
    }  # fmt: skip
    for alarm in told:
        event = AlarmEvent(
            alarm=alarm.id,
            at=at,
            kind=AlarmEventKind.CORRECTED,
            state=alarm.state,
            severity=alarm.severity,
            value=new.value,
            threshold=alarm.threshold,
            observed_at=old.time,
            received_at=at,
            actor=by,
            late=alarm.closed_at is not None,
            detail=detail,
        )
        alarms.add_event(connection, event)
    if told:
        notice = {"kind": notices.ALARM, "keys": [alarm.id for alarm in told][:700]}
        connection.execute("select pg_notify(%s, %s)", (notices.CHANGES, json.dumps(notice)))
