"""Hydrographs on demand: a page wishes for a station in a slot, the callback draws it there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, ctx, dcc, no_update

from app.charts.hydrograph import Hydrograph, Limit, Look, Point, Rain, hydrograph
from app.charts.palette import DARK, LIGHT
from app.context import AppContext
from app.pages.ahead import ahead
from app.pages.words import Words, language_of, words_of
from core.properties import PROPERTIES
from core.quality import Quality
from store.hydrographs import Gauge, StationLimit, station_picture

SLOTS = ("picture-1", "picture-2", "picture-3", "picture-detail")
_HOURS = (6, 12, 24, 72)


def graph(slot: str) -> Any:
    """The element in which a slot is drawn."""
    return dcc.Graph(
        id=slot,
        className="hydro",
        responsive=True,
        figure={
            "data": [],
            "layout": {
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "xaxis": {"visible": False},
                "yaxis": {"visible": False},
            },
        },
        config={"displayModeBar": False, "displaylogo": False, "doubleClick": "reset"},
    )


def register(dash_app: Dash, context: AppContext) -> None:
    """One callback per slot, so that a slow picture does not hold up the others."""
    for slot in SLOTS:
        _register_slot(dash_app, context, slot)


def _register_slot(dash_app: Dash, context: AppContext, slot: str) -> None:
    @dash_app.callback(  # type: ignore[untyped-decorator,unused-ignore]
        Output(slot, "figure"), Input(f"{slot}-wish", "data"), prevent_initial_call=True
    )
    async def draw(wish: dict[str, Any] | None) -> Any:
        person = context.person()
        if not wish or not isinstance(wish.get("station"), str):
            return no_update
        words = words_of(language_of(person, dict(ctx.cookies or {})))
        return await asyncio.to_thread(_draw, context, words, person.area, wish)


def _draw(context: AppContext, words: Words, area: str | None, wish: dict[str, Any]) -> Any:
    now = context.clock()
    hours = wish.get("hours") if wish.get("hours") in _HOURS else 12
    exercise = wish.get("exercise") if isinstance(wish.get("exercise"), str) else None
    start, zone = now - timedelta(hours=hours or 12), ZoneInfo(context.settings.time_zone)
    with context.transaction() as connection:
        found = station_picture(connection, wish["station"], exercise, area, start, now, zone)
        if found is None:
            return no_update
        expected = ahead(
            connection, found.subject.code, found.subject.property, exercise, found.limits, now, words
        )
    picture = Hydrograph(
        key=f"{found.subject.code}/{hours}",
        points=[Point(row.time, row.value, Quality(row.quality), row.voided) for row in found.levels],
        rain=[Rain(row.time, row.millimetres, found.rain_period_s) for row in found.rain],
        limits=limits_of(found.limits, words),
        start=start,
        now=now,
        period_s=found.subject.period_s,
        unit=PROPERTIES[found.subject.property].unit if found.subject.property else "",
        reference=reference(words, found.subject.datum),
        ahead=expected,
    )
    rain_at = gauge_name(found.gauge, words) if found.gauge else ""
    return hydrograph(picture, look_of(wish, words, zone, rain_at=rain_at))


def look_of(wish: dict[str, Any], words: Words, zone: ZoneInfo, *, rain_at: str) -> Look:
    """How the page wishes the picture to look; `rain_at` names the gauge whose rain it shows."""
    return Look(
        palette=LIGHT if wish.get("theme") == "light" else DARK,
        text_px=_between(wish.get("px"), 10, 80, 13),
        height_px=_between(wish.get("height"), 60, 4000, 240),
        zone=zone,
        now_word=words("now"),
        empty_word=words("no observations in this time"),
        suspect_word=words("to be verified"),
        voided_word=words("value reason voided"),
        rain_word=words("rain at {name}", name=rain_at) if rain_at else "",
        most_rain=words("rain, at most {mm} mm in {minutes} min", mm="{mm}", minutes="{minutes}"),
    )


def limits_of(found: Sequence[StationLimit], words: Words) -> list[Limit]:
    """Limits with the names that stand beside their lines."""
    return [Limit(_beside(words, each.name), each.value, each.severity) for each in found]


def _between(given: Any, low: float, high: float, default: float) -> float:
    return min(max(float(given), low), high) if isinstance(given, int | float) else default


def limit_name(words: Words, name: str) -> str:
    """The field's name of a limit in the reader's language; an owner's own name as it is."""
    known = words(f"limit {name}")
    return name if known == f"limit {name}" else known


def _beside(words: Words, name: str) -> str:
    """The name of a limit beside its line: the short form where there is one."""
    short = words(f"short limit {name}")
    return limit_name(words, name) if short == f"short limit {name}" else short


def reference(words: Words, datum: str | None) -> str:
    """The vertical datum as the reader's language writes it; an owner's own name as it is."""
    if not datum:
        return ""
    known = words(f"datum {datum}")
    return datum if known == f"datum {datum}" else known


def gauge_name(gauge: Gauge, words: Words) -> str:
    """In the reader's language."""
    return gauge.name_en if words.language == "en" else gauge.name
