"""A tide level: what moon and sun will do, and the surge of now standing as it is.

The range is how much the surge changed over as long a time in the day before: four of five of those changes are
smaller. A storm that raises the surge so widens the range as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hydrology.forecasts.grid import at
from hydrology.forecasts.record import LONGEST_S, Forecast, Source, point

STEP_S = 900
LEADS_S = tuple(range(STEP_S, LONGEST_S + 1, STEP_S))
"""A quarter of an hour apart: in a half the crest of a spring tide could be missed by some centimetres."""
HISTORY_S = 86_400
_LEAST_PAIRS = 12
_GAP_S = 3_600.0
_SHARE = 80
_LEAST_M = 0.02


def project(
    issued_s: float,
    level: float,
    predicted: Sequence[float],
    surge_times_s: Sequence[float],
    surges: Sequence[float],
) -> Forecast | None:
    """The forecast at the newest reading, `level` at `issued_s`.

    `predicted`: the astronomical tide at `issued_s` and at each lead of `LEADS_S`. `surge_times_s` and `surges`: what
    was left of the readings of the last day (`HISTORY_S`), in order of time. None where they are too few to tell how
    much a surge changes in three hours.
    """
    if len(predicted) != len(LEADS_S) + 1:
        raise ValueError("the astronomical tide is needed at the issue and at every lead")
    moments = np.arange(issued_s - HISTORY_S, issued_s + 1, STEP_S)
    known = at(surge_times_s, surges, moments, _GAP_S)
    surge = level - predicted[0]
    made = [point(issued_s, level, 0.0, 0.0)]
    half = _LEAST_M
    for number, (lead_s, height) in enumerate(zip(LEADS_S, predicted[1:], strict=True), start=1):
        changes = np.abs(known[number:] - known[:-number])
        changes = changes[~np.isnan(changes)]
        if len(changes) < _LEAST_PAIRS:
            return None
        half = max(half, float(np.percentile(changes, _SHARE)))
        made.append(point(issued_s + lead_s, height + surge, half, half))
    return Forecast(Source.TIDE, issued_s, tuple(made))
