"""`python -m alerts.backtest ID`: one claimed back-test; started by the web process, never by hand."""

from __future__ import annotations

import os
import sys
from zoneinfo import ZoneInfo

from alerts.alarms.limits import Delays
from alerts.backtest.work import work
from core.clock import system_clock
from core.settings import load_settings

os.nice(10)
settings = load_settings()
work(
    settings.need_database(),
    int(sys.argv[1]),
    ZoneInfo(settings.time_zone),
    system_clock,
    Delays(settings.alerts.delays, settings.alerts.off_delay_s),
)
