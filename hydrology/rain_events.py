"""Rain events (一次降雨过程): what falls between two dry spells of some hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hydrology.base_rain import BaseRain, Windows

PEAK_S = 3_600
"""The peak of an event is its heaviest hour: intensities of stations with other periods stay comparable."""


@dataclass(frozen=True, slots=True)
class RainEvent:
    """One event: epoch seconds and millimetres.

    `start_s` is the start of the first piece with rain, `end_s` the label of the last. `total` is of verified
    rain, `suspect` comes on top; `coverage` is the reported share of the time between.
    """

    start_s: int
    end_s: int
    total: float
    suspect: float
    peak_1h: float
    peak_s: int
    coverage: float


def rain_events(base: BaseRain, dry_s: int) -> list[RainEvent]:
    """Events in order; an event ends with its last label when no rain is reported to begin within `dry_s` after it.

    Totals that span more than the dry spell cannot tell two events apart and are left out.
    """
    fitting = base.spans <= max(dry_s, 0)
    labels, spans = base.labels[fitting], base.spans[fitting]
    seconds, rain, suspect = base.seconds[fitting], base.millimetres[fitting], base.suspect[fitting]
    wet = np.flatnonzero((rain + suspect) > 0)
    if not len(wet):
        return []
    dry_before = (labels[wet][1:] - spans[wet][1:]) - labels[wet][:-1]
    firsts = np.concatenate([[0], np.flatnonzero(dry_before >= dry_s) + 1])
    lasts = np.concatenate([firsts[1:], [len(wet)]]) - 1
    found = []
    for first, last in zip(wet[firsts], wet[lasts], strict=True):
        part = slice(int(first), int(last) + 1)
        start, end = int(labels[first] - spans[first]), int(labels[last])
        hours = Windows(labels[part], seconds[part], rain[part] + suspect[part], suspect[part])
        sums = hours.sums(labels[part], PEAK_S).millimetres
        peak = int(np.argmax(sums))
        found.append(
            RainEvent(
                start,
                end,
                round(float(rain[part].sum()), 3),
                round(float(suspect[part].sum()), 3),
                float(sums[peak]),
                int(labels[part][peak]),
                min(1.0, round(float(seconds[part].sum()) / max(end - start, 1), 4)),
            )
        )
    return found
