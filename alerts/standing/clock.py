"""Clocks of stations that are wrong: measured, or betrayed by times that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.words import both
from store.equipment import ClockDoubt, clock_doubts


@dataclass(frozen=True, slots=True)
class Terms:
    """Wrong from `error_s`, right again below `clear_s`; what was said more than `recent_s` ago says nothing.

    A time that was refused as lying in the future counts for `refused_s`.
    """

    error_s: float = 600.0
    clear_s: float = 120.0
    recent_s: float = 86_400.0
    refused_s: float = 3600.0

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(**{name: float(terms[name]) for name in cls.__slots__ if name in terms})


def judge(doubts: Sequence[ClockDoubt], terms: Terms) -> tuple[dict[SubjectKey, ClockDoubt], set[SubjectKey]]:
    """Stations whose clock is wrong, with the strongest sign of it; and those that are between wrong and right."""
    wrong: dict[SubjectKey, ClockDoubt] = {}
    unsure: set[SubjectKey] = set()
    for (exercise, station), group in groupby(doubts, key=lambda one: (one.exercise, one.station)):
        key = exercise, "station", station
        for doubt in group:
            if doubt.reason is not None or abs(doubt.error_s or 0.0) >= terms.error_s:
                wrong.setdefault(key, doubt)
            else:
                unsure.add(key)
    return wrong, unsure - wrong.keys()


class ClockFinder:
    """`terms` as `Terms`."""

    kind = "clock"
    every_s = 30.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Stations whose clock is wrong."""
        terms = Terms.of(rule.terms)
        doubts = clock_doubts(
            connection,
            look.now,
            error_s=terms.clear_s,
            recent=timedelta(seconds=terms.recent_s),
            refused=timedelta(seconds=terms.refused_s),
        )
        wrong, unsure = judge(doubts, terms)
        return Found(tuple(_finding(doubt, terms) for doubt in wrong.values()), frozenset(unsure))


def _finding(doubt: ClockDoubt, terms: Terms) -> Finding:
    return Finding(
        subject_kind="station",
        subject=doubt.station,
        observed_at=doubt.at,
        received_at=doubt.at,
        station=doubt.station,
        area=doubt.area,
        exercise=doubt.exercise,
        facts={
            "station": {"zh": doubt.name, "en": doubt.name_en},
            "said": _said(doubt),
            "reason": doubt.reason or "measured",
            "limit_s": round(terms.error_s),
        },
    )


def _said(doubt: ClockDoubt) -> dict[str, str]:
    if doubt.reason == "time_in_future" or doubt.error_s is None:
        return both("standing.clock_refused")
    way = "ahead" if doubt.error_s > 0 else "behind"
    return both(f"standing.clock_{way}", minutes=max(1, round(abs(doubt.error_s) / 60)))
