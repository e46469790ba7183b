"""Gates: a rule that needs other alarms too, all of them or some, within a time. Pure.

`requires`: `{"least": k, "of": [{"rule", "subject", "severity"}], "within_s": n}`. Each of `of` is met if an alarm of
that rule, of that severity or a worse one, holds now or held within the last `within_s`. `least` (default all) of
them open the gate. `subject`: `same` (default) is the same subject or station, `area` the same town (or what it lies
in), anything else the code of a subject.

A gate guards the raising alone: what has been raised lives by its own condition, so a gate that closes hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.severity import Severity
from store.alarm_spans import AlarmSpan as Span

SAME, AREA = "same", "area"
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Needed:
    """Another alarm that must hold; `severity` None is any, without a colour too."""

    rule: str
    subject: str
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class Gate:
    """So many of these within the time before."""

    least: int
    of: tuple[Needed, ...]
    within: timedelta

    @property
    def rules(self) -> frozenset[str]:
        """The rules whose alarms it looks at."""
        return frozenset(needed.rule for needed in self.of)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose alarm asks."""

    exercise: str | None
    subject: str
    station: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the gate is open, and the spans that meet it, one for each that is met."""

    open: bool
    by: tuple[Span, ...]


class Places:
    """Which areas belong together: those of one town, and the county with all."""

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self._parents = parents
        self._county = {code for code, parent in parents.items() if parent is None}

    def together(self, one: str | None, other: str | None) -> bool:
        """True for two areas of one town (or one of them the county, or none: that is county-wide)."""
        if one is None or other is None or one in self._county or other in self._county:
            return True
        return not self._line(one).isdisjoint(self._line(other))

    def _line(self, code: str) -> set[str]:
        found: set[str] = set()
        at: str | None = code
        while at is not None and at not in self._county and at not in found:
            found.add(at)
            at = self._parents.get(at)
        return found


def gate_of(requires: Mapping[str, Any] | None) -> Gate | None:
    """The gate of a rule; None where it has none. Raises KeyError, ValueError for one that cannot be."""
    if requires is None:
        return None
    of = tuple(
        Needed(
            str(one["rule"]), str(one.get("subject", SAME)), Severity(one["severity"]) if one.get("severity") else None
        )
        for one in requires["of"]
    )  # fmt: skip
    if not of:
        raise ValueError("a gate needs at least one other alarm")
    return Gate(
        int(requires.get("least", len(of))), of, timedelta(seconds=int(requires.get("within_s", _HOUR_S)))
    )


def ask(gate: Gate, asker: Asker, spans: Iterable[Span], places: Places, now: datetime) -> Answer:
    """Whether the gate is open for the one who asks at `now`."""
    mine = [
        span
        for span in spans
        if span.exercise == asker.exercise
        and span.start <= now
        and (span.end is None or span.end >= now - gate.within)
    ]
    met = [span for needed in gate.of if (span := _met(needed, asker, mine, places)) is not None]
    return Answer(len(met) >= gate.least, tuple(met))


def _met(needed: Needed, asker: Asker, spans: Sequence[Span], places: Places) -> Span | None:
    fitting = (
        span
        for span in spans
        if span.rule == needed.rule and _severe(span, needed.severity) and _about(needed, asker, span, places)
    )
    return max(fitting, key=lambda span: (_rank(span.severity), span.start), default=None)


def _severe(span: Span, least: Severity | None) -> bool:
    return least is None or _rank(span.severity) >= least.rank


def _about(needed: Needed, asker: Asker, span: Span, places: Places) -> bool:
    if needed.subject == SAME:
        same_station = asker.station is not None and asker.station == span.station
        return same_station or asker.subject == span.subject
    if needed.subject == AREA:
        return places.together(asker.area, span.area)
    return needed.subject in (span.subject, span.station)


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else severity.rank
