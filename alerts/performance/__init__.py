"""告警绩效: how much the engine asks of a desk and how quickly it is answered (ISA-18.2 §16, EEMUA 191).

`report(load, limits)` makes every figure from the rows of `store.alarm_load`; everything here is pure. Alarms that ask
for people are counted, not the notices: a good engine tells many alarms in one notice, and a desk still has to
deal with each of them.
"""

from alerts.performance.limits import Limits, limits_of
from alerts.performance.report import Report, report

__all__ = ["Limits", "Report", "limits_of", "report"]
