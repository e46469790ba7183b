"""The completeness of the limits of all stations, as pages and the interface show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from alerts.limits.completeness import Assessment, LimitRule, assess
from store import thresholds as store
from store.stations import station, stations


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A station's assessment, and its limits with who set them (in the same order as they are assessed)."""

    assessment: Assessment
    limits: tuple[store.SetLimit, ...]


def survey_limits(
    connection: Connection[Any], *, code: str | None = None, within: str | None = None
) -> list[Surveyed]:
    """All stations (of an area), or one, with what they have and lack. Raises NotFoundError for an unknown one."""
    chosen = [station(connection, code)] if code is not None else stations(connection, within=within)
    by_station: dict[str, list[store.SetLimit]] = {}
    for one in store.standing(connection, station=code, within=within):
        by_station.setdefault(one.limit.station, []).append(one)
    rules = [
        LimitRule(rule.code, rule.property, frozenset(rule.kinds), rule.brings)
        for rule in store.limit_rules(connection)
        if rule.active and rule.property is not None
    ]
    found = []
    for owner in chosen:
        mine = by_station.get(owner.code, [])
        assessment = assess(owner, (one.limit for one in mine), rules)
        order = {id(limit): number for number, limit in enumerate(assessment.limits)}
        found.append(Surveyed(assessment, tuple(sorted(mine, key=lambda one: order[id(one.limit)]))))
    return found
