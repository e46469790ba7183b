"""Rendered speech: heard by people before an order is sent, fetched by loudspeakers once it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from app.auth.identity import SignInNeeded, present
from core.errors import NotFoundError
from store.audio import is_on_air

if TYPE_CHECKING:
    from app.context import AppContext

_NAME = re.compile(r"(?P<hash>[0-9a-f]{64})\.wav")


def audio_routes(context: AppContext) -> APIRouter:
    """/audio/{sha256}.wav.

    A loudspeaker has no session. What an issued order says in public may be fetched by anybody who
    knows its hash (256 bits, told to the devices in a signed command) while the order runs; a draft's
    speech only by who is signed in.
    """
    router = APIRouter(include_in_schema=False)
    folder = context.settings.home / context.settings.dispatch.audio_dir

    @router.get("/audio/{name}")
    def speech(request: Request, name: str) -> Response:
        found = _NAME.fullmatch(name)
        if found is None:
            raise NotFoundError("speech is fetched as /audio/SHA256.wav")
        if present.get() is None:
            with context.transaction() as connection:
                if not is_on_air(connection, found["hash"]):
                    raise SignInNeeded("this speech belongs to no running order: sign in to listen to it")
        path = folder / name
        if not path.is_file():
            raise NotFoundError("this speech has not been rendered, or was cleared away")
        return FileResponse(path, media_type="audio/wav", headers={"Cache-Control": "private, max-age=86400"})

    return router
