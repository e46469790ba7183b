"""Plays a past flood: prepares the database, sends through MQTT, and counts rows afterwards."""

from __future__ import annotations

import getpass
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.json import Jsonb

from alerts.exercises import end_exercise
from core.clock import Clock, system_clock
from core.errors import ConflictError, UnavailableError
from core.settings import Settings, load_settings
from drill.publisher import Publisher
from drill.replay import PlayedReading, Replay, load, shifted
from drill.scenario import READINGS, Scenario, scenario
from store import exercises, ingest_sessions, stations
from store.connection import connect
from store.replays import found_readings, revisions

_PROPERTY = "water_level"
_SHOW_EVERY_S = 2.0
_SETTLED_S = 5.0
"""Between two counts. Without numbers nothing says when the last reading is through."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of the database beside what was played."""

    found: int
    missing: int
    doubled: int
    different: int

    @property
    def complete(self) -> bool:
        return not (self.missing or self.doubled or self.different)


@dataclass
class Playing:
    """One run of `anlan replay`."""

    scenario: str
    speed: float
    shift: bool = False
    numbered: bool = True
    exercise: str | None = None
    end: bool = False
    patience_s: float = 180.0
    clock: Clock = system_clock
    say: Callable[[str], None] = field(default=lambda line: print(line, flush=True))

    def play(self) -> int:
        """Sends all and reports; 0 only if every reading arrived exactly once with its value."""
        settings = load_settings()
        chosen = scenario(self.scenario, READINGS)
        replay = load(chosen)
        readings = shifted(replay.readings, self.clock()) if self.shift else replay.readings
        gauges = len({entry.station for entry in readings})
        self.say(
            f"{chosen.name_en}: {len(readings)} readings of {gauges} gauges in {_span(readings)},"
            f" duplicates in the file: {replay.duplicates}"
        )
        exercise = self._prepare(settings, chosen, replay)
        own = settings.field.mqtt_url or settings.mqtt_url
        publisher = Publisher(settings.need_mqtt(own), "anlan-replay", exercise, numbered=self.numbered)
        with publisher:
            given_up = not self._send(publisher, readings)
            self._show(publisher, readings, final=True)
        if self.numbered:
            self.say(
                f"sent {publisher.sent}, acknowledged by the centre {publisher.acknowledged},"
                f" copies sent again {publisher.resent}"
            )
        else:
            self.say(f"sent {publisher.sent} without seq, taken by the broker {publisher.taken_by_broker}")
        outcome = self._count(settings, readings, exercise)
        lost = "" if self.numbered else " (lost by the broker, or not stored)"
        self.say(
            f"rows found {outcome.found}, missing {outcome.missing}{lost if outcome.missing else ''},"
            f" doubled {outcome.doubled}, with another value {outcome.different}"
        )
        complete = outcome.complete and not given_up
        if exercise and self.end and complete:
            stop_exercise(exercise, self.say, self.clock)
        elif exercise:
            self.say(f"exercise {exercise} goes on; to end it: anlan replay --stop {exercise}")
        return 0 if complete else 1

    def _prepare(self, settings: Settings, chosen: Scenario, replay: Replay) -> str | None:
        """Puts gauges and limits in, and decides whether this must be an exercise."""
        actor = f"cli:{getpass.getuser()}"
        with connect(settings.need_database(), name="anlan-replay") as connection:
            known = {entry.code: entry.origin for entry in stations.stations(connection)}
            foreign = [
                entry.code for entry in replay.stations if known.get(entry.code, entry.origin) != entry.origin
            ]
            if foreign:
                raise ConflictError(
                    f"these gauges of the scenario have codes that other stations bear: {', '.join(foreign)}."
                    " Play the scenario on another database."
                )
            exercise = self.exercise
            if exercise is None and stations.has_real_stations(connection):
                local = self.clock().astimezone(ZoneInfo(settings.time_zone))
                exercise = f"{chosen.code}-{local:%m%dT%H%M}"
                self.say(f"this database has real stations: playing as exercise {exercise}")
            if exercise is not None:
                begun = exercises.start_exercise(connection, exercise, chosen.name, chosen.code, actor)
                if begun.ended_at is not None:
                    raise ConflictError(f"exercise {exercise} has ended; choose another code with --exercise")
            for station in replay.stations:
                stations.save_station(connection, station)
            for threshold in replay.thresholds:
                stations.save_threshold(connection, threshold, actor)
            connection.execute(
                "select audit_append(%s, 'replay', %s, %s)",
                (actor, chosen.code, Jsonb({"exercise": exercise, "readings": len(replay.readings)})),
            )
        return exercise

    def _send(self, publisher: Publisher, readings: list[PlayedReading]) -> bool:
        """Sends each reading when its time has come; False if nothing was heard for too long."""
        begin, origin = time.monotonic(), readings[0].time
        self._shown, patience_from, progress = 0.0, begin, (0, 0)
        position = 0
        while position < len(readings) or publisher.open:
            now = time.monotonic()
            played = (now - begin) * self.speed
            while (
                position < len(readings)
                and publisher.room
                and (readings[position].time - origin).total_seconds() <= played
            ):
                entry = readings[position]
                publisher.send(entry.station, [(entry.time, {_PROPERTY: entry.level_m})])
                position += 1
            current = (publisher.acknowledged, publisher.taken_by_broker)
            if current != progress or not publisher.open:
                patience_from, progress = now, current
            if self.numbered and publisher.acknowledged == 0 and publisher.open and now - begin > 10:
                self._hint()
            if now - patience_from > self.patience_s:
                self.say(f"gave up: no acknowledgement for {self.patience_s:.0f} s, {publisher.open} open")
                return False
            self._show(publisher, readings)
            time.sleep(0.02)
        return True

    _shown = 0.0
    _hinted = False

    def _hint(self) -> None:
        if not self._hinted:
            self._hinted = True
            self.say(
                "no acknowledgement from the centre yet: is ingest running? (anlan ingest, or anlan run)"
            )

    def _show(self, publisher: Publisher, readings: list[PlayedReading], *, final: bool = False) -> None:
        now = time.monotonic()
        if not final and now - self._shown < _SHOW_EVERY_S * (1 if sys.stdout.isatty() else 5):
            return
        self._shown = now
        at = readings[max(publisher.sent - 1, 0)].time
        through = publisher.acknowledged if self.numbered else publisher.taken_by_broker
        link = "" if publisher.connected else " (broker away)"
        self.say(f"  {at:%Y-%m-%d %H:%M}Z  {publisher.sent}/{len(readings)} sent, {through} through{link}")

    def _count(self, settings: Settings, readings: list[PlayedReading], exercise: str | None) -> Outcome:
        """Asks the database; waits for one that is just coming up, and without numbers until it settles.

        It has settled when nothing came for a while in which ingest said that it hears the broker, and has no
        older session to drain: a quiet database alone may be one that ingest has not found again.
        """
        before: tuple[int, datetime | None] = (-1, None)
        until = time.monotonic() + self.patience_s
        while True:
            try:
                outcome, heard = _outcome(settings, readings, exercise)
            except (UnavailableError, psycopg.OperationalError):
                if time.monotonic() > until:
                    raise
                time.sleep(1)
                continue
            settled = outcome.found == before[0] and heard is not None and heard != before[1]
            if self.numbered or not outcome.missing or settled or time.monotonic() > until:
                return outcome
            if outcome.found != before[0] or before[1] is None:
                before = outcome.found, heard
            time.sleep(_SETTLED_S)


def stop_exercise(code: str, say: Callable[[str], None] = print, clock: Clock = system_clock) -> int:
    """Ends an exercise with its alarms and orders. Raises NotFoundError for an unknown one."""
    actor = f"cli:{getpass.getuser()}"
    with connect(load_settings().need_database(), name="anlan-replay") as connection:
        ended = end_exercise(connection, code, actor=actor, at=clock())
    say(
        f"exercise {code} has ended, and with it {ended.alarms} alarms, {ended.orders} orders"
        f" and {ended.responses} response levels"
        if ended
        else f"exercise {code} had ended before"
    )
    return 0


def _outcome(
    settings: Settings, readings: list[PlayedReading], exercise: str | None
) -> tuple[Outcome, datetime | None]:
    """What is there, and when ingest last said that it hears the broker (None: it is not through with the old)."""
    expected = {(entry.station, entry.time): entry.level_m for entry in readings}
    with connect(settings.need_database(), name="anlan-replay") as connection:
        heard = ingest_sessions.heard(connection)
        rows = found_readings(connection, expected, _PROPERTY, exercise)
        changed = revisions(connection, sorted({key[0] for key in expected}), _PROPERTY, exercise)
    counts: Counter[tuple[str, datetime]] = Counter((station, moment) for station, moment, _ in rows)
    outcome = Outcome(
        found=len(counts),
        missing=len(expected) - len(counts),
        doubled=sum(count - 1 for count in counts.values()) + changed,
        different=sum(value != expected[station, moment] for station, moment, value in rows),
    )
    return outcome, heard


def _span(readings: list[PlayedReading]) -> str:
    return f"{readings[0].time:%Y-%m-%d %H:%M}Z to {readings[-1].time:%Y-%m-%d %H:%M}Z"
