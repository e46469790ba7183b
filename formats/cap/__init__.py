"""Official warnings: CAP 1.2 and 1.1, documents of the national platform (GB/T 35965.1), and a JSON feed.

`decode` tells them apart by themselves and never raises; `encode` writes CAP 1.2. XML signatures are not
verified: that a document is signed is kept (`WarningMessage.signed`), and proves nothing here.
"""

from __future__ import annotations

from lxml import etree

from core.faults import Fault, FaultReason, quoted
from core.warnings import WarningMessage
from formats.cap.elements import Faults
from formats.cap.encode import encode
from formats.cap.gb35965 import is_national, read_national
from formats.cap.json_feed import read_feed
from formats.cap.standard import NAMESPACES, read_standard
from formats.xml_reading import read_xml

__all__ = ["decode", "encode"]


def decode(payload: bytes) -> tuple[list[WarningMessage], list[Fault]]:
    """The messages of a document (one, but for a JSON feed) and what was wrong; never raises."""
    faults = Faults()
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        messages = read_feed(payload, faults)
    else:
        root = read_xml(payload)
        if isinstance(root, Fault):
            return [], [root]
        message = _read(root, faults)
        messages = [message] if message is not None else []
    if not messages and not faults:
        faults.note(FaultReason.EMPTY, "there is no warning in it.")
    return messages, list(faults)


def _read(root: etree._Element, faults: Faults) -> WarningMessage | None:
    name = etree.QName(root)
    if name.localname == "alert" and name.namespace in NAMESPACES:
        return read_standard(root, faults)
    if name.localname == "alert" and is_national(root):
        return read_national(root, faults)
    faults.note(
        FaultReason.WRONG_SHAPE,
        f"the root is {quoted(root.tag)}; CAP 1.2 is an alert of urn:oasis:names:tc:emergency:cap:1.2.",
    )
    return None
