"""Sifting: which readings change nothing at all, and of which subjects something may change.

Pure, and the innermost loop of the evaluator: a few comparisons for nearly every reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.alarms.course import Reading
from alerts.alarms.memory import Strand, Watched
from alerts.rules.rates import spoken
from core.quality import Quality
from store.evaluation import ObservationRow

_MISSING = int(Quality.MISSING)
_USABLE = frozenset({int(Quality.GOOD), int(Quality.NOT_EVALUATED)})


@dataclass
class Sifted:
    """`busy` subjects are to be evaluated; of all others the strands are read on.

    `rates` are the fitted rates of each strand that has a window; `revised` the strands whose window holds a
    reading that came late or was changed.
    """

    busy: set[Watched] = field(default_factory=set)
    read: dict[Strand, tuple[datetime, float | None]] = field(default_factory=dict)
    rates: dict[Strand, list[Reading]] = field(default_factory=dict)
    revised: set[Strand] = field(default_factory=set)

    def calm_columns(
        self,
    ) -> tuple[Sequence[int], Sequence[str], Sequence[datetime], Sequence[float | None]]:
        """Series, rules, read until and last value of the strands whose readings changed nothing."""
        calm = [
            (strand, at, value)
            for strand, (at, value) in self.read.items()
            if strand.subject not in self.busy
        ]
        calm.sort(key=lambda one: one[0].series)
        return (
            [strand.series for strand, _, _ in calm],
            [strand.subject.rule.code for strand, _, _ in calm],
            [at for _, at, _ in calm],
            [value for _, _, value in calm],
        )

    def accept(self) -> None:
        """Reads the calm strands on; what was busy has been settled by its evaluation."""
        for strand, (at, value) in self.read.items():
            if strand.subject not in self.busy:
                strand.observed_at, strand.value = at, value


def sift(rows: Iterable[ObservationRow], strands: Mapping[int, tuple[Strand, ...]], zone: ZoneInfo) -> Sifted:
    """Sifts observations that are in order of time."""
    sifted = Sifted()
    read, busy = sifted.read, sifted.busy
    for row in rows:
        series, time, value, quality, _, received_at, by = row
        for strand in strands.get(series, ()):
            at, last = read.get(strand) or (strand.observed_at, strand.value)
            told = value if quality != _MISSING and value == value else None
            certain = quality in _USABLE
            if strand.window is not None:
                if at is not None and time <= at:
                    sifted.revised.add(strand)
                    busy.add(strand.subject)
                    continue
                told = _rate(sifted, strand, row) if certain and told is not None else None
            until = time if time <= received_at else received_at
            if at is None or until > at:
                read[strand] = (until, last if told is None else told)
            if strand.subject in busy:
                continue
            if (
                (at is None or time > at)
                and by is None
                and strand.subject.settled
                and (told is None or (told < strand.high and (told >= strand.low or not certain)))
                and (strand.day is None or strand.day == time.astimezone(zone).date())
            ):
                continue
            busy.add(strand.subject)
    return sifted


def _rate(sifted: Sifted, strand: Strand, row: ObservationRow) -> float | None:
    """The rate that a usable reading ends, kept for the evaluation should there be one."""
    _, time, value, _, _, received_at, _ = row
    if strand.window is None or value is None:
        return None
    strand.window.add(time.timestamp(), value)
    rate = strand.window.rate()
    if rate is None:
        return None
    told = spoken(strand.subject.rule.property, rate)
    reading = Reading(strand.series, time, told, Quality.GOOD, "", received_at)
    sifted.rates.setdefault(strand, []).append(reading)
    return told
