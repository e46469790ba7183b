"""A forecast in the standard picture: dashed, with its range, named, and never without its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.charts.ahead import Ahead, AheadPoint
from app.charts.hydrograph import Hydrograph, Limit, Look, Point, hydrograph
from app.charts.palette import DARK
from core.severity import Severity

NOW = datetime(2026, 6, 18, 6, 32, tzinfo=UTC)
LOOK = Look(
    DARK, 13, 240, ZoneInfo("Asia/Shanghai"), "now", "nothing", "suspect", "voided", "rain", "{mm} {minutes}"
)
AHEAD = Ahead(
    [
        AheadPoint(NOW - timedelta(minutes=2) + timedelta(hours=h), 3 + 0.4 * h, 3 + 0.1 * h, 3 + 0.7 * h)
        for h in range(4)
    ],
    "trend <b>",
    "<i>trend",
    NOW - timedelta(minutes=2),
)  # fmt: skip


def _picture(ahead: Ahead | None, hours: float) -> Hydrograph:
    return Hydrograph(
        "Z01/6", [Point(NOW - timedelta(minutes=2), 3.0)], (), [Limit("guarantee", 4.0, Severity.ORANGE)],
        NOW - timedelta(hours=hours), NOW, 300, "m", ahead=ahead,
    )  # fmt: skip


def figure(ahead: Ahead | None, hours: float = 6) -> dict[str, Any]:
    return hydrograph(_picture(ahead, hours), LOOK)


def test_it_is_dashed_and_its_range_is_filled_up_to_three_hours_ahead() -> None:
    drawn = figure(AHEAD)
    (dashed,) = [each for each in drawn["data"] if each["line"].get("dash") == "dash"]
    assert dashed["y"] == [3.0, 3.4, 3.8, 4.2]
    assert dashed["x"][0] == "2026-06-18 14:30:00"
    (filled,) = [each for each in drawn["data"] if each.get("fill") == "tonexty"]
    assert filled["y"] == [3.0, 3.7, 4.4, 5.1]
    assert drawn["layout"]["xaxis"]["range"][1] == "2026-06-18 17:30:00"
    low, high = drawn["layout"]["yaxis"]["range"]
    assert low < 3.0 and high > 5.1


def test_its_source_and_the_time_of_issue_stand_beside_it_as_plain_text() -> None:
    names = [each["text"] for each in figure(AHEAD)["layout"]["annotations"]]
    assert "trend &lt;b&gt;<br>14:30" in names
    small = hydrograph(_picture(AHEAD, 6), replace(LOOK, height_px=120))["layout"]["annotations"]
    (brief,) = [each for each in small if each["text"] == "&lt;i&gt;trend 14:30"]
    assert (brief["y"], brief["yanchor"]) == (1, "bottom"), "above the plot, where it covers nothing"


def test_without_one_nothing_is_drawn_after_now() -> None:
    drawn = figure(None)
    assert [each for each in drawn["data"] if each["line"].get("dash")] == []
    assert drawn["layout"]["xaxis"]["range"][1] < "2026-06-18 15:00:00"


def test_a_long_picture_keeps_its_own_end() -> None:
    assert figure(AHEAD, hours=168)["layout"]["xaxis"]["range"][1] > "2026-06-18 20:00:00"
