"""What is known before a message is read, and what is known of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import ConfigurationError
from core.faults import Fault
from core.observations import Reading
from core.settings import Ingest
from formats import NO_MAPPINGS, Mappings
from hydrology.judgement import TimeLimits
from ingest.messages import Inbound
from ingest.routes import Route
from ingest.sl651.gathered import Gathered
from ingest.sl651.talk import Talk


@dataclass(frozen=True, slots=True)
class Known:
    """Who may speak: stations with their reporting period in seconds, cameras, exercises that run or ended.

    `devices` are screens and loudspeakers: they have a login, and measure nothing.
    """

    stations: Mapping[str, int]
    cameras: Set[str]
    exercises: Set[str]
    ended: Set[str] = frozenset()
    devices: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may hold."""

    time: TimeLimits
    payload_bytes: int
    values: int
    weeks: int
    mappings: Mappings = NO_MAPPINGS

    @classmethod
    def of(cls, settings: Ingest) -> Limits:
        """From the settings. Raises ConfigurationError if `earliest_time` is no date or a mapping cannot work."""
        try:
            earliest = datetime.fromisoformat(settings.earliest_time)
        except ValueError as error:
            raise ConfigurationError(
                f"ANLAN_INGEST__EARLIEST_TIME is {settings.earliest_time!r}; write a date as 1990-01-01"
            ) from error
        if earliest.tzinfo is None:
            earliest = earliest.replace(tzinfo=UTC)
        return cls(
            TimeLimits(
                earliest,
                timedelta(seconds=settings.future_tolerance_s),
                settings.ahead_suspect_s,
                settings.clock_suspect_s,
            ),
            settings.max_payload_bytes,
            settings.max_values,
            settings.max_weeks,
            Mappings.of(settings.mapping),
        )


@dataclass(slots=True)
class Understood:
    """One message: the part to store, the faults of the rest, the sequences to acknowledge.

    `report` is what a kind of message brings beside or instead of readings; its kind knows its type. `live`
    is false of a retry. Of SL 651: `gathered` are the whole frames, `kept_payload` what the quarantine keeps in
    place of the message, which may be the last packet of many, `talk` what is said back after the commit.
    `repeats`: the same words of the same topic come again and again; if faulty, one copy a day is kept.
    """

    message: Inbound
    route: Route | None
    readings: list[Reading] = field(default_factory=list)
    report: Any = None
    faults: list[Fault] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    live: bool = True
    repeats: bool = False
    gathered: Gathered | None = None
    kept_payload: bytes | None = None
    talk: Talk | None = None

    @property
    def to(self) -> Route:
        """The route; only for messages that have one."""
        if self.route is None:
            raise ValueError(f"no route for topic {self.message.topic!r}")
        return self.route


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much is kept of what would grow without end, and whose warnings are trusted.

    A station's clock that is wrong by more than `clock_error` is set; hours that are missing in the last
    `gap_days` are asked for again (0: never).
    """

    snapshots: int
    images: int = 120
    image_life: timedelta = timedelta(hours=24)
    warning_senders: Set[str] = frozenset()
    clock_error: timedelta = timedelta(minutes=5)
    gap_days: int = 7
    position_days: int = 90

    @classmethod
    def of(cls, settings: Ingest) -> Keeping:
        """From the settings."""
        return cls(
            settings.snapshots_kept,
            settings.images_kept,
            timedelta(hours=settings.image_hours),
            frozenset(settings.warning_senders),
            timedelta(seconds=settings.sl651_clock_error_s),
            settings.sl651_gap_days,
            settings.position_days,
        )
