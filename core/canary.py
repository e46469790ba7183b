"""The canary: a gauge of our own whose alarm proves every minute that the chain from MQTT to dispatch lives.

It is apart from all else by its exercise, which no person and no page ever chooses: what reads the real
world or a drill never meets it. Its station kind has one rule, its order one recipient, who is nobody.
"""

from __future__ import annotations

EXERCISE = "canary"
STATION = "canary"
KIND = "CC"
"""A station kind that SL 323 does not know, so that no rule for gauges applies to it."""
PROPERTY = "station_status"
RULE = "canary"
RECIPIENT = "canary"
LIMIT = 0.5
RAISES, RETURNS = 1.0, 0.0
"""What it reports: at or above the limit, and clearly below."""


def is_apart(station: str, exercise: str | None) -> bool:
    """True unless the canary's station and another's exercise (or the other way round) would be mixed."""
    return (station == STATION) == (exercise == EXERCISE)
