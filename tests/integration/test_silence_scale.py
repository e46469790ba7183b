"""Twenty thousand series: a look costs little while all speak, and a storm of silence holds nothing up for long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import psycopg
import pytest

from alerts.alarms.suppress import suppress
from alerts.standing.finding import Look
from alerts.standing.reconcile import look
from alerts.standing.silence import MOST_AT_ONCE, SilenceFinder
from core.settings import Settings
from store.heartbeats import beat
from store.rules import standing_rules
from tests.integration.equipment import WORDING, Watch
from tests.integration.levels import Field, minute

STATIONS, EACH = 4000, 5
SOON_S = 0.25
"""A look at all while all speak: a tenth of the two seconds between looks, on a busy machine."""
LONGEST_S = 5.0
"""A slice of a storm, as many new silences of each kind as one look writes down, on a busy machine."""
LOOKS = 3 + STATIONS * EACH // MOST_AT_ONCE


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Watch]:
    """Every station with five values, eight hours of them, the last received at minute 0 to 5."""
    with psycopg.connect(database, autocommit=True) as connection:
        field = Field(connection)
        field.county()
        connection.execute(
            "insert into station (code, name, name_en, kind, area, lon, lat)"
            " select 'S' || n, n || '站', 'S' || n, 'ZZ', 'T', 121.8, 29.4 from generate_series(1, %s) as n",
            (STATIONS,),
        )
        connection.execute(
            "insert into series (station, property, sensor) select code, 'water_level', sensor from station,"
            " generate_series(1, %s) as sensor",
            (EACH,),
        )
        connection.execute(
            "insert into observation (series, time, value, quality, received_at, source)"
            " select id, at, 3, 1, at, 'test' from series,"
            " lateral (select %s + (mod(id, 300) - n * 300) * interval '1 second' as at from generate_series(0, 11) as n) as heard",
            (minute(0),),
        )
        connection.execute(
            "insert into latest (series, time, value, quality, received_at, usable_time, usable_value)"
            " select series, max(time), 3, 1, max(received_at), max(time), 3 from observation group by series"
        )
        connection.execute("analyze")
        yield Watch(field)


def at(number: float) -> Look:
    return Look(minute(number), ZoneInfo("Asia/Shanghai"), Settings())


def test_a_look_at_twenty_thousand_series_that_speak_is_quick(county: Watch) -> None:
    connection, finder = county.county.connection, SilenceFinder()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        for rule in standing_rules(connection, "silence"):
            assert finder.find(connection, rule, at(10)).findings == ()
        took.append(time.perf_counter() - began)
    print(f"looks at {STATIONS * EACH} series: {', '.join(f'{1000 * one:.0f}' for one in took)} ms")
    assert min(took) < SOON_S


def test_one_silence_among_twenty_thousand_is_found_at_the_next_look(county: Watch) -> None:
    connection, finder = county.county.connection, SilenceFinder()
    connection.execute(
        "update latest set received_at = %s where series = (select min(id) from series)", (minute(-5),)
    )
    (value,) = [rule for rule in standing_rules(connection, "silence") if rule.code == "silence_value"]
    assert len(finder.find(connection, value, at(9.9)).findings) == 0
    assert len(finder.find(connection, value, at(10.1)).findings) == 1


def test_a_county_that_falls_silent_is_written_down_in_slices_that_follow_at_once(county: Watch) -> None:
    connection, finder = county.county.connection, SilenceFinder()
    with connection.transaction(force_rollback=True):
        for _ in range(2):
            looked = look(connection, finder, at(20.1), WORDING)
            assert MOST_AT_ONCE < looked.lines <= 2 * MOST_AT_ONCE
            assert looked.more
        listed = connection.execute(
            "select count(*), count(*) filter (where title is null), count(distinct subject) from alarm where rule = %s",
            ("silence_value",),
        ).fetchone()
        assert listed == (2 * MOST_AT_ONCE, 0, 2 * MOST_AT_ONCE)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_when_all_fall_silent_no_look_takes_long_and_all_are_listed(county: Watch) -> None:
    connection, finder = county.county.connection, SilenceFinder()
    beat(connection, "ingest", "1", minute(0), {})
    county.look(20, "link")
    took: list[float] = []
    hidden: list[float] = []
    more = True
    while more and len(took) < LOOKS:
        began = time.perf_counter()
        with connection.transaction():
            looked = look(connection, finder, at(20.1), WORDING)
        took.append(time.perf_counter() - began)
        assert looked.faults == 0
        more = looked.more
        if len(took) % 5:
            continue
        began = time.perf_counter()
        with connection.transaction():
            suppress(connection, WORDING, minute(20.1))
        hidden.append(time.perf_counter() - began)
    assert not more
    print(f"looks of the storm: {', '.join(f'{one:.2f}' for one in took)}; together {sum(took):.0f} s")
    print(f"rounds of suppression: {', '.join(f'{1000 * one:.0f}' for one in hidden)} ms")
    found = connection.execute(
        "select rule, state, count(*) from alarm where rule like 'silence%' group by 1, 2 order by 1"
    ).fetchall()
    assert found == [
        ("silence_station", "suppressed", STATIONS),
        ("silence_value", "suppressed", STATIONS * EACH),
    ]
    assert max(took) < LONGEST_S
