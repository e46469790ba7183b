"""What approvals are given to: a hash over texts, recipients, end and edition. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.orders.texts import utc
from core.orders import Order, OrderKind, Recipient
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything about an order that a person approves."""

    kind: OrderKind
    exercise: str | None
    area: str
    severity: Severity | None
    title: str
    text: str
    led_text: str | None
    spoken_text: str | None
    audio_sha256: str | None
    ends_at: datetime
    edition: int
    needs_answer: bool
    recipients: tuple[Recipient, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON form; the same contents give the same hash on every machine."""
        form = {
            "kind": self.kind,
            "exercise": self.exercise,
            "area": self.area,
            "severity": self.severity,
            "title": self.title,
            "text": self.text,
            "led_text": self.led_text,
            "spoken_text": self.spoken_text,
            "audio_sha256": self.audio_sha256,
            "ends_at": utc(self.ends_at),
            "edition": self.edition,
            "needs_answer": self.needs_answer,
            "recipients": sorted([one.kind, one.code, one.channel] for one in self.recipients),
        }
        text = json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def contents_of(order: Order, recipients: Iterable[Recipient]) -> Contents:
    """The contents as the rows hold them now."""
    return Contents(
        kind=order.kind,
        exercise=order.exercise,
        area=order.area,
        severity=order.severity,
        title=order.title,
        text=order.text,
        led_text=order.led_text,
        spoken_text=order.spoken_text,
        audio_sha256=order.audio_sha256,
        ends_at=order.ends_at,
        edition=order.edition,
        needs_answer=order.needs_answer,
        recipients=tuple(recipients),
    )


def is_public(recipients: Iterable[Recipient], internal: frozenset[str] = frozenset()) -> bool:
    """True if the public sees or hears it: it has a screen or a loudspeaker (外部预警).

    `internal` are devices of duty rooms, which a notice may use; an order of a person never counts on them.
    """
    return any(one.kind == "device" and one.code not in internal for one in recipients)
