"""Back-tests of standing rules of stations: silence and batteries, station by station.

What hides alarms (links, a silent station, out of service) is not replayed: calls are an upper bound, and the result says
so (`calls_at_most`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.backtest.battery import PROPERTIES, battery
from alerts.backtest.comparison import Tally, as_json
from alerts.backtest.equipment import EquipmentCourse
from alerts.backtest.result import Found, Progress, StoppedError
from alerts.backtest.silence import Silences
from alerts.backtest.spec import Spec
from alerts.standing.battery import Terms as BatteryTerms
from alerts.standing.finding import StandingRule
from alerts.standing.silence import Terms as SilenceTerms
from core.errors import InputError
from store.areas import top_area
from store.backtest_equipment import Count, Place, Receipts, computed, counted, places
from store.rules import standing_rules


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells how far a back-test is within a station, so that it keeps its lease. Raises StoppedError."""

    progress: Progress
    before: float
    share: float
    readings: int

    def __call__(self, part: float) -> None:
        if not self.progress(self.before + part * self.share, self.readings):
            raise StoppedError


def run_standing(
    connection: Connection[Any], spec: Spec, kind: str, zone: ZoneInfo, progress: Progress, within: str | None
) -> Found:
    """Reads the range of every station once, in the caller's transaction. Raises InputError, StoppedError."""
    rule, known = subjects(connection, spec, kind, within)
    county = top_area(connection) or ""
    tally = Tally(spec.begin, spec.end, zone)
    readings, first, last, stations = 0, None, None, 0
    receipts = Receipts(connection) if kind == "silence" else None
    by_station = [(code, list(group)) for code, group in groupby(known, key=lambda one: one.station)]
    for number, (_, group) in enumerate(by_station):
        tell = _Teller(progress, number / len(by_station), 1 / len(by_station), readings)
        tell(0.0)
        count, courses = (
            _silences(connection, receipts, rule, group, spec, tell)
            if receipts is not None
            else _battery(connection, rule, group, spec)
        )
        for course in courses:
            tally.add(course, group[0].area or county)
        readings, stations = readings + count.readings, stations + 1
        first, last = _earlier(first, count.first), _later(last, count.last)
    result: dict[str, Any] = {
        "rule": spec.rule,
        "kind": kind,
        "version": rule.version,
        "stations": stations,
        "without_limits": [],
        "begin": spec.begin.isoformat(),
        "end": spec.end.isoformat(),
        "readings": readings,
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
        "calls_at_most": True,
        "now": as_json(tally.summary()),
        "changed": None,
        "difference": None,
    }
    return Found(readings, result)


def subjects(
    connection: Connection[Any], spec: Spec, kind: str, within: str | None
) -> tuple[StandingRule, list[Place]]:
    """The rule in force and what it reads. Raises InputError where there is nothing, or limits are to be tried."""
    if spec.changes:
        raise InputError(
            "no_limits_here", f"the rule {spec.rule} compares with no limits of stations: try none"
        )
    rule = next((one for one in standing_rules(connection, kind) if one.code == spec.rule), None)
    found = places(connection, spec.stations or None, within) if rule is not None else []
    if kind == "battery":
        found = [one for one in found if one.property in PROPERTIES]
    left = sorted(set(spec.stations) - {one.station for one in found})
    if rule is not None and left:
        raise InputError("rule_not_here", f"the rule {spec.rule} does not hold at {', '.join(left[:5])}")
    if rule is None or not found:
        raise InputError("rule_nowhere", f"there is no station that the rule {spec.rule} is for")
    return rule, found


def _silences(
    connection: Connection[Any],
    receipts: Receipts,
    rule: StandingRule,
    group: Sequence[Place],
    spec: Spec,
    tell: _Teller,
) -> tuple[Count, list[EquipmentCourse]]:
    terms = SilenceTerms.of(rule.terms)
    away = computed(connection, group, spec.begin, spec.end)
    waited = [one for one in group if one.property not in terms.without and one.series not in away]
    count = receipts.gather([one.series for one in group], spec.begin, spec.end, terms.learn, tell)
    return count, Silences(receipts, terms, rule.priority, waited, spec.begin, spec.end).courses()


def _battery(
    connection: Connection[Any], rule: StandingRule, group: Sequence[Place], spec: Spec
) -> tuple[Count, list[EquipmentCourse]]:
    count = counted(connection, [one.series for one in group], spec.begin, spec.end)
    terms = BatteryTerms.of(rule.terms)
    return count, [battery(connection, group, terms, rule.priority, spec.begin, spec.end)]


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)
