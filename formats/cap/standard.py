"""CAP 1.2 (OASIS, ITU X.1303) checked against its schema, and CAP 1.1, which is checked by hand alone.

What violates the schema is named, and the message is still read where it is clear: a warning is not lost over
a time with a Z. What is needed to know which message it is, and how it is meant, must be there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from core.faults import Fault, FaultReason, quoted
from core.warnings import (
    Circle,
    MessageType,
    Point,
    Reference,
    Status,
    WarnedArea,
    WarningInfo,
    WarningMessage,
)
from formats.cap.colours import colour_from
from formats.cap.elements import LONGEST_TEXT, Faults, Node, read_circle, read_polygon, read_warning_time

NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "cap1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "cap1.1",
}
MOST_INFOS = 20
MOST_AREAS = 500
MOST_SHAPES = 100
MOST_REFERENCES = 100
MOST_VIOLATIONS = 5

SCOPES = frozenset({"Public", "Restricted", "Private"})
CATEGORIES = frozenset(
    [
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    ]
)
RESPONSES = frozenset(
    ["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
)
URGENCIES = frozenset({"Immediate", "Expected", "Future", "Past", "Unknown"})
SEVERITIES = frozenset({"Extreme", "Severe", "Moderate", "Minor", "Unknown"})
CERTAINTIES = frozenset({"Observed", "Likely", "Possible", "Unlikely", "Unknown"})
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def read_standard(root: etree._Element, faults: Faults) -> WarningMessage | None:
    """The message, None where it cannot be used; `root` is an `alert` of one of the namespaces."""
    profile = NAMESPACES[etree.QName(root).namespace or ""]
    if profile == "cap1.2":
        for violation in schema_violations(root):
            faults.note(FaultReason.SCHEMA_VIOLATION, violation)
    alert = Node(root, faults)
    sender, identifier, sent = alert.text("sender"), alert.text("identifier"), alert.time("sent")
    meant = read_meaning(alert)
    if sent is None or meant is None or not is_named(sender, identifier, faults):
        if sent is None and not alert.text("sent"):
            faults.note(FaultReason.TIME_MISSING, "alert/sent is missing.")
        return None
    if set(sender + identifier) & set(" ,<&"):
        faults.note(
            FaultReason.SCHEMA_VIOLATION,
            "sender and identifier hold no blanks, commas, < and & (CAP 1.2 §3.2.1).",
        )
    return WarningMessage(
        sender=sender,
        identifier=identifier,
        sent=sent,
        status=meant[0],
        message_type=meant[1],
        scope=alert.word("scope", SCOPES, "Restricted"),
        source=alert.text("source"),
        restriction=alert.text("restriction"),
        addresses=alert.text("addresses", LONGEST_TEXT),
        codes=alert.words("code"),
        note=alert.text("note", LONGEST_TEXT),
        references=_references(alert.text("references", LONGEST_TEXT), faults),
        incidents=alert.text("incidents"),
        infos=tuple(_info(node, faults) for node in alert.all("info", MOST_INFOS)),
        profile=profile,
        signed=root.find(_SIGNATURE) is not None,
    )


def is_named(sender: str, identifier: str, faults: Faults) -> bool:
    """Whether sender and identifier are there; a fault for each that is not."""
    for name, value in (("sender", sender), ("identifier", identifier)):
        if not value:
            faults.note(
                FaultReason.WRONG_SHAPE, f"alert/{name} is missing; without it no update can refer to it."
            )
    return bool(sender and identifier)


def read_meaning(alert: Node) -> tuple[Status, MessageType] | None:
    """Status and type; None (with a fault) for others than CAP's, since guessing could alarm a county."""
    status = alert.word("status", frozenset(Status), "")
    message_type = alert.word("msgType", frozenset(MessageType), "")
    return (Status(status), MessageType(message_type)) if status and message_type else None


def schema_violations(root: etree._Element) -> list[str]:
    """What the schema of CAP 1.2 says against the document, at most `MOST_VIOLATIONS`."""
    schema = _schema()
    if schema.validate(root):
        return []
    errors: Any = schema.error_log
    return [f"line {error.line}: {quoted(error.message, 200)}" for error in errors][:MOST_VIOLATIONS]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).with_name("cap12.xsd")))


def _references(text: str, faults: Faults) -> tuple[Reference, ...]:
    """`sender,identifier,sent`, separated by blanks."""
    found = []
    words = text.split()
    if len(words) > MOST_REFERENCES:
        faults.note(FaultReason.TOO_MANY_VALUES, f"alert/references: the first {MOST_REFERENCES} were read.")
    for word in words[:MOST_REFERENCES]:
        sender, _, rest = word.partition(",")
        identifier, _, moment = rest.rpartition(",")
        sent = read_warning_time(moment)
        if not sender or not identifier or isinstance(sent, Fault):
            faults.note(
                FaultReason.WRONG_SHAPE,
                f"alert/references: {quoted(word)} is not sender,identifier,sent; left out.",
            )
        else:
            found.append(Reference(identifier, sender, sent))
    return tuple(found)


def _info(node: Node, faults: Faults) -> WarningInfo:
    headline, event_codes, parameters = (
        node.text("headline"),
        node.pairs("eventCode"),
        node.pairs("parameter"),
    )
    severity = node.word("severity", SEVERITIES, "Unknown")
    return WarningInfo(
        event=node.text("event"),
        language=node.text("language", 20) or "en-US",
        category=node.words("category", CATEGORIES),
        response_types=node.words("responseType", RESPONSES),
        urgency=node.word("urgency", URGENCIES, "Unknown"),
        severity=severity,
        certainty=node.word("certainty", CERTAINTIES, "Unknown"),
        colour=colour_from((*event_codes, *parameters), headline, severity),
        audience=node.text("audience"),
        event_codes=event_codes,
        effective=node.time("effective"),
        onset=node.time("onset"),
        expires=node.time("expires"),
        sender_name=node.text("senderName"),
        headline=headline,
        description=node.text("description", LONGEST_TEXT),
        instruction=node.text("instruction", LONGEST_TEXT),
        web=node.text("web"),
        contact=node.text("contact"),
        parameters=parameters,
        areas=tuple(_area(area, faults) for area in node.all("area", MOST_AREAS)),
    )


def _area(node: Node, faults: Faults) -> WarnedArea:
    return WarnedArea(
        description=node.text("areaDesc"),
        polygons=polygons(node, faults),
        circles=circles(node, faults),
        geocodes=node.pairs("geocode"),
    )


def polygons(node: Node, faults: Faults) -> tuple[tuple[Point, ...], ...]:
    """The polygons of an area that can be drawn; empty elements are none."""
    found = (
        read_polygon(one.own_text, faults, "area/polygon")
        for one in node.all("polygon", MOST_SHAPES)
        if one.own_text
    )
    return tuple(ring for ring in found if ring is not None)


def circles(node: Node, faults: Faults) -> tuple[Circle, ...]:
    """The circles of an area that can be drawn; empty elements are none."""
    found = (
        read_circle(one.own_text, faults, "area/circle")
        for one in node.all("circle", MOST_SHAPES)
        if one.own_text
    )
    return tuple(circle for circle in found if circle is not None)
