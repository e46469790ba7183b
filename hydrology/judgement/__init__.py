"""Judgement: the quality flag of a reading with its reasons. Pure; one file per test.

`judge` is what a reading alone tells; a `Trail` is what was last read of a series, and judges what comes
next against it by the series' `SeriesLimits`; `judge_time` says whether a time can be true at all.
Judgement never hides a flood: no value of a dangerous direction is ever worse than suspect, and nothing is
changed or thrown away (docs/judgement.md).
"""

from hydrology.judgement.danger import DANGEROUS_HIGH, DANGEROUS_LOW, danger
from hydrology.judgement.limits import SeriesLimits, limits_of
from hydrology.judgement.physical import fault_of, judge, suspected_unit
from hydrology.judgement.reasons import OFF_THE_WAY, Reason, joined
from hydrology.judgement.timing import Lag, TimeLimits, judge_time
from hydrology.judgement.trail import Reflag, Trail

__all__ = [
    "DANGEROUS_HIGH",
    "DANGEROUS_LOW",
    "OFF_THE_WAY",
    "Lag",
    "Reason",
    "Reflag",
    "SeriesLimits",
    "TimeLimits",
    "Trail",
    "danger",
    "fault_of",
    "joined",
    "judge",
    "judge_time",
    "limits_of",
    "suspected_unit",
]
