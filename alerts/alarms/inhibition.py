"""Suppressed by design: which alarm explains which. Pure.

As Alertmanager's inhibition, where that makes sense for floods, and stricter where it does not:

- only between different rules, so that no alarm hides itself; the schema refuses circles;
- only equipment is ever hidden. Water, rain, tide, weather and reports are new danger wherever they are: an
  alarm upstream never hides one downstream. The schema refuses such a row, and this refuses it again;
- a label that is missing equals nothing, not even another missing one;
- the real world explains what an exercise does not hear, an exercise nothing of the real world;
- what explains others may be acknowledged, shelved or hidden itself: it stands all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.alarms import AlarmClass, AlarmState
from core.inhibition import Equal, Inhibition, Muted


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do: hide alarm → by which, show again, and those hidden by another one than before."""

    suppress: Mapping[int, int]
    release: tuple[int, ...]
    explained_anew: Mapping[int, int]


@dataclass
class Explanations:
    """The alarms that explain others at a moment; `above` leads from an area to itself and all above it."""

    rows: Sequence[Inhibition]
    sources: Iterable[Muted]
    above: Mapping[str, Sequence[str]]
    now: datetime
    _found: dict[tuple[str, str | None], list[Muted]] = field(init=False)
    _rows: dict[str, list[Inhibition]] = field(init=False)

    def __post_init__(self) -> None:
        self._found, self._rows = defaultdict(list), defaultdict(list)
        for row in self.rows:
            self._rows[row.target].append(row)
        equals = defaultdict(set)
        for row in self.rows:
            equals[row.source].add(row.equal)
        for source in self.sources:
            for equal in equals[source.rule]:
                label = _label(equal, source)
                if equal is Equal.NONE or label is not None:
                    self._found[f"{source.rule}/{equal}", label].append(source)

    def explaining(self, target: Muted) -> int | None:
        """The alarm that explains it, the oldest of several, one that stands before one that is over."""
        if target.alarm_class is not AlarmClass.EQUIPMENT:
            return None
        best: tuple[bool, int] | None = None
        for row in self._rows.get(target.rule, ()):
            for label in self._labels(row.equal, target):
                for source in self._found.get((f"{row.source}/{row.equal}", label), ()):
                    if self._holds(source, target, row) and source.id != target.id:
                        found = source.ended_at is not None, source.id
                        best = found if best is None else min(best, found)
        return best[1] if best else None

    def decide(self, targets: Iterable[Muted]) -> Decision:
        """What changes among open alarms."""
        suppress, release, anew = {}, [], {}
        for target in targets:
            by = self.explaining(target)
            if target.state is AlarmState.SUPPRESSED:
                if by is None:
                    release.append(target.id)
                elif target.suppressed_by != name(by):
                    anew[target.id] = by
            elif by is not None:
                suppress[target.id] = by
        return Decision(suppress, tuple(release), anew)

    def _labels(self, equal: Equal, target: Muted) -> Sequence[str | None]:
        if equal is Equal.NONE:
            return (None,)
        if equal is Equal.AREA:
            return () if target.area is None else self.above.get(target.area, (target.area,))
        label = _label(equal, target)
        return () if label is None else (label,)

    def _holds(self, source: Muted, target: Muted, row: Inhibition) -> bool:
        if source.exercise is not None and source.exercise != target.exercise:
            return False
        if source.ended_at is None:
            return True
        if not row.release_after_s:
            return False
        lasts = timedelta(seconds=max(float(row.release_after_s), target.limit_s))
        return self.now < source.ended_at + lasts


def name(alarm_id: int) -> str:
    """As `suppressed_by` names what hides an alarm."""
    return f"alarm:{alarm_id}"


def _label(equal: Equal, of: Muted) -> str | None:
    match equal:
        case Equal.STATION:
            return of.station
        case Equal.AREA:
            return of.area
        case Equal.SUBJECT:
            return f"{of.subject_kind}/{of.subject}"
        case Equal.NONE:
            return None
