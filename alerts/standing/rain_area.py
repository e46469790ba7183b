"""Rain of hamlets at risk and of towns: 准备转移, 立即转移, with the state of the soil.

Of a hamlet the wettest of its gauges is compared with its own limits; of a town the mean of its gauges and the
wettest with the county's default table. A gauge whose newest sum is too old takes no part; an area without any that
takes part is left as it is: silence is never dry. Nor is a gauge that fell silent in the rain: what it said last keeps
what stands, for six hours, whatever the others say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.rules.area_rain import (
    GaugeSum,
    Level,
    Measure,
    Reached,
    gauge_sum,
    hamlet_levels,
    is_dry,
    judge,
    measure,
)
from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.words import both, colours
from core import notices
from core.areas import Area
from core.quality import Quality
from core.rain_limits import DefaultLimit, HamletLimit, SoilState
from core.severity import Severity
from hydrology.soil import DAYS, SoilTerms, wetness
from store import areas, exercises, open_alarms, rain_limits, rain_now
from store.rain_now import GaugeRain

_SOIL_AGE = timedelta(hours=1)
"""The state of the soil is computed anew so often: measured moisture and late rain of the days before change it."""
_DAY_S = 86_400
HELD = timedelta(hours=6)
"""What a gauge said before it fell silent keeps what stands for so long; its silence is an alarm by then."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule's `terms` (docs/rain-limits.md)."""

    clear_share: float
    dry_s: int
    stale: timedelta
    town_mean: frozenset[Severity]
    town_highest: frozenset[Severity]
    soil: SoilTerms
    moisture_age: timedelta

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """Raises KeyError, ValueError where a term is missing or cannot be."""
        soil = dict(terms["soil"])
        hours = float(soil.pop("moisture_max_h"))
        return cls(
            float(terms["clear_share"]),
            int(terms["dry_min"] * 60),
            timedelta(minutes=float(terms["stale_min"])),
            frozenset(Severity(one) for one in terms["town_mean"]),
            frozenset(Severity(one) for one in terms["town_highest"]),
            SoilTerms(**soil),
            timedelta(hours=hours),
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """An area in one exercise: its levels and the sums of its gauges that take part; `gauges` are all of them.

    `silent` are the last sums of those that take no part any more, no older than `HELD`.
    """

    area: Area
    exercise: str | None
    levels: tuple[Level, ...]
    sums: tuple[GaugeSum, ...]
    gauges: tuple[str, ...]
    soil: SoilState | None = None
    silent: tuple[GaugeSum, ...] = ()

    @property
    def key(self) -> SubjectKey:
        """Whose alarm it is."""
        return self.exercise, self.area.kind, self.area.code


def found_of(
    watched: Iterable[Watched], held: Mapping[SubjectKey, Severity | None], terms: Terms, names: Mapping[str, tuple[str, str]]
) -> Found:  # fmt: skip
    """What every area has reached; those of which no gauge takes part are held. Pure."""
    findings, silent = [], set()
    for one in watched:
        if not one.sums:
            silent.add(one.key)
            continue
        was = held.get(one.key)
        reached = _judged(one.levels, one.sums, was, terms)
        kept = _kept(one, reached, was, terms)
        if kept is not None:
            findings.append(_finding(one, kept, names, sorted({gauge.station for gauge in one.silent})))
        elif reached is not None:
            findings.append(_finding(one, reached, names))
    return Found(tuple(findings), frozenset(silent))


def _judged(
    levels: Sequence[Level], sums: Sequence[GaugeSum], was: Severity | None, terms: Terms
) -> Reached | None:
    return judge(levels, measure(sums), was, dry=is_dry(sums, terms.dry_s), clear_share=terms.clear_share)


def _kept(one: Watched, reached: Reached | None, was: Severity | None, terms: Terms) -> Reached | None:
    """What still stands by the last word of gauges that are silent now; None where they change nothing.

    They raise and worsen nothing: that word is old.
    """
    if was is None or not one.silent:
        return None
    levels = [level for level in one.levels if level.severity.rank <= was.rank]
    known = _judged(levels, (*one.sums, *one.silent), was, terms)
    if known is None or (reached is not None and reached.level.severity.rank >= known.level.severity.rank):
        return None
    return replace(known, certain=False, holds=True)


def town_levels(defaults: Iterable[DefaultLimit], terms: Terms) -> list[Level]:
    """The county's default table as it is for towns."""
    found = []
    for one in defaults:
        if one.severity in terms.town_mean:
            found.append(Level(one.severity, Measure.MEAN, one.window_s, one.mm))
        if one.severity in terms.town_highest:
            found.append(Level(one.severity, Measure.HIGHEST, one.window_s, one.mm))
    return found


def _finding(
    one: Watched, reached: Reached, names: Mapping[str, tuple[str, str]], silent: Sequence[str] = ()
) -> Finding:
    """`silent` are the gauges by whose last word it stands."""
    level, measured = reached.level, reached.measured
    complete = measured.coverage >= 0.995
    gauge = names.get(measured.gauge, (measured.gauge, measured.gauge))
    quiet = [names.get(code, (code, code)) for code in silent]
    facts: dict[str, Any] = {
        "place": {"zh": one.area.name, "en": one.area.name_en},
        "action": both(f"rain_area.{level.severity}"),
        "measure": both(f"rain_area.{measured.measure}"),
        "colour": colours(level.severity),
        "hours": f"{measured.window_s / 3600:g}",
        "window_s": measured.window_s,
        "mm": f"{measured.mm:.1f}",
        "limit_mm": f"{level.mm:g}",
        "at_least": {"zh": "", "en": ""} if complete else both("rain_area.at_least"),
        "coverage": round(measured.coverage, 2),
        "gauge": {"zh": gauge[0], "en": gauge[1]},
        "gauges": list(one.gauges),
        "reporting": measured.reporting,
        "to_verify": not (reached.certain or reached.holds),
        "holds": reached.holds,
        "silent_gauges": list(silent),
        "silent": both(
            "rain_area.silent", zh="、".join(zh for zh, _ in quiet), en=", ".join(en for _, en in quiet)
        )
        if quiet
        else {"zh": "", "en": ""},
        "soil": {"zh": "", "en": ""},
    }
    if one.soil is not None:
        facts |= {
            "soil": both(f"rain_area.soil.{one.soil.state}"),
            "soil_state": one.soil.state.value,
            "soil_source": one.soil.source.value,
            "soil_value": one.soil.value,
            "soil_days": one.soil.days,
        }
    return Finding(
        subject_kind=one.area.kind,
        subject=one.area.code,
        observed_at=measured.time,
        severity=level.severity,
        property="rainfall_sliding",
        area=one.area.code,
        exercise=one.exercise,
        value=round(measured.mm, 1),
        threshold=level.mm,
        threshold_name=f"rain_area_{level.severity}",
        certain=reached.certain,
        facts=facts,
    )


class RainAreaFinder:
    """`terms`: see `Terms`. New sums are seen within five seconds."""

    kind = "rain_area"
    every_s = 5.0
    wakes = frozenset({notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Areas whose limits are reached, for real and in every running exercise. Keeps the state of the soil.

        What stands of an area whose gauges are all out of service, or say nothing, is held.
        """
        terms = Terms.of(rule.terms)
        running = [one.code for one in exercises.exercises(connection, running=True)]
        scene = watch(connection, terms, running, look.now, keep=True)
        held = open_alarms.severities_of_rule(connection, rule.code)
        found = found_of(scene.watched, held, terms, scene.names)
        seen = {one.key for one in scene.watched}
        unseen = {key for key in held if key not in seen and (key[1] == "town" or key[2] in scene.hamlets)}
        return Found(found.findings, found.held | unseen)


@dataclass(frozen=True, slots=True)
class Scene:
    """Every area that is watched, `names` of gauges (Chinese, English), and the hamlets that have limits."""

    watched: tuple[Watched, ...]
    names: Mapping[str, tuple[str, str]]
    hamlets: frozenset[str]


def watch(
    connection: Connection[Any], terms: Terms, running: Sequence[str], now: datetime, *, keep: bool
) -> Scene:
    """The areas as they stand at `now`, for real and in the exercises that run and have rain; `keep`: the state of
    the soil is kept where it is computed anew."""
    limits = _by_area(rain_limits.hamlet_limits(connection))
    defaults = rain_limits.default_limits(connection)
    windows = {one.window_s for listed in limits.values() for one in listed} | {
        one.window_s for one in defaults
    }
    rain = rain_now.sums(connection, sorted(windows | {terms.dry_s}), running)
    known = {area.code: area for area in areas.areas(connection)}
    watched: list[Watched] = []
    for exercise in sorted({one.exercise for one in rain} | {None}, key=str):
        mine = [one for one in rain if one.exercise == exercise]
        soil = soil_of(connection, exercise, limits, known, terms, now, keep=keep)
        watched += _hamlets(mine, exercise, limits, known, soil, terms, now)
        watched += _towns(mine, exercise, defaults, known, terms, now)
    names = {one.station: (one.name, one.name_en) for one in rain}
    return Scene(tuple(watched), names, frozenset(limits))


def soil_of(
    connection: Connection[Any],
    exercise: str | None,
    limits: Mapping[str, Sequence[HamletLimit]],
    known: Mapping[str, Area],
    terms: Terms,
    now: datetime,
    *,
    keep: bool,
) -> dict[str, SoilState]:
    """The state of the soil of every area with limits of its own, kept, and computed anew every hour."""
    ordinal = int((now.timestamp() - 1) // _DAY_S)
    day = datetime.fromtimestamp(ordinal * _DAY_S, UTC).date()
    kept = rain_limits.soil_states(connection, day, now - _SOIL_AGE)
    missing = [area for area in limits if area in known and (exercise, area) not in kept]
    if missing:
        found = _soil(
            connection, exercise, {area: limits[area] for area in missing}, known, terms, now, ordinal, day
        )
        if keep:
            rain_limits.save_soil(connection, found, now)
        kept |= {(one.exercise, one.area): one for one in found}
    return {area: state for (of, area), state in kept.items() if of == exercise}


def _soil(
    connection: Connection[Any], exercise: str | None, limits: Mapping[str, Sequence[HamletLimit]],
    known: Mapping[str, Area], terms: Terms, now: datetime, ordinal: int, day: date,
) -> list[SoilState]:  # fmt: skip
    gauges = {
        area: sorted({gauge for one in listed for gauge in one.gauges}) for area, listed in limits.items()
    }
    every = sorted({gauge for listed in gauges.values() for gauge in listed})
    rain = rain_now.days_before(connection, every, exercise, ordinal - DAYS, ordinal - 1)
    towns = {area: _town(area, known) for area in limits}
    measured = rain_now.moisture(connection, sorted({*towns.values()}), exercise, now - terms.moisture_age)
    found = []
    for area in limits:
        days = []
        for number in range(ordinal - DAYS, ordinal):
            fell = [rain[gauge][number] for gauge in gauges[area] if number in rain.get(gauge, {})]
            days.append(sum(fell) / len(fell) if fell else None)
        wet = wetness(measured.get(towns[area]), days, terms.soil)
        found.append(SoilState(area, exercise, day, wet.state, wet.source, wet.value, wet.days))
    return found


def _by_area(limits: Iterable[HamletLimit]) -> dict[str, list[HamletLimit]]:
    found: dict[str, list[HamletLimit]] = defaultdict(list)
    for one in limits:
        found[one.area].append(one)
    return dict(found)


def _town(area: str, known: Mapping[str, Area]) -> str:
    """The town that an area lies in; the area itself where it lies in none."""
    at: Area | None = known.get(area)
    while at is not None and at.kind != "town":
        at = known.get(at.parent) if at.parent else None
    return at.code if at else area


def _sums(
    rain: Iterable[GaugeRain], terms: Terms, now: datetime
) -> tuple[tuple[GaugeSum, ...], tuple[GaugeSum, ...]]:
    """Those that take part, and the last ones of gauges that lately fell silent."""
    part: list[GaugeSum] = []
    silent: list[GaugeSum] = []
    for one in rain:
        age = now - one.time
        if age <= max(terms.stale, HELD):
            of = gauge_sum(one.station, one.window_s, one.time, one.value, Quality(one.quality), one.reason)
            (part if age <= terms.stale else silent).append(of)
    return tuple(part), tuple(silent)


def _hamlets(
    rain: Sequence[GaugeRain], exercise: str | None, limits: Mapping[str, Sequence[HamletLimit]],
    known: Mapping[str, Area], soil: Mapping[str, SoilState], terms: Terms, now: datetime,
) -> list[Watched]:  # fmt: skip
    by_gauge: dict[str, list[GaugeRain]] = defaultdict(list)
    for one in rain:
        by_gauge[one.station].append(one)
    found = []
    for code, listed in limits.items():
        if code not in known or code not in soil:
            continue
        gauges = sorted({gauge for one in listed for gauge in one.gauges})
        levels = hamlet_levels(listed, soil[code].state)
        sums, silent = _sums((one for gauge in gauges for one in by_gauge[gauge]), terms, now)
        found.append(Watched(known[code], exercise, tuple(levels), sums, tuple(gauges), soil[code], silent))
    return found


def _towns(
    rain: Sequence[GaugeRain], exercise: str | None, defaults: Sequence[DefaultLimit],
    known: Mapping[str, Area], terms: Terms, now: datetime,
) -> list[Watched]:  # fmt: skip
    levels = tuple(town_levels(defaults, terms))
    by_town: dict[str, list[GaugeRain]] = defaultdict(list)
    for one in rain:
        if one.area is not None:
            by_town[_town(one.area, known)].append(one)
    found = []
    for town, listed in sorted(by_town.items()):
        if town in known and known[town].kind == "town":
            sums, silent = _sums(listed, terms, now)
            gauges = tuple(sorted({one.station for one in listed}))
            found.append(Watched(known[town], exercise, levels, sums, gauges, silent=silent))
    return found
