"""Rules and the thresholds that they compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from core.alarms import AlarmClass
from core.rules import StandingRule
from core.severity import Severity
from store.connection import rows

_STREAM_RULES = """
select rule.code as rule, rule.version, rule.class as alarm_class, rule.kind, rule.property, rule.terms,
       rule.requires,
       station.code as station, station.name as station_name, station.name_en as station_name_en,
       station.datum, station.area, station.period_s, station.out_of_service
from (select distinct on (code) * from rule order by code, version desc) rule
join station on station.kind = any(rule.kinds)
where rule.active and rule.kind = any(%(kinds)s)
  and (%(stations)s::text[] is null or station.code = any(%(stations)s))
order by station.code, rule.code
"""

_STANDING_RULES = """
select code, version, kind, class, property, kinds, priority, terms, requires
from (select distinct on (code) * from rule order by code, version desc) newest
where active and kind = %s
order by code
"""

_THRESHOLDS = """
select id, station, property, name, severity, value, deadband, datum, season_from, season_to, period_s,
       on_delay_s, off_delay_s
from threshold
where replaced_at is null and (%(stations)s::text[] is null or station = any(%(stations)s))
order by station, property, value, id
"""


@dataclass(frozen=True, slots=True)
class RuleAtStation:
    """A rule in force and a station of its kinds."""

    rule: str
    version: int
    alarm_class: str
    kind: str
    property: str
    terms: dict[str, Any]
    requires: dict[str, Any] | None
    station: str
    station_name: str
    station_name_en: str
    datum: str | None
    area: str | None
    period_s: int
    out_of_service: bool


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A threshold that stands now, with its row's id."""

    id: int
    station: str
    property: str
    name: str
    severity: str
    value: float
    deadband: float
    datum: str | None
    season_from: str | None
    season_to: str | None
    period_s: int
    on_delay_s: int | None
    off_delay_s: int | None


def standing_rules(connection: Connection[Any], kind: str) -> list[StandingRule]:
    """The rules of a kind in force: of each the newest version, if that is active."""
    return [
        StandingRule(
            code=code,
            version=version,
            kind=kind_,
            alarm_class=AlarmClass(class_),
            property=property_,
            station_kinds=tuple(kinds),
            priority=None if priority is None else Severity(priority),
            terms=terms,
            requires=requires,
        )
        for code, version, kind_, class_, property_, kinds, priority, terms, requires in connection.execute(
            _STANDING_RULES, (kind,)
        )
    ]


def kind_of(connection: Connection[Any], code: str) -> str:
    """The kind of a rule, which it keeps for good; empty where there is no such rule."""
    found = connection.execute("select kind from rule where code = %s limit 1", (code,)).fetchone()
    return str(found[0]) if found else ""


STREAM_KINDS = ("level", "rate", "rain")
"""Kinds of rules that readings of a station are compared with."""


def rules_at_stations(
    connection: Connection[Any], stations: Sequence[str] | None = None, *, kinds: Sequence[str] = STREAM_KINDS
) -> list[RuleAtStation]:
    """The newest version of each rule, if it is active, at each station of its kinds; all stations by default."""
    asked = {"stations": None if stations is None else list(stations), "kinds": list(kinds)}
    return rows(connection, RuleAtStation, _STREAM_RULES, asked)


def threshold_rows(connection: Connection[Any], stations: Sequence[str] | None = None) -> list[ThresholdRow]:
    """Thresholds that stand now, lowest first; of all stations by default."""
    return rows(
        connection, ThresholdRow, _THRESHOLDS, {"stations": None if stations is None else list(stations)}
    )


def terms_version(connection: Connection[Any]) -> int:
    """Rises with every change of a rule, a limit or a station."""
    found = connection.execute("select version from alarm_terms").fetchone()
    return int(found[0]) if found else 0


def card(connection: Connection[Any], code: str, version: int) -> dict[str, Any]:
    """The alarm card (处置卡) of a rule: per language cause, consequence, action, within; {} if none."""
    found = connection.execute(
        "select card from rule where code = %s and version = %s", (code, version)
    ).fetchone()
    return dict(found[0]) if found else {}
