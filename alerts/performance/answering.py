"""How quickly alarms were acknowledged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.performance.limits import Limits
from core.alarm_load import Asked
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Answering:
    """Of one severity (None: all). `within` is the share acknowledged within the limit, of those whose limit has run out
    or that were acknowledged; None where there is none. `waiting` have not been acknowledged and are still open, `never`
    were over before anybody acknowledged them."""

    severity: Severity | None
    count: int
    acknowledged: int
    waiting: int
    never: int
    median_s: float | None
    p95_s: float | None
    limit_s: float | None
    within: float | None


def answering(asked: Sequence[Asked], now: datetime, limits: Limits) -> list[Answering]:
    """All together first, then each severity from red to blue."""
    kinds = sorted(Severity, key=lambda one: -one.rank)
    found = [_of(kind, [one for one in asked if one.severity is kind], now, limits) for kind in kinds]
    return [_of(None, asked, now, limits), *found]


def quantile(sorted_values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share does not exceed (nearest rank); None of nothing."""
    if not sorted_values:
        return None
    place = max(0, -int(-share * len(sorted_values) // 1) - 1)
    return sorted_values[min(place, len(sorted_values) - 1)]


def _of(severity: Severity | None, asked: Sequence[Asked], now: datetime, limits: Limits) -> Answering:
    waits = sorted(
        (one.acknowledged_at - one.at).total_seconds() for one in asked if one.acknowledged_at is not None
    )
    waiting = sum(one.acknowledged_at is None and one.over_at is None for one in asked)
    judged = [verdict for one in asked if (verdict := _in_time(one, now, limits)) is not None]
    return Answering(
        severity=severity,
        count=len(asked),
        acknowledged=len(waits),
        waiting=waiting,
        never=len(asked) - len(waits) - waiting,
        median_s=quantile(waits, 0.5),
        p95_s=quantile(waits, 0.95),
        limit_s=limits.acknowledge[severity].total_seconds() if severity is not None else None,
        within=sum(judged) / len(judged) if judged else None,
    )


def _in_time(one: Asked, now: datetime, limits: Limits) -> bool | None:
    """Whether it was acknowledged within its limit; None while nobody can say.

    What was over before its limit ran out needed no acknowledgement any more.
    """
    limit: timedelta = limits.acknowledge[one.severity]
    if one.acknowledged_at is not None:
        return one.acknowledged_at - one.at <= limit
    until = one.over_at or now
    return False if until - one.at > limit else None
