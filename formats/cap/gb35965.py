"""Documents of the national warning platform (12379; GB/T 35965.1-2018): CAP's skeleton, other leaves.

Told from CAP by `sendTime` and the missing namespace. Differences, as documents of the platform show them:
`senderCode` (the organisation's code) beside `sender` (its name); times with a blank, without an offset Beijing's;
`eventType` a code as 11B03; `severity` a colour; `references` identifiers alone, separated by commas or blanks;
`geocode` a list of 12-digit codes; `senderName` the person who sent it; empty elements for what is not given.
The identifier is `organisation_time` or `organisation_time_n` (31 characters in the standard of 2018).
"""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from core.faults import Fault, FaultReason
from core.warnings import Reference, WarnedArea, WarningInfo, WarningMessage
from formats.cap.colours import SEVERITY_OF, colour_from, event_from
from formats.cap.elements import LONGEST_TEXT, Faults, Node, read_warning_time
from formats.cap.standard import (
    CERTAINTIES,
    MOST_AREAS,
    MOST_INFOS,
    MOST_REFERENCES,
    SCOPES,
    SEVERITIES,
    URGENCIES,
    circles,
    is_named,
    polygons,
    read_meaning,
)

_IDENTIFIER = re.compile(r"[0-9A-Za-z]{14}_\d{14}(_\d)?")
_LIST = re.compile(r"[,，;；\s]+")


def is_national(root: etree._Element) -> bool:
    """Whether an `alert` without CAP's namespace is such a document."""
    return any(
        isinstance(child.tag, str) and etree.QName(child).localname in ("sendTime", "senderCode")
        for child in root
    )


def read_national(root: etree._Element, faults: Faults) -> WarningMessage | None:
    """The message, None where it cannot be used."""
    alert = Node(root, faults)
    name, identifier = alert.text("sender"), alert.text("identifier")
    sender = alert.text("senderCode") or name
    sent = _time(alert, "sendTime", faults) or _time(alert, "sent", faults)
    meant = read_meaning(alert)
    if sent is None or meant is None or not is_named(sender, identifier, faults):
        if sent is None and not alert.text("sendTime"):
            faults.note(FaultReason.TIME_MISSING, "alert/sendTime is missing.")
        return None
    if not _IDENTIFIER.fullmatch(identifier):
        faults.note(
            FaultReason.SCHEMA_VIOLATION,
            "the identifier is not 14 characters of the organisation, _, the time in 14 digits, and perhaps _n.",
        )
    words = [word for word in _LIST.split(alert.text("references", LONGEST_TEXT)) if word]
    return WarningMessage(
        sender=sender,
        identifier=identifier,
        sent=sent,
        status=meant[0],
        message_type=meant[1],
        scope=alert.word("scope", SCOPES, "Restricted"),
        note=alert.text("note", LONGEST_TEXT),
        references=tuple(Reference(word) for word in words[:MOST_REFERENCES]),
        infos=tuple(_info(node, name, faults) for node in alert.all("info", MOST_INFOS)),
        profile="gb35965",
        signed=bool(alert.all("Signature", 1)),
    )


def _time(node: Node, name: str, faults: Faults) -> datetime | None:
    found = node.text(name)
    if not found:
        return None
    moment = read_warning_time(found, zone_needed=False)
    if isinstance(moment, Fault):
        faults.note(moment.reason, f"{name}: {moment.detail}")
        return None
    return moment


def _info(node: Node, organisation: str, faults: Faults) -> WarningInfo:
    headline, code, severity = node.text("headline"), node.text("eventType"), node.text("severity")
    colour = colour_from((), headline, severity, direct=severity)
    return WarningInfo(
        event=event_from(code, headline),
        language=node.text("language", 20) or "zh-CN",
        urgency=_known(node.text("urgency"), URGENCIES),
        severity=severity if severity in SEVERITIES else SEVERITY_OF[colour] if colour else "Unknown",
        certainty=_known(node.text("certainty"), CERTAINTIES),
        colour=colour,
        event_codes=(("GB/T 35561", code),) if code else (),
        effective=_time(node, "effective", faults),
        onset=_time(node, "onset", faults),
        expires=_time(node, "expires", faults),
        sender_name=organisation,
        headline=headline,
        description=node.text("description", LONGEST_TEXT),
        instruction=node.text("instruction", LONGEST_TEXT),
        web=node.text("web"),
        contact=node.text("contact"),
        areas=tuple(_area(area, faults) for area in node.all("area", MOST_AREAS)),
    )


def _known(word: str, known: frozenset[str]) -> str:
    return word if word in known else "Unknown"


def _area(node: Node, faults: Faults) -> WarnedArea:
    codes = [code for code in _LIST.split(node.text("geocode", LONGEST_TEXT)) if code]
    return WarnedArea(
        description="、".join(dict.fromkeys(word for word in _LIST.split(node.text("areaDesc")) if word)),
        polygons=polygons(node, faults),
        circles=circles(node, faults),
        geocodes=tuple(("GB/T 2260", code) for code in dict.fromkeys(codes[:MOST_AREAS])),
    )
