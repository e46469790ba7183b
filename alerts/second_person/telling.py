"""All commanders of the area are told of a suppression that two persons made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.notices import Wording
from alerts.orders import by_sms, create_notice
from core.language import translator
from core.requests import Request, Silenced
from store.areas import top_area
from store.orders import commanders


def tell_commanders(
    connection: Connection[Any], request: Request, wording: Wording, at: datetime
) -> tuple[list[str], int | None]:
    """Tells all commanders of the area by a notice that asks for no answer; nobody to tell is said in the audit."""
    area = request.area or top_area(connection)
    persons = commanders(connection, area) if area else []
    if area is None or not persons:
        return [], None
    words = translator("alerts", wording.language)
    zone = ZoneInfo(wording.time_zone)
    said = {
        "subject": _named(request.silences, request.subject),
        "proposer": request.proposed_by,
        "approver": request.decided_by or "",
        "reason": request.reason,
        "alarms": len(request.silences.alarms),
        "stations": len(request.silences.stations),
        "persons": len(request.silences.persons),
        "until": f"{request.ends_at.astimezone(zone):%m-%d %H:%M}" if request.ends_at else "",
    }
    notice = create_notice(
        connection,
        recipients=by_sms(persons),
        severity=None,
        title=words(f"second.{request.kind}.title", **said),
        text=words(f"second.{request.kind}.text", **said) + words("second.silences", **said),
        area=area,
        exercise=request.exercise,
        at=at,
        needs_answer=False,
        zone=wording.time_zone,
    )
    return persons, notice


def _named(shown: Silenced, subject: str) -> str:
    """The things by the names that people know, the subject's code where there is none."""
    names = [str(one["name"]) for one in shown.stations] or [
        str(one["station_name"] or one["subject"]) for one in shown.alarms
    ]
    first = list(dict.fromkeys(names))
    if not first:
        return subject
    return "、".join(first[:3]) + ("…" if len(first) > 3 else "")
