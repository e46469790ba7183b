"""Judges readings: whether their times can be true (of one message), and their values against their series'.

A batch is judged before its transaction commits. Readings of one series are taken in the order of their
time, as if they had come one by one, wherever in the batch they stand; what is late is judged against its
own neighbours in time, which the store holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from time import monotonic
from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason
from core.observations import Observation, Reading
from core.quality import Quality
from core.stations import SeriesKey
from hydrology.judgement import (
    OFF_THE_WAY,
    Reason,
    SeriesLimits,
    TimeLimits,
    Trail,
    fault_of,
    joined,
    judge_time,
)
from ingest.memory import Followed, Memory
from ingest.understood import Limits, Understood
from store import surroundings
from store.observations import Doubt
from store.surroundings import Held

Entry = tuple[int, SeriesKey, Reading, Understood]
"""A reading with the number and key of its series, and the message that brought it."""

_WORTH_A_RUN = 16
"""Readings of a series in a batch; fewer are judged one by one as quickly."""

_PART = 2_000
"""Observations: what the way to the database holds while it writes."""

_GAP = 1.5
"""A reading later than so many of the last step does not follow directly."""


def judge_readings(understood: Understood, readings: list[Reading], limits: Limits) -> None:
    """Puts the readings whose times can be true, and the faults of the others, into `understood`. Pure."""
    if readings and _all_can_be_true(understood, readings, limits):
        understood.readings.extend(readings)
        return
    judged_times: dict[datetime, Fault | None] = {}
    for reading in _newest_weeks(understood, readings, limits):
        if reading.time not in judged_times:
            fault = judge_time(reading.time, understood.message.received_at, limits.time)
            judged_times[reading.time] = fault
            if fault is not None:
                understood.faults.append(fault)
        if judged_times[reading.time] is None:
            understood.readings.append(reading)


def _all_can_be_true(understood: Understood, readings: list[Reading], limits: Limits) -> bool:
    """As nearly always: the first and the last time can be true, and there are few weeks between them."""
    times = [reading.time for reading in readings]
    first, last = min(times), max(times)
    received_at = understood.message.received_at
    return (
        last.toordinal() // 7 - first.toordinal() // 7 < limits.weeks
        and judge_time(first, received_at, limits.time) is None
        and judge_time(last, received_at, limits.time) is None
    )


def _newest_weeks(understood: Understood, readings: list[Reading], limits: Limits) -> list[Reading]:
    """All of them, or those of the newest weeks and a fault.

    The store makes a table with its indexes for every week. A message whose times jump over decades (a
    clock gone wild, or somebody who means harm) would make two thousand of them in one transaction.
    """
    if len(readings) <= limits.weeks:
        return readings
    weeks = {
        reading.time.toordinal() // 7
        for reading in readings
        if judge_time(reading.time, understood.message.received_at, limits.time) is None
    }
    if len(weeks) <= limits.weeks:
        return readings
    oldest = sorted(weeks)[-limits.weeks]
    understood.faults.append(
        Fault(
            FaultReason.TIME_SPREAD,
            f"times lie in {len(weeks)} different weeks, {limits.weeks} are allowed; only the newest were"
            " stored. Set the station's clock, or send history in several messages.",
        )
    )
    return [reading for reading in readings if reading.time.toordinal() // 7 >= oldest]


def judging(
    connection: Connection[Any], memory: Memory, entries: Sequence[Entry], limits: TimeLimits
) -> Judging:
    """Makes ready to judge a batch; asks the store at most once, and only for series that do not simply go on."""
    memory.refresh(connection, limits.clock_s)
    batch = Judging(memory, entries, limits)
    for position, (series, _, _, _) in enumerate(entries):
        batch.groups.setdefault(series, []).append(position)
    for positions in batch.groups.values():
        if len(positions) > 1:
            positions.sort(key=lambda position: entries[position][2].time)
    batch.look(connection)
    return batch


@dataclass(slots=True)
class Judging:
    """A batch that is being judged; `doubts` of earlier readings are complete when its last part was taken.

    `groups` holds the positions of each series' readings, in order of time.
    """

    memory: Memory
    entries: Sequence[Entry]
    limits: TimeLimits
    groups: dict[int, list[int]] = field(default_factory=dict)
    around: dict[int, surroundings.Surroundings] = field(default_factory=dict)
    qualities: list[Quality] = field(init=False)
    reasons: list[str] = field(init=False)
    doubts: list[Doubt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.qualities = [Quality.GOOD] * len(self.entries)
        self.reasons = [""] * len(self.entries)

    def parts(self) -> Iterator[list[Observation]]:
        """Judges series by series: their observations in order of series and time, some thousand together.

        Asks nothing of the store, so that it can write one part while the next is judged. Puts a fault into the
        message of a value that cannot exist.
        """
        part: list[Observation] = []
        for series in sorted(self.groups):
            positions = self.groups[series]
            self.judge(series, positions)
            part += self._observations(series, positions)
            if len(part) >= _PART:
                yield part
                part = []
        if part:
            yield part

    def _observations(self, series: int, positions: Iterable[int]) -> list[Observation]:
        entries, qualities, reasons = self.entries, self.qualities, self.reasons
        return [
            Observation(
                series,
                reading.time,
                reading.value,
                qualities[position],
                reasons[position],
                one.message.received_at,
                one.to.format,
            )
            for position, (_, _, reading, one) in ((position, entries[position]) for position in positions)
        ]

    def look(self, connection: Connection[Any]) -> None:
        """Asks the store for what stands around the series that do not simply go on."""
        now = monotonic()
        wanted = []
        for series, positions in self.groups.items():
            _, key, first, _ = self.entries[positions[0]]
            if not self.memory.limits(series, key).has_state:
                continue
            followed = self.memory.followed.get(series)
            if followed is None or followed.until < now or not _goes_on(followed.trail, first):
                last = self.entries[positions[-1]][2]
                wanted.append(self.memory.wanted(series, key, first, last, len(positions)))
        if wanted:
            self.around = surroundings.look(connection, wanted, OFF_THE_WAY)

    def judge(self, series: int, positions: list[int]) -> None:
        """Judges the readings of one series."""
        key = self.entries[positions[0]][1]
        around = self.around.get(series)
        if around is not None:
            first = self.entries[positions[0]][2].time
            followed = self.memory.follow(key, around, first)
            later = [held for held in around.held if held.time >= first]
        elif (known := self.memory.followed.get(series)) is not None:
            followed, later = known, []
        else:
            self._alone(self.memory.limits(series, key), positions)
            return
        if later:
            self._among(series, followed, positions, later)
        else:
            self._take(series, followed, positions[0])
            if len(positions) <= _WORTH_A_RUN or not self._take_run(followed, positions):
                for position in positions[1:]:
                    self._take(series, followed, position)
        followed.trail.position = -1

    def _alone(self, limits: SeriesLimits, positions: Iterable[int]) -> None:
        """Readings of a series of which nothing need be remembered."""
        for position in positions:
            reading = self.entries[position][2]
            value = reading.value
            if value is not None and not (
                limits.known is not None and limits.calm_low <= value <= limits.calm_high
            ):
                trail = Trail(limits)
                trail.closely(reading.time, reading.time.timestamp(), value, position)
                self._settle(position, trail.quality, trail.reason)
                self._tell_impossible(limits, position)
            elif value is None:
                self._settle(position, Quality.MISSING, Reason.MISSING)
            self._beside_value(position)

    def _take(self, series: int, followed: Followed, position: int) -> None:
        """The next reading in time; one at the same time as the last repeats or contradicts it."""
        trail = followed.trail
        reading = self.entries[position][2]
        value, time_s = reading.value, reading.time.timestamp()
        if followed.beside is not None:
            trail.watch(self._beside(followed, reading), power_low=trail.power_low)
        if value is None:
            trail.skip(reading.time, time_s, Quality.MISSING, Reason.MISSING)
            self._settle(position, Quality.MISSING, Reason.MISSING)
        elif time_s == trail.time_s:
            if value == trail.value:
                self._settle(position, trail.quality, trail.reason)
            else:
                self._alone(trail.limits, [position])
                return
        elif not trail.is_calm(reading.time, time_s, value, position):
            trail.closely(reading.time, time_s, value, position)
            self._settle(position, trail.quality, trail.reason)
            self._tell_impossible(trail.limits, position)
            self._doubt(series, trail)
        if time_s < followed.newest_s:
            self._add(position, Reason.OUT_OF_ORDER, Quality.GOOD)
        self._beside_value(position)

    def _take_run(self, followed: Followed, positions: Sequence[int]) -> bool:
        """What a pack brings after its first reading, which is taken; False if they must be taken one by one.

        They are good and without reasons, as nearly always.
        """
        _, key, _, one = self.entries[positions[0]]
        if followed.beside is not None or (key.station, key.exercise) in self.memory.wrong_clocks:
            return False
        readings: list[Reading] = []
        for position in positions[1:]:
            _, _, reading, bringer = self.entries[position]
            if bringer is not one or reading.reason or reading.value is None:
                return False
            readings.append(reading)
        times_s = [reading.time.timestamp() for reading in readings]
        received_s = one.message.received_at.timestamp()
        if times_s[0] < followed.newest_s or times_s[-1] - received_s > self.limits.ahead_s:
            return False
        values = [reading.value for reading in readings if reading.value is not None]
        behind = times_s[: bisect_left(times_s, received_s - self.limits.clock_s)]
        if behind and key.exercise is None:
            lag = self.memory.lags[key.station, key.exercise]
            if not lag.passes_run(behind, received_s):
                return False
        return followed.trail.are_calm(readings[-1].time, times_s, values, positions[-1])

    def _among(self, series: int, followed: Followed, positions: Iterable[int], later: list[Held]) -> None:
        """Readings before the newest one that is held, each judged where it belongs in time."""
        trail = followed.trail
        waiting = sorted(later, key=lambda held: held.time, reverse=True)
        for position in positions:
            reading = self.entries[position][2]
            while waiting and waiting[-1].time < reading.time:
                self._recall(series, trail, waiting.pop())
            same = waiting[-1] if waiting and waiting[-1].time == reading.time else None
            if same is not None and (same.by_person or same.value == reading.value):
                waiting.pop()
                self._recall(series, trail, same)
                if same.value == reading.value:
                    self._settle(position, same.quality, same.reason)
                else:
                    self._alone(trail.limits, [position])
                continue
            if same is not None:
                waiting.pop()
            self._take(series, followed, position)
        if waiting:
            trail.foresee(waiting[-1].time.timestamp(), waiting[-1].value)
            self._doubt(series, trail)

    def _recall(self, series: int, trail: Trail, held: Held) -> None:
        trail.recall(held.time, held.time.timestamp(), held.value, held.quality, held.reason)
        self._doubt(series, trail)

    def _doubt(self, series: int, trail: Trail) -> None:
        """The reading before was a spike: here in the batch, or in the store."""
        found = trail.reflag
        if found is None:
            return
        trail.reflag = None
        if found.position >= 0:
            self.qualities[found.position] = Quality.SUSPECT
            self.reasons[found.position] = joined(self.reasons[found.position], Reason.SPIKE)
        else:
            self.doubts.append(Doubt(series, found.time, found.value, Reason.SPIKE))

    def _settle(self, position: int, quality: Quality, reason: str) -> None:
        self.qualities[position], self.reasons[position] = quality, str(reason)

    def _tell_impossible(self, limits: SeriesLimits, position: int) -> None:
        reading, one = itemgetter(2, 3)(self.entries[position])
        if (fault := fault_of(limits.known, reading.value)) is not None:
            one.faults.append(fault)

    def _beside_value(self, position: int) -> None:
        """What the message says beside the value: its clock, and what its format had to say."""
        _, key, reading, one = self.entries[position]
        limits, wrong_clocks = self.limits, self.memory.wrong_clocks
        ahead = reading.time.timestamp() - one.message.received_at.timestamp()
        if reading.reason:
            self._add(position, reading.reason, reading.quality)
        if ahead > limits.ahead_s:
            self._add(position, Reason.TIME_AHEAD, Quality.SUSPECT)
        behind = -ahead > limits.clock_s and key.exercise is None
        if behind or wrong_clocks:
            speaker = (key.station, key.exercise)
            if speaker in wrong_clocks or (behind and self._is_clock_behind(speaker, reading, one)):
                self._add(position, Reason.CLOCK_WRONG, Quality.SUSPECT)

    def _is_clock_behind(self, speaker: tuple[str, str | None], reading: Reading, one: Understood) -> bool:
        lag = self.memory.lags[speaker]
        return lag.is_clock_behind(reading.time.timestamp(), one.message.received_at.timestamp())

    def _add(self, position: int, reason: str, quality: Quality) -> None:
        """One more reason; doubt makes a good value suspect, and never a doubtful one bad."""
        self.reasons[position] = joined(self.reasons[position], reason)
        if quality in (Quality.SUSPECT, Quality.BAD) and self.qualities[position].usable:
            self.qualities[position] = Quality.SUSPECT

    def _beside(self, followed: Followed, reading: Reading) -> tuple[float, float] | None:
        """The neighbour's reading at the same time in this batch, or the last one that is known."""
        if followed.beside is None:
            return None
        for position in self.groups.get(followed.beside, ()):
            other = self.entries[position][2]
            if other.time == reading.time and other.value is not None:
                return reading.time.timestamp(), other.value
        known = self.memory.followed.get(followed.beside)
        if known is not None and known.trail.value == known.trail.value:
            return known.trail.time_s, known.trail.value
        return followed.beside_last


def _goes_on(trail: Trail, first: Reading) -> bool:
    """True if the reading follows directly on what is remembered, or repeats it."""
    time_s = first.time.timestamp()
    if time_s == trail.time_s:
        return first.value == trail.value
    return trail.time_s < time_s <= trail.time_s + _GAP * trail.step_s
