"""The centre's signed heartbeat, for the watcher on another machine (`anlan watch`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from psycopg import Error
from psycopg_pool import PoolTimeout
from starlette.responses import Response

from app.auth.identity import SignInNeeded
from core.watch_talk import LONGEST_SKEW_S, SIGNATURE, Question, is_signed, sign_answer, sign_question
from store.watching import note_look

if TYPE_CHECKING:
    from app.context import AppContext

_LONGEST_NAME = 64
_WAIT_S = 3.0


def heartbeat_routes(context: AppContext) -> APIRouter:
    """One resource. It answers even while the database is away, and says so."""
    router = APIRouter(include_in_schema=False)
    secret = context.settings.watch.secret

    @router.get("/heartbeat")
    def heartbeat(request: Request) -> Response:
        question = Question.of_query(request.query_params)
        given = request.headers.get(SIGNATURE, "")
        key = secret.get_secret_value() if secret else ""
        if not key or question is None or not is_signed(sign_question(key, question), given):
            raise SignInNeeded("a heartbeat is asked for with the secret of watch.secret")
        now = context.clock()
        skew_s = now.timestamp() - question.at_ms / 1000
        body: dict[str, Any] = {"at": now.isoformat(), "skew_s": round(skew_s, 1), "noted": False}
        if abs(skew_s) <= LONGEST_SKEW_S:
            body |= _look(context, question, request.client.host if request.client else "", now)
        pulse = context.hub.pulse
        body |= {"fresh": pulse.is_fresh(), **pulse.entry()} | {"at": now.isoformat()}
        content = json.dumps(body, separators=(",", ":")).encode()
        headers = {SIGNATURE: sign_answer(key, question.nonce, content), "Cache-Control": "no-store"}
        return Response(content, media_type="application/json", headers=headers)

    return router


def _look(context: AppContext, question: Question, address: str, now: datetime) -> dict[str, Any]:
    """Keeps the look, and tells whether the database answers by it."""
    try:
        with context.pool.connection(timeout=_WAIT_S) as connection:
            noted = note_look(
                connection,
                question.name[:_LONGEST_NAME],
                at=now,
                asked_at=datetime.fromtimestamp(question.at_ms / 1000, UTC),
                address=address,
                detail={"can_call": question.can_call},
            )
        return {"database": "ok", "noted": noted}
    except (Error, PoolTimeout):
        return {"database": "lost"}
