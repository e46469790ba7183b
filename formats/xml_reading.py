"""XML from outside: bounded, and without anything that a parser could be made to fetch or unfold.

What is sent here (warnings, reports of video platforms) needs no DOCTYPE and no entities of its own, so a
document with either is refused before a parser sees it; that ends billion laughs, quadratic blow-up and external
entities alike. The text is decoded here, from a short list of encodings, so that no encoding can hide them.
"""

from __future__ import annotations

import re

from lxml import etree

from core.faults import Fault, FaultReason, quoted

LARGEST_BYTES = 1_000_000
DEEPEST = 24
"""Elements within each other: CAP needs 6, an XML signature about 8."""
MOST_ELEMENTS = 20_000

_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]{0,200}\?>")
_ENCODING = re.compile(rb"^\s*<\?xml\s[^>]{0,120}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_FORBIDDEN = re.compile(r"<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "iso-8859-1": "latin-1",
}


def read_xml(payload: bytes) -> etree._Element | Fault:
    """The root of the document, or what is wrong with it; raises nothing and reads nothing else."""
    if len(payload) > LARGEST_BYTES:
        return Fault(
            FaultReason.TOO_LARGE,
            f"{len(payload)} bytes of XML, {LARGEST_BYTES} are allowed; it was not read.",
        )
    text = _text(payload)
    if isinstance(text, Fault):
        return text
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        return Fault(
            FaultReason.UNSAFE_XML,
            f"the document declares {quoted(forbidden[1].upper())}; nothing sent here needs it, so it was not read.",
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", text, count=1).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError, UnicodeEncodeError) as error:
        return Fault(FaultReason.BROKEN_XML, f"the payload is not XML: {quoted(str(error), 160)}.")
    return _bounded(root)


def _text(payload: bytes) -> str | Fault:
    encoding, start = next(((name, len(bom)) for bom, name in _BOMS if payload.startswith(bom)), ("", 0))
    if not encoding:
        declared = _ENCODING.match(payload)
        named = declared[1].decode("ascii").lower() if declared else "utf-8"
        if named not in _ENCODINGS:
            return Fault(
                FaultReason.BROKEN_XML, f"encoding {quoted(named)} is not read; send the document as UTF-8."
            )
        encoding = _ENCODINGS[named]
    try:
        return payload[start:].decode(encoding)
    except UnicodeDecodeError as error:
        return Fault(
            FaultReason.BROKEN_XML,
            f"byte {error.start + start} is not {encoding}; send the document as UTF-8.",
        )


def _bounded(root: etree._Element) -> etree._Element | Fault:
    depth = elements = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            depth += 1
            elements += 1
            if depth > DEEPEST or elements > MOST_ELEMENTS:
                return Fault(
                    FaultReason.UNSAFE_XML,
                    f"more than {DEEPEST} elements within each other or {MOST_ELEMENTS} in all; it was not read.",
                )
        else:
            depth -= 1
    return root
