"""The app served for a test: a real server on a free port, signed-in clients, live sockets."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from dash import Dash, Input, Output, dcc, html, set_props
from fastapi import FastAPI
from psycopg import Connection
from pydantic import SecretStr
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket
from websockets.typing import Origin

from app.context import AppContext
from app.live.scope import Scope
from app.server import Pages, build_app
from core.roles import Role
from core.settings import Settings
from store.users import add_user

PASSWORD = "Sturdy-Heron-77"

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Tests sign in a thousand times; what a real password costs is tested where passwords are."""


def live_page(dash_app: Dash, context: AppContext) -> None:
    """The smallest page that is live; `?exercise=` and `?order=` set its scope."""
    dash_app.layout = html.Div(
        [dcc.Location(id="address"), dcc.Store(id="live"), html.Div(id="number"), html.Div(id="name")]
    )
    dash_app.clientside_callback(  # type: ignore[no-untyped-call]
        """function (push) {
            if (push && push.kind === "signed_out") { window.location.assign("/login"); }
            return push ? push.kind + " " + push.n : "-";
        }""",
        Output("number", "children"),
        Input("live", "data"),
    )

    @dash_app.callback(websocket=True, persistent=True)  # type: ignore[untyped-decorator,unused-ignore]
    async def feed() -> None:
        await context.stream(Scope(), lambda push: set_props("live", {"data": push}))

    @dash_app.callback(Output("name", "children"), Input("address", "pathname"))  # type: ignore[untyped-decorator,unused-ignore]
    async def name(_path: str) -> str:
        return context.person().name


@dataclass
class Site:
    """A running server; `clients` are closed with it."""

    url: str
    app: FastAPI
    context: AppContext
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, **arguments: Any) -> httpx.Client:
        """A browser without a session, or a program (`headers` with a token)."""
        made = httpx.Client(base_url=self.url, trust_env=False, timeout=20, **arguments)
        self.clients.append(made)
        return made

    def add_user(self, name: str, role: str, **more: Any) -> None:
        """A user with the tests' password."""
        with self.context.transaction() as connection:
            add_user(connection, name, _QUICK.hash(PASSWORD), Role(role), **more)

    def signed_in(self, name: str) -> httpx.Client:
        """A browser in which this user has signed in."""
        client = self.client(headers={"Origin": self.url})
        answer = client.post("/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A transaction of its own on the server's database."""
        with self.context.transaction() as connection:
            yield connection

    @contextmanager
    def socket(self, client: httpx.Client, origin: str | None = None) -> Iterator[ClientConnection]:
        """An open page's WebSocket, with the client's cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        with connect_socket(
            self.url.replace("http:", "ws:") + "/_dash-ws-callback",
            origin=Origin(origin or self.url),
            additional_headers={"Cookie": cookies},
            max_size=None,
            max_queue=1,  # reads no further ahead than it is asked to, as a hanging browser
            proxy=None,
        ) as socket:
            yield socket

    @contextmanager
    def feed(self, client: httpx.Client) -> Iterator["Feed"]:
        """An open page that has asked for its live pushes."""
        dependencies = client.get("/_dash-dependencies").json()
        output = next(entry["output"] for entry in dependencies if entry["persistent"])
        with self.socket(client) as socket:
            yield Feed(socket, output)


class Feed:
    """One open page as the server sees it: it asks for the persistent callback and receives pushes."""

    def __init__(self, socket: ClientConnection, output: str) -> None:
        self.socket = socket
        self._waiting: list[dict[str, Any]] = []
        payload = {"output": output, "outputs": [], "inputs": [], "state": [], "changedPropIds": []}
        socket.send(
            json.dumps({"type": "callback_request", "requestId": "1", "rendererId": "r", "payload": payload})
        )

    def push(self, timeout: float = 10) -> dict[str, Any]:
        """The next push."""
        end = time.monotonic() + timeout
        while not self._waiting:
            received = json.loads(self.socket.recv(timeout=max(0.0, end - time.monotonic())))
            for message in received if isinstance(received, list) else [received]:
                if message.get("type") == "set_props":
                    self._waiting.append(message["payload"]["props"]["data"])
                elif message.get("type") == "callback_response":
                    assert message["payload"]["status"] in ("ok", "prevent_update"), message
        return self._waiting.pop(0)

    def until(self, kind: str, key: str, timeout: float = 10) -> Any:
        """The entry of the next push that tells of this thing; None where it is gone."""
        end = time.monotonic() + timeout
        while True:
            push = self.push(end - time.monotonic())
            if key in push.get(kind, {}):
                return push[kind][key]


@contextmanager
def served(database: str, *, pages: Pages | None = live_page, **settings: Any) -> Iterator[Site]:
    """Serves the app on a free port of this machine; with the smallest live page, or the real ones (None)."""
    made = Settings(database_url=SecretStr(database), **settings)
    app = build_app(made, pages=pages)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1, lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    site = Site(f"http://127.0.0.1:{port}", app, app.state.context)
    try:
        while not site.context.hub.connected:
            assert time.monotonic() < until, "the hub does not hear the database"
            time.sleep(0.02)
        yield site
    finally:
        for client in site.clients:
            client.close()
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not end"
