"""The rate test (QARTOD rate of change): how fast the water may rise and fall, over the time that passed."""

from __future__ import annotations

from hydrology.judgement.limits import SeriesLimits
from hydrology.judgement.reasons import Reason

RECESSION = 0.25
"""After a fall that was too fast, readings are believed again when the water could have receded so far at
this share of the limit: a gauge that was swept away must not turn its alarm green."""


def too_fast(change: float, seconds: float, limits: SeriesLimits, *, fled: bool) -> Reason | None:
    """RISES_FAST, FALLS_FAST or None for a change of the value over so many seconds.

    `fled`: the reading before was already too far away from danger.
    """
    hours = seconds / 3600
    rise, fall = limits.rise_per_h, limits.fall_per_h
    if fled and limits.danger > 0:
        fall *= RECESSION
    if fled and limits.danger < 0:
        rise *= RECESSION
    if change > max(rise * hours, limits.step):
        return Reason.RISES_FAST
    if -change > max(fall * hours, limits.step):
        return Reason.FALLS_FAST
    return None


def agree(change: float, seconds: float, limits: SeriesLimits) -> bool:
    """True if two readings in a row, both doubtful, bear each other out."""
    return too_fast(change, seconds, limits, fled=False) is None


def towards(reason: Reason, limits: SeriesLimits) -> bool:
    """True if the change goes towards danger, or if the property knows no danger."""
    return limits.danger == 0 or (limits.danger > 0) == (reason is Reason.RISES_FAST)
