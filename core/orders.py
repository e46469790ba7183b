"""Orders and their deliveries: everything that goes out to people, screens and loudspeakers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.severity import Severity


class OrderKind(StrEnum):
    """An automatic notice to persons (内部预警), or an order that the public sees or hears too."""

    NOTICE = "notice"
    ORDER = "order"
    TEST = "test"


class OrderState(StrEnum):
    """拟稿 → 审核 → 签发 → 解除 or 撤回; `cancelled` is a draft given up."""

    DRAFT = "draft"
    CHECKED = "checked"
    ISSUED = "issued"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How a recipient is reached.

    `SMS2` is the second number of a person, beside the first, never alone. `CANARY` reaches nobody: dispatch
    proves by it that it works.
    """

    SMS = "sms"
    SMS2 = "sms2"
    LED = "led"
    LOUDSPEAKER = "loudspeaker"
    CANARY = "canary"


class DeliveryState(StrEnum):
    """What was proved of a delivery, never more.

    Rising for persons: waiting, sending, sent, delivered, answered, acted. For devices: waiting,
    sending, sent, accepted, queued, showing/playing, done. `unknown` is an attempt that was cut off;
    `withheld` was never sent, by design (an exercise without a drill phone). `cleared` is a screen
    that confirmed the text is taken off.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    ACTED = "acted"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SHOWING = "showing"
    PLAYING = "playing"
    DONE = "done"
    PREEMPTED = "preempted"
    CLEARED = "cleared"
    EXPIRED = "expired"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Order:
    """One order (指令). `alarms` are those that it is about, worst first. `text` is for persons, `led_text` for screens, `spoken_text` for speech.

    `content_hash` is over texts, recipients, end and edition: approvals are given to exactly that.
    `edition` rises with every edit, `corrects` is the order that this one replaces (更正), and an order
    that needs no answer only informs: it is sent once and never called again. `stays_until` is set while
    an order outlives `ends_at` because its alarm still stands.
    """

    id: int
    number: str
    kind: OrderKind
    state: OrderState
    exercise: str | None
    alarms: tuple[int, ...]
    area: str
    severity: Severity | None
    title: str
    text: str
    led_text: str | None
    spoken_text: str | None
    audio_sha256: str | None
    created_at: datetime
    created_by: str
    issued_at: datetime | None
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    content_hash: str
    emergency: bool
    countersign_due: datetime | None
    countersigned_at: datetime | None
    emergency_reason: str | None = None
    edition: int = 1
    corrects: int | None = None
    needs_answer: bool = True
    stays_until: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """Who or what an order goes to; `kind` is person or device, `code` never a number."""

    kind: str
    code: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Approval:
    """One signature under an order: `step` is check, issue, emergency or countersign."""

    step: str
    by_user: str
    role: str
    at: datetime
    content_hash: str
    note: str = ""
