"""What is said of a backlog while it is drained."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.backlog import Backlog

BEGAN = datetime(2026, 7, 1, tzinfo=UTC)
CLOSED = BEGAN + timedelta(hours=2)


def test_what_is_left_follows_from_how_far_the_times_have_come() -> None:
    backlog = Backlog(BEGAN, CLOSED, started_s=100.0)
    backlog.stored(5_000, BEGAN + timedelta(minutes=30))
    figures = backlog.figures(now_s=110.0)
    assert figures["backlog_per_s"] == 500
    assert figures["backlog_left"] == 15_000
    assert figures["backlog_left_s"] == 30
    assert figures["backlog_reached"] == (BEGAN + timedelta(minutes=30)).timestamp()
    assert figures["catching_up"] == 1


@pytest.mark.parametrize("reached", [None, BEGAN - timedelta(days=9), BEGAN, CLOSED + timedelta(days=1)])
def test_times_that_do_not_tell_give_no_estimate(reached: datetime | None) -> None:
    backlog = Backlog(BEGAN, CLOSED, started_s=0.0)
    backlog.stored(10, reached)
    assert "backlog_left" not in backlog.figures(1.0)


def test_at_its_end_nothing_is_left() -> None:
    backlog = Backlog(BEGAN, CLOSED, started_s=0.0)
    backlog.stored(10, CLOSED + timedelta(minutes=1))
    assert backlog.figures(1.0)["backlog_left"] == 0
