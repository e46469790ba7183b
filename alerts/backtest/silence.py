"""What a rule of silence would have done at a station: gaps between receipts, judged by the finder's own functions.

A silence begins when `alerts.standing.silence` would have said so, and ends by its `is_back`, or once a value is no more
waited for. The finder looks every two seconds; here it looks at the very moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.backtest.equipment import EquipmentCourse
from alerts.standing.habits import usual_gap_s
from alerts.standing.silence import Silent, Terms, is_back, overdue, silent_series, silent_stations
from core.severity import Severity
from store.backtest_equipment import Gap, Place, Receipts
from store.liveness import Suspect

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Silences:
    """The silences of one station, whose receipts are gathered; `waited` are the series that are waited for."""

    receipts: Receipts
    terms: Terms
    priority: Severity | None
    waited: Sequence[Place]
    begin: datetime
    end: datetime

    def courses(self) -> list[EquipmentCourse]:
        """The course of each series, or of the station."""
        if not self.waited:
            return []
        if self.terms.whole:
            station = EquipmentCourse(self.waited[0].station, self.priority, "station")
            self._station(station)
            return [station]
        limits = {one.series: self._limit_s(one, one.period_s) for one in self.waited}
        by_series: dict[int, list[Gap]] = {}
        for gap in self.receipts.gaps(limits):
            by_series.setdefault(gap.series, []).append(gap)
        return [
            self._value(place, by_series[place.series]) for place in self.waited if place.series in by_series
        ]

    def _value(self, place: Place, gaps: Sequence[Gap]) -> EquipmentCourse:
        course = EquipmentCourse(place.station, self.priority, place.property)
        over: datetime | None = self.begin - self.terms.learn
        for gap, every_s in self._with_habits(place, gaps):
            if over is None:
                break
            at = max(gap.at + timedelta(seconds=self._limit_s(place, every_s)), over)
            if not self._lasts(gap, at):
                continue
            heard = self.receipts.station_heard(at) or gap.at
            late = overdue([_suspect(place, gap.at, heard)], self.terms, at)
            if silent_series(late, {place.series: every_s}, self.terms, at):
                back = self._back(gap.at, every_s, place.series)
                left = next(self.receipts.after(gap.at + self.terms.learn - timedelta(microseconds=1)), None)
                over = min((one for one in (back, left) if one is not None), default=None)
                self._tell(course, at, over)
        return course

    def _station(self, course: EquipmentCourse) -> None:
        over: datetime | None = self.begin - self.terms.learn
        shortest_s = min(self._limit_s(one, one.period_s) for one in self.waited)
        for gap in self.receipts.station_gaps(shortest_s):
            if over is None:
                return
            found = self._first_silent(gap, over)
            if found is not None:
                at, silent = found
                over = self._back(gap.at, silent.every_s, None)
                self._tell(course, at, over)

    def _first_silent(self, gap: Gap, not_before: datetime) -> tuple[datetime, Silent] | None:
        """When the station was silent first within a gap, and by which of its series."""
        heard = {series: at for series, at in self.receipts.heard(gap.at).items() if at is not None}
        found = [_suspect(one, heard[one.series], gap.at) for one in self.waited if one.series in heard]
        learnt = self._learnt([(one, heard[one.series]) for one in found])
        every_s = {one.series: gap_s for one, gap_s in zip(found, learnt, strict=True)}
        moments = {
            max(gap.at + timedelta(seconds=self._limit_s(one, every_s[one.series])), not_before)
            for one in found
        }
        for at in sorted(moments):
            if not self._lasts(gap, at):
                return None
            late = overdue(found, self.terms, at)
            stations = silent_stations(silent_series(late, every_s, self.terms, at), at)
            if stations:
                return at, stations[0]
        return None

    def _lasts(self, gap: Gap, at: datetime) -> bool:
        return at < (gap.next or self.end)

    def _limit_s(self, one: Place | Suspect, every_s: float) -> float:
        subject = f"{one.station}/{one.property}/{one.sensor}/{one.own_s}"
        return self.terms.limit_s(one.station, subject, every_s)

    def _with_habits(self, place: Place, gaps: Sequence[Gap]) -> Iterator[tuple[Gap, float]]:
        """Each gap with how often the series was heard before it, as the finder learns it when it is overdue."""
        for start in range(0, len(gaps), _AT_ONCE):
            part = gaps[start : start + _AT_ONCE]
            yield from zip(part, self._learnt([(place, gap.at) for gap in part]), strict=True)

    def _learnt(self, heard: Sequence[tuple[Place | Suspect, datetime]]) -> list[float]:
        """How often each was heard before it was overdue, heard last at that time."""
        asked = [(one.series, at + timedelta(seconds=self._limit_s(one, one.period_s))) for one, at in heard]
        return [
            max(float(one.period_s), usual_gap_s(received) or 0.0)
            for (one, _), received in zip(heard, self.receipts.habits(asked, self.terms.learn), strict=True)
        ]

    def _back(self, since: datetime, every_s: float, series: int | None) -> datetime | None:
        """When it was back after a silence since then; None: not within the range."""
        first = next(self.receipts.after(since, series=series, spoken=True), None)
        if first is None:
            return None
        if is_back(first, first, every_s, self.terms.off_samples):
            return first
        return next(
            (
                at
                for at in self.receipts.after(first, series=series)
                if is_back(first, at, every_s, self.terms.off_samples)
            ),
            None,
        )

    def _tell(self, course: EquipmentCourse, at: datetime, over: datetime | None) -> None:
        """What was raised within the range; what stood before it already called nobody in it."""
        if at >= self.begin:
            course.holds(at)
            if over is not None:
                course.over(over)


def _suspect(one: Place, heard_at: datetime | None, station_heard_at: datetime) -> Suspect:
    return Suspect(
        series=one.series,
        station=one.station,
        property=one.property,
        sensor=one.sensor,
        own_s=one.own_s,
        exercise=None,
        name=one.name,
        name_en=one.name_en,
        area=one.area,
        period_s=one.period_s,
        heard_at=heard_at,
        missing=False,
        station_heard_at=station_heard_at,
    )
