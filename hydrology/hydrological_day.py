"""The hydrological day (水文日): rain from 08:00 to 08:00 Beijing time, which is the UTC day.

A total that ends at 08:00:00 belongs to the day that ends then; the day is named by its end (GB/T
50095: 日雨量 is 08–08; SL 323 labels ST_PPTN_R.DYP with the end).
"""

from __future__ import annotations

from datetime import datetime, timedelta

DAY_S = 86_400


def day_end(time: datetime) -> datetime:
    """The end (UTC midnight) of the hydrological day to which a total that ends at `time` belongs.

    `time` is in UTC; midnight itself is the end of its day.
    """
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if time == midnight else midnight + timedelta(days=1)


def day_start_s(label_s: int) -> int:
    """Start, in epoch seconds, of the day (start, start + 24 h] in which the total labelled `label_s` lies."""
    return (label_s - 1) // DAY_S * DAY_S
