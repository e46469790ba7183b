"""CAP 1.2 as text, valid by its schema: for drills, and for what a county hands over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from lxml import etree

from core.warnings import Point, WarnedArea, WarningInfo, WarningMessage

_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_BEIJING = timezone(timedelta(hours=8))


def encode(message: WarningMessage) -> bytes:
    """One document. Times are written with Beijing's offset, to the second; a colour goes as a parameter."""
    root = etree.Element(f"{{{_NAMESPACE}}}alert", nsmap={None: _NAMESPACE})  # type: ignore[dict-item]
    _add(
        root,
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("sent", _time(message.sent)),
        ("status", message.status),
        ("msgType", message.message_type),
        ("source", message.source),
        ("scope", message.scope),
        ("restriction", message.restriction),
        ("addresses", message.addresses),
        *(("code", code) for code in message.codes),
        ("note", message.note),
        ("references", _references(message)),
        ("incidents", message.incidents),
    )
    for info in message.infos:
        _info(etree.SubElement(root, f"{{{_NAMESPACE}}}info"), info)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _info(element: etree._Element, info: WarningInfo) -> None:
    _add(
        element,
        ("language", info.language),
        *(("category", word) for word in info.category or ("Other",)),
        ("event", info.event or "-"),
        *(("responseType", word) for word in info.response_types),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("audience", info.audience),
    )
    _pairs(element, "eventCode", info.event_codes)
    _add(
        element,
        ("effective", _time(info.effective)),
        ("onset", _time(info.onset)),
        ("expires", _time(info.expires)),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    )
    told = info.parameters
    if info.colour is not None and not any(name == "color" for name, _ in told):
        told = (*told, ("color", info.colour.value))
    _pairs(element, "parameter", told)
    for area in info.areas:
        _area(etree.SubElement(element, f"{{{_NAMESPACE}}}area"), area)


def _area(element: etree._Element, area: WarnedArea) -> None:
    _add(
        element,
        ("areaDesc", area.description or "-"),
        *(("polygon", " ".join(map(_point, ring))) for ring in area.polygons),
        *(("circle", f"{_point((one.lat, one.lon))} {one.radius_km:g}") for one in area.circles),
    )
    _pairs(element, "geocode", area.geocodes)


def _add(element: etree._Element, *fields: tuple[str, str]) -> None:
    for name, text in fields:
        if text:
            etree.SubElement(element, f"{{{_NAMESPACE}}}{name}").text = text


def _pairs(element: etree._Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for key, value in pairs:
        pair = etree.SubElement(element, f"{{{_NAMESPACE}}}{name}")
        etree.SubElement(pair, f"{{{_NAMESPACE}}}valueName").text = key
        etree.SubElement(pair, f"{{{_NAMESPACE}}}value").text = value


def _references(message: WarningMessage) -> str:
    return " ".join(
        f"{one.sender or message.sender},{one.identifier},{_time(one.sent or message.sent)}"
        for one in message.references
    )


def _time(moment: datetime | None) -> str:
    return moment.astimezone(_BEIJING).isoformat(timespec="seconds") if moment else ""


def _point(point: Point) -> str:
    return (
        f"{point[0]:g},{point[1]:g}"
        if point == tuple(round(one, 4) for one in point)
        else f"{point[0]},{point[1]}"
    )
