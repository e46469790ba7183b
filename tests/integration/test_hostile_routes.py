"""Every route of the interface under values that nobody means well: it refuses them with a sentence, and never breaks.

Path, query and every field of every body are tried one after another; the rest of the request is as it should be, so
that each value gets as far as it can.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.integration.route_table import HIDDEN, LEADERS, TABLE, Route
from tests.integration.route_world import STATION, World, later, routes_world

ROOT = "/api/v1"
DEEP = json.loads("[" * 400 + "]" * 400)

TEXTS = (
    "", " ", "\x00", "a\x00b", "' or 1=1 --", "\\'; drop table alarm; --", "%", "*", "../../etc/passwd", "S1/../S2",
    "<script>alert(1)</script>", "😀" * 40, "\u202e红色", "x" * 70_000, "{0}{1.__class__}", "%s%n", "\r\nX-Evil: 1",
)  # fmt: skip
NUMBERS = (
    "0",
    "-1",
    "2147483648",
    "9223372036854775808",
    "1" + "0" * 30,
    "1e400",
    "nan",
    "inf",
    "-inf",
    "0x10",
    "１２",
)
TIMES = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
    "1e18", "-99999999999999999999", "2026-02-30T00:00:00Z", "2026-07-01", "2026-07-01T00:00:00",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, [], {}, [None], {"a": {"b": []}}, DEEP, "", "\x00", "\ud800", "<img src=x onerror=alert(1)>",
    "' or 1=1 --", "x" * 70_000, 0, -1, 2**31, 2**63, 10**30, 1e308, float("nan"), float("inf"), float("-inf"),
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "２０２６",
)  # fmt: skip
WHOLE = (
    b"", b"null", b"[]", b"\"x\"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"1e999999", b"9" * 5000,
)  # fmt: skip

every_route = pytest.mark.parametrize("route", TABLE, ids=lambda route: route.name)
red = Route(
    "POST", "/requests/preview", HIDDEN, LEADERS, body=lambda _: {
        "kind": "silence_red", "subject": "silence/hazard=water&most=red&station=S1", "reason": "x", "ends_at": later(hours=6),
        "detail": {"station": STATION, "most": "red", "hazard": "water", "rule": None, "area": None, "exercise": None},
    },
)  # fmt: skip
"""Its detail is free in the interface, and read by what the kind needs."""
BODIES = [*(one for one in TABLE if one.body), red]
every_act = pytest.mark.parametrize("route", BODIES, ids=lambda route: route.name)


@pytest.fixture(scope="module")
def world(database: str) -> Iterator[World]:
    with routes_world(database) as running:
        yield running


@pytest.fixture(scope="module")
def document(world: World) -> dict[str, Any]:
    """The OpenAPI document."""
    return world.site.app.openapi()


@pytest.fixture(scope="module")
def parameters(document: dict[str, Any]) -> dict[str, list[str]]:
    """The names of each route's query parameters."""
    return {
        f"{method.upper()} {path.removeprefix(ROOT)}": [
            one["name"] for one in told.get("parameters", []) if one["in"] == "query"
        ]
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


def mildly(answer: httpx.Response, tried: object) -> None:
    """It was served or refused; a refusal is a problem document that shows nothing of what lies behind."""
    assert answer.status_code < 500, (tried, answer.status_code, answer.text[:300])
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", (tried, answer.text[:300])
    for betrayed in ("Traceback", "psycopg", "select ", "/app/", "postgresql"):
        assert betrayed not in answer.text.replace(str(tried), ""), (tried, betrayed)


def sender(world: World, route: Route) -> tuple[httpx.Client, str]:
    role = "commander" if "commander" in route.roles else sorted(route.roles)[0]
    return world.browser(role, route.area), f"{role}-{route.area}"


@every_route
def test_paths(world: World, route: Route) -> None:
    client, who = sender(world, route)
    params = route.subject(world, who)
    body = route.body(params) if route.body else None
    for name in [part for part in ("id", "code", "number") if "{" + part + "}" in route.path]:
        for tried in (*NUMBERS, *TEXTS[2:]):
            path = ROOT + route.path.format(**params | {name: quote(tried[:4000], safe="")})
            sent = {"content": body} if isinstance(body, bytes) else {"json": body}
            mildly(client.request(route.method, path, **sent), tried)


@every_route
def test_queries(world: World, route: Route, parameters: dict[str, list[str]]) -> None:
    client, who = sender(world, route)
    params = route.subject(world, who)
    well = {name: value.format(**params) for name, value in route.query.items()}
    path = ROOT + route.path.format(**params)
    for name in parameters[route.name]:
        for tried in (*TEXTS, *NUMBERS, *TIMES):
            if name == "limit" and tried == "10000":
                continue
            mildly(
                client.request(route.method, path, params=well | {name: tried[:20_000]}), (name, tried[:80])
            )


@every_act
def test_bodies(world: World, route: Route, document: dict[str, Any], full: bool) -> None:
    """A field after the other has a quarter of the values, in turn; with `--full` each has all."""
    client, who = sender(world, route)
    assert route.body is not None
    well = route.body(route.subject(world, who))
    fields = dict.fromkeys([*_fields(well), *_told(document, route, well)])
    cases: list[tuple[tuple[str, ...] | None, Any]] = [(None, one) for one in WHOLE]
    for n, name in enumerate(fields):
        cases += [(name, one) for one in (VALUES if full else VALUES[n % 4 :: 4])]
    for field, tried in cases:
        params = route.subject(world, who)
        path = ROOT + route.path.format(**params)
        sent = tried if field is None else _with(route.body(params), field, tried)
        answer = client.request(
            route.method, path, content=sent, headers={"Content-Type": "application/json"}
        )
        mildly(answer, (field, str(tried)[:80]))


def _fields(body: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place of a body, and one that it does not know."""
    if not isinstance(body, dict):
        return []
    own = [(*above, name) for name in body]
    return (
        own + [deeper for place in own for deeper in _fields(body[place[-1]], place)] + [(*above, "nobody")]
    )


def _told(document: dict[str, Any], route: Route, well: Any) -> list[tuple[str, ...]]:
    """Every place that the document tells of; of an object within, those that the body has."""
    content = (
        document["paths"][ROOT + route.path][route.method.lower()].get("requestBody", {}).get("content", {})
    )

    def names(schema: dict[str, Any], body: Any, above: tuple[str, ...]) -> list[tuple[str, ...]]:
        for choice in schema.get("anyOf", []):
            if "$ref" in choice:
                schema = choice
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        found = []
        for name, inner in schema.get("properties", {}).items():
            found.append((*above, name))
            if isinstance(body, dict) and isinstance(body.get(name), dict):
                found += names(inner, body[name], (*above, name))
        return found

    return names(content.get("application/json", {}).get("schema", {}), well, ())


def _with(body: Any, place: tuple[str, ...], value: Any) -> bytes:
    copy = json.loads(json.dumps(body))
    inner = copy
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return json.dumps(copy).encode()
