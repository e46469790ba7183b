"""What lasts is measured by a clock that nobody can set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import SteadyClock, SteppingClock

START = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3), timedelta(0)])
def test_a_machine_whose_clock_is_set_measures_the_same(jump: timedelta) -> None:
    counted = [100.0]
    machine = SteppingClock(START)
    steady = SteadyClock(machine, lambda: counted[0])
    silent_since = steady()
    counted[0] += 60
    machine.advance(60 + jump.total_seconds())

    assert steady() - silent_since == timedelta(seconds=60)
    assert steady.shown(silent_since) == START + jump, "what people read is the time on the wall"
