"""Whatever order readings come in, derived tables equal a plain recomputation from what is held."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from core.quality import Quality
from hydrology.hydrological_day import DAY_S
from ingest.derive import areas, derived
from tests.integration import plain_rain
from tests.integration.deriving import Said, derive, place, say, series_of

START = int(datetime(2026, 7, 10, 12, tzinfo=UTC).timestamp())
SLOTS = 3 * 288


NOON = START // DAY_S * DAY_S + DAY_S // 2
LATE_FINE: list[tuple[str, int, int, float | None, Quality, str | None]] = [
    ("rainfall", 3600, NOON + 3600, 30.0, Quality.GOOD, None),
    ("rainfall", 300, NOON + DAY_S + 2400, 1.0, Quality.GOOD, None),
    ("rainfall", 300, NOON + 600, 10.0, Quality.GOOD, None),
]
"""The last takes from the excess of the first, which a window still holds that does not hold the last."""
LATE_COARSE: list[tuple[str, int, int, float | None, Quality, str | None]] = [
    ("rainfall", 300, NOON + 600, 50.0, Quality.SUSPECT, None),
    ("rainfall", 3600, NOON + 3600, 60.0, Quality.GOOD, None),
]
"""The last settles what was suspect before it."""


@st.composite
def readings(draw: st.DrawFn) -> list[tuple[str, int, int, float | None, Quality, str | None]]:
    """Property, period, epoch second, value, quality and who entered it, in any order, with repeats."""
    kinds = draw(
        st.sampled_from([[300], [600], [300, 3600], [300, 600, 3600], [0], [300, 0], [3600, 0], [86400, 300]])
    )
    close = draw(st.booleans())
    found = []
    for _ in range(draw(st.integers(1, 40))):
        period = draw(st.sampled_from(kinds))
        step = max(period, 300) // 300
        slots = st.integers(1, (24 if close and period < DAY_S else SLOTS) // step)
        at = NOON + draw(slots) * step * 300
        highest = 99_999 if period == 0 and draw(st.booleans()) else 600 if period == 0 else 60
        value = round(draw(st.integers(0, highest * 10)) / 10, 1)
        quality = draw(st.sampled_from([Quality.GOOD] * 5 + [Quality.SUSPECT, Quality.BAD, Quality.MISSING]))
        by = draw(st.sampled_from([None] * 8 + ["duty"]))
        name = "rainfall" if period else "rainfall_cumulative"
        found.append((name, period, at, None if quality is Quality.MISSING else value, quality, by))
    return found


@pytest.fixture(scope="module")
def connection(database: str) -> Any:
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as opened:
        opened.execute("insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')")
        yield opened


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut into small transactions"])
def test_derived_rain_equals_a_plain_recomputation(
    connection: Connection[Any], monkeypatch: pytest.MonkeyPatch, full: bool, cut: bool
) -> None:
    if cut:
        monkeypatch.setattr(derived, "MOST_MARKS", 3)
        monkeypatch.setattr(derived, "MOST_READINGS", 5)
        monkeypatch.setattr(derived, "_CHUNK_S", 7_200)
        monkeypatch.setattr(derived, "_JOIN_S", 900)
        monkeypatch.setattr(areas, "_CHUNK_S", 3_600)
        monkeypatch.setattr(areas, "_MOST_SUMS", 10)

    @settings(
        max_examples=400 if full else 10, deadline=None, derandomize=not full,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(readings(), st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=5))
    @example(LATE_FINE, [(2, True)])
    @example(LATE_COARSE, [(1, True)])
    def holds(said: list[tuple[Any, ...]], batches: list[tuple[int, bool]]) -> None:
        code = f"G{uuid.uuid4().hex[:10]}"
        town = f"T{code}"
        with connection.transaction():
            connection.execute(
                "insert into area (code, name, name_en, kind, parent) values (%s, 't', 't', 'town', 'C')",
                (town,),
            )
            place(connection, code, area=town)
        left, turn = list(said), 0
        while left:
            size, derives = batches[turn % len(batches)]
            batch, left, turn = left[:size], left[size:], turn + 1
            with connection.transaction():
                say(
                    connection,
                    [Said(code, name, at, value, period, quality, None, by)
                     for name, period, at, value, quality, by in batch],
                )  # fmt: skip
            if derives:
                with connection.transaction():
                    derive(connection)
        with connection.transaction():
            derive(connection)
        compare(connection, code, town)

    holds()


def compare(connection: Connection[Any], code: str, town: str) -> None:
    """Sums, days, events and areal means against the plain ones."""
    rows = [
        plain_rain.Row(period, at, value, quality)
        for period in [0, 300, 600, 3600, DAY_S]
        for name in ["rainfall" if period else "rainfall_cumulative"]
        for at, (value, quality, _) in series_of(connection, code, name, period).items()
    ]
    expected = plain_rain.sums(rows)
    for window in plain_rain.WINDOWS:
        wanted = {at: one for (width, at), one in expected.items() if width == window}
        assert series_of(connection, code, "rainfall_sliding", window) == wanted, f"window {window}: {rows}"
    days = {at: one for (_, at), one in plain_rain.sums(rows, day=True).items()}
    assert series_of(connection, code, "rainfall_day", DAY_S) == days
    events = connection.execute(
        "select extract(epoch from starts)::bigint, extract(epoch from ends)::bigint, total, suspect"
        " from rain_event where station = %s order by starts",
        (code,),
    ).fetchall()
    assert events == plain_rain.events(rows, 6 * 3600)
    means = {
        (window, at): (mean, coverage)
        for window, at, mean, coverage in connection.execute(
            "select window_s, extract(epoch from time)::bigint, mean, coverage from area_rain where place = %s",
            (town,),
        ).fetchall()
    }
    assert means == plain_means(expected)
    newest = connection.execute(
        "select extract(epoch from latest.time)::bigint, value from latest join series on series.id = series"
        " where station = %s and property = 'rainfall_sliding' and period_s = %s",
        (code, DAY_S),
    ).fetchone()
    labels = [at for width, at in expected if width == DAY_S]
    assert newest == ((max(labels), expected[DAY_S, max(labels)][0]) if labels else None)


def plain_means(
    sums: dict[tuple[int, int], tuple[float | None, int, str]],
) -> dict[tuple[int, int], tuple[float, float]]:
    """Means of a town with one gauge: its newest verified sum of the last half hour, every ten minutes."""
    found = {}
    for window in (3600, 10800, 21600, 43200, DAY_S):
        labels = sorted(at for width, at in sums if width == window)
        for slot in {-(-at // 600) * 600 for at in labels}:
            value, quality, reason = sums[window, max(at for at in labels if at <= slot)]
            said = dict(part.split(":") for part in reason.split(",") if ":" in part)
            share = int(said.get("at_least", 100)) / 100
            if value is None or (quality == 3 and not share):
                continue
            found[window, slot] = (float(said.get("with_suspect", value)), share)
    return found
