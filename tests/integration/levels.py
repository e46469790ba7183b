"""A small county for alarm tests: stations, limits, people on duty, readings, and the evaluator's step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from alerts.alarms.batch import Done, Setting, evaluate
from alerts.notices import Wording
from core.alarms import Alarm, AlarmClass, AlarmEvent, AlarmEventKind
from core.areas import Area
from core.cadence import Cadence
from core.observations import Observation
from core.people import Person, RosterEntry
from core.quality import Quality
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import THRESHOLD_SEVERITY, Threshold
from store import alarms, marks, observations
from store.areas import save_area
from store.marks import Mark
from store.people import save_person, save_roster_entry
from store.stations import ensure_series, save_station, save_threshold

START = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
AT_ONCE = Cadence(group_wait_s=0, group_interval_s=0, most_calls=1_000_000, flood_above=1_000_000)
"""People are called at once, however often: what waits for what has tests of its own."""
SETTING = Setting(Wording("zh", "Asia/Shanghai", cadence=AT_ONCE), 1800)
RIVER = {"near_warning": 3.5, "warning": 4.0, "guarantee": 5.0, "historic_highest": 6.0}

Value = tuple[float, float | None] | tuple[float, float | None, Quality]
"""Minute after START, value, quality (good)."""


def minute(number: float) -> datetime:
    """START and so many minutes."""
    return START + timedelta(minutes=number)


@dataclass
class Field:
    """Writes as ingest does and steps the evaluator, on one connection that commits by itself."""

    connection: psycopg.Connection[Any]
    setting: Setting = SETTING
    done: list[Done] = field(default_factory=list)

    def county(self) -> None:
        """County X with town T and two duty officers of the town, one of the county."""
        with self.connection.transaction():
            save_area(self.connection, Area("X", "演示县", "Demo county", "county"))
            save_area(self.connection, Area("T", "示范镇", "Demo town", "town", parent="X"))
            for code, area in (("T1", "T"), ("T2", "T"), ("X1", "X")):
                phone = f"1380000{ord(code[0]):03d}{code[1]}"
                save_person(self.connection, Person(code, f"值班{code}", phone, area, "值班员"))
                duty = RosterEntry(area, code, "duty", minute(-300_000), minute(300_000))
                save_roster_entry(self.connection, duty)

    def station(
        self,
        code: str,
        limits: Mapping[str, float] = RIVER,
        *,
        kind: StationKind = StationKind.RIVER_LEVEL,
        area: str | None = None,
        property: str = "water_level",
        period_s: int = 300,
        deadband: float = 0.05,
        origin: str | None = None,
    ) -> str:
        """A station on a river of its own, with limits whose severities are the field's."""
        with self.connection.transaction():
            save_station(
                self.connection,
                Station(
                    code, f"{code}站", code, kind, area, 121.8, 29.4, period_s, river=code, origin=origin
                ),
            )
            for name, value in limits.items():
                self.limit(code, name, value, property=property, deadband=deadband)
        return code

    def limit(
        self,
        code: str,
        name: str,
        value: float,
        *,
        property: str = "water_level",
        deadband: float = 0.05,
        severity: Severity | None = None,
    ) -> None:
        """Sets or replaces one limit."""
        entry = Threshold(
            code, property, name, severity or THRESHOLD_SEVERITY[name], value, deadband, None, "test"
        )
        save_threshold(self.connection, entry, "test")

    def send(
        self,
        code: str,
        values: Sequence[Value],
        *,
        delay_s: float = 5,
        received_at: datetime | None = None,
        exercise: str | None = None,
        sensor: int = 1,
        property: str = "water_level",
        by: str | None = None,
    ) -> None:
        """Stores readings with their marks in one transaction, as ingest does."""
        with self.connection.transaction():
            key = SeriesKey(code, property, sensor, 0, exercise)
            series = ensure_series(self.connection, [key])[key].id
            batch = []
            for at, value, *quality in values:
                judged = quality[0] if quality else Quality.GOOD
                received = received_at or minute(at) + timedelta(seconds=delay_s)
                batch.append(Observation(series, minute(at), value, judged, "", received, "test", by))
            applied = observations.store(self.connection, batch).applied
            if applied:
                times = [entry.time for entry in applied]
                marks.add(self.connection, marks.EVALUATOR, [Mark(series, min(times), max(times))])

    def evaluate(self, now: float = 0) -> list[Done]:
        """Steps the evaluator until no mark waits."""
        done = []
        while True:
            with self.connection.transaction():
                done.append(evaluate(self.connection, self.setting, minute(now)))
            if not done[-1].marks:
                return done

    def play(self, code: str, values: Sequence[Value], **how: Any) -> None:
        """Sends and evaluates each reading by itself, at its own time."""
        for value in values:
            self.send(code, [value], **how)
            self.evaluate(value[0])

    def alarms(self, code: str, exercise: str | None = None) -> list[Alarm]:
        """All alarms of a station but of its equipment, oldest first."""
        classes = [one for one in AlarmClass if one is not AlarmClass.EQUIPMENT]
        found = alarms.list_alarms(
            self.connection, exercise=exercise, station=code, only_open=False, classes=classes
        )
        return sorted((line.alarm for line in found), key=lambda alarm: alarm.id)

    def alarm(self, code: str, exercise: str | None = None) -> Alarm:
        """The only alarm of a station."""
        (found,) = self.alarms(code, exercise)
        return found

    def events(self, code: str, exercise: str | None = None) -> list[AlarmEvent]:
        """The history of all alarms of a station, in order."""
        return [
            event
            for alarm in self.alarms(code, exercise)
            for event in alarms.events(self.connection, alarm.id)
        ]

    def story(self, code: str, exercise: str | None = None) -> list[str]:
        """The history in short: kind, severity, minute of observation, `late`, `called` behind what called."""
        return in_short(self.events(code, exercise))

    def orders(self, code: str, exercise: str | None = None) -> list[tuple[str | None, str]]:
        """Severity and text of the notices for a station's alarms, in order."""
        return self.connection.execute(
            "select orders.severity, orders.text from orders join order_alarm on order_alarm.order_id = orders.id"
            " join alarm on alarm.id = order_alarm.alarm where alarm.station = %s and alarm.exercise is not distinct from %s order by orders.id",
            (code, exercise),
        ).fetchall()


def in_short(events: Iterable[AlarmEvent]) -> list[str]:
    """The lines of a history in a few words each; `called` stands behind what people were called for."""
    lines: list[tuple[AlarmEvent, str]] = []
    for event in events:
        if event.kind is not AlarmEventKind.CALLED:
            lines.append((event, short(event)))
            continue
        loud = max(at for at, (line, _) in enumerate(lines) if called_by(line, event))
        lines[loud] = (lines[loud][0], f"{lines[loud][1]} called")
    return [words for _, words in lines]


def called_by(line: AlarmEvent, call: AlarmEvent) -> bool:
    """True if the line is the kind of change that people are called for, and the call is of its severity."""
    loud = {
        AlarmEventKind.RAISED, AlarmEventKind.WORSENED, AlarmEventKind.CONFIRMED, AlarmEventKind.UNSHELVED,
        AlarmEventKind.UNACKNOWLEDGED, AlarmEventKind.RELEASED, AlarmEventKind.PUT_BACK,
    }  # fmt: skip
    return line.alarm == call.alarm and line.kind in loud and not line.late and line.severity is call.severity


def short(event: AlarmEvent) -> str:
    """One line of history in a few words."""
    at = "" if event.observed_at is None else f"@{(event.observed_at - START).total_seconds() / 60:.0f}"
    words = [f"{event.kind}{at}"]
    if event.severity:
        words.append(event.severity)
    if event.late:
        words.append("late")
    return " ".join(words)


def plain_highest(values: Iterable[float | None], limits: Mapping[str, float]) -> Severity | None:
    """What a plain reading gives: the worst severity of any limit with value ≥ limit."""
    highest = max((value for value in values if value is not None), default=float("-inf"))
    found = [THRESHOLD_SEVERITY[name] for name, limit in limits.items() if highest >= limit]
    return max(found, key=lambda severity: severity.rank, default=None)
