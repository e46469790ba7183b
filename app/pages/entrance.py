"""Which page an address means, for whom, in which language and in which exercise."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, ctx

from app.auth.identity import SignedIn
from app.context import AppContext
from app.pages import (
    cameras,
    compose,
    desk,
    duty,
    forecasts,
    health,
    health_station,
    kpi,
    order,
    orders,
    quarantine,
    reports,
    requests,
    rules,
    silences,
    states,
    station,
    stations,
    thresholds,
    wall,
    weather,
)
from app.pages.basis import Basis, read_basis
from app.pages.words import Words, language_of, words_of
from core.properties import KNOWN_PROPERTIES
from core.roles import Act
from store.exercises import exercises
from store.stations import is_station

Skeleton = Callable[[Words, Basis], Any]


@dataclass(frozen=True, slots=True)
class Entrance:
    """A page by its name, what it needs, and the order or station that it shows."""

    name: str
    skeleton: Skeleton
    act: Act = Act.VIEW
    order: int | None = None
    station: str | None = None


STATION_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

PAGES = {
    "/wall": Entrance("wall", wall.skeleton),
    "/": Entrance("desk", desk.skeleton),
    "/duty": Entrance("duty", duty.skeleton),
    "/orders": Entrance("orders", orders.skeleton),
    "/cameras": Entrance("cameras", cameras.skeleton),
    "/stations": Entrance("stations", stations.skeleton),
    "/forecasts": Entrance("forecasts", forecasts.skeleton),
    "/health": Entrance("health", health.skeleton),
    "/kpi": Entrance("kpi", kpi.skeleton),
    "/reports": Entrance("reports", reports.skeleton),
    "/quarantine": Entrance("quarantine", quarantine.skeleton),
    "/weather": Entrance("weather", weather.skeleton),
    "/requests": Entrance("requests", requests.skeleton),
    "/silences": Entrance("silences", silences.skeleton),
    "/admin/thresholds": Entrance("thresholds", thresholds.skeleton),
    "/admin/rules": Entrance("rules", rules.skeleton),
    "/orders/new": Entrance("compose", compose.skeleton, Act.DRAFT_ORDER),
}


def entrance(path: str) -> Entrance | None:
    """The page of a path; None if there is none."""
    known = PAGES.get(path.rstrip("/") or "/")
    if known is not None:
        return known
    head, _, tail = path.rstrip("/").rpartition("/")
    if head == "/orders" and tail.isdecimal() and len(tail) < 16:
        return Entrance("order", order.skeleton, order=int(tail))
    if head == "/stations" and STATION_CODE.fullmatch(tail):
        return Entrance("station", station.skeleton, station=tail)
    if head == "/health" and STATION_CODE.fullmatch(tail):
        return Entrance("health-station", health_station.skeleton, station=tail)
    return None


def exercise_of(search: str) -> str | None:
    """The exercise that the address names (`?exercise=CODE`); None is the real world."""
    named = parse_qs(search.lstrip("?")).get("exercise")
    return named[0] if named else None


def register(dash_app: Dash, context: AppContext) -> None:
    """The callback that turns an address into a page."""

    @dash_app.callback(  # type: ignore[untyped-decorator,unused-ignore]
        Output("page", "children"),
        Output("page-data", "data"),
        Input("address", "pathname"),
        Input("address", "search"),
    )
    async def enter(pathname: str | None, search: str | None) -> tuple[Any, Any]:
        person = context.person()
        words = words_of(language_of(person, dict(ctx.cookies or {})))
        return await asyncio.to_thread(_enter, context, person, words, pathname or "/", search or "")


def _enter(context: AppContext, person: SignedIn, words: Words, path: str, search: str) -> tuple[Any, Any]:
    found = entrance(path)
    code = exercise_of(search)
    with context.transaction() as connection:
        basis = read_basis(connection, person, code, found.order if found else None)
        unknown_station = (
            found is not None
            and found.station is not None
            and not is_station(connection, found.station, person.area)
        )
        unknown_exercise = code is not None and code not in {each.code for each in exercises(connection)}
    name = found.name if found else "missing"
    if found is None:
        children = states.not_found(words, basis)
    elif unknown_exercise:
        children = states.unknown_exercise(words, basis)
    elif unknown_station:
        children = states.unknown_station(words, basis)
    elif not person.may(found.act):
        children = states.not_allowed(words, basis)
    else:
        children = found.skeleton(words, basis)
    data = {
        "texts": words.all(),
        "page": {
            "name": name,
            "title": f"{words('page ' + name)} · {basis.place(words.language)}",
            "language": words.language,
            "zone": context.settings.time_zone,
            "theme": "dark",
            "exercise": basis.exercise,
            "order": found.order if found else None,
            "station": found.station if found else None,
            "user": person.name,
            "role": person.role.value,
            "area": person.area,
            "kiosk": person.kiosk,
            "acts": [act.value for act in Act if person.may(act)],
            "home": basis.home,
            "properties": {each.name: [each.unit, each.decimals] for each in KNOWN_PROPERTIES.values()},
        },
    }
    return children, data
