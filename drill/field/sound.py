"""Fetching rendered speech and reading how long it lasts."""

from __future__ import annotations

import hashlib
import io
import wave

import httpx

from core.errors import InputError

_LARGEST_BYTES = 20_000_000


async def fetch(url: str, sha256: str) -> bytes:
    """The audio, if it is what the signed command says.

    Raises InputError: `audio_unreachable`, `audio_too_large`, `audio_changed`.
    """
    try:
        async with httpx.AsyncClient(timeout=15) as client:
            answer = await client.get(url)
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InputError("audio_unreachable", f"{url} cannot be fetched: {error}") from error
    if len(answer.content) > _LARGEST_BYTES:
        raise InputError("audio_too_large", f"{url} has more than {_LARGEST_BYTES} bytes")
    if hashlib.sha256(answer.content).hexdigest() != sha256.lower():
        raise InputError("audio_changed", f"{url} is not the audio that the command names")
    return answer.content


def seconds(audio: bytes) -> float:
    """Length of a WAV. Raises InputError (`audio_unreadable`)."""
    try:
        with wave.open(io.BytesIO(audio)) as sound:
            length_s: float = sound.getnframes() / sound.getframerate()
            return length_s
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise InputError("audio_unreadable", f"the audio is no WAV file: {error}") from error
