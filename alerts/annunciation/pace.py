"""How often a desk may be called. Pure.

At most `most_calls` times in any ten minutes, whatever happens: so many that a person still takes in what each
call says. The first few go at once; after them there is the pace between two calls, each of which then tells
everything that has come together. Yellow must not use up what red may need: it goes at once three times of
ten, red six. So a red alarm waits for the pace (150 s) at the longest, and only where its desk has been
called six times in the last ten minutes.

Why the most holds: of the calls within a window every one after the sixth came at least 150 s after the one
before, and 600 s leave room for four of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.cadence import WINDOW, Cadence
from core.severity import Severity


def allowed_at(calls: Sequence[datetime], severity: Severity, now: datetime, cadence: Cadence) -> datetime:
    """When the desk may be called next, `now` at the earliest; `calls` are the earlier ones in order of time."""
    recent = recent_calls(calls, now)
    most = cadence.at_once(severity)
    if len(recent) < most:
        return now
    return max(now, min(recent[-1] + cadence.pace, recent[-most] + WINDOW))


def fit(calls: Sequence[datetime], severities: Sequence[Severity], now: datetime, cadence: Cadence) -> bool:
    """True if the desk may be called at once for each of them by itself, the worst first."""
    made = len(recent_calls(calls, now))
    worst_first = sorted(severities, key=lambda severity: -severity.rank)
    return all(made + number < cadence.at_once(severity) for number, severity in enumerate(worst_first))


def recent_calls(calls: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those of the last `WINDOW`. A clock that jumped back must not make red wait for calls of the future."""
    return [call for call in calls if now - WINDOW < call <= now]
