"""Alarms that cost attention without being worth it: chattering, fleeting, stale, and who rings most. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.performance.limits import Limits
from core.alarm_load import Asked, Stood, Turn


@dataclass(frozen=True, slots=True)
class Chatter:
    """A source whose condition came and went at least so often within the limit; how many such bursts."""

    source: str
    bursts: int
    turns: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Fleeting:
    """A source whose alarms went by themselves within the limit, without chattering."""

    source: str
    count: int


@dataclass(frozen=True, slots=True)
class Stale:
    """An alarm that stood longer than the limit; `until` None: it still does."""

    alarm: int
    source: str
    since: datetime
    until: datetime | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Top:
    """A source with its part in the whole load."""

    source: str
    count: int
    share: float


def _by_source(turns: Iterable[Turn]) -> dict[str, list[Turn]]:
    found: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        found[turn.source].append(turn)
    for listed in found.values():
        listed.sort(key=lambda one: one.at)
    return found


def chattering(turns: Iterable[Turn], limits: Limits) -> list[Chatter]:
    """Sources with `limits.chattering` turns within `limits.chattering_within`, the worst first.

    Turns that belong to one burst overlap: ten turns in a minute are one burst, not eight.
    """
    found = []
    for source, listed in _by_source(turns).items():
        times = [turn.at for turn in listed]
        bursts = in_bursts = 0
        reached: int | None = None
        for last in range(limits.chattering - 1, len(times)):
            first = last - limits.chattering + 1
            if times[last] - times[first] > limits.chattering_within:
                continue
            if reached is None or first > reached:
                bursts += 1
                in_bursts += limits.chattering
            else:
                in_bursts += last - reached
            reached = last
        if bursts:
            assert reached is not None
            found.append(Chatter(source, bursts, in_bursts, times[reached]))
    return sorted(found, key=lambda one: (-one.turns, one.source))


def fleeting(turns: Iterable[Turn], limits: Limits) -> list[Fleeting]:
    """Sources whose conditions went within `limits.fleeting_within` of coming; chattering ones are named there."""
    turns = list(turns)
    noisy = {one.source for one in chattering(turns, limits)}
    counts: Counter[str] = Counter()
    for source, listed in _by_source(turns).items():
        if source in noisy:
            continue
        for came, went in pairwise(listed):
            if came.raised and not went.raised and went.at - came.at <= limits.fleeting_within:
                counts[source] += 1
    return [
        Fleeting(source, count) for source, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def stale(stood: Iterable[Stood], now: datetime, limits: Limits) -> list[Stale]:
    """Alarms that stood longer than `limits.stale_after`, the longest first."""
    found = [
        Stale(one.alarm, one.source, one.since, one.until, ((one.until or now) - one.since).total_seconds())
        for one in stood
    ]
    long = [one for one in found if timedelta(seconds=one.seconds) > limits.stale_after]
    return sorted(long, key=lambda one: (-one.seconds, one.alarm))


def top(asked: Sequence[Asked], count: int = 10) -> list[Top]:
    """The sources that asked most often, with their share of all."""
    counts = Counter(one.source for one in asked)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:count]
    return [Top(source, number, number / len(asked)) for source, number in ordered]
