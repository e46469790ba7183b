"""Batteries that run down: by voltage, by level, or by the station's own status word (SL 651, ZT bit 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.moments import moment
from alerts.standing.words import both
from formats.sl651.status import read_status
from store.equipment import Power, powers


@dataclass(frozen=True, slots=True)
class Terms:
    """Low when the last `samples` values are at or below the limit; well again at the clearing one.

    The limits are for 12 V; `own` gives a station others (a 24 V one: `{"CODE": {"voltage_v": 22, …}}`).
    """

    voltage_v: float = 11.0
    voltage_clear_v: float = 11.5
    level_percent: float = 20.0
    level_clear_percent: float = 30.0
    samples: int = 2
    own: Mapping[str, Mapping[str, float]] | None = None

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(**{name: terms[name] for name in cls.__slots__ if name in terms})

    def limits(self, power: Power) -> tuple[float, float]:
        """At or below which it is low, and at or above which it is well again."""
        unit = "voltage" if power.property == "battery_voltage" else "level"
        low, clear = (
            ("voltage_v", "voltage_clear_v")
            if unit == "voltage"
            else ("level_percent", "level_clear_percent")
        )
        own = (self.own or {}).get(power.station, {})
        return float(own.get(low, getattr(self, low))), float(own.get(clear, getattr(self, clear)))

    @property
    def highest(self) -> tuple[float, float]:
        """The highest clearing voltage and level of any station."""
        own = (self.own or {}).values()
        return (
            max(
                [
                    self.voltage_clear_v,
                    *(float(one["voltage_clear_v"]) for one in own if "voltage_clear_v" in one),
                ]
            ),
            max(
                [
                    self.level_clear_percent,
                    *(float(one["level_clear_percent"]) for one in own if "level_clear_percent" in one),
                ]
            ),
        )


def is_low(power: Power, terms: Terms) -> bool | None:
    """True if the battery is low, False if it is well, None between the two: what held goes on."""
    if power.property == "station_status":
        return read_status(int(power.newest[0])).battery_low if power.newest else None
    low, clear = terms.limits(power)
    newest = power.newest[: terms.samples]
    if not newest or newest[0] >= clear:
        return False
    return True if len(newest) == terms.samples and max(newest) <= low else None


def judge(told: Sequence[Power], terms: Terms) -> tuple[dict[SubjectKey, Power], set[SubjectKey]]:
    """Stations whose battery is low, with what says so; and those of which it cannot be said now."""
    low: dict[SubjectKey, Power] = {}
    unsure: set[SubjectKey] = set()
    for (exercise, station), group in groupby(told, key=lambda one: (one.exercise, one.station)):
        key = exercise, "station", station
        judged = [(power, is_low(power, terms)) for power in group]
        if (found := next((power for power, answer in judged if answer), None)) is not None:
            low[key] = found
        elif any(answer is None for _, answer in judged):
            unsure.add(key)
    return low, unsure


class BatteryFinder:
    """`terms` as `Terms`."""

    kind = "battery"
    every_s = 30.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Stations whose battery is low; silence heals no battery, the newest values count however old."""
        terms = Terms.of(rule.terms)
        voltage, level = terms.highest
        told = powers(connection, samples=terms.samples, voltage_below=voltage, level_below=level)
        low, unsure = judge(told, terms)
        return Found(tuple(_finding(power, terms, look) for power in low.values()), frozenset(unsure))


def _finding(power: Power, terms: Terms, look: Look) -> Finding:
    value = None if power.property == "station_status" else power.newest[0]
    said = (
        both("standing.battery_bit")
        if value is None
        else both(f"standing.{power.property}", value=f"{value:g}")
    )
    mains_off = value is None and read_status(int(power.newest[0])).mains_off
    return Finding(
        subject_kind="station",
        subject=power.station,
        observed_at=power.time,
        received_at=power.received_at,
        station=power.station,
        property=power.property,
        area=power.area,
        exercise=power.exercise,
        value=value,
        threshold=None if value is None else terms.limits(power)[0],
        facts={
            "station": {"zh": power.name, "en": power.name_en},
            "said": said,
            "mains": both("standing.mains_off") if mains_off else {"zh": "", "en": ""},
            "since": moment(power.time, look.zone),
        },
    )
