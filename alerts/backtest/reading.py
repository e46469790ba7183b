"""Streams stored observations through the courses of a rule: as its limits stand, and as they would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.alarms.course import Reading, Terms
from alerts.alarms.limits import Delays, rule_at
from alerts.backtest.comparison import Difference, Tally, as_json, difference_json
from alerts.backtest.course import Course
from alerts.backtest.kinds import STANDING_KINDS, said, untested
from alerts.backtest.result import Found, Progress, StoppedError
from alerts.backtest.spec import Spec, changed
from alerts.backtest.standing import run_standing, subjects
from alerts.rules.levels import LimitRule
from core.errors import InputError
from core.quality import Quality
from core.severity import Severity
from store import backtests
from store.areas import top_area
from store.backtests import StoredReading
from store.rule_versions import newest
from store.rules import RuleAtStation, ThresholdRow, rules_at_stations, threshold_rows

STANDARD = Delays()
"""Delays of limits without their own, as they are by default."""


def run(
    connection: Connection[Any],
    spec: Spec,
    zone: ZoneInfo,
    progress: Progress = lambda part, readings: True,
    *,
    delays: Delays = STANDARD,
    within: str | None = None,
) -> Found:
    """Reads the range of every station once, through the limits that stand and the changed ones together.

    In the caller's transaction. `delays` are those of limits without their own; `within` bounds the stations to an
    area. Raises InputError for a rule that no
    station has, StoppedError.
    """
    spec.check()
    kind = _kind(connection, spec)
    if kind in STANDING_KINDS:
        return run_standing(connection, spec, kind, zone, progress, within)
    places = _places(connection, spec, within)
    rows: dict[tuple[str, str], list[ThresholdRow]] = {}
    for row in threshold_rows(connection, [place.station for place in places]):
        rows.setdefault((row.station, row.property), []).append(row)
    now, then = Tally(spec.begin, spec.end, zone), Tally(spec.begin, spec.end, zone)
    difference = Difference(spec.end)
    county = top_area(connection) or ""
    readings, first, last, unset = 0, None, None, []
    for number, place in enumerate(places):
        rule = rule_at(place, rows, delays)
        if not rule.limits:
            unset.append(place.station)
        rules = [rule, *([_changed(rule, place, spec, delays)] if spec.changes else [])]
        series = _series(connection, place)
        courses = [_course(one, place, series, zone) for one in rules]
        for chunk in _stream(connection, sorted(series), spec) if any(one.limits for one in rules) else ():
            for course in courses:
                course.feed(chunk)
            readings += len(chunk)
            first, last = _span(first, last, chunk)
            done = (chunk[-1].time - spec.begin) / (spec.end - spec.begin)
            if not progress((number + done) / len(places), readings):
                raise StoppedError
        for course in courses:
            course.end(spec.end)
        now.add(courses[0], place.area or county)
        if spec.changes:
            then.add(courses[1], place.area or county)
            difference.add(courses[0].episodes, courses[1].episodes)
    result: dict[str, Any] = {
        "rule": spec.rule,
        "kind": kind,
        "version": places[0].version,
        "stations": len(places),
        "without_limits": unset,
        "begin": spec.begin.isoformat(),
        "end": spec.end.isoformat(),
        "readings": readings,
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
        "calls_at_most": False,
        "now": as_json(now.summary()),
        "changed": as_json(then.summary()) if spec.changes else None,
        "difference": difference_json(difference) if spec.changes else None,
    }
    return Found(readings, result)


def check_places(connection: Connection[Any], spec: Spec, within: str | None) -> None:
    """Raises InputError where the rule holds at no station, or not at one that is named, or is of a kind that cannot
    be tested so."""
    kind = _kind(connection, spec)
    if kind in STANDING_KINDS:
        subjects(connection, spec, kind, within)
    else:
        _places(connection, spec, within)


def _kind(connection: Connection[Any], spec: Spec) -> str:
    """The rule's kind; empty where there is no such rule. Raises InputError where it has no back-test."""
    kind = next((rule.kind for rule in newest(connection) if rule.code == spec.rule), "")
    if kind and (why := untested(kind)) is not None:
        raise InputError(
            f"rule_{why}", f"rules of kind {kind} ({spec.rule}) have no back-test: {said(why, kind)}"
        )
    return kind


def _places(connection: Connection[Any], spec: Spec, within: str | None) -> list[RuleAtStation]:
    """Where the rule holds. Raises InputError where it holds nowhere, or not at a station that was named."""
    known = [
        place for place in rules_at_stations(connection, spec.stations or None) if place.rule == spec.rule
    ]
    if within is not None:
        inside = {
            row[0]
            for row in connection.execute("select code from station where area_within(area, %s)", (within,))
        }
        known = [place for place in known if place.station in inside]
    left = sorted(set(spec.stations) - {place.station for place in known})
    if left:
        raise InputError("rule_not_here", f"the rule {spec.rule} does not hold at {', '.join(left[:5])}")
    if not known:
        raise InputError("rule_nowhere", f"there is no station that the rule {spec.rule} is for")
    return known


def _changed(rule: LimitRule, place: RuleAtStation, spec: Spec, delays: Delays) -> LimitRule:
    def of(severity: Severity, on_s: int | None, off_s: int | None) -> tuple[timedelta, timedelta]:
        return delays.given(severity, on_s, off_s, place.kind, place.period_s)

    return replace(rule, limits=changed(rule.limits, spec.changes, place.datum, of))


def _course(rule: LimitRule, place: RuleAtStation, series: dict[int, int], zone: ZoneInfo) -> Course:
    grace = max(timedelta(minutes=1), timedelta(seconds=place.period_s))
    terms = Terms(rule.limits, zone, timedelta(days=1), series if rule.kind == "rain" else None, grace)
    if rule.kind == "rate":
        return Course(rule.station, terms, rule.property, float(place.terms["window_s"]))
    return Course(rule.station, terms)


def _series(connection: Connection[Any], place: RuleAtStation) -> dict[int, int]:
    """The series that the rule reads at a station, with their periods (s)."""
    return backtests.real_series(connection, place.station, place.property)


def _stream(connection: Connection[Any], series: list[int], spec: Spec) -> Iterable[list[Reading]]:
    if series:
        for chunk in backtests.stream(connection, series, spec.begin, spec.end):
            yield [_reading(row) for row in chunk]


def _reading(row: StoredReading) -> Reading:
    """As if it had come at its own time: what came late, or was imported years after, is judged as well."""
    return Reading(row.series, row.time, row.value, Quality(row.quality), row.reason, row.time, row.by_user)


def _span(first: datetime | None, last: datetime | None, chunk: list[Reading]) -> tuple[datetime, datetime]:
    begin, end = chunk[0].time, chunk[-1].time
    return min(first, begin) if first else begin, max(last, end) if last else end


def kept(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of a result without its lists: what a request for a second person keeps."""
    short = {key: mapping[key] for key in ("begin", "end", "readings", "first", "last")}
    for part in ("now", "changed"):
        if mapping[part] is not None:
            short[part] = {
                key: mapping[part][key]
                for key in ("alarms", "by_severity", "duration_s", "chattering", "load")
            }
    if mapping["difference"] is not None:
        difference = mapping["difference"]
        short["difference"] = {
            key: difference[key] for key in ("gone_count", "milder_count", "added_count")
        } | {"gone": difference["gone"][:20], "milder": difference["milder"][:20]}
    return short
