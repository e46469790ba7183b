"""A forecast on a hydrograph: dashed after the newest reading, its range around it, named and dated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from app.charts.values import local

if TYPE_CHECKING:
    from app.charts.hydrograph import Hydrograph, Look

_RANGE_FILL = "rgba(125,145,165,0.24)"
"""Grey in both themes: a range is no alarm."""
_ROOMY_EM = 16
"""A picture so many lines high has room for two beside its level."""


@dataclass(frozen=True, slots=True)
class AheadPoint:
    """The level expected at `time`, and the range around it."""

    time: datetime
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """A current forecast: `source` and `issued` stand beside it; its first point is the reading it starts from.

    `brief` is the source in one word, for a picture with little room.
    """

    points: Sequence[AheadPoint]
    source: str
    brief: str
    issued: datetime


def ahead_traces(picture: Hydrograph, look: Look) -> list[dict[str, Any]]:
    """The range filled, the expected level dashed; nothing where there is no forecast."""
    ahead = picture.ahead
    if ahead is None:
        return []
    times = [local(each.time, look.zone) for each in ahead.points]
    edge = {"type": "scatter", "mode": "lines", "x": times, "line": {"width": 0}, "hoverinfo": "skip"}
    number = f".{picture.decimals}f"
    hover = (
        f"{escape(ahead.source)} %{{y:{number}}} {picture.unit}"
        f" (%{{customdata[0]:{number}}}–%{{customdata[1]:{number}}})<extra></extra>"
    )
    return [
        edge | {"y": [each.low for each in ahead.points]},
        edge | {"y": [each.high for each in ahead.points], "fill": "tonexty", "fillcolor": _RANGE_FILL},
        {
            "type": "scatter",
            "mode": "lines",
            "x": times,
            "y": [each.value for each in ahead.points],
            "customdata": [[each.low, each.high] for each in ahead.points],
            "line": {"color": look.palette.text, "width": max(1.6, look.text_px / 9), "dash": "dash"},
            "hovertemplate": hover,
        },
    ]


def ahead_name(picture: Hydrograph, look: Look) -> list[dict[str, Any]]:
    """On what the forecast rests and since when: at the top of the time that it covers, where no rain hangs; above
    the plot where that is too small to hold it."""
    ahead = picture.ahead
    if ahead is None:
        return []
    clock = f"{ahead.issued.astimezone(look.zone):%H:%M}"
    roomy = not above_plot(picture, look)
    return [
        {
            "x": local(picture.now, look.zone),
            "xanchor": "left",
            "xshift": 0.25 * look.text_px,
            "yref": "paper",
            "y": 1,
            "yanchor": "top" if roomy else "bottom",
            "align": "left",
            "text": f"{escape(ahead.source)}<br>{clock}" if roomy else f"{escape(ahead.brief)} {clock}",
            "showarrow": False,
            "borderpad": 0,
            "font": {"size": look.text_px, "color": look.palette.muted},
        }
    ]


def above_plot(picture: Hydrograph, look: Look) -> bool:
    """True where the forecast's name stands above the plot, and leaves no room for another in that corner."""
    return picture.ahead is not None and look.height_px < _ROOMY_EM * look.text_px
