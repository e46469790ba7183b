"""The door: every request and WebSocket passes here first.

Who asks is found once (session cookie or bearer token), kept for the time of the request, and checked
against the list of open paths; foreign origins, oversized bodies and missing headers are handled here
too, so that no route can forget them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from psycopg import Connection, Error
from psycopg_pool import ConnectionPool, PoolTimeout
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem
from app.auth.addresses import cookie_name, is_same_origin
from app.auth.identity import SignedIn, present
from app.auth.open_paths import KIOSK, KIOSK_SIGN_IN, checks_itself, is_open
from app.auth.secrets import digest
from app.headers import FIXED, PLAIN_POLICY
from app.open_pages import OpenPages
from core.clock import Clock
from core.roles import Role
from core.settings import Settings
from formats.photo import LARGEST_BYTES
from store import sessions

_PHOTOS = re.compile(r"/api/v1/reports/[0-9]+/photos")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0">'
"""A link from another site comes without our SameSite=Strict cookie; asked again by itself, with it."""


class TooLarge(Exception):
    """The request's body is larger than the setting allows."""


class _Body:
    """A request's body, refused once it is larger than allowed (its length need not be told beforehand)."""

    def __init__(self, receive: Receive, longest: int) -> None:
        self._receive = receive
        self._longest = longest
        self._received = 0
        self.too_large = False

    async def receive(self) -> Message:
        """The next part. Raises TooLarge."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._longest:
            self.too_large = True
            raise TooLarge
        return message


class Door:
    """ASGI middleware; the outermost of the app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        pool: ConnectionPool[Connection[tuple[Any, ...]]],
        clock: Clock,
        open_pages: OpenPages,
    ) -> None:
        self._app = app
        self._settings = settings
        self._pool = pool
        self._clock = clock
        self._open_pages = open_pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, self._with_headers(scope, send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        by_token = connection.headers.get("authorization", "").lower().startswith("bearer ")
        path, method = scope["path"], scope["method"]
        try:
            person = None if is_open(path) else await self._who(connection)
        except (Error, PoolTimeout):
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer; try again soon")(
                scope, receive, send
            )
            return
        refusal = self._refusal(connection, person, path, method, by_token)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if path == KIOSK and method == "GET" and "token" in connection.query_params:
            scope = {**scope, "path": KIOSK_SIGN_IN, "raw_path": KIOSK_SIGN_IN.encode()}
        scope.setdefault("state", {})["signed_in"] = person
        mark = present.set(person)
        started = False
        longest = self._longest(path)
        body = _Body(receive, longest)

        async def watched_send(message: Message) -> None:
            nonlocal started
            if body.too_large and not started:
                return  # whatever the app makes of half a body
            started = True
            await send(message)

        try:
            await self._app(scope, body.receive, watched_send)
        except TooLarge:
            pass
        finally:
            present.reset(mark)
        if body.too_large and not started:
            await self._too_large(longest)(scope, receive, send)

    def _refusal(
        self, connection: HTTPConnection, person: SignedIn | None, path: str, method: str, by_token: bool
    ) -> Response | None:
        length = connection.headers.get("content-length", "0")
        longest = self._longest(path)
        if not length.isdigit() or int(length) > longest:
            return self._too_large(longest)
        if person is None and not (is_open(path) or checks_itself(path)):
            if path == KIOSK and method == "GET" and "token" in connection.query_params:
                # Another site's link must not turn a signed-in browser into its wall screen.
                return _asked_again() if _from_another_site(connection) else None
            return self._sign_in_first(connection, path, method, by_token)
        if method not in _SAFE and not by_token and not is_same_origin(connection):
            return problem(
                HTTPStatus.FORBIDDEN,
                "this request comes from another site's page, or says of no page (Origin) that it comes from;"
                " programs use a bearer token",
            )
        return None

    def _sign_in_first(self, connection: HTTPConnection, path: str, method: str, by_token: bool) -> Response:
        is_page = method in ("GET", "HEAD") and "text/html" in connection.headers.get("accept", "")
        if not is_page or by_token or path.startswith(("/api/", "/_dash-")):
            return problem(
                HTTPStatus.UNAUTHORIZED,
                "sign in at /login, or send a bearer token",
                headers={"WWW-Authenticate": 'Bearer realm="anlan"'},
            )
        if _from_another_site(connection):
            return _asked_again()
        query = connection.url.query
        wanted = quote(path + (f"?{query}" if query else ""), safe="")
        return RedirectResponse(f"/login?next={wanted}", status_code=HTTPStatus.SEE_OTHER)

    def _longest(self, path: str) -> int:
        """The setting; a picture from the field may be larger."""
        setting = self._settings.web.max_body_bytes
        return max(setting, LARGEST_BYTES) if _PHOTOS.fullmatch(path) else setting

    def _too_large(self, longest: int) -> Response:
        return problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the request is larger than {longest} bytes (web.max_body_bytes, or what a picture may have)",
            headers={"Connection": "close"},
        )

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if not is_same_origin(connection):
            await receive()
            await send({"type": "websocket.close", "code": 4003, "reason": "foreign origin"})
            return
        try:
            person = await self._who(connection)
        except (Error, PoolTimeout):
            await receive()
            await send({"type": "websocket.close", "code": 1013, "reason": "database away"})
            return
        if person is None or person.session is None:
            # Accepted and closed: Dash's page gives up only on a close code, not on a refusal.
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 4001, "reason": "sign in first"})
            return
        scope.setdefault("state", {})["signed_in"] = person
        mark = present.set(person)
        try:
            await self._open_pages.carry(person.session, self._app, scope, receive, send)
        finally:
            present.reset(mark)

    async def _who(self, connection: HTTPConnection) -> SignedIn | None:
        authorization = connection.headers.get("authorization", "")
        if authorization.lower().startswith("bearer "):
            return await self._in_thread(self._of_token, authorization[7:].strip())
        secret = connection.cookies.get(cookie_name(connection))
        return await self._in_thread(self._of_session, secret) if secret else None

    async def _in_thread(self, find: Callable[[str], SignedIn | None], secret: str) -> SignedIn | None:
        return await asyncio.to_thread(find, secret)

    def _of_session(self, secret: str) -> SignedIn | None:
        hashed = digest(secret)
        with self._pool.connection() as connection:
            found = sessions.session_holder(connection, hashed, self._clock(), self._settings.language)
        return _signed_in(found, hashed.hex()) if found else None

    def _of_token(self, secret: str) -> SignedIn | None:
        with self._pool.connection() as connection:
            found = sessions.token_holder(connection, digest(secret), self._clock(), self._settings.language)
        return _signed_in(found, None) if found else None

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                names = {name.lower() for name, _ in headers}
                headers += FIXED
                if b"content-security-policy" not in names:
                    headers.append((b"content-security-policy", PLAIN_POLICY.encode()))
                if b"cache-control" not in names and not is_open(scope["path"]):
                    headers.append((b"cache-control", b"no-store"))
                if self._settings.web.secure_cookie:
                    headers.append((b"strict-transport-security", b"max-age=31536000"))
                message = {**message, "headers": headers}
            await send(message)

        return with_headers


def _from_another_site(connection: HTTPConnection) -> bool:
    return connection.headers.get("sec-fetch-site") == "cross-site"


def _asked_again() -> Response:
    return HTMLResponse(_AGAIN, headers={"Cache-Control": "no-store"})


def _signed_in(holder: sessions.Holder, session: str | None) -> SignedIn:
    return SignedIn(
        name=holder.name,
        role=Role(holder.role),
        area=holder.area,
        language=holder.language,
        kiosk=holder.by_token,
        person=holder.person,
        session=session,
    )
