"""Warnings as open pages and the interface are shown them: plain JSON, with how each stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.warning_chains import Standing, Stands, colour_of, standings
from core.warnings import WarningInfo
from store import warnings
from store.warnings import KeptWarning, area_json

SHOWN = frozenset({Standing.IN_FORCE, Standing.AHEAD})
"""What belongs on a screen; all else is history."""
_OF_HISTORY = frozenset({"chain", "by", "unknown"})
"""What only all messages together tell; screens read only those that can still be in force."""


def live_warnings(
    connection: Connection[Any], exercise: str | None, _keys: set[str] | None, _zone: str
) -> dict[str, dict[str, Any]]:
    """Warnings in force and those that begin later, by number; always all, since one may end another."""
    found = connection.execute("select now()").fetchone()
    assert found is not None
    now: datetime = found[0]
    kept = warnings.between(connection, exercise, now, now)
    return {
        str(entry["id"]): {name: value for name, value in entry.items() if name not in _OF_HISTORY}
        for entry in entries(kept, now)
        if Standing(entry["standing"]) in SHOWN
    }


def entries(kept: Iterable[KeptWarning], now: datetime) -> list[dict[str, Any]]:
    """Every message with how it stands at `now`, by time of sending."""
    listed = list(kept)
    stand = standings((one.received for one in listed), now)
    return [_entry(one, stand[one.received.id]) for one in listed]


def _entry(one: KeptWarning, stands: Stands) -> dict[str, Any]:
    message = one.received.message
    colour = colour_of(message)
    return {
        "id": one.received.id,
        "chain": stands.chain,
        "standing": stands.standing.value,
        "by": stands.by,
        "unknown": [reference.identifier for reference in stands.unknown],
        "sender": message.sender,
        "identifier": message.identifier,
        "sent": message.sent.isoformat(),
        "begins": stands.begins.isoformat(),
        "ends": stands.ends.isoformat(),
        "received_at": one.received_at.isoformat(),
        "status": message.status.value,
        "message_type": message.message_type.value,
        "scope": message.scope,
        "profile": message.profile,
        "note": message.note,
        "trusted": one.received.trusted,
        "signed": message.signed,
        "colour": colour.value if colour else None,
        "infos": [_info(info) for info in message.infos],
        "areas": [area_json(area) for info in message.infos[:1] for area in info.areas],
    }


def _info(info: WarningInfo) -> dict[str, Any]:
    return {
        "language": info.language,
        "event": info.event,
        "colour": info.colour.value if info.colour else None,
        "sender_name": info.sender_name,
        "headline": info.headline,
        "description": info.description,
        "instruction": info.instruction,
        "urgency": info.urgency,
        "severity": info.severity,
        "certainty": info.certainty,
        "response_types": list(info.response_types),
        "area": "、".join(dict.fromkeys(area.description for area in info.areas if area.description)),
    }
