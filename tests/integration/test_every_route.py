"""Every route of the interface: who may (role and area), from where, and that an act leaves a trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.route_table import (
    ELSEWHERE_TESTED,
    EVERYBODY,
    HIDDEN,
    NARROWED,
    REFUSED,
    SHARED,
    TABLE,
    Route,
    Trail,
)
from tests.integration.route_world import COUNTY, OTHER, SECRET, STATION, World, routes_world

ROOT = "/api/v1"
ORDER = ("viewer", "field", "duty", "administrator", "leader", "commander")

every_route = pytest.mark.parametrize("route", TABLE, ids=lambda route: route.name)
every_act = pytest.mark.parametrize(
    "route", [one for one in TABLE if one.writes], ids=lambda route: route.name
)


@pytest.fixture(scope="module")
def world(database: str) -> Iterator[World]:
    with routes_world(database) as running:
        yield running


def ask(
    world: World, route: Route, client: httpx.Client, who: str, **headers: str
) -> tuple[httpx.Response, bool]:
    """Asks for the route with a thing of the first town made for this; and whether that left a trail."""
    params = route.subject(world, who)
    body = route.body(params) if route.body else None
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    query = {name: value.format(**params) for name, value in route.query.items()}
    before = world.trail()
    path = ROOT + route.path.format(**params)
    answer = client.request(route.method, path, params=query, headers=headers, **sent)
    return answer, world.trail() > before


def test_the_table_knows_every_route(world: World) -> None:
    """A new route needs a line: which roles, and what the other town gets."""
    known = {route.name for route in TABLE} | ELSEWHERE_TESTED.keys()
    assert len(known) == len(TABLE) + len(ELSEWHERE_TESTED), "a route stands twice"
    served = {
        f"{method} {path.removeprefix(ROOT)}"
        for path, methods in _routes(world)
        for method in methods - {"HEAD", "OPTIONS"}
        if path.startswith(ROOT + "/")
    }
    assert served - {"GET /openapi.json", "GET /docs", "GET /docs/oauth2-redirect"} == known


@every_route
def test_roles_that_may_not_are_refused(world: World, route: Route) -> None:
    """And nothing of what they ask for is done or written down."""
    for role in ORDER:
        if role in route.roles:
            continue
        answer, trail = ask(world, route, world.browser(role, route.area), f"{role}-{route.area}")
        assert answer.status_code == 403, (role, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert not trail, role


@every_route
def test_roles_that_may_are_served(world: World, route: Route) -> None:
    """Which also proves that what is asked here is well formed: the refusals have another cause."""
    for role in sorted(route.roles):
        answer, trail = ask(world, route, world.browser(role, route.area), f"{role}-{route.area}")
        assert answer.status_code in route.done, (role, answer.text)
        if answer.status_code < 300:
            assert trail is (route.writes and route.trail is Trail.KEPT), role


@every_route
def test_the_other_town_sees_and_does_nothing_here(world: World, route: Route) -> None:
    for role in ORDER:
        answer, trail = ask(world, route, world.browser(role, OTHER), f"{role}-{OTHER}")
        if route.elsewhere is SHARED:
            assert answer.status_code == 200, (role, answer.text)
            continue
        assert SECRET not in answer.text, role
        assert answer.status_code >= 400 or f'"{STATION}"' not in answer.text, role
        if role not in route.roles:
            assert answer.status_code in (403, 404), (role, answer.text)
        elif route.elsewhere is HIDDEN:
            assert answer.status_code == 404, (role, answer.text)
        elif route.elsewhere is REFUSED:
            assert answer.status_code in (403, 404, 422), (role, answer.text)
        else:
            assert answer.status_code in (200, 409), (role, answer.text)
        if answer.status_code >= 400:
            assert not trail, role


@pytest.mark.parametrize(
    "route",
    [one for one in TABLE if one.elsewhere is NARROWED and not one.writes],
    ids=lambda route: route.name,
)
def test_a_list_shows_ones_own_area(world: World, route: Route) -> None:
    """So that the other town's empty list says something; a list without anything in it is no proof."""
    answer, _ = ask(world, route, world.browser("commander", COUNTY), f"commander-{COUNTY}")
    assert answer.status_code == 200
    shown = SECRET in answer.text or f'"{STATION}"' in answer.text
    assert shown is (route.path not in EMPTY_HERE)


EMPTY_HERE = {
    "/me": "only oneself",
    "/forecasts": "no forecast here: test_forecasts_api",
    "/rain/areas": "no rain here: test_api_rain",
    "/rain/limits": "no limits here: test_api_rain_limits",
    "/observations/corrections": "nothing corrected here: test_corrections",
    "/quarantine/requests": "carries numbers only: test_quarantine",
    "/kpi.csv": "carries codes only: test_kpi",
    "/rollups": "nothing rolled up here: test_api_rollups",
}


@every_act
def test_a_page_of_another_site_acts_for_nobody(world: World, route: Route) -> None:
    role = sorted(route.roles)[0]
    client = world.browser(role, route.area)
    answer, trail = ask(world, route, client, f"{role}-{route.area}", Origin="https://evil.example")
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]
    assert not trail


@every_act
def test_what_a_person_must_do_no_program_does(world: World, route: Route) -> None:
    role = "commander" if "commander" in route.roles else sorted(route.roles)[0]
    program = world.program(role, route.area)
    answer, _ = ask(world, route, program, f"token:token {role}-{route.area}")
    if route.programs:
        assert answer.status_code in (*route.done, 409), answer.text
    else:
        assert answer.status_code == 403, answer.text


def test_everybody_is_a_role() -> None:
    assert set(ORDER) == EVERYBODY


def _routes(world: World) -> list[tuple[str, set[str]]]:
    found: list[Any] = []
    for route in world.site.app.routes:
        inner = getattr(route, "effective_route_contexts", None)
        found += list(inner()) if inner else [route]
    return [(one.path, set(one.methods)) for one in found if getattr(one, "methods", None)]
