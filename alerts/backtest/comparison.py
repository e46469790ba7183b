"""A range under the limits that stand and under changed ones: sums, and what a change would have silenced. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from alerts.backtest.course import Call, Episode
from alerts.backtest.load import Load, load
from core.severity import Severity

KEPT_EPISODES = 500
"""Episodes that a result lists; more are counted."""
CHATTER_WITHIN = timedelta(hours=1)
CHATTER_RAISES = 3
"""Gauges speak every few minutes, so the textbook's three transitions in one minute never happen: an alarm that is
raised three times within an hour is what a duty officer calls chattering."""
FLEETING = timedelta(minutes=10)


class Lived(Protocol):
    """The course of one subject."""

    episodes: list[Episode]
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class Summary:
    """What limits would have done over a range."""

    begin: datetime
    end: datetime
    by_severity: dict[Severity | None, int]
    by_month: dict[str, dict[Severity | None, int]]
    stations: int
    duration_s: float
    longest: Episode | None
    chattering: int
    fleeting: int
    load: Load
    worst_desk: str | None
    worst_desk_load: Load | None
    episodes: tuple[Episode, ...]
    episodes_left: int

    @property
    def alarms(self) -> int:
        """How many alarms there would have been."""
        return sum(self.by_severity.values())


@dataclass
class Tally:
    """Adds up the courses of all stations; what it keeps does not grow with the number of readings."""

    begin: datetime
    end: datetime
    zone: ZoneInfo
    _by_severity: Counter[Severity | None] = field(default_factory=Counter)
    _by_month: dict[str, Counter[Severity | None]] = field(default_factory=dict)
    _stations: set[str] = field(default_factory=set)
    _duration_s: float = 0.0
    _longest: Episode | None = None
    _chattering: int = 0
    _fleeting: int = 0
    _calls: dict[str, list[datetime]] = field(default_factory=dict)
    _episodes: list[Episode] = field(default_factory=list)

    def add(self, course: Lived, desk: str) -> None:
        """Takes in a subject whose readings are all read; `desk` is the area whose officers are called."""
        self._stations.update(episode.station for episode in course.episodes)
        for episode in course.episodes:
            self._by_severity[episode.highest] += 1
            month = f"{episode.started.astimezone(self.zone):%Y-%m}"
            self._by_month.setdefault(month, Counter())[episode.highest] += 1
            seconds = episode.seconds(self.end)
            self._duration_s += seconds
            self._fleeting += episode.ended is not None and seconds < FLEETING.total_seconds()
            if self._longest is None or seconds > self._longest.seconds(self.end):
                self._longest = episode
        self._chattering += chattering(course.episodes)
        self._calls.setdefault(desk, []).extend(call.at for call in course.calls)
        self._episodes = _worst_first([*self._episodes, *course.episodes], self.end)

    def summary(self) -> Summary:
        """The sums."""
        everything = sorted(time for times in self._calls.values() for time in times)
        desks = {desk: load(sorted(times), self.begin, self.end) for desk, times in self._calls.items()}
        worst = max(desks, key=lambda desk: (desks[desk].calls, desk), default=None)
        return Summary(
            begin=self.begin,
            end=self.end,
            by_severity=dict(self._by_severity),
            by_month={month: dict(found) for month, found in sorted(self._by_month.items())},
            stations=len(self._stations),
            duration_s=self._duration_s,
            longest=self._longest,
            chattering=self._chattering,
            fleeting=self._fleeting,
            load=load(everything, self.begin, self.end),
            worst_desk=worst,
            worst_desk_load=desks[worst] if worst is not None else None,
            episodes=tuple(self._episodes),
            episodes_left=sum(self._by_severity.values()) - len(self._episodes),
        )


@dataclass
class Difference:
    """What a change takes away and adds, station by station."""

    end: datetime
    gone: list[Episode] = field(default_factory=list)
    gone_count: int = 0
    milder: list[tuple[Episode, Severity]] = field(default_factory=list)
    milder_count: int = 0
    added_count: int = 0

    def add(self, before: Sequence[Episode], after: Sequence[Episode]) -> None:
        """Compares the episodes of one station, both in time order."""
        gone = []
        for episode in before:
            over = _overlapping(episode, after, self.end)
            if not over:
                gone.append(episode)
                continue
            highest = max((one.highest for one in over), key=_rank)
            if highest is not None and _rank(highest) < _rank(episode.highest):
                self.milder_count += 1
                if len(self.milder) < KEPT_EPISODES:
                    self.milder.append((episode, highest))
        self.gone_count += len(gone)
        self.gone = _worst_first([*self.gone, *gone], self.end)
        self.added_count += sum(not _overlapping(episode, before, self.end) for episode in after)


def chattering(episodes: Sequence[Episode]) -> int:
    """How many of one station's episodes were raised within an hour of at least two others in a row."""
    part = [False] * len(episodes)
    for last in range(CHATTER_RAISES - 1, len(episodes)):
        first = last - CHATTER_RAISES + 1
        if episodes[last].started - episodes[first].started <= CHATTER_WITHIN:
            part[first : last + 1] = [True] * CHATTER_RAISES
    return sum(part)


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary as the interface gives it."""
    return {
        "alarms": summary.alarms,
        "by_severity": _severities(summary.by_severity),
        "by_month": {month: _severities(found) for month, found in summary.by_month.items()},
        "stations": summary.stations,
        "duration_s": summary.duration_s,
        "longest": episode_json(summary.longest, summary.end) if summary.longest else None,
        "chattering": summary.chattering,
        "fleeting": summary.fleeting,
        "load": load_json(summary.load),
        "worst_desk": summary.worst_desk,
        "worst_desk_load": load_json(summary.worst_desk_load) if summary.worst_desk_load else None,
        "episodes": [episode_json(one, summary.end) for one in summary.episodes],
        "episodes_left": summary.episodes_left,
    }


def difference_json(difference: Difference) -> dict[str, Any]:
    """What the change takes away, as the interface gives it."""
    return {
        "gone": [episode_json(one, difference.end) for one in difference.gone],
        "gone_count": difference.gone_count,
        "milder": [
            episode_json(one, difference.end) | {"becomes": severity} for one, severity in difference.milder
        ],
        "milder_count": difference.milder_count,
        "added_count": difference.added_count,
    }


def episode_json(episode: Episode, end: datetime) -> dict[str, Any]:
    """One episode as plain JSON."""
    return {
        "station": episode.station,
        "started": episode.started.isoformat(),
        "ended": episode.ended.isoformat() if episode.ended else None,
        "seconds": episode.seconds(end),
        "highest": episode.highest,
        "limit": episode.limit,
        "peak": episode.peak,
        "peak_at": episode.peak_at.isoformat(),
        "calls": episode.calls,
    }


def load_json(found: Load) -> dict[str, Any]:
    """An officers' load as plain JSON."""
    return {
        "calls": found.calls,
        "per_hour": round(found.per_hour, 4),
        "peak_10_min": found.peak_10_min,
        "peak_at": found.peak_at.isoformat() if found.peak_at else None,
        "busiest_hour": found.busiest_hour,
        "busy_hours": found.busy_hours,
        "floods": found.floods,
        "flood_s": found.flood_s,
        "verdict": found.verdict,
    }


def _severities(found: dict[Severity | None, int]) -> dict[str, int]:
    counted = {severity.value: found[severity] for severity in Severity if severity in found}
    return counted | ({"none": found[None]} if None in found else {})


def _worst_first(episodes: Iterable[Episode], end: datetime) -> list[Episode]:
    ordered = sorted(episodes, key=lambda one: (-_rank(one.highest), -one.seconds(end), one.started))
    return ordered[:KEPT_EPISODES]


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else severity.rank


def _overlapping(one: Episode, others: Sequence[Episode], end: datetime) -> Sequence[Episode]:
    """Those of `others` (in time order, none overlapping another) that stood while `one` did."""
    first = bisect_left(others, one.started, key=lambda other: other.ended or end)
    last = bisect_right(others, one.ended or end, key=lambda other: other.started)
    return others[first:last]
