"""The one standard picture of a station: level line, limits, rain from the top, the present moment.

Suspect points are hollow, gaps stay gaps, and nothing is drawn after "now" but the limits and a forecast that is
current, dashed with its range: what was not observed is not shown as if it had been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from app.charts.ahead import Ahead, AheadPoint, above_plot, ahead_name, ahead_traces
from app.charts.palette import Palette
from app.charts.values import local, value_traces
from core.quality import Quality
from core.severity import Severity

AHEAD = 0.06
"""Part of the picture that lies after "now", so that the newest point is not at the edge."""
FONTS = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
"""Those of the pages (`--fonts`): text in SVG does not inherit them."""
REFERENCE_EM = 4.6
"""A longer name of the datum would lie over "now"; the page says it elsewhere."""
RAIN_SHARE = 4.0
"""The rain axis reaches this many times the largest bar, so that bars keep to the upper part."""


@dataclass(frozen=True, slots=True)
class Point:
    """One observed value; bad and missing ones are gaps, those that a person `voided` are crossed."""

    time: datetime
    value: float | None
    quality: Quality = Quality.GOOD
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The lowest and highest value of the hour or day around `time`."""

    time: datetime
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rain:
    """Rain of the `period_s` seconds that end at `time`, in millimetres."""

    time: datetime
    millimetres: float
    period_s: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold by the name that people read."""

    label: str
    value: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Hydrograph:
    """What is known of one station between `start` and `now`; `period_s` tells a gap from a step.

    `key` names what is shown: while it stays, a zoom stays too. `reference` is the datum of the levels. Over a
    long time `band` stands in the place of `points`.
    """

    key: str
    points: Sequence[Point]
    rain: Sequence[Rain]
    limits: Sequence[Limit]
    start: datetime
    now: datetime
    period_s: int
    unit: str
    decimals: int = 2
    reference: str = ""
    band: Sequence[Band] = ()
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How large and in which colours and words: `text_px` is the smallest text of the screen, `height_px`
    the height of the picture, from which it is known whether two names would touch."""

    palette: Palette
    text_px: float
    height_px: float
    zone: ZoneInfo
    now_word: str
    empty_word: str
    suspect_word: str
    voided_word: str
    rain_word: str
    most_rain: str
    """A text with {mm} and {minutes}: how much rain the largest bar is, and in what time."""


def hydrograph(picture: Hydrograph, look: Look) -> dict[str, Any]:
    """The plotly figure; a zoom survives every new value of the same station and length of time."""
    end = picture.now + (picture.now - picture.start) * AHEAD / (1 - AHEAD)
    if picture.ahead:
        end = max(end, picture.ahead.points[-1].time)
    left, right, top, bottom = _margins(picture, look)
    shown = [point for point in picture.points if picture.start <= point.time <= end]
    expected = _ends(picture.ahead.points) if picture.ahead else []
    low, high = _range([*_values(shown), *_ends(picture.band), *expected], picture.limits)
    rain_alone = bool(picture.rain) and not (shown or picture.band or picture.limits)
    return {
        "data": [
            *_rain(picture, look),
            *ahead_traces(picture, look),
            *value_traces(shown, picture, look, (low, high)),
        ],
        "layout": {
            "uirevision": picture.key,
            "autosize": True,
            "showlegend": False,
            "hovermode": "x unified" if shown or picture.band else False,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONTS, "size": look.text_px, "color": look.palette.muted},
            "hoverlabel": {
                "bgcolor": look.palette.panel,
                "bordercolor": look.palette.line,
                "font": {"size": look.text_px, "color": look.palette.text},
            },
            "margin": {"l": left, "r": right, "t": top, "b": bottom},
            "xaxis": {
                "type": "date",
                "range": [local(picture.start, look.zone), local(end, look.zone)],
                "showgrid": False,
                "zeroline": False,
                "linecolor": look.palette.line,
                "tickformat": _times(end - picture.start),
                "nticks": 5 if left < 6 * look.text_px else 4,
                "fixedrange": False,
            },
            "yaxis": {
                "range": [low, high],
                "showgrid": False,
                "zeroline": False,
                "side": "right",
                "nticks": 4,
                "tickformat": f".{min(picture.decimals, 1)}f",
                "fixedrange": False,
                "visible": not rain_alone,
            },
            "yaxis2": _rain_axis(picture.rain, alone=rain_alone),
            "shapes": [*_limit_lines(picture.limits, look), _now_line(picture, look)],
            "annotations": [
                *_limit_names(picture, low, high, look),
                _now_name(picture, look),
                *_scale_names(picture, look),
                *ahead_name(picture, look),
                *([] if shown or picture.band or rain_alone else [_empty(look)]),
            ],
        },
    }


def _times(length: timedelta) -> str:
    """Times of day, days, or months, as the length of the picture asks."""
    return "%H:%M" if length <= timedelta(hours=36) else "%m-%d" if length <= timedelta(days=90) else "%Y-%m"


def _values(points: Sequence[Point]) -> list[float]:
    """Those that the scale must hold: what a person has called false does not press the rest flat."""
    return [point.value for point in points if point.value is not None and not point.voided]


def _ends(band: Sequence[Band | AheadPoint]) -> list[float]:
    return [value for each in band for value in (each.low, each.high)]


def _range(values: Sequence[float], limits: Sequence[Limit]) -> tuple[float, float]:
    """All values, and every limit that is within reach, with some air around."""
    if not values:
        values = [limit.value for limit in limits] or [0.0, 1.0]
    low, high = min(values), max(values)
    reach = max(high - low, 0.5) * 1.6
    near = [limit.value for limit in limits if low - reach <= limit.value <= high + reach]
    above = [limit.value for limit in limits if limit.value > high]
    if above:
        near.append(min(above))
    low, high = min([low, *near]), max([high, *near])
    room = max(high - low, 0.2)
    return low - 0.08 * room, high + 0.3 * room


def _rain(picture: Hydrograph, look: Look) -> list[dict[str, Any]]:
    bars = [bar for bar in picture.rain if picture.start <= bar.time <= picture.now and bar.millimetres > 0]
    if not bars:
        return []
    return [
        {
            "type": "bar",
            "yaxis": "y2",
            "x": [local(b.time - timedelta(seconds=b.period_s / 2), look.zone) for b in bars],
            "y": [b.millimetres for b in bars],
            "width": [b.period_s * 1000 * 0.82 for b in bars],
            "marker": {"color": look.palette.water, "line": {"width": 0}},
            "hovertemplate": f"{look.rain_word} %{{y:.1f}} mm<extra></extra>",
        }
    ]


def _rain_axis(rain: Sequence[Rain], *, alone: bool) -> dict[str, Any]:
    """Beside a level the bars hang down as far as `RAIN_SHARE` lets them; a rain gauge's have the whole picture
    and a scale."""
    most = max((bar.millimetres for bar in rain), default=0.0)
    return {
        "overlaying": "y",
        "side": "right" if alone else "left",
        "range": [max(most, 5.0) * (1.08 if alone else RAIN_SHARE), 0],
        "visible": alone,
        "showgrid": False,
        "zeroline": False,
        "tickmode": "auto",
        "nticks": 5,
        "fixedrange": True,
    }


def _limit_lines(limits: Sequence[Limit], look: Look) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": limit.value,
            "y1": limit.value,
            "layer": "below",
            "line": {
                "color": look.palette.of(limit.severity),
                "width": max(1.5, look.text_px / 11),
                "dash": "dash",
            },
        }
        for limit in limits
    ]


def _limit_names(picture: Hydrograph, low: float, high: float, look: Look) -> list[dict[str, Any]]:
    """Names beside their lines in the left margin, where neither the level nor the rain is drawn; where
    lines are close the upper name moves up until it is clear of the lower one."""
    _, _, top, bottom = _margins(picture, look)
    limits = [each for each in picture.limits if low <= each.value <= high]
    scale = max(look.height_px - top - bottom, look.text_px) / (high - low)
    names: list[dict[str, Any]] = []
    free_px = float("-inf")
    for limit in sorted(limits, key=lambda each: each.value):
        line_px = (limit.value - low) * scale
        name_px = max(line_px, free_px)
        free_px = name_px + 1.15 * look.text_px
        names.append(
            {
                "xref": "paper",
                "x": 0,
                "xanchor": "right",
                "xshift": -0.3 * look.text_px,
                "y": limit.value,
                "yanchor": "middle",
                "yshift": round(name_px - line_px, 1),
                "text": escape(limit.label),
                "showarrow": False,
                "borderpad": 0,
                "font": {"size": look.text_px, "color": look.palette.of(limit.severity)},
            }
        )
    return names


def _margins(picture: Hydrograph, look: Look) -> tuple[float, float, float, float]:
    """Left (the names of the limits), right (the scale), top (rain and "now"), bottom (the times), in pixels."""
    widest, reference = (
        max((_width(limit.label) for limit in picture.limits), default=0.0),
        _width(picture.reference),
    )
    return (
        look.text_px * (min(max(widest, 2.0), 7.5) + 0.7),
        look.text_px * max(3.2, reference + 0.1 if reference <= REFERENCE_EM else 0.0),
        look.text_px * 1.4,
        look.text_px * 1.7,
    )


def _width(text: str) -> float:
    """About how wide a text is, in heights of its letters: a Chinese character 1, others about half."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.53 for letter in text)


def _now_line(picture: Hydrograph, look: Look) -> dict[str, Any]:
    at = local(picture.now, look.zone)
    return {
        "type": "line",
        "yref": "paper",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "line": {"color": look.palette.muted, "width": max(1.0, look.text_px / 16)},
    }


def _now_name(picture: Hydrograph, look: Look) -> dict[str, Any]:
    return {
        "x": local(picture.now, look.zone),
        "xanchor": "right",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "text": f"{look.now_word} {picture.now.astimezone(look.zone):%H:%M} ",
        "showarrow": False,
        "font": {"size": look.text_px, "color": look.palette.muted},
    }


def _scale_names(picture: Hydrograph, look: Look) -> list[dict[str, Any]]:
    """In the corners above the plot: how much rain the largest bar is, and over what the levels count."""
    left, right, _, _ = _margins(picture, look)
    names = []
    bars = [bar for bar in picture.rain if picture.start <= bar.time <= picture.now and bar.millimetres > 0]
    if bars:
        most = max(bars, key=lambda bar: bar.millimetres)
        text = look.most_rain.format(mm=f"{most.millimetres:.1f}", minutes=round(most.period_s / 60))
        names.append(_corner(text, 0.0, "left", -left, look))
    short = picture.reference and _width(picture.reference) <= REFERENCE_EM
    if short and not above_plot(picture, look):
        names.append(_corner(escape(picture.reference), 1.0, "right", right, look))
    return names


def _corner(text: str, x: float, anchor: str, shift_px: float, look: Look) -> dict[str, Any]:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": 1.0,
        "xanchor": anchor,
        "yanchor": "bottom",
        "xshift": shift_px,
        "text": text,
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": look.text_px, "color": look.palette.muted},
    }


def _empty(look: Look) -> dict[str, Any]:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.45,
        "text": look.empty_word,
        "bgcolor": look.palette.panel,
        "showarrow": False,
        "font": {"size": look.text_px * 1.2, "color": look.palette.muted},
    }
