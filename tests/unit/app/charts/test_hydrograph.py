"""The standard picture of a station: what it draws, and what it refuses to draw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.charts.hydrograph import Band, Hydrograph, Limit, Look, Point, Rain, hydrograph
from app.charts.palette import DARK
from core.quality import Quality
from core.severity import Severity

NOW = datetime(2026, 6, 18, 6, 32, tzinfo=UTC)
LOOK = Look(
    DARK,
    13,
    240,
    ZoneInfo("Asia/Shanghai"),
    "now",
    "nothing",
    "suspect",
    "voided",
    "rain",
    "at most {mm} mm in {minutes} min",
)


def picture(*points: Point, rain: tuple[Rain, ...] = (), limits: tuple[Limit, ...] = ()) -> Hydrograph:
    return Hydrograph("Z01/12", points, rain, limits, NOW - timedelta(hours=12), NOW, 300, "m")


def at(minutes: int, value: float | None, quality: Quality = Quality.GOOD) -> Point:
    return Point(NOW - timedelta(minutes=minutes), value, quality)


def trace(figure: dict[str, Any], kind: str, mode: str | None = None) -> dict[str, Any]:
    found = [each for each in figure["data"] if each["type"] == kind and each.get("mode") == mode]
    assert len(found) == 1
    return dict(found[0])


def test_times_are_those_of_the_county() -> None:
    line = trace(hydrograph(picture(at(0, 3.0)), LOOK), "scatter", "lines")
    assert line["x"] == ["2026-06-18 14:32:00"]


def test_a_gap_stays_a_gap() -> None:
    line = trace(
        hydrograph(picture(at(60, 1.0), at(55, 1.1), at(5, 2.0), at(0, 2.1)), LOOK), "scatter", "lines"
    )
    assert line["y"] == [1.0, 1.1, None, 2.0, 2.1]
    assert line["connectgaps"] is False


def test_a_suspect_value_is_hollow_and_not_part_of_the_line() -> None:
    figure = hydrograph(picture(at(10, 1.0), at(5, 4.0, Quality.SUSPECT), at(0, 1.1)), LOOK)
    assert trace(figure, "scatter", "lines")["y"] == [1.0, 1.1]
    hollow = trace(figure, "scatter", "markers")
    assert hollow["y"] == [4.0]
    assert hollow["marker"]["symbol"] == "circle-open"


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.MISSING])
def test_a_bad_or_missing_value_breaks_the_line(quality: Quality) -> None:
    line = trace(hydrograph(picture(at(10, 1.0), at(5, 9.0, quality), at(0, 1.1)), LOOK), "scatter", "lines")
    assert line["y"] == [1.0, None, 1.1]


def test_rain_hangs_from_the_top_in_the_upper_part() -> None:
    figure = hydrograph(picture(at(0, 1.0), rain=(Rain(NOW, 20.0, 3600),)), LOOK)
    low, high = figure["layout"]["yaxis2"]["range"]
    assert low > high == 0, "the axis is turned round"
    assert trace(figure, "bar")["y"][0] <= low / 3


def test_a_rain_gauge_has_the_whole_picture_and_no_scale_of_levels() -> None:
    layout = hydrograph(picture(rain=(Rain(NOW, 20.0, 3600),)), LOOK)["layout"]
    low, high = layout["yaxis2"]["range"]
    assert high == 0 and 20.0 < low < 25.0
    assert layout["yaxis2"]["visible"] and not layout["yaxis"]["visible"]
    beside = hydrograph(picture(at(0, 1.0), rain=(Rain(NOW, 20.0, 3600),)), LOOK)["layout"]
    assert beside["yaxis"]["visible"] and not beside["yaxis2"]["visible"]


def test_limits_are_dashed_lines_in_the_colour_of_their_severity_with_their_names() -> None:
    limit = Limit("保证", 4.7, Severity.ORANGE)
    layout = hydrograph(picture(at(0, 4.0), limits=(limit,)), LOOK)["layout"]
    lines = [shape for shape in layout["shapes"] if shape["y0"] == 4.7]
    assert [(line["line"]["color"], line["line"]["dash"]) for line in lines] == [(DARK.orange, "dash")]
    assert "保证" in [each["text"] for each in layout["annotations"]]


def names_px(layout: dict[str, Any], height_px: float) -> dict[str, float]:
    """How far above the foot of the plot the middle of each name stands, in pixels."""
    low, high = layout["yaxis"]["range"]
    plot = height_px - layout["margin"]["t"] - layout["margin"]["b"]
    return {
        each["text"]: (each["y"] - low) / (high - low) * plot + each["yshift"]
        for each in layout["annotations"]
        if each.get("yref") != "paper"
    }


def test_names_of_close_limits_stand_clear_of_each_other_beside_the_plot() -> None:
    limits = (
        Limit("a", 4.00, Severity.BLUE),
        Limit("b", 4.02, Severity.YELLOW),
        Limit("c", 6.0, Severity.RED),
    )
    layout = hydrograph(picture(at(60, 3.0), at(0, 5.5), limits=limits), LOOK)["layout"]
    places = names_px(layout, LOOK.height_px)
    assert places["b"] - places["a"] >= LOOK.text_px
    shifts = {each["text"]: each.get("yshift") for each in layout["annotations"]}
    assert shifts["a"] == shifts["c"] == 0, "who has room stands at the line itself"
    assert {each["xanchor"] for each in layout["annotations"] if each["text"] in "abc"} == {"right"}
    assert layout["margin"]["l"] > LOOK.text_px


def test_the_margin_holds_the_longest_name_of_a_limit() -> None:
    def margin(label: str) -> float:
        limit = Limit(label, 4.7, Severity.ORANGE)
        return float(hydrograph(picture(at(0, 4.0), limits=(limit,)), LOOK)["layout"]["margin"]["l"])

    assert margin("接近警戒") >= 4 * LOOK.text_px
    assert margin("保证") < margin("接近警戒")
    assert margin("a name far longer than any picture has room for") < 10 * LOOK.text_px


def test_the_bars_say_how_much_in_what_time_and_the_scale_its_datum() -> None:
    rained = replace(picture(at(0, 1.0), rain=(Rain(NOW, 12.34, 900),)), reference="85高程")
    texts = [each["text"] for each in hydrograph(rained, LOOK)["layout"]["annotations"]]
    assert "at most 12.3 mm in 15 min" in texts
    assert "85高程" in texts
    dry = [each["text"] for each in hydrograph(picture(at(0, 1.0)), LOOK)["layout"]["annotations"]]
    assert not any("at most" in text for text in dry)


def test_a_name_with_a_tag_is_text() -> None:
    limit = Limit('<a href="javascript:x">limit</a>', 3.0, Severity.RED)
    layout = hydrograph(picture(at(0, 3.0), limits=(limit,)), LOOK)["layout"]
    assert not any("<" in each["text"] for each in layout["annotations"])


def test_nothing_is_drawn_after_now_but_the_limits() -> None:
    figure = hydrograph(
        picture(at(5, 1.0), at(0, 1.1), rain=(Rain(NOW + timedelta(hours=1), 5.0, 3600),)), LOOK
    )
    assert [each["type"] for each in figure["data"]] == ["scatter"]


def test_the_next_limit_above_is_always_in_sight_and_far_ones_are_not() -> None:
    limits = (Limit("near", 9.0, Severity.YELLOW), Limit("far", 40.0, Severity.RED))
    low, high = hydrograph(picture(at(0, 1.0), limits=limits), LOOK)["layout"]["yaxis"]["range"]
    assert low < 1.0 < 9.0 < high < 40.0


def test_without_observations_it_says_so() -> None:
    layout = hydrograph(picture(), LOOK)["layout"]
    assert "nothing" in [each["text"] for each in layout["annotations"]]


def test_a_zoom_survives_new_values_and_not_another_station() -> None:
    one = picture(at(5, 1.0))
    revision = hydrograph(one, LOOK)["layout"]["uirevision"]
    assert hydrograph(picture(at(5, 1.0), at(0, 1.2)), LOOK)["layout"]["uirevision"] == revision
    assert hydrograph(replace(one, key="Z02/12"), LOOK)["layout"]["uirevision"] != revision


def test_what_a_person_voided_is_crossed_and_presses_nothing_flat() -> None:
    peak = Point(NOW - timedelta(minutes=10), 9.9, Quality.BAD, voided=True)
    figure = hydrograph(picture(at(15, 3.0), peak, at(5, 3.1)), LOOK)
    crossed = trace(figure, "scatter", "markers")
    assert crossed["marker"]["symbol"] == "x-thin"
    assert crossed["customdata"] == [9.9]
    high = figure["layout"]["yaxis"]["range"][1]
    assert 3.1 < crossed["y"][0] < high < 4, "at the edge, with its own value in its words"
    assert trace(figure, "scatter", "lines")["y"] == [3.0, 3.1], "the line goes on without it"


def test_over_a_long_time_the_lowest_and_highest_of_each_hour_stand_for_the_values() -> None:
    shown = Hydrograph(
        "Z01/720", (), (), (), NOW - timedelta(days=30), NOW, 300, "m",
        band=[Band(NOW - timedelta(hours=hour), 3.0, 3.0 + hour / 10) for hour in (3, 2, 1)],
    )  # fmt: skip
    figure = hydrograph(shown, LOOK)
    lowest, highest = figure["data"]
    assert (lowest["y"], highest["y"]) == ([3.0, 3.0, 3.0], [3.3, 3.2, 3.1])
    assert highest["fill"] == "tonexty"
    assert not [note for note in figure["layout"]["annotations"] if note["text"] == "nothing"]
