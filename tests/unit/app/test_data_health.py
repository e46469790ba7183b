"""What counts say of a station: its share, its strip, its state and its place in the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.data_health import health, in_order, receiver, strip, totals
from core.station_health import Reporting
from core.stations import Station, StationKind
from store.heartbeats import Heartbeat
from store.station_health import StationCounts, unheard

NOW = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
STATION = Station("R1", "桥", "Bridge", StationKind.RIVER, "T", 121.0, 29.0)


def counts(**more: object) -> StationCounts:
    """A station of one series every 5 min; 3 whole hours and half of one, of which 4 readings are due."""
    base = replace(
        unheard(STATION), heard_at=NOW - timedelta(minutes=3), expected_whole=12.0, expected_running=4.0,
        hours=[0, 1, 2, 3], got=[12.0, 12.0, 12.0, 4.0],
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, Reporting.COMPLETE),
        ({"late": 1}, Reporting.LATE),
        ({"flagged": 2}, Reporting.FLAGGED),
        ({"got": [12.0, 6.0, 12.0, 4.0]}, Reporting.INCOMPLETE),
        ({"got": [12.0, 11.0, 12.0, 4.0]}, Reporting.COMPLETE),
        ({"heard_at": NOW - timedelta(minutes=16)}, Reporting.SILENT),
        ({"heard_at": None}, Reporting.NEVER),
        ({"out_of_service": True, "heard_at": None}, Reporting.OUT_OF_SERVICE),
    ],
)
def test_a_station_is_in_the_worst_state_that_holds(change: dict[str, object], state: Reporting) -> None:
    assert health(counts(**change), NOW, 4).state is state


def test_a_silent_station_is_never_complete_however_whole_its_hours_were() -> None:
    found = health(counts(heard_at=NOW - timedelta(hours=1)), NOW, 4)
    assert found.share == 1.0
    assert found.state is Reporting.SILENT


def test_a_strip_tells_tenths_of_each_hour_oldest_first() -> None:
    assert strip(counts(hours=[0, 2, 3], got=[12.0, 7.0, 4.0]), 4) == "F05F"


def test_nothing_is_due_of_a_station_that_was_never_heard() -> None:
    found = health(unheard(STATION), NOW, 24)
    assert (found.strip, found.share, found.expected) == ("." * 24, None, 0)


def test_a_running_hour_expects_nothing_at_its_beginning() -> None:
    assert strip(counts(expected_running=0.0, hours=[0, 1, 2], got=[12.0] * 3), 4) == "FFF."


def test_readings_once_a_day_leave_most_hours_without_anything_due() -> None:
    daily = counts(expected_whole=1 / 24, expected_running=0.0, hours=[1], got=[1 / 24])
    assert strip(daily, 4) == ".F.."


def test_the_worst_stand_first_and_who_is_apart_last() -> None:
    named = {
        "off": counts(out_of_service=True), "fine": counts(), "never": counts(heard_at=None),
        "silent": counts(heard_at=NOW - timedelta(days=1)), "half": counts(got=[6.0, 6.0, 6.0, 2.0]),
        "tenth": counts(got=[1.0, 1.0, 1.0, 0.0]),
    }  # fmt: skip
    found = in_order([health(replace(one, code=name), NOW, 4) for name, one in named.items()])
    assert [one.counts.code for one in found] == ["silent", "tenth", "half", "fine", "never", "off"]
    assert totals(found)["incomplete"] == 2


def beat(age_s: float, **detail: float) -> Heartbeat:
    return Heartbeat("ingest", "1", NOW - timedelta(seconds=age_s), detail)


def test_a_receiver_that_is_far_behind_is_catching_up() -> None:
    found = receiver([beat(2, lag_ms=300_000, queued=800), beat(3, lag_ms=20)], NOW)
    assert (found.alive, found.catching_up, found.lag_s, found.queued) == (True, True, 300.0, 800)


def test_an_outage_that_is_drained_says_about_how_much_is_left() -> None:
    found = receiver([beat(1, lag_ms=12, catching_up=1, backlog_left=41_000)], NOW)
    assert (found.catching_up, found.left) == (True, 41_000)


def test_a_receiver_that_says_nothing_is_not_alive_and_its_old_lag_is_not_told() -> None:
    found = receiver([beat(120, lag_ms=5)], NOW)
    assert (found.alive, found.lag_s) == (False, None)
    assert not receiver([], NOW).alive
