"""Forecasts of levels from the station upstream, by the table of travel times and what history taught."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from core.quality import Quality
from hydrology.forecasts import Forecast
from hydrology.forecasts.upstream import Relation, Step, Stretch, Travel, project, relate
from store import derived, travel_times
from store.derived import Column, Range, Subject
from store.travel_times import LevelRelation, TravelTime

if TYPE_CHECKING:
    from ingest.derive.forecasts.issue import Asked

_LEVEL = "water_level"
_DAY_S = 86_400.0
_SINCE = timedelta(days=730)
_MOST_DAYS = 12
"""Days of history from which a relation is fitted, those on which upstream moved most, and the last two."""
_FIT_EVERY_S = 6 * 3_600.0
_MOST_FITS = 5
"""Relations fitted in one transaction; the others wait for the next reading."""
_MARGIN_S = 5_400.0
_USABLE = (Quality.GOOD, Quality.NOT_EVALUATED)


def forecasts(connection: Connection[Any], asked: Sequence[Asked]) -> list[tuple[Asked, Forecast | None]]:
    """One for each series with a usable newest reading, an entry in the table, and a relation that history bears out."""
    pairs = _pairs(connection, [one for one in asked if one.level is not None])
    known = {
        (one.upstream, one.downstream, one.usual_s): one
        for one in travel_times.relations(connection, sorted({one.series.id for one, _, _ in pairs}))
    }
    made: dict[int, tuple[Asked, list[tuple[int, float, Forecast]]]] = {}
    fits = 0
    for one, above, travel in pairs:
        relation = known.get((above.id, one.series.id, travel.usual_s))
        if _is_old(relation, one.at_s) and fits < _MOST_FITS:
            relation = _fit(connection, one, above, travel)
            fits += 1
        if relation is None or not relation.errors_m or one.level is None:
            continue
        steps = zip(relation.of_upstream, relation.of_own, relation.errors_m, strict=True)
        learnt = Relation(tuple(Step(*each) for each in steps), relation.pairs, relation.correlation)
        recent = Range(above.id, one.at_s - travel.longest_s - _MARGIN_S, one.at_s)
        upstream = _usable(derived.readings(connection, [recent])[0])
        found = project(one.at_s, one.level, _own(one), upstream, travel, learnt)
        if found is not None:
            made.setdefault(one.series.id, (one, []))[1].append(
                (len(found.points), relation.correlation, found)
            )
    return [(one, max(several, key=lambda each: (each[0], each[1]))[2]) for one, several in made.values()]


def _pairs(connection: Connection[Any], asked: Sequence[Asked]) -> list[tuple[Asked, Subject, Travel]]:
    """Each series with every series upstream of it in the same exercise, and the travel time that holds now."""
    of_station: dict[str, dict[str, list[TravelTime]]] = defaultdict(lambda: defaultdict(list))
    for entry in travel_times.travel_times(connection, sorted({one.series.station for one in asked})):
        of_station[entry.downstream][entry.upstream].append(entry)
    keys = {(above, one.series.exercise) for one in asked for above in of_station.get(one.series.station, ())}
    if not keys:
        return []
    levels = {
        (one.station, one.exercise): one
        for one in derived.subjects_of(connection, sorted(keys, key=str), (_LEVEL,))
        if one.period_s == 0
    }
    flows = travel_times.present_flows(connection, sorted({above for above, _ in keys}))
    return [
        (one, levels[above, one.series.exercise], travel_of(entries, flows.get((above, one.series.exercise))))
        for one in asked
        for above, entries in of_station.get(one.series.station, {}).items()
        if (above, one.series.exercise) in levels
    ]


def travel_of(entries: Sequence[TravelTime], flow: float | None) -> Travel:
    """The travel time at a flow; where the flow is not known, the one for all flows, else all classes together."""
    classes = [one for one in entries if one.flow is not None]
    for_all = [one for one in entries if one.flow is None]
    if flow is not None and classes:
        below = [one for one in classes if one.flow is not None and one.flow <= flow]
        chosen = below[-1:] or for_all or classes[:1]
    else:
        chosen = for_all or classes
    return Travel(
        3600 * min(one.least_h for one in chosen),
        3600 * sum(one.usual_h for one in chosen) / len(chosen),
        3600 * max(one.longest_h for one in chosen),
    )


def _is_old(relation: LevelRelation | None, at_s: float) -> bool:
    return relation is None or abs(at_s - relation.fitted_at.timestamp()) >= _FIT_EVERY_S


def _fit(connection: Connection[Any], one: Asked, above: Subject, travel: Travel) -> LevelRelation:
    """Fits a pair to the days on which most happened, and keeps what comes of it, also that it was too little."""
    until = datetime.fromtimestamp(one.at_s, UTC)
    days = set(travel_times.stirred_days(connection, above.id, until - _SINCE, until, _MOST_DAYS))
    days |= {until.date(), until.date() - timedelta(days=1)}
    starts = sorted(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() for day in days)
    ups = [Range(above.id, start - travel.longest_s, min(start + _DAY_S, one.at_s)) for start in starts]
    downs = [Range(one.series.id, start, min(start + _DAY_S, one.at_s)) for start in starts]
    read = [_usable(column) for column in derived.readings(connection, [*ups, *downs])]
    found = relate(zip(read[: len(ups)], read[len(ups) :], strict=True), travel)
    steps = found.steps if found else ()
    relation = LevelRelation(
        above.id, one.series.id, travel.usual_s, until,
        [each.of_upstream for each in steps], [each.of_own for each in steps],
        [each.error_m for each in steps],
        found.pairs if found else 0, found.correlation if found else 0.0,
    )  # fmt: skip
    travel_times.save_relation(connection, relation)
    return relation


def _own(one: Asked) -> Stretch:
    told = [each for each in one.points if each.quality in _USABLE and each.value == each.value]
    return Stretch([each.time_s for each in told], [each.value for each in told])


def _usable(column: Column) -> Stretch:
    told = [
        (time_s, value)
        for time_s, value, flag in zip(column.times_s, column.values, column.qualities, strict=True)
        if flag in _USABLE and value == value
    ]
    return Stretch([one[0] for one in told], [one[1] for one in told])
