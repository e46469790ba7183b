"""When a projected crossing becomes a condition, and when it ends: it must not flutter."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.projections import Projection
from alerts.standing.projection import HELD_S, Terms, Verdict, finding, judge
from core.severity import Severity
from hydrology.forecasts import Forecast, ForecastPoint, Source
from store.forecasts import LevelNow, LimitRow

T0 = datetime(2026, 7, 1, 6, 0, tzinfo=UTC).timestamp()
TERMS = Terms.of_rule({"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3})
LIMITS = [
    LimitRow("R", "water_level", "warning", "yellow", 4.0),
    LimitRow("R", "water_level", "guarantee", "orange", 5.0),
]


def forecast(ago_min: float, per_hour: float, half: float = 1.0, source: Source = Source.TREND) -> Forecast:
    """From 3.5 m, straight, with a range that grows by `half` m/h."""
    at = T0 - ago_min * 60
    points = tuple(
        ForecastPoint(
            at + h * 3600, 3.5 + per_hour * h, 3.5 + (per_hour - half) * h, 3.5 + (per_hour + half) * h
        )
        for h in (0, 0.5, 1, 1.5, 2, 2.5, 3)
    )
    return Forecast(source, at, points)


RISES, CALM = 0.4, 0.0


def verdict(
    *forecasts: Forecast, level: float = 3.5, reached: float | None = None, now_s: float = T0
) -> Verdict | str | None:
    found = Projection(1, "R", "water_level", 1, None, 300, tuple(forecasts))
    return judge(found, LIMITS, level, reached, TERMS, now_s)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((RISES,), "held"),
        ((RISES, RISES), "found"),
        ((RISES, CALM), "held"),
        ((CALM, RISES), "held"),
        ((RISES, CALM, RISES), "found"),
        ((CALM, RISES, RISES), "found"),
        ((CALM, CALM, RISES), "held"),
        ((CALM, CALM, CALM), None),
        ((CALM, CALM, CALM, RISES, RISES), None),
    ],
)
def test_two_of_the_newest_three_issues_must_say_so_and_what_stands_stays_while_one_does(
    rates: tuple[float, ...], expected: str | None
) -> None:
    found = verdict(*(forecast(5 * number, rate) for number, rate in enumerate(rates)))
    assert ("found" if isinstance(found, Verdict) else found) == expected


def test_one_issue_is_enough_where_its_whole_range_reaches_the_limit() -> None:
    found = verdict(forecast(0, 0.6, half=0.3))
    assert isinstance(found, Verdict)
    assert found.limit.name == "warning"
    assert found.crossing.latest_s == pytest.approx(T0 + 0.5 / 0.3 * 3600)


def test_a_station_that_speaks_once_an_hour_needs_but_one_issue() -> None:
    hourly = Projection(1, "R", "water_level", 1, None, 3600, (forecast(0, RISES), forecast(60, CALM)))
    assert isinstance(judge(hourly, LIMITS, 3.5, None, TERMS, T0), Verdict)
    patient = Terms.of_rule({"severity": "blue", "least": 2, "of": 3, "ahead_h": 3, "wait_min": 90})
    assert judge(hourly, LIMITS, 3.5, None, patient, T0) == "held"


def test_the_highest_limit_that_is_reached_counts() -> None:
    found = verdict(forecast(0, 0.7), forecast(5, 0.7))
    assert isinstance(found, Verdict)
    assert found.limit.name == "guarantee"
    assert found.crossing.likely_s == pytest.approx(T0 + 1.5 / 0.7 * 3600)


@pytest.mark.parametrize(("level", "reached"), [(4.0, None), (3.97, 4.0)])
def test_a_limit_that_is_reached_or_whose_alarm_stands_is_no_projection(
    level: float, reached: float | None
) -> None:
    assert verdict(forecast(0, RISES), forecast(5, RISES), level=level, reached=reached) is None


def test_sources_of_one_moment_count_once_and_any_of_them_counts() -> None:
    both = (forecast(0, CALM, source=Source.UPSTREAM), forecast(0, RISES))
    assert verdict(*both) == "held"
    assert isinstance(verdict(*both, forecast(5, RISES, source=Source.UPSTREAM)), Verdict)


def test_silence_holds_what_stands_and_raises_nothing_until_it_is_long_over() -> None:
    issued = (forecast(0, 0.8, half=0.3), forecast(5, 0.8, half=0.3))
    assert isinstance(verdict(*issued, now_s=T0 + 800), Verdict)
    assert verdict(*issued, now_s=T0 + 1000) == "held"
    assert verdict(*issued, now_s=T0 + HELD_S + 60) is None


def test_nothing_is_said_without_a_forecast_or_a_limit() -> None:
    assert verdict() is None
    calm = Projection(1, "R", "water_level", 1, None, 300, (forecast(0, RISES), forecast(5, RISES)))
    assert judge(calm, [], 3.5, None, TERMS, T0) is None


@pytest.mark.parametrize(
    ("terms", "limit", "expected"),
    [
        ("one_below", Severity.RED, Severity.ORANGE),
        ("one_below", Severity.YELLOW, Severity.BLUE),
        ("one_below", Severity.BLUE, Severity.BLUE),
        ("blue", Severity.RED, Severity.BLUE),
    ],
)
def test_a_projection_is_less_than_its_limit(terms: str, limit: Severity, expected: Severity) -> None:
    assert Terms.of_rule({"severity": terms, "least": 1, "of": 1, "ahead_h": 2}).colour(limit) is expected


@pytest.mark.parametrize(
    "terms",
    [
        {"severity": "green", "least": 2, "of": 3, "ahead_h": 3},
        {"severity": "blue", "least": 4, "of": 3, "ahead_h": 3},
        {"severity": "blue", "least": 1, "of": 9, "ahead_h": 3},
        {"severity": "blue", "least": 1, "of": 3, "ahead_h": 4},
        {"least": 1, "of": 3, "ahead_h": 1},
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Terms.of_rule(terms)


def told(made: Forecast) -> dict[str, object]:
    found = verdict(made, forecast(5, 0.4))
    assert isinstance(found, Verdict)
    here = LevelNow(1, "R", "大桥站", "Bridge", "T", 3.5, datetime.fromtimestamp(T0, UTC), None)
    one = Projection(1, "R", "water_level", 1, None, 300, (made,))
    what = finding(one, here, found, TERMS, ZoneInfo("Asia/Shanghai"))
    assert what.key == (None, "station", "R")
    assert what.certain == (made.source is not Source.UNVERIFIED_TREND)
    return dict(what.facts)


def test_it_tells_clock_times_of_the_county_and_how_sure_it_is() -> None:
    sure = told(forecast(0, 0.6, half=0.3))
    assert (sure["likely_clock"], sure["issued_clock"]) == ("14:50", "14:00")
    assert sure["range"] == {"zh": "（14:33–15:40）", "en": " (14:33–15:40)"}
    assert sure["limit"] == {"zh": "警戒水位", "en": "warning level"}
    unsure = told(forecast(0, 0.4, source=Source.UNVERIFIED_TREND))
    assert unsure["latest"] is None
    assert unsure["range"] == {
        "zh": "（最早 14:21，也可能达不到）", "en": " (14:21 at the earliest; it may not be reached)",
    }  # fmt: skip
