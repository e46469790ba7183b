"""The centre's own links: the receiver, the broker, the SMS gateway, and whether anybody is heard at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.habits import Habits
from alerts.standing.moments import moment
from core import notices
from store.areas import top_area
from store.equipment import Heard, heard_stations
from store.heartbeats import Heartbeat, heartbeats

_LEARN = timedelta(days=7)


class Link(StrEnum):
    """What a rule of this kind is about: its `terms` say `what`."""

    INGEST = "ingest"
    BROKER = "broker"
    SMS = "sms"
    TELEMETRY = "telemetry"


class Answer(StrEnum):
    """How a link is."""

    WELL = "well"
    UNSURE = "unsure"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Terms:
    """`away_s`: a heartbeat older than this, or a gateway lost for so long.

    Telemetry is down when nothing came for `silent_s` though `least` stations were due, or when `share` of all
    stations that report are overdue (one station that still speaks proves no backbone); it is up again when
    fewer than `share_off` are.
    """

    what: Link
    away_s: float = 30.0
    silent_s: float = 60.0
    least: int = 3
    share: float = 0.6
    share_off: float = 0.3

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them. Raises KeyError without `what`, ValueError for an unknown one."""
        given = {name: terms[name] for name in cls.__slots__ if name in terms and name != "what"}
        return cls(Link(terms["what"]), **given)


def telemetry(
    stations: Sequence[Heard], every_s: Mapping[int, float], terms: Terms, now: datetime
) -> tuple[Answer, datetime | None]:
    """Whether stations are heard as they should be, and when the last of any was."""
    if not stations:
        return Answer.UNSURE, None
    last = max(one.heard_at for one in stations)
    late = [one for one in stations if is_overdue(one, every_s.get(one.series, float(one.period_s)), now)]
    share = len(late) / len(stations)
    nobody = now - last >= timedelta(seconds=terms.silent_s)
    if len(late) >= terms.least and (nobody or share >= terms.share):
        return Answer.DOWN, last
    return (Answer.WELL if share < terms.share_off and not (nobody and late) else Answer.UNSURE), last


def is_overdue(station: Heard, every_s: float, now: datetime) -> bool:
    """True once a station is late by half a period, a minute at most: clocks and networks are not exact."""
    return (now - station.heard_at).total_seconds() > every_s + min(60.0, every_s / 2)


def freshest(beats: Sequence[Heartbeat], role: str) -> Heartbeat | None:
    """The newest sign of life of a role, of the one that leads where one does."""
    known = [beat for beat in beats if beat.role == role]
    leading = [beat for beat in known if beat.detail.get("leads", True)]
    return max(leading or known, key=lambda beat: beat.at, default=None)


class LinkFinder:
    """`terms` as `Terms`. What was never there raises nothing: it is not in use yet."""

    kind = "link"
    every_s = 2.0
    wakes = frozenset({notices.EXERCISE})

    def __init__(self) -> None:
        self._habits = Habits()
        self._lost_since: dict[Link, datetime] = {}

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """The link of this rule, if it is down."""
        terms = Terms.of(rule.terms)
        if terms.what is Link.TELEMETRY:
            answer, since, more = self._telemetry(connection, terms, look.now)
        else:
            (answer, since), more = self._role(heartbeats(connection), terms, look.now), False
        key = None, "link", terms.what.value
        if answer is Answer.UNSURE:
            return Found((), frozenset({key}), more=more)
        if answer is Answer.WELL or since is None:
            return Found(more=more)
        finding = Finding(
            subject_kind="link",
            subject=terms.what.value,
            observed_at=since,
            area=top_area(connection),
            facts={"since": moment(since, look.zone), "since_at": since.isoformat()},
        )
        return Found((finding,), more=more)

    def _telemetry(
        self, connection: Connection[Any], terms: Terms, now: datetime
    ) -> tuple[Answer, datetime | None, bool]:
        """What is known of all stations, and whether there are some of which it is not known how often they speak."""
        stations = heard_stations(connection, now - _LEARN)
        late = [
            (one.series, one.heard_at, one.period_s)
            for one in stations
            if is_overdue(one, float(one.period_s), now)
        ]
        every_s = self._habits.every_s(connection, late, now, _LEARN)
        unknown = {series for series, _, _ in late} - every_s.keys()
        answer, since = telemetry(stations, every_s | dict.fromkeys(unknown, inf), terms, now)
        return (Answer.UNSURE if unknown and answer is Answer.WELL else answer), since, bool(unknown)

    def _role(
        self, beats: Sequence[Heartbeat], terms: Terms, now: datetime
    ) -> tuple[Answer, datetime | None]:
        beat = freshest(beats, "ingest" if terms.what is Link.INGEST else "dispatch")
        if beat is None:
            return Answer.WELL, None
        away = now - beat.at >= timedelta(seconds=terms.away_s)
        if terms.what is Link.INGEST:
            return (Answer.DOWN if away else Answer.WELL), beat.at
        if away:
            # Who would know is away, and told by others; what it said last says nothing of now.
            return Answer.UNSURE, None
        lost = (
            beat.detail.get("broker") is False
            if terms.what is Link.BROKER
            else beat.detail.get("sms") == "lost"
        )
        if not lost:
            self._lost_since.pop(terms.what, None)
            return Answer.WELL, None
        since = self._lost_since.setdefault(terms.what, beat.at)
        return (Answer.DOWN if now - since >= timedelta(seconds=terms.away_s) else Answer.UNSURE), since
