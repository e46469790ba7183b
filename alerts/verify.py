"""待核实: a person decides whether what doubtful readings say is true (属实) or not (排除).

Either way the readings themselves are settled by a correction (`alerts.corrections`), so that everything that reads
them knows, and so that restoring them takes the decision back. Whoever decides has heard the alarm: it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from psycopg import Connection

from alerts.acknowledge import acknowledge
from alerts.alarms.acts import act
from alerts.alarms.happenings import Verified
from alerts.corrections import correct_values
from core.alarms import Alarm, AlarmState
from core.corrections import Correction, CorrectionAct
from core.errors import ConflictError, InputError
from store import alarms, audit, corrections, doubts
from store.doubts import DoubtfulReading

RAIN = ("rainfall", "rainfall_cumulative")
"""What sums of rain are computed from."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Decided:
    """How many readings were settled."""

    values: int


def decide(
    connection: Connection[Any], alarm_id: int, verdict: bool, reason: str, *, actor: str, at: datetime
) -> Decided:
    """Decides an alarm that waits to be verified, in the caller's transaction, history and audit included.

    True: the alarm stays and is no longer to be verified, its doubtful readings are confirmed. False: they are
    voided, and the evaluator judges the alarm anew by what is left. Raises NotFoundError, InputError without a
    reason, ConflictError where nothing waits to be verified (any more). Role and area are for the caller to check.
    """
    said = reason.strip()
    if not said:
        raise InputError("reason_missing", "say how you know: the reason stands in the history for good")
    alarm = alarms.lock(connection, alarm_id)
    if not alarm.to_verify or alarm.closed_at is not None:
        raise ConflictError(
            "nothing of this alarm waits to be verified: somebody decided, or a good value came"
        )
    spans = runs(doubtful(connection, alarm, at))
    if not verdict and not spans:
        raise ConflictError("the doubtful readings of this alarm were settled meanwhile: look at it again")
    values = sum(_settle(connection, alarm, run, verdict, said, actor=actor, at=at) for run in spans)
    detail = {"verdict": verdict, "reason": said, "values": values}
    if verdict:
        moved, _ = act(connection, alarm, Verified(), actor=actor, at=at, detail=detail)
        alarms.save(connection, moved)
    audit.append(connection, actor=actor, action="alarm.decide", subject=f"alarm/{alarm_id}", detail=detail)
    if alarm.state is AlarmState.UNACKNOWLEDGED:
        acknowledge(connection, alarm_id, actor=actor, at=at, note=said)
    return Decided(values)


def doubtful(connection: Connection[Any], alarm: Alarm, now: datetime) -> list[DoubtfulReading]:
    """The readings that the alarm may stand for, good ones between them included, by series and time."""
    stations = [alarm.station] if alarm.station else [str(code) for code in alarm.detail.get("gauges", [])]
    if not stations or alarm.property is None:
        return []
    since = alarm.reached_from or alarm.observed_at or alarm.raised_at
    until = max(now, alarm.observed_at or now)
    if alarm.property.startswith("rainfall"):
        window = timedelta(seconds=int(alarm.detail.get("window_s") or 0)) or _DAY
        return doubts.readings(connection, stations, RAIN, alarm.exercise, since - window, until, 1e-9)
    lowest = doubts.lowest_limit(connection, stations[0], alarm.property)
    least = float("-inf") if lowest is None or alarm.threshold is None else min(lowest, alarm.threshold)
    begin = since if lowest is not None else since - _HOUR
    return doubts.readings(connection, stations, (alarm.property,), alarm.exercise, begin, until, least)


def runs(found: Sequence[DoubtfulReading]) -> list[list[DoubtfulReading]]:
    """Doubtful readings that follow one another without any other between them, for one act each. Pure."""
    return [
        list(run)
        for (_, is_doubtful), run in groupby(found, key=lambda one: (one.series, one.doubtful))
        if is_doubtful
    ]


def _settle(
    connection: Connection[Any],
    alarm: Alarm,
    run: Sequence[DoubtfulReading],
    verdict: bool,
    reason: str,
    *,
    actor: str,
    at: datetime,
) -> int:
    first = run[0]
    series = corrections.target(
        connection, first.station, first.property, first.sensor, first.period_s, alarm.exercise
    )
    correction = Correction(CorrectionAct.CONFIRM if verdict else CorrectionAct.VOID)
    since, until = first.time, run[-1].time
    seen = corrections.preview(connection, series, since, until, correction, actor).stamp
    return correct_values(
        connection, series, since, until, correction, seen=seen, by=actor, reason=reason, at=at
    ).changed
