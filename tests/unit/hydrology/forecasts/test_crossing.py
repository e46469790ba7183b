"""When a limit is reached: by the top of the range, the value, the bottom; None where it is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hydrology.forecasts import Forecast, ForecastPoint, Limit, Source, chosen, crossings, next_limit

WARNING, GUARANTEE = Limit("warning", 4.0), Limit("guarantee", 5.0)


def forecast(*points: tuple[float, float, float, float], source: Source = Source.TREND) -> Forecast:
    """Points of (minutes ahead, value, low, high)."""
    return Forecast(
        source, 0.0, tuple(ForecastPoint(m * 60, value, low, high) for m, value, low, high in points)
    )


RISE = forecast((0, 3.5, 3.5, 3.5), (60, 4.5, 4.0, 5.0), (120, 5.0, 4.2, 5.8))


def test_the_three_times_lie_on_the_lines_between_points() -> None:
    first, second = crossings(RISE, [GUARANTEE, WARNING])
    assert (first.limit, first.earliest_s, first.likely_s, first.latest_s) == (WARNING, 1200, 1800, 3600)
    assert (second.limit, second.earliest_s, second.likely_s, second.latest_s) == (
        GUARANTEE,
        3600,
        7200,
        None,
    )


def test_a_limit_that_is_not_reached_has_no_times() -> None:
    (found,) = crossings(RISE, [Limit("historic_highest", 9.0)])
    assert (found.earliest_s, found.likely_s, found.latest_s) == (None, None, None)


def test_a_limit_at_which_the_level_stands_is_left_out() -> None:
    assert crossings(RISE, [Limit("near_warning", 3.5)]) == []
    assert next_limit([GUARANTEE, WARNING, Limit("near_warning", 3.5)], 3.5) == WARNING
    assert next_limit([WARNING], 4.0) is None


def test_a_falling_level_reaches_nothing() -> None:
    falling = forecast((0, 3.9, 3.9, 3.9), (60, 3.5, 3.2, 3.8), (120, 3.2, 2.8, 3.6))
    (found,) = crossings(falling, [WARNING])
    assert found.earliest_s is None


def test_the_source_that_sees_danger_first_is_shown_and_else_the_most_knowing() -> None:
    calm = forecast((0, 3.5, 3.5, 3.5), (60, 3.6, 3.4, 3.8), source=Source.UPSTREAM)
    assert chosen([RISE, calm], [WARNING]) is RISE
    assert chosen([RISE, calm], []) is calm
    assert chosen([], [WARNING]) is None


POINTS = st.lists(st.tuples(st.floats(0, 10), st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=12)


@given(st.floats(0, 10), POINTS, st.floats(-1, 12))
def test_earliest_likely_latest_are_in_order_and_inside_the_forecast(
    start: float, ahead: list[tuple[float, float, float]], limit: float
) -> None:
    given_ = forecast(
        (0, start, start, start),
        *(
            (15.0 * n, value, value - below, value + above)
            for n, (value, below, above) in enumerate(ahead, 1)
        ),
    )
    for one in crossings(given_, [Limit("x", limit)]):
        known = [at for at in (one.earliest_s, one.likely_s, one.latest_s) if at is not None]
        assert known == sorted(known)
        assert all(0 <= at <= given_.points[-1].valid_s for at in known)
        assert one.latest_s is None or one.likely_s is not None
        assert one.likely_s is None or one.earliest_s is not None
        assert (one.likely_s is None) == all(point.value < limit for point in given_.points)
