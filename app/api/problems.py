"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import DataError, OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.auth.identity import SignInNeeded
from core.errors import (
    AnlanError,
    ChangedError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    UnavailableError,
)

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[AnlanError], HTTPStatus], ...] = (
    (SignInNeeded, HTTPStatus.UNAUTHORIZED),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConfigurationError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class _Problem(JSONResponse):
    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Whatever the sentence quotes: half a character that somebody sent is shown as a question mark."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    reason: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """`reason` is a short stable code for programs; `detail` a sentence for people."""
    body: dict[str, Any] = {
        "type": f"urn:anlan:problem:{reason}" if reason else "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    if reason:
        body["reason"] = reason
    return _Problem(body | more, status_code=status, headers=dict(headers or {}))


def status_of(error: AnlanError) -> HTTPStatus:
    """The status that an error of ours becomes."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def answer_problems(server: FastAPI) -> None:
    """Makes every error of the server a problem document."""

    async def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, AnlanError)
        if isinstance(error, ChangedError):
            return problem(HTTPStatus.CONFLICT, str(error), reason="changed_meanwhile", present=error.present)
        return problem(
            status_of(error), str(error), reason=error.reason if isinstance(error, InputError) else None
        )

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = [
            {"where": ".".join(str(part) for part in fault["loc"]), "what": fault["msg"]}
            for fault in error.errors()
        ]
        said = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, said, reason="invalid", faults=faults)

    async def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(HTTPStatus(error.status_code), str(error.detail), headers=error.headers)

    async def away(_request: Request, error: Exception) -> Response:
        if isinstance(error, QueryCanceled):
            said = "the database would need too long for this; ask for less, or try again soon"
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, said, reason="too_long")
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer; try again soon")

    async def unusable(_request: Request, _error: Exception) -> Response:
        # The database's own words may quote what somebody else stored; they stay with us.
        said = "a value cannot be stored or looked up: a control or half character in a text, or a number too large"
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, said, reason="unusable_value")

    server.add_exception_handler(AnlanError, ours)
    server.add_exception_handler(DataError, unusable)
    server.add_exception_handler(OverflowError, unusable)
    server.add_exception_handler(UnicodeEncodeError, unusable)
    server.add_exception_handler(RequestValidationError, invalid)
    server.add_exception_handler(HTTPException, http)
    server.add_exception_handler(OperationalError, away)
    server.add_exception_handler(PoolTimeout, away)
