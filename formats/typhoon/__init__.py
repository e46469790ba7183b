"""Tracks of typhoons: JSON of the contract, and best tracks as Tokyo (JMA) and Shanghai (CMA) publish them.

`decode` and `encode` are the JSON of `anlan/weather/typhoon`, one typhoon a message. `decode_tracks` takes any of
the three, told apart by itself, with as many typhoons as there are. None of them ever raises.
"""

from __future__ import annotations

from core.faults import Fault
from core.typhoons import Typhoon
from formats.typhoon.best_track import decode_best_tracks, is_best_track
from formats.typhoon.track_json import decode, encode

__all__ = ["decode", "decode_tracks", "encode"]


def decode_tracks(payload: bytes, most_fixes: int = 200_000) -> tuple[list[Typhoon], list[Fault]]:
    """All typhoons of a document, and what was wrong."""
    if is_best_track(payload):
        return decode_best_tracks(payload, most_fixes)
    found, faults = decode(payload, most_fixes)
    return [found] if found is not None else [], faults
