"""Tracks of past typhoons, as archives publish them: all of a file or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from core.clock import system_clock
from core.errors import InputError
from core.language import Translate
from formats.typhoon import decode_tracks
from store import typhoons

LARGEST_BYTES = 32_000_000


def import_tracks(
    connection: Connection[Any], path: Path, *, actor: str, translate: Translate
) -> dict[str, int]:
    """Keeps every typhoon of the file and writes an audit line; does not commit.

    Raises InputError with every fault of the file, ConflictError where a number is a typhoon received live.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError("too_large", f"{path} is larger than {LARGEST_BYTES} bytes; split it")
        payload = path.read_bytes()
    except OSError as error:
        raise InputError("unreadable", f"{path} cannot be read: {error.strerror}") from error
    tracks, faults = decode_tracks(payload)
    if faults:
        head = translate("{path}: nothing was imported, {count} faults", path=path, count=len(faults))
        raise InputError("bad_track", "\n".join([head, *(fault.detail for fault in faults)]))
    at = system_clock()
    for track in tracks:
        typhoons.save_historical(connection, track, source=f"import:{path.name}", received_at=at)
    counted = {"typhoons": len(tracks), "positions": sum(len(track.fixes) for track in tracks)}
    connection.execute(
        "select audit_append(%s, 'import', 'tracks', %s)", (actor, Jsonb({"file": path.name, **counted}))
    )
    return counted
