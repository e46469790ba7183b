"""What orders look like outside: bodies that are sent and documents that come back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alerts.orders import Draft, Selection
from core.orders import OrderKind
from core.severity import Severity


class SelectionIn(BaseModel):
    """Who and what is chosen: areas include everything below them; no posts means all posts."""

    areas: list[str] = []
    posts: list[str] = []
    persons: list[str] = Field([], description="codes, beside what the areas give")
    devices: list[str] = Field([], description="codes, beside what the areas give")
    sms: bool = True
    led: bool = False
    loudspeakers: bool = False


class DraftIn(BaseModel):
    """An order as it is composed (拟稿)."""

    area: str = Field(description="the area that the order is for")
    severity: Severity | None = None
    title: str = Field(min_length=1, max_length=100)
    text: str = Field(min_length=1, max_length=1000, description="for persons, by SMS")
    led_text: str | None = Field(None, max_length=500, description="for screens; without it the text")
    spoken_text: str | None = Field(
        None, max_length=1000, description="for loudspeakers; without it the text"
    )
    ends_at: AwareDatetime = Field(description="within three days")
    selection: SelectionIn
    alarm: int | None = Field(None, description="the alarm that the order is made from")
    exercise: str | None = None
    kind: Literal["order", "test"] = "order"

    def draft(self) -> Draft:
        """As the order room knows it."""
        chosen = self.selection
        return Draft(
            area=self.area,
            severity=self.severity,
            title=self.title,
            text=self.text,
            ends_at=self.ends_at.astimezone(UTC),
            selection=Selection(
                areas=tuple(chosen.areas),
                posts=tuple(chosen.posts),
                persons=tuple(chosen.persons),
                devices=tuple(chosen.devices),
                sms=chosen.sms,
                led=chosen.led,
                loudspeakers=chosen.loudspeakers,
            ),
            led_text=self.led_text,
            spoken_text=self.spoken_text,
            alarm=self.alarm,
            exercise=self.exercise,
            kind=OrderKind(self.kind),
        )


class Signature(BaseModel):
    """A signature under exactly what was seen."""

    content_hash: str = Field(description="`content_hash` of the order as it was shown to the signer")
    note: str = Field("", max_length=500)


class EmergencySignature(BaseModel):
    """紧急先行: issued alone, with the reason."""

    content_hash: str
    reason: str = Field(min_length=1, max_length=500)


class Reasoned(BaseModel):
    """An act that needs a reason; it stays with the order for good."""

    reason: str = Field(min_length=1, max_length=500)


class OralAnswer(BaseModel):
    """代录: what a person answered by voice."""

    delivery: int
    text: str = Field(min_length=1, max_length=200, description="收到, 已转移 N 人 or 无法, as it was said")


class Noted(BaseModel):
    """What the signer adds."""

    note: str = Field("", max_length=500)


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class StepOut(_Row):
    """A signature that is still missing."""

    name: str
    role: str


class ApprovalOut(_Row):
    """A signature that was given."""

    step: str
    by_user: str
    role: str
    at: datetime
    content_hash: str
    note: str


class OrderOut(_Row):
    """One order with its counts. Persons are counted once, however often they were called."""

    id: int
    number: str
    kind: str
    state: str = Field(description="draft, checked, issued, ended, withdrawn or cancelled")
    exercise: str | None
    alarm: int | None
    area: str
    area_name: str
    severity: Severity | None
    title: str
    created_at: datetime
    created_by: str
    issued_at: datetime | None
    ends_at: datetime
    stays_until: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    emergency: bool
    countersign_due: datetime | None
    countersigned_at: datetime | None
    countersign_overdue: bool
    needs_answer: bool
    persons: int
    delivered: int = Field(description="persons with a proof of delivery or more")
    answered: int
    acted: int
    open_calls: int = Field(description="persons who are still being called")
    unanswered: int = Field(description="persons who were called as often as is usual, in vain")
    withheld: int = Field(description="persons whom an exercise does not call")
    screens: int
    loudspeakers: int
    shown: int = Field(description="devices that show, play or did")
    failed: int
    moved: int = Field(description="people moved, as told")


class TimelineOut(_Row):
    """One line of the history, from observation to report."""

    at: datetime
    source: str
    kind: str
    actor: str
    delivery: int | None
    recipient: str | None
    detail: dict[str, Any]


class OrderAlarmOut(_Row):
    """An alarm that the order is about."""

    id: int
    told: Severity | None = Field(description="as what people were called for it")
    state: str = Field(description="as it stands now")
    station: str | None
    name: str
    name_en: str
    property: str | None
    value: float | None
    threshold_name: str | None
    title: dict[str, str] | None


class OrderDetail(OrderOut):
    """An order with its texts, signatures and history."""

    text: str
    led_text: str | None
    spoken_text: str | None
    audio_url: str | None = Field(description="the rendered speech, to listen to")
    content_hash: str = Field(description="over texts, recipients and end: signatures are given to it")
    selection: SelectionIn
    alarms: list[OrderAlarmOut] = Field(description="every one, the worst first")
    approvals: list[ApprovalOut]
    missing: list[StepOut] = Field(description="signatures it still waits for, in order")
    timeline: list[TimelineOut]


class DeliveryOut(_Row):
    """One recipient on one channel, and what was proved; never a phone number."""

    id: int
    recipient_kind: str
    recipient: str = Field(description="code of the person or device")
    name: str
    name_en: str | None
    post: str | None
    area: str
    area_name: str
    channel: str
    state: str
    attempts: int
    due_at: datetime | None
    submitted_at: datetime | None
    delivered_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    acted_at: datetime | None
    acted_people: int | None
    reason: str | None
    verified: bool
    escalated_from: int | None
    escalated_from_name: str | None
    device_online: bool | None
    last_event: str | None
    last_at: datetime | None
    last_receipt: str | None
    receipt_verified: bool | None


class PersonOut(_Row):
    """A person who would be called."""

    code: str
    name: str
    post: str
    area: str
    area_name: str
    has_drill_phone: bool


class ScreenOut(_Row):
    """A device that would show or speak."""

    code: str
    kind: str
    name: str
    name_en: str
    area: str
    area_name: str
    columns: int
    rows: int
    online: bool | None


class PagesOut(_Row):
    """The text as pages on one size of screen."""

    columns: int
    rows: int
    pages: list[list[str]]
    devices: list[str]


class PreviewOut(BaseModel):
    """What exactly would go to whom, and how long it takes."""

    persons: list[PersonOut]
    screens: list[ScreenOut]
    loudspeakers: list[ScreenOut]
    villages: int
    withheld: int = Field(description="persons whom an exercise would not call")
    sms: str = Field(description="the message as it is sent")
    sms_units: int
    sms_parts: int
    led: list[PagesOut]
    spoken: str | None = Field(description="the words as they are spoken")
    audio_url: str | None
    audio_s: float | None
    seconds: float = Field(description="until the last message left and the last word was said")
    public: bool = Field(description="the public sees or hears it: it needs approvals")


class TemplateOut(BaseModel):
    """Texts to begin with."""

    name: str
    suggested: bool
    title: str
    text: str
    led_text: str
    spoken_text: str


class Created(BaseModel):
    """The number of the new draft."""

    id: int


class Signed(BaseModel):
    """Which step was signed, and the order's state now."""

    step: str
    state: str


class Called(BaseModel):
    """How many persons are called once more."""

    persons: int
