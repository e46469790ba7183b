"""What the rules cover and what they do not: silence is never green."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from alerts.alarms.limits import limit_of
from alerts.rules.levels import Limit, sort_limits
from store import evaluation
from store.evaluation import Fault
from store.rules import RuleAtStation, rules_at_stations, threshold_rows


@dataclass(frozen=True, slots=True)
class Survey:
    """`judged` counts stations with limits; `unset` have none (未设); `refused` are over another datum."""

    judged: int
    unset: tuple[RuleAtStation, ...]
    refused: tuple[tuple[RuleAtStation, Limit], ...]
    faults: tuple[Fault, ...]


def survey(connection: Connection[Any]) -> Survey:
    """Looks at every station that a rule is for."""
    thresholds: dict[tuple[str, str], list[Limit]] = {}
    for row in threshold_rows(connection):
        thresholds.setdefault((row.station, row.property), []).append(limit_of(row))
    judged, unset, refused = 0, [], []
    for place in rules_at_stations(connection, kinds=("level",)):
        if place.out_of_service:
            continue
        limits = sort_limits(place.property, place.datum, thresholds.get((place.station, place.property), []))
        judged += bool(limits.limits)
        if limits.unset:
            unset.append(place)
        refused += [(place, limit) for limit in limits.refused]
    return Survey(judged, tuple(unset), tuple(refused), tuple(evaluation.faults(connection)))
