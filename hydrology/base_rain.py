"""One base series of rain per gauge, from whatever totals and counters its station sends.

The finest totals stand. A coarser total fills what the finer ones left unsaid: hourly telegrams arrive
where five-minute slots were lost. The differences of a cumulative counter count only where the station
sent no totals for a day, because a tip that falls between two labels would count twice. Nothing
here depends on the order in which readings came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.quality import Quality

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COUNTER_SILENT_S = 86_400
"""A counter speaks for a gauge that has sent no totals for so long."""
LONGEST_S = 86_400
"""Totals over more than the longest window say nothing about any."""
FINEST_PERIODS = 8
"""Accumulation periods of one gauge that are looked at, the shortest: a station may send any."""
COUNTER_MODULUS_MM = 100_000.0
"""A cumulative counter (SL 651 26H, six digits and one decimal) goes from 99,999.9 to 0.0."""
_WRAP_MARGIN_MM = 1_000.0
_MOST_MM = 500.0
"""More than this between two readings is a changed counter, no rain that anybody has measured."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one series in order of their time.

    `labels` are epoch seconds, `values` millimetres (NaN where there is none), `qualities` QARTOD flags;
    `period_s` is the accumulation period, 0 for a counter.
    """

    period_s: int
    labels: Ints
    values: Floats
    qualities: Ints

    def having(self, *qualities: Quality) -> Flags:
        """Where a value of one of these qualities is."""
        found: Flags = np.isin(self.qualities, [int(one) for one in qualities]) & ~np.isnan(self.values)
        return found


@dataclass(frozen=True, slots=True)
class BaseRain:
    """Pieces of rain in order of the label at which they end.

    `millimetres` fell in the `seconds` that a piece reports, somewhere in the `spans` seconds before its
    label (a piece that fills a gap reports less than it spans). `suspect` are millimetres that nobody has
    verified; they report no time. `outputs` are the labels at which the station spoke, with the shortest
    span said there (`output_spans`).
    """

    labels: Ints
    spans: Ints
    seconds: Ints
    millimetres: Floats
    suspect: Floats
    outputs: Ints
    output_spans: Ints


def base_rain(totals: Sequence[Readings], counter: Readings | None = None) -> BaseRain:
    """Puts totals of all periods and a counter together into one series."""
    by_period = sorted(totals, key=lambda one: one.period_s)[:FINEST_PERIODS]
    longest = [one for one in by_period if one.period_s > LONGEST_S]
    if longest:
        raise ValueError(f"a total over {longest[0].period_s} s fits into no window")
    pieces = _Pieces.none()
    for readings in by_period:
        pieces = pieces.filled(readings)
    outputs = [one.labels for one in by_period]
    spans = [np.full(len(one.labels), one.period_s, np.int64) for one in by_period]
    if counter is not None and len(counter.labels):
        differences = _differences(counter)
        spoken = np.sort(
            np.concatenate(
                [np.empty(0, np.int64)]
                + [
                    one.labels[one.having(Quality.GOOD, Quality.NOT_EVALUATED, Quality.SUSPECT)]
                    for one in by_period
                ]
            )
        )
        pieces = pieces.joined(differences.where(_silent(spoken, differences.labels)))
        silent = _silent(spoken, counter.labels[1:])
        outputs.append(counter.labels[1:][silent])
        spans.append(np.diff(counter.labels)[silent])
    return pieces.as_base(*_finest(outputs, spans))


@dataclass(frozen=True, slots=True)
class _Pieces:
    labels: Ints
    spans: Ints
    seconds: Ints
    millimetres: Floats
    suspect: Floats

    @classmethod
    def none(cls) -> _Pieces:
        ints, floats = np.empty(0, np.int64), np.empty(0, np.float64)
        return cls(ints, ints, ints, floats, floats)

    def where(self, wanted: Flags) -> _Pieces:
        return _Pieces(
            self.labels[wanted],
            self.spans[wanted],
            self.seconds[wanted],
            self.millimetres[wanted],
            self.suspect[wanted],
        )

    def joined(self, other: _Pieces) -> _Pieces:
        if not len(other.labels):
            return self
        labels = np.concatenate([self.labels, other.labels])
        order = np.argsort(labels, kind="stable")
        return _Pieces(
            labels[order],
            np.concatenate([self.spans, other.spans])[order],
            np.concatenate([self.seconds, other.seconds])[order],
            np.concatenate([self.millimetres, other.millimetres])[order],
            np.concatenate([self.suspect, other.suspect])[order],
        )

    def filled(self, readings: Readings) -> _Pieces:
        """With what coarser totals say beyond the pieces that are there."""
        usable = readings.having(Quality.GOOD, Quality.NOT_EVALUATED)
        suspect = readings.having(Quality.SUSPECT) & (readings.values > 0)
        if not len(self.labels):
            spoken = usable | suspect
            seconds = np.where(usable, readings.period_s, 0).astype(np.int64)
            millimetres = np.where(usable, readings.values, 0.0)
            unsure = np.where(suspect, readings.values, 0.0)
            spans = np.full(len(readings.labels), readings.period_s, np.int64)
            return _Pieces(readings.labels, spans, seconds, millimetres, unsure).where(spoken)
        inside = Windows(self.labels, self.seconds, self.millimetres, self.suspect)
        known = inside.sums(readings.labels, readings.period_s)
        gap = readings.period_s - known.seconds
        beyond = np.maximum(readings.values - known.millimetres, 0.0)
        fills = usable & (gap > 0)
        doubts = suspect & (gap > 0) & (beyond > known.suspect)
        settled = np.ones(len(self.labels), bool)
        for first, last in zip(known.first[fills], known.last[fills], strict=True):
            settled[first:last] = False
        kept = _Pieces(
            self.labels,
            self.spans,
            self.seconds,
            self.millimetres,
            np.where(settled, self.suspect, 0.0),
        )
        new = fills | doubts
        return kept.joined(
            _Pieces(
                readings.labels,
                np.full(len(readings.labels), readings.period_s, np.int64),
                np.where(fills, gap, 0).astype(np.int64),
                np.where(fills, beyond, 0.0),
                np.where(doubts, beyond - known.suspect, 0.0),
            ).where(new)
        )

    def as_base(self, outputs: Ints, spans: Ints) -> BaseRain:
        return BaseRain(self.labels, self.spans, self.seconds, self.millimetres, self.suspect, outputs, spans)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of pieces over windows; `first` and `last` are the pieces' places, last excluded."""

    first: Ints
    last: Ints
    seconds: Ints
    millimetres: Floats
    suspect: Floats


class Windows:
    """Sums over windows (end − width, end] of labels in order, by differences of running sums."""

    def __init__(self, labels: Ints, seconds: Ints, millimetres: Floats, suspect: Floats) -> None:
        self._labels = labels
        self._seconds = np.concatenate([[0], np.cumsum(seconds)])
        self._millimetres = np.concatenate([[0.0], np.cumsum(millimetres)])
        self._suspect = np.concatenate([[0.0], np.cumsum(suspect)])

    def sums(self, ends: Ints, width: int | Ints) -> Sums:
        """One sum for each end. Rounded to a micrometre, so that they do not depend on what lies before."""
        first = np.searchsorted(self._labels, ends - width, "right")
        last = np.maximum(np.searchsorted(self._labels, ends, "right"), first)
        return Sums(
            first,
            last,
            self._seconds[last] - self._seconds[first],
            np.round(self._millimetres[last] - self._millimetres[first], 3),
            np.round(self._suspect[last] - self._suspect[first], 3),
        )


def _silent(spoken: Ints, labels: Ints) -> Flags:
    """Where no total was sent in the `COUNTER_SILENT_S` up to a label."""
    first = np.searchsorted(spoken, labels - COUNTER_SILENT_S, "right")
    silent: Flags = np.searchsorted(spoken, labels, "right") == first
    return silent


def _finest(labels: list[Ints], spans: list[Ints]) -> tuple[Ints, Ints]:
    """Each label once, with the shortest span said there."""
    if len(labels) == 1:
        return labels[0], spans[0]
    all_labels = np.concatenate([np.empty(0, np.int64), *labels])
    all_spans = np.concatenate([np.empty(0, np.int64), *spans])
    order = np.lexsort((all_spans, all_labels))
    unique, first = np.unique(all_labels[order], return_index=True)
    return unique, all_spans[order][first]


def _differences(counter: Readings) -> _Pieces:
    """Rain between the readings of a cumulative counter.

    A counter that went back was reset (New Year, another RTU) or wrapped. Of a reset nothing is known, so
    it gives no rain and reports no time: the sums around it say "at least". A leap beyond what
    can fall is suspect. Suspect readings give suspect rain until a usable one settles it. Over more than
    a day a difference says nothing that a window could use.
    """
    usable = counter.having(Quality.GOOD, Quality.NOT_EVALUATED)
    suspect = counter.having(Quality.SUSPECT)
    rows: list[tuple[int, int, int, float, float]] = []
    before: tuple[int, float] | None = None
    doubted: list[tuple[int, int, int, float, float]] = []
    highest = 0.0
    for place in np.flatnonzero(usable | suspect):
        label, value = int(counter.labels[place]), float(counter.values[place])
        if before is not None and label - before[0] > COUNTER_SILENT_S:
            rows += doubted
            before, doubted, highest = None, [], 0.0
        if before is None:
            before = (label, value) if usable[place] else None
            continue
        span, rise = label - before[0], value - before[1]
        if not usable[place]:
            if rise > highest:
                doubted.append((label, span, 0, 0.0, rise - highest))
                highest = rise
            continue
        doubted, highest = [], 0.0
        if rise < 0 and before[1] > COUNTER_MODULUS_MM - _WRAP_MARGIN_MM and value < _WRAP_MARGIN_MM:
            rise += COUNTER_MODULUS_MM
        if rise > _MOST_MM:
            rows.append((label, span, 0, 0.0, rise))
        elif rise >= 0:
            rows.append((label, span, span, rise, 0.0))
        before = (label, value)
    rows += doubted
    if not rows:
        return _Pieces.none()
    table = np.array(rows, np.float64)
    return _Pieces(
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        table[:, 2].astype(np.int64),
        table[:, 3],
        table[:, 4],
    )
