"""Silence: a series of which nothing came for N of its periods, and a station of which nothing at all came.

Judged by receive time. How long a period is, the station says, or the series' own receipts where it is longer
(`habits`). What speaks again has returned once it was heard twice, half a period apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.habits import Habits
from alerts.standing.moments import moment
from alerts.standing.words import both
from core import notices
from store.liveness import Asked, OpenSilence, Suspect, first_heard, forgotten, stirred, suspects

_SWEEP = timedelta(minutes=1)
"""How often what nobody waits for any more is looked for among what is silent."""
MOST_AT_ONCE = 500
"""So many new silences are written down at one look: between two slices of a county that falls silent the water has
its turn."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`whole`: stations rather than series. Silent after `missed` periods, `least_s` at least (field.md §1.3).

    `off_samples` must come before it has returned. A series that fell silent `learn_days` before its station
    did was taken off. `without`: properties that nobody waits for. `own`: other `missed` and `least_s` by
    station, or by STATION/property/sensor/period.
    """

    whole: bool = False
    missed: float = 3.0
    least_s: float = 900.0
    off_samples: int = 2
    learn_days: float = 7.0
    without: tuple[str, ...] = ()
    own: Mapping[str, Mapping[str, float]] | None = None

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(
            bool(terms.get("whole", False)),
            float(terms.get("missed", 3)),
            float(terms.get("least_s", 900)),
            int(terms.get("off_samples", 2)),
            float(terms.get("learn_days", 7)),
            tuple(terms.get("without", ())),
            terms.get("own"),
        )

    @property
    def shortest(self) -> timedelta:
        """The shortest limit of any series."""
        own = [float(one["least_s"]) for one in (self.own or {}).values() if "least_s" in one]
        return timedelta(seconds=min([self.least_s, *own]))

    @property
    def learn(self) -> timedelta:
        return timedelta(days=self.learn_days)

    def limit_s(self, station: str, subject: str, every_s: float) -> float:
        """After how long without a value it is silent."""
        own = self.own or {}
        terms = {
            "missed": self.missed,
            "least_s": self.least_s,
            **own.get(station, {}),
            **own.get(subject, {}),
        }
        return max(float(terms["missed"]) * every_s, float(terms["least_s"]))


@dataclass(frozen=True, slots=True)
class Silent:
    """A series that is silent: since when, and after how long it had to be."""

    suspect: Suspect
    heard_at: datetime
    every_s: float
    limit_s: float


def overdue(found: Sequence[Suspect], terms: Terms, now: datetime) -> list[Suspect]:
    """Suspects that are silent unless they are usually heard more seldom than their period says."""
    return [
        one
        for one in found
        if one.heard_at is not None
        and one.heard_at > one.station_heard_at - terms.learn
        and now - one.heard_at >= timedelta(seconds=terms.limit_s(one.station, one.subject, one.period_s))
    ]


def silent_series(
    found: Sequence[Suspect], every_s: Mapping[int, float], terms: Terms, now: datetime
) -> list[Silent]:
    """Which of those overdue are silent by their own limits; one of which it is not known how often it is heard waits."""
    silent = []
    for one in found:
        every = every_s.get(one.series)
        if every is None or one.heard_at is None:
            continue
        limit_s = terms.limit_s(one.station, one.subject, every)
        if now - one.heard_at >= timedelta(seconds=limit_s):
            silent.append(Silent(one, one.heard_at, every, limit_s))
    return silent


def silent_stations(silent: Sequence[Silent], now: datetime) -> list[Silent]:
    """Stations of which nothing came for the limit of one of their silent series: the one with the shortest."""
    found: dict[tuple[str | None, str], Silent] = {}
    for one in silent:
        if now - one.suspect.station_heard_at < timedelta(seconds=one.limit_s):
            continue
        key = one.suspect.exercise, one.suspect.station
        if key not in found or one.limit_s < found[key].limit_s:
            found[key] = one
    return list(found.values())


def is_back(first: datetime | None, last: datetime, every_s: float, off_samples: int) -> bool:
    """True once so many samples came since the first one, the last of them half a period early at most."""
    return first is not None and last - first >= timedelta(seconds=(off_samples - 1.5) * every_s)


class SilenceFinder:
    """`terms` as `Terms`; a rule with `whole` is about stations, one without about series."""

    kind = "silence"
    every_s = 2.0
    wakes = frozenset({notices.EXERCISE})

    def __init__(self) -> None:
        self._habits = Habits()
        self._swept: dict[str, datetime] = {}
        self._first: dict[tuple[SubjectKey, datetime], datetime] = {}

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """What is silent now and has no alarm yet, and what is back; all else is as it was."""
        terms = Terms.of(rule.terms)
        now = look.now
        asked = Asked(rule.code, terms.whole, terms.shortest, terms.learn, terms.without)
        late = overdue(suspects(connection, asked, now), terms, now)
        heard = [(one.series, one.heard_at, one.period_s) for one in late if one.heard_at is not None]
        every_s = self._habits.every_s(connection, heard, now, terms.learn)
        silent = silent_series(late, every_s, terms, now)
        if terms.whole:
            silent = silent_stations(silent, now)
        back = self._back(connection, stirred(connection, asked, now), terms)
        if now - self._swept.get(rule.code, now - _SWEEP) >= _SWEEP:
            back |= forgotten(connection, asked, now)
            self._swept[rule.code] = now
        return Found(
            tuple(_finding(one, terms, look) for one in silent[:MOST_AT_ONCE]),
            returned=back,
            more=len(silent) > MOST_AT_ONCE or len(every_s) < len(late),
        )

    def _back(
        self, connection: Connection[Any], known: Sequence[OpenSilence], terms: Terms
    ) -> frozenset[SubjectKey]:
        """Those heard again often enough."""
        kept = {(_key(one), one.since): one for one in known}
        self._first = {place: first for place, first in self._first.items() if place in kept}
        new = [one for place, one in kept.items() if place not in self._first]
        for one, first in zip(new, first_heard(connection, new), strict=True):
            if first is not None:
                self._first[_key(one), one.since] = first
        return frozenset(
            _key(one)
            for place, one in kept.items()
            if is_back(self._first.get(place), one.heard_at, one.every_s, terms.off_samples)
        )


def _key(one: OpenSilence) -> SubjectKey:
    return one.exercise, one.subject_kind, one.subject


def _finding(one: Silent, terms: Terms, look: Look) -> Finding:
    suspect = one.suspect
    heard_at = suspect.station_heard_at if terms.whole else one.heard_at
    facts: dict[str, Any] = {
        "station": {"zh": suspect.name, "en": suspect.name_en},
        "since": moment(heard_at, look.zone),
        "heard_at": heard_at.isoformat(),
        "every_s": round(one.every_s),
        "limit_s": round(one.limit_s),
        "periods": round(one.limit_s / one.every_s, 1),
    }
    if not terms.whole:
        facts |= {
            "property": both(f"property.{suspect.property}"),
            "how": both("standing.missing" if suspect.missing else "standing.silent"),
            "series": suspect.series,
            "sensor": suspect.sensor,
            "period_s": suspect.own_s,
        }
    return Finding(
        subject_kind="station" if terms.whole else "series",
        subject=suspect.station if terms.whole else suspect.subject,
        observed_at=heard_at,
        received_at=heard_at,
        station=suspect.station,
        property=None if terms.whole else suspect.property,
        area=suspect.area,
        exercise=suspect.exercise,
        facts=facts,
    )
