"""The hydrological day (水文日): rain from 08:00 to 08:00 Beijing time, which is the UTC day.

A total that ends at 08:00:00 belongs to the day that ends then; the day is named by its end (GB/T
50095: 日雨量 is 08–08; SL 323 labels ST_PPTN_R.DYP with the end).
"""

from __future__ import annotations

DAY_S = 86_400
