"""Values on a hydrograph: the line of usable ones, doubtful ones hollow, voided ones crossed, or a band."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.quality import Quality

if TYPE_CHECKING:
    from app.charts.hydrograph import Hydrograph, Look, Point


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Plotly draws the wall-clock digits that it is given: those of the county."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def value_traces(
    points: Sequence[Point], picture: Hydrograph, look: Look, scale: tuple[float, float]
) -> list[dict[str, Any]]:
    """What stands for the observed values; `scale` are the lowest and highest value that is drawn."""
    unit = f"%{{y:.{picture.decimals}f}} {picture.unit}<extra></extra>"
    traces = [*_band(picture, look, unit)] if picture.band else [_line(points, picture, look, unit)]
    doubtful = [point for point in points if point.quality is Quality.SUSPECT and point.value is not None]
    if doubtful:
        traces.append(
            _marks(
                doubtful,
                [point.value for point in doubtful],
                look,
                {"symbol": "circle-open", "line": {"width": max(2.0, look.text_px / 9)}},
                f"{look.suspect_word} {unit}",
            )
        )
    voided = [point for point in points if point.voided and point.value is not None]
    if voided:
        marker = {
            "symbol": "x-thin",
            "line": {"width": max(2.0, look.text_px / 8), "color": look.palette.muted},
        }
        hover = f"{look.voided_word} %{{customdata:.{picture.decimals}f}} {picture.unit}<extra></extra>"
        edge = 0.03 * (scale[1] - scale[0])
        inside = [min(max(point.value or 0.0, scale[0] + edge), scale[1] - edge) for point in voided]
        trace = _marks(voided, inside, look, marker, hover)
        traces.append(trace | {"customdata": [point.value for point in voided]})
    return traces


def _line(points: Sequence[Point], picture: Hydrograph, look: Look, hover: str) -> dict[str, Any]:
    """Usable values, broken where some are missing."""
    times: list[str] = []
    values: list[float | None] = []
    last: datetime | None = None
    for point in points:
        if point.quality is Quality.SUSPECT or point.voided:
            continue
        if last is not None and (point.time - last).total_seconds() > 3 * picture.period_s:
            times.append(local(last + timedelta(seconds=picture.period_s), look.zone))
            values.append(None)
        times.append(local(point.time, look.zone))
        values.append(None if point.quality in (Quality.BAD, Quality.MISSING) else point.value)
        last = point.time
    return {
        "type": "scatter",
        "mode": "lines",
        "x": times,
        "y": values,
        "connectgaps": False,
        "line": {"color": look.palette.text, "width": max(2.0, look.text_px / 8)},
        "hovertemplate": hover,
    }


def _band(picture: Hydrograph, look: Look, hover: str) -> list[dict[str, Any]]:
    """The highest values as the line, down to the lowest filled."""
    times = [local(each.time, look.zone) for each in picture.band]
    shared = {"type": "scatter", "mode": "lines", "x": times, "hovertemplate": hover}
    return [
        shared
        | {"y": [each.low for each in picture.band], "line": {"color": look.palette.muted, "width": 1}},
        shared
        | {
            "y": [each.high for each in picture.band],
            "fill": "tonexty",
            "fillcolor": "rgba(120,140,160,0.28)",
            "line": {"color": look.palette.text, "width": max(1.5, look.text_px / 10)},
        },
    ]


def _marks(
    points: Sequence[Point], heights: Sequence[float | None], look: Look, marker: dict[str, Any], hover: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [local(point.time, look.zone) for point in points],
        "y": list(heights),
        "marker": {"size": look.text_px * 0.6, "color": look.palette.text, **marker},
        "hovertemplate": hover,
    }
