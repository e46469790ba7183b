"""A rule at a station, with the limits and delays that its readings are compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.rules.levels import Limit, LimitRule, sort_limits
from core.alarms import AlarmClass
from core.severity import Severity
from store.rules import RuleAtStation, ThresholdRow


@dataclass(frozen=True, slots=True)
class Delays:
    """Delays of limits that have none of their own (field.md §1.3).

    On: blue and yellow levels need two readings in a row; off: left for so long. `used` False: no delay at all,
    whatever the limits say.
    """

    used: bool = True
    off_s: int = 1800

    def of(self, row: ThresholdRow, kind: str, period_s: int) -> tuple[timedelta, timedelta]:
        """On-delay and off-delay of a limit."""
        return self.given(Severity(row.severity), row.on_delay_s, row.off_delay_s, kind, period_s)

    def given(
        self, severity: Severity, on_delay_s: int | None, off_delay_s: int | None, kind: str, period_s: int
    ) -> tuple[timedelta, timedelta]:
        """The delays (s) that are given, and where there are none those of the severity."""
        if not self.used:
            return timedelta(0), timedelta(0)
        calm = kind == "level" and severity.rank <= Severity.YELLOW.rank
        on_s = on_delay_s if on_delay_s is not None else period_s // 2 if calm else 0
        off_s = off_delay_s if off_delay_s is not None else self.off_s
        return timedelta(seconds=on_s), timedelta(seconds=off_s)


NO_DELAYS = Delays(used=False)


def rule_at(
    place: RuleAtStation, rows: Mapping[tuple[str, str], Sequence[ThresholdRow]], delays: Delays
) -> LimitRule:
    """The rule at a station with the limits that its readings are compared with, of `rows` by station and property."""
    compared = str(place.terms["limits"]) if place.kind == "rate" else place.property
    given = rows.get((place.station, compared), [])
    chosen = [limit_of(row, *delays.of(row, place.kind, place.period_s)) for row in given]
    found = sort_limits(compared, place.datum, chosen).limits if chosen else _defaults(place, delays)
    return LimitRule(
        place.rule,
        place.version,
        AlarmClass(place.alarm_class),
        place.station,
        compared,
        found,
        place.kind,
        place.property,
    )


def limit_of(
    row: ThresholdRow, on_delay: timedelta = timedelta(0), off_delay: timedelta = timedelta(0)
) -> Limit:
    """A stored threshold as the evaluator compares it."""
    return Limit(
        row.id, row.name, Severity(row.severity), row.value, row.deadband, row.datum,
        row.season_from, row.season_to, row.period_s, on_delay, off_delay,
    )  # fmt: skip


def _defaults(place: RuleAtStation, delays: Delays) -> tuple[Limit, ...]:
    """Limits that the rule itself brings for stations without their own; left at 80 % (field.md §1.3)."""
    off = timedelta(seconds=delays.off_s if delays.used else 0)
    return tuple(
        Limit(
            -(window["period_s"] * 10 + severity.rank), f"rain_{severity.value}", severity,
            float(window[severity.value]), 0.2 * float(window[severity.value]),
            period_s=window["period_s"], off_delay=off,
        )
        for window in place.terms.get("defaults", [])
        for severity in Severity
        if severity.value in window
    )  # fmt: skip
