"""The hydrograph of the station page: any series of the station, from six hours to ten years."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, ctx, no_update

from app.charts.ahead import Ahead
from app.charts.hydrograph import Band, Hydrograph, Point, Rain, hydrograph
from app.context import AppContext
from app.pages import pictures
from app.pages.ahead import LONGEST, ahead
from app.pages.words import Words, language_of, words_of
from core.properties import PROPERTIES
from core.quality import Quality
from store.series_pictures import Chosen, SeriesPicture, series_picture

SLOT = "picture-station"
HOURS = (6, 24, 72, 168, 720, 8760, 87600)
"""6 h, 1, 3, 7, 30 days, 1 and 10 years."""


def register(dash_app: Dash, context: AppContext) -> None:
    """The callback that draws what the page wishes for."""

    @dash_app.callback(  # type: ignore[untyped-decorator,unused-ignore]
        Output(SLOT, "figure"), Input(f"{SLOT}-wish", "data"), prevent_initial_call=True
    )
    async def draw(wish: dict[str, Any] | None) -> Any:
        person = context.person()
        chosen = _chosen(wish)
        if wish is None or chosen is None:
            return no_update
        words = words_of(language_of(person, dict(ctx.cookies or {})))
        return await asyncio.to_thread(_draw, context, words, person.area, chosen, wish)


def _chosen(wish: dict[str, Any] | None) -> Chosen | None:
    if not wish:
        return None
    station, name, exercise = (wish.get(key) for key in ("station", "property", "exercise"))
    sensor, period_s = wish.get("sensor"), wish.get("period_s")
    if not isinstance(station, str) or not isinstance(name, str):
        return None
    if not isinstance(sensor, int) or not isinstance(period_s, int):
        return None
    return Chosen(station, name, sensor, period_s, exercise if isinstance(exercise, str) else None)


def _draw(context: AppContext, words: Words, area: str | None, chosen: Chosen, wish: dict[str, Any]) -> Any:
    now, zone = context.clock(), ZoneInfo(context.settings.time_zone)
    hours = wish["hours"] if wish.get("hours") in HOURS else 24
    start = now - timedelta(hours=hours)
    with context.transaction() as connection:
        found = series_picture(connection, chosen, area, start, now, zone)
        if found is None:
            return no_update
        expected = None
        if now - start <= LONGEST and chosen.period_s == 0:
            expected = ahead(
                connection, chosen.station, chosen.property, chosen.exercise, found.limits, now, words,
                sensor=chosen.sensor,
            )  # fmt: skip
    look = pictures.look_of(
        wish, words, zone, rain_at=pictures.gauge_name(found.gauge, words) if found.gauge else ""
    )
    return hydrograph(_picture(found, words, chosen, hours, start, now, expected), look)


def _picture(
    found: SeriesPicture,
    words: Words,
    chosen: Chosen,
    hours: int,
    start: Any,
    now: Any,
    expected: Ahead | None,
) -> Hydrograph:
    known = PROPERTIES.get(chosen.property)
    return Hydrograph(
        key=f"{chosen.station}/{chosen.property}/{chosen.sensor}/{chosen.period_s}/{hours}",
        points=[Point(row.time, row.value, Quality(row.quality), row.voided) for row in found.levels],
        band=[Band(row.time, row.low, row.high) for row in found.band],
        rain=[Rain(row.time, row.millimetres, found.rain_period_s) for row in found.rain],
        limits=pictures.limits_of(found.limits, words),
        start=start,
        now=now,
        period_s=found.period_s,
        unit=known.unit if known else "",
        decimals=known.decimals if known else 2,
        reference=pictures.reference(words, found.datum) if found.datum else "",
        ahead=expected,
    )
