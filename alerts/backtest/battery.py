"""What a rule of batteries would have done at a station: its readings, one by one through the finder's own `judge`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from alerts.backtest.equipment import EquipmentCourse
from alerts.standing.battery import Terms, judge
from core.severity import Severity
from store.backtest_equipment import Place, ToldPower, told_powers
from store.equipment import Power

PROPERTIES = frozenset({"battery_voltage", "battery_level", "station_status"})


def battery(
    connection: Connection[object],
    places: Sequence[Place],
    terms: Terms,
    priority: Severity | None,
    begin: datetime,
    end: datetime,
) -> EquipmentCourse:
    """The course of one station over its stored readings."""
    clear = {
        one.series: None
        if one.property == "station_status"
        else terms.limits(_power(one, ToldPower(one.series, begin, begin, 0.0), []))[1]
        for one in places
    }
    return course(
        {one.series: one for one in places}, told_powers(connection, clear, begin, end), terms, priority
    )


def course(
    places: Mapping[int, Place], told: Sequence[ToldPower], terms: Terms, priority: Severity | None
) -> EquipmentCourse:
    """Pure: what is told, in time order, of the series of one station."""
    made = EquipmentCourse(next(iter(places.values())).station, priority, "battery")
    newest: dict[int, Power] = {}
    for one in told:
        before = newest[one.series].newest if one.series in newest else []
        newest[one.series] = _power(places[one.series], one, [one.value, *before][: terms.samples])
        low, unsure = judge(list(newest.values()), terms)
        if low:
            (by,) = low.values()
            status = by.property == "station_status"
            made.holds(one.time, None if status else by.newest[0], by.property)
        elif not unsure:
            made.over(one.time)
    return made


def _power(place: Place, told: ToldPower, newest: list[float]) -> Power:
    return Power(
        station=place.station,
        exercise=None,
        name=place.name,
        name_en=place.name_en,
        area=place.area,
        property=place.property,
        sensor=place.sensor,
        time=told.time,
        received_at=told.received_at,
        newest=newest,
    )
