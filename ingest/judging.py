"""Judges the readings of one message: their values, and whether their times can be true. Pure."""

from __future__ import annotations

from datetime import datetime

from core.faults import Fault, FaultReason
from core.observations import Reading
from hydrology.judgement import judge, judge_time
from ingest.understood import Limits, Understood


def judge_readings(understood: Understood, readings: list[Reading], limits: Limits) -> None:
    """Puts the judged readings, and the faults of those that cannot be kept, into `understood`."""
    judged_times: dict[datetime, Fault | None] = {}
    for reading in _newest_weeks(understood, readings, limits):
        if reading.time not in judged_times:
            fault = judge_time(reading.time, understood.message.received_at, limits.time)
            judged_times[reading.time] = fault
            if fault is not None:
                understood.faults.append(fault)
        if judged_times[reading.time] is None:
            judged, fault = judge(reading)
            understood.readings.append(judged)
            if fault is not None:
                understood.faults.append(fault)


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
