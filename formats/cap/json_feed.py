"""Warnings as JSON, in the shape of a public Chinese weather interface: CAP's fields in `{"alerts": […]}`.

Read with the keys that its documentation shows: `id`, `senderName`, `issuedTime`, `messageType` {`code`,
`supersedes`}, `eventType` {`name`, `code`}, `severity`, `color` {`code`, perhaps null}, `onsetTime`,
`effectiveTime`, `expireTime`, `headline`, `description`, `criteria`, `instruction`. It knows no exercises: every
message is actual. The sender is known by name alone, so it is never a trusted one unless that name is listed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.faults import Fault, FaultReason, quoted
from core.warnings import MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from formats.cap.colours import colour_from, event_from
from formats.cap.elements import LONGEST_LINE, LONGEST_TEXT, Faults, read_warning_time
from formats.cap.standard import CERTAINTIES, MOST_REFERENCES, SEVERITIES, URGENCIES
from formats.json_reading import read_json

MOST_ALERTS = 200


def read_feed(payload: bytes, faults: Faults) -> list[WarningMessage]:
    """The messages of the list that can be used."""
    content = read_json(payload)
    if isinstance(content, Fault):
        faults.append(content)
        return []
    listed = content.get("alerts") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        faults.note(FaultReason.WRONG_SHAPE, 'warnings as JSON are {"alerts": [ … ]}; CAP is XML.')
        return []
    if len(listed) > MOST_ALERTS:
        faults.note(FaultReason.TOO_MANY_VALUES, f"{len(listed)} alerts; the first {MOST_ALERTS} were read.")
    found = (_message(entry, f"alerts[{n}]", faults) for n, entry in enumerate(listed[:MOST_ALERTS]))
    return [message for message in found if message is not None]


def _message(entry: Any, where: str, faults: Faults) -> WarningMessage | None:
    if not isinstance(entry, dict):
        faults.note(FaultReason.WRONG_SHAPE, f"{where} is not an object.")
        return None
    sender, identifier = _text(entry.get("senderName")), _text(entry.get("id"))
    sent = _time(entry, "issuedTime", where, faults)
    if not sender or not identifier or sent is None:
        faults.note(FaultReason.WRONG_SHAPE, f"{where} needs id, senderName and issuedTime.")
        return None
    kind = entry.get("messageType")
    code = _text(kind.get("code")) if isinstance(kind, dict) else _text(entry.get("msgType"))
    try:
        message_type = MessageType(code.capitalize() or "Alert")
    except ValueError:
        faults.note(FaultReason.OUT_OF_RANGE, f"{where}: messageType {quoted(code)} is not known.")
        return None
    earlier = kind.get("supersedes") if isinstance(kind, dict) else entry.get("relatedAlertIds")
    names = [_text(one) for one in earlier] if isinstance(earlier, list) else []
    return WarningMessage(
        sender=sender,
        identifier=identifier,
        sent=sent,
        status=Status.ACTUAL,
        message_type=message_type,
        references=tuple(Reference(name) for name in names[:MOST_REFERENCES] if name),
        infos=(_info(entry, sender, where, faults),),
        profile="json",
    )


def _info(entry: dict[str, Any], sender: str, where: str, faults: Faults) -> WarningInfo:
    event, colour = entry.get("eventType"), entry.get("color")
    headline = _text(entry.get("headline"))
    severity = _known(entry.get("severity"), SEVERITIES)
    code = _text(event.get("code")) if isinstance(event, dict) else ""
    named = _text(event.get("name")) if isinstance(event, dict) else _text(entry.get("event"))
    return WarningInfo(
        event=named or event_from(code, headline),
        language="zh-CN",
        urgency=_known(entry.get("urgency"), URGENCIES),
        severity=severity,
        certainty=_known(entry.get("certainty"), CERTAINTIES),
        colour=colour_from(
            (), headline, severity, direct=_text(colour.get("code")) if isinstance(colour, dict) else ""
        ),
        event_codes=(("QWEATHER", code),) if code else (),
        effective=_time(entry, "effectiveTime", where, faults),
        onset=_time(entry, "onsetTime", where, faults),
        expires=_time(entry, "expireTime", where, faults),
        sender_name=sender,
        headline=headline,
        description=_text(entry.get("description"), LONGEST_TEXT),
        instruction=_text(entry.get("instruction"), LONGEST_TEXT),
        areas=(WarnedArea(area),) if (area := _text(entry.get("areaName"))) else (),
    )


def _known(word: Any, known: frozenset[str]) -> str:
    text = _text(word).capitalize()
    return text if text in known else "Unknown"


def _time(entry: dict[str, Any], name: str, where: str, faults: Faults) -> datetime | None:
    text = _text(entry.get(name))
    if not text:
        return None
    moment = read_warning_time(text)
    if isinstance(moment, Fault):
        faults.note(moment.reason, f"{where}.{name}: {moment.detail}")
        return None
    return moment


def _text(value: Any, longest: int = LONGEST_LINE) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value if c.isprintable() or c == "\n").strip()[:longest]
