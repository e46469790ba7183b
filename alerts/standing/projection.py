"""Rules of kind `projection`: a limit that is not reached yet will be, within three hours.

One issue may differ from the next; so two of the newest three must say so, or the whole range of the newest; and what
stands stays while any of them does. The condition ends when none does, or when the level is there: then
the alarm of the limit itself has taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.projections import Projection, projections
from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.words import both, colours
from core import notices
from core.language import LANGUAGES, translator
from core.severity import Severity
from hydrology.forecasts import Crossing, Forecast, Limit, Source, crossings
from store import forecasts
from store.forecasts import LevelNow, LimitRow

ONE_BELOW = "one_below"
ISSUES = 3
"""So many of the newest issues are kept at hand."""
_WAIT_MIN = 20.0
HELD_S = 6 * 3_600.0
"""A station that fell silent on a projected rise keeps its condition for so long; its silence is an alarm by then."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule's `terms` (docs/forecasts.md).

    `severity`: a colour, or `one_below` that of the limit, at least blue. `least` of the newest `of` issues must reach
    the limit within `ahead_h` hours of now; a station that speaks so seldom that this would take longer than
    `wait_min` minutes needs but one.
    """

    severity: Severity | None
    least: int
    of: int
    ahead_s: float
    wait_s: float

    @classmethod
    def of_rule(cls, terms: Mapping[str, Any]) -> Terms:
        """Raises KeyError, ValueError where a term is missing or makes no sense."""
        colour = str(terms["severity"])
        least, of, ahead_h = int(terms["least"]), int(terms["of"]), float(terms["ahead_h"])
        wait_min = float(terms.get("wait_min", _WAIT_MIN))
        if not 1 <= least <= of <= ISSUES or not 0 < ahead_h <= 3 or not wait_min >= 0:
            raise ValueError(
                f"terms of a projection: 1 ≤ least ≤ of ≤ {ISSUES}, 0 < ahead_h ≤ 3, wait_min ≥ 0"
            )
        severity = None if colour == ONE_BELOW else Severity(colour)
        return cls(severity, least, of, ahead_h * 3600, wait_min * 60)

    def needed(self, period_s: int) -> int:
        """How many issues must agree at a station that reports so often."""
        return self.least if (self.least - 1) * period_s <= self.wait_s else 1

    def colour(self, limit: Severity) -> Severity:
        """The severity of a limit that is only projected."""
        if self.severity is not None:
            return self.severity
        return next((one for one in Severity if one.rank == limit.rank - 1), Severity.BLUE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A limit that will be reached, by which forecast, when."""

    limit: LimitRow
    forecast: Forecast
    crossing: Crossing


def judge(
    one: Projection,
    limits: Sequence[LimitRow],
    level: float,
    reached: float | None,
    terms: Terms,
    now_s: float,
) -> Verdict | Literal["held"] | None:
    """The highest limit that will be reached; `held` where that is neither sure enough nor over. Pure.

    `level` is the newest usable reading, `reached` the highest limit for which an alarm stands.
    """
    ahead = [limit for limit in limits if limit.value > level and (reached is None or limit.value > reached)]
    issues = sorted({forecast.issued_s for forecast in one.forecasts}, reverse=True)[: terms.of]
    if not issues or now_s - issues[0] > max(one.current_for_s, HELD_S):
        return None
    held = False
    for limit in sorted(ahead, key=lambda each: each.value, reverse=True):
        found = [
            (forecast, crossing)
            for forecast in one.forecasts
            if forecast.issued_s in issues and (crossing := _crossing(forecast, limit, now_s + terms.ahead_s))
        ]
        if not found:
            continue
        held = True
        if now_s - issues[0] > one.current_for_s:
            continue
        forecast, crossing = min(found, key=lambda pair: (-pair[0].issued_s, pair[1].likely_s))
        whole = crossing.latest_s is not None and forecast.issued_s == issues[0]
        if whole or len({forecast.issued_s for forecast, _ in found}) >= terms.needed(one.period_s):
            return Verdict(limit, forecast, crossing)
    return "held" if held else None


def _crossing(forecast: Forecast, limit: LimitRow, until_s: float) -> Crossing | None:
    found = crossings(forecast, [Limit(limit.name, limit.value)])
    return found[0] if found and found[0].likely_s is not None and found[0].likely_s <= until_s else None


class ProjectionFinder:
    """`terms`: see `Terms`."""

    kind = "projection"
    every_s = 15.0
    wakes = frozenset({notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Stations of the rule's kinds whose level will reach a limit, for real and in every exercise."""
        terms, now_s = Terms.of_rule(rule.terms), look.now.timestamp()
        day = f"{look.now.astimezone(look.zone):%m%d}"
        since = look.now - timedelta(days=1)
        near = forecasts.near_a_limit(
            connection, since=since, day=day, kinds=rule.station_kinds, property=rule.property, anywhere=True
        )
        if not near:
            return Found()
        points = forecasts.newest(connection, since=since, series=near, anywhere=True, issues=ISSUES)
        levels = {one.series: one for one in forecasts.levels(connection, near)}
        stations = sorted({one.station for one in levels.values()})
        limits = forecasts.limits(connection, stations, day)
        findings: dict[SubjectKey, Finding] = {}
        held: set[SubjectKey] = set()
        for one in projections(points):
            here = levels[one.series]
            if here.level is None:
                continue
            own = [each for each in limits if (each.station, each.property) == (one.station, one.property)]
            verdict = judge(one, own, here.level, here.reached, terms, now_s)
            if verdict == "held":
                held.add((one.exercise, "station", one.station))
            elif verdict is not None:
                found = finding(one, here, verdict, terms, look.zone)
                findings[found.key] = _graver(findings.get(found.key), found)
        return Found(tuple(findings.values()), frozenset(held - findings.keys()))


def _graver(one: Finding | None, other: Finding) -> Finding:
    """Of two sensors of a station the one that says worse."""
    if one is None or one.severity is None or other.severity is None:
        return other
    return other if other.severity.rank > one.severity.rank else one


def finding(one: Projection, here: LevelNow, verdict: Verdict, terms: Terms, zone: ZoneInfo) -> Finding:
    """What is told: clock times, which stay right however late they are read."""
    severity = terms.colour(Severity(verdict.limit.severity))
    forecast, crossing = verdict.forecast, verdict.crossing
    certain = forecast.source is not Source.UNVERIFIED_TREND
    times = {
        name: None if at_s is None else _time(at_s)
        for name, at_s in (
            ("earliest", crossing.earliest_s), ("likely", crossing.likely_s), ("latest", crossing.latest_s),
        )
    }  # fmt: skip
    clock = {name: "" if at is None else f"{at.astimezone(zone):%H:%M}" for name, at in times.items()}
    reach = "between" if times["latest"] is not None else "from"
    return Finding(
        subject_kind="station",
        subject=one.station,
        observed_at=_time(forecast.issued_s),
        severity=severity,
        station=one.station,
        property=one.property,
        area=here.area,
        exercise=one.exercise,
        value=forecast.points[0].value,
        threshold=verdict.limit.value,
        threshold_name=verdict.limit.name,
        certain=certain,
        facts={
            "station": {"zh": here.name, "en": here.name_en},
            "limit": _limit_words(verdict.limit.name),
            "limit_name": verdict.limit.name,
            "limit_m": f"{verdict.limit.value:.2f}",
            "level_m": f"{forecast.points[0].value:.2f}",
            "colour": colours(severity),
            "source": both(f"standing.projection.{forecast.source}"),
            "source_name": forecast.source.value,
            "issued": _time(forecast.issued_s).isoformat(),
            "issued_clock": f"{_time(forecast.issued_s).astimezone(zone):%H:%M}",
            **{name: None if at is None else at.isoformat() for name, at in times.items()},
            "likely_clock": clock["likely"],
            "range": both(f"standing.projection.{reach}", **clock),
        },
    )


def _limit_words(name: str) -> dict[str, str]:
    """The field's name of the limit in every language; an owner's own name as it is."""
    told = {language: translator("alerts", language)(f"limit.{name}") for language in LANGUAGES}
    return {language: name if text == f"limit.{name}" else text for language, text in told.items()}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), UTC)
