"""Data health as the pages and the interface give it: counts become shares, states and strips of hours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.station_health import RANK, Reporting, reporting
from store.heartbeats import Heartbeat
from store.station_health import StationCounts

WINDOWS = {1: 2, 24: 24, 168: 168}
"""Hours that can be asked for → hours that are counted, the running one included. The last hour alone would
be the running one, of which little is known yet: so the hour before is counted with it."""

CATCHING_UP_S = 60.0
"""Ingest that is so far behind what it received is catching up."""
_BEAT_OLD_S = 30.0


@dataclass(frozen=True, slots=True)
class Health:
    """A station's counts, told."""

    counts: StationCounts
    state: Reporting
    expected: int
    got: int
    share: float | None
    strip: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """How the receipt of telemetry is: None where no ingest says so.

    `left`: about so many messages of an outage still wait at the broker.
    """

    beat_at: datetime | None
    alive: bool
    lag_s: float | None
    queued: int
    catching_up: bool
    left: int | None


def health(counts: StationCounts, now: datetime, hours: int) -> Health:
    """The station's state and its strip."""
    whole, running = counts.expected_whole, counts.expected_running
    expected = whole * (hours - 1) + running
    got = sum(counts.got or ())
    share = min(1.0, got / expected) if expected else None
    state = reporting(
        out_of_service=counts.out_of_service,
        heard_at=counts.heard_at,
        now=now,
        period_s=counts.period_s,
        share=share,
        late=counts.late,
        flagged=counts.flagged,
    )
    return Health(counts, state, round(expected), math.floor(got + 1e-6), share, strip(counts, hours))


def strip(counts: StationCounts, hours: int) -> str:
    """One character an hour, oldest first: 0 to 9 tenths of what was expected came, F all, `.` nothing was due."""
    got = dict(zip(counts.hours or (), counts.got or (), strict=True))
    told = []
    for hour in range(hours):
        expected = counts.expected_running if hour == hours - 1 else counts.expected_whole
        came = got.get(hour, 0.0)
        if expected < 1:
            told.append("F" if came >= expected > 0 else ".")
        elif came >= expected - 1e-6:
            told.append("F")
        else:
            told.append(str(min(9, int(10 * came / expected))))
    return "".join(told)


def in_order(stations: Sequence[Health]) -> list[Health]:
    """Worst first; who is out of service or was never heard, last."""
    return sorted(
        stations,
        key=lambda one: (
            RANK[one.state],
            one.share if one.share is not None else 1.0,
            -one.counts.flagged,
            -one.counts.late,
            one.counts.code,
        ),
    )


def totals(stations: Sequence[Health]) -> dict[str, int]:
    """Stations by state."""
    found = Counter(one.state for one in stations)
    return {state.value: found[state] for state in Reporting}


def receiver(beats: Sequence[Heartbeat], now: datetime) -> Receiver:
    """From the heartbeats of all processes of ingest; the slowest of those that live counts."""
    own = [beat for beat in beats if beat.role == "ingest"]
    living = [beat for beat in own if (now - beat.at).total_seconds() < _BEAT_OLD_S]
    left = [int(beat.detail["backlog_left"]) for beat in living if "backlog_left" in beat.detail]
    lags = [float(beat.detail.get("lag_ms", 0)) / 1000 for beat in living]
    return Receiver(
        max((beat.at for beat in own), default=None),
        bool(living),
        max(lags, default=None),
        sum(int(beat.detail.get("queued", 0)) for beat in living),
        any(lag > CATCHING_UP_S for lag in lags) or any(beat.detail.get("catching_up") for beat in living),
        sum(left) if left else None,
    )
