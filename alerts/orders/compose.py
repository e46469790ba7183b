"""拟稿: a draft, what exactly it would send to whom and how long that takes, and its edits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.orders import texts
from alerts.orders.actors import Actor, require, require_area
from alerts.orders.contents import Contents
from alerts.orders.notices import new_number
from alerts.orders.selection import Chosen, Selection, resolve
from alerts.speech import Speech, audio_folder, render, spoken
from core.errors import ConflictError, InputError
from core.language import translator
from core.orders import Order, OrderKind, OrderState, Recipient
from core.roles import Act
from core.settings import Settings
from core.severity import Severity
from store import audit
from store import orders as store
from store.exercises import require_running

LONGEST_LIFE = timedelta(days=3)
"""An order ends within three days; who needs longer issues a new one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer fills in.

    `area` is the area that the order is for (and that the approvers' area must contain). Without
    `led_text` or `spoken_text` the text itself is shown and spoken.
    """

    area: str
    severity: Severity | None
    title: str
    text: str
    ends_at: datetime
    selection: Selection
    led_text: str | None = None
    spoken_text: str | None = None
    alarm: int | None = None
    exercise: str | None = None
    kind: OrderKind = OrderKind.ORDER


@dataclass(frozen=True, slots=True)
class ScreenPreview:
    """The pages on one size of screen, and which screens have it."""

    columns: int
    rows: int
    pages: tuple[tuple[str, ...], ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until the last message has left the gateway, and until the last word was said."""

    sms_s: float
    audio_s: float

    @property
    def total_s(self) -> float:
        return max(self.sms_s, self.audio_s)


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes to whom if the draft is issued.

    `withheld` counts persons whom an exercise cannot reach (no drill phone). `public` says that the
    public sees or hears it, so that it needs approvals.
    """

    chosen: Chosen
    sms: str
    sms_units: int
    sms_parts: int
    screens: tuple[ScreenPreview, ...]
    words: str | None
    speech: Speech | None
    estimate: Estimate
    villages: int
    withheld: int
    public: bool
    recipients: tuple[Recipient, ...] = field(repr=False)


def preview(connection: Connection[Any], draft: Draft, *, settings: Settings) -> Preview:
    """Fits every text to its channel and renders the speech. Writes nothing but the audio file.

    Raises InputError (`text_missing`, `no_recipients`, `sms_too_long`, `led_too_small` …), NotFoundError.
    """
    if not draft.title.strip() or not draft.text.strip():
        raise InputError("text_missing", "an order needs a title and a text")
    chosen = resolve(connection, draft.selection, draft.exercise)
    recipients = tuple(chosen.recipients())
    if not recipients:
        raise InputError("no_recipients", "nobody and nothing is chosen: choose an area, a post or a device")
    drill = draft.exercise is not None
    sms = texts.sms_text(
        draft.text, signature=settings.sms.signature, drill=drill,
        words=translator("alerts", settings.language),
    )  # fmt: skip
    if chosen.persons:
        texts.check_sms(sms)
    to_say = draft.spoken_text or draft.text
    speech = (
        render(to_say, drill, folder=audio_folder(settings), repeats=settings.dispatch.repeats)
        if chosen.loudspeakers
        else None
    )
    parts = texts.sms_parts(sms)
    return Preview(
        chosen=chosen,
        sms=sms,
        sms_units=texts.sms_units(sms),
        sms_parts=parts,
        screens=_screens(draft, chosen, drill=drill),
        words=spoken(to_say) if speech else None,
        speech=speech,
        estimate=Estimate(
            sms_s=len(chosen.persons) * parts / settings.sms.per_second,
            audio_s=speech.seconds if speech else 0.0,
        ),
        villages=len(chosen.areas),
        withheld=sum(not one.has_drill_phone for one in chosen.persons) if drill else 0,
        public=bool(chosen.screens or chosen.loudspeakers),
        recipients=recipients,
    )


def _screens(draft: Draft, chosen: Chosen, *, drill: bool) -> tuple[ScreenPreview, ...]:
    sizes = sorted({(one.columns, one.rows) for one in chosen.screens}, reverse=True)
    return tuple(
        ScreenPreview(
            columns,
            rows,
            texts.fit_led(draft.led_text or draft.text, columns=columns, rows=rows, drill=drill).pages,
            tuple(one.code for one in chosen.screens if (one.columns, one.rows) == (columns, rows)),
        )
        for columns, rows in sizes
    )


def create_draft(
    connection: Connection[Any], draft: Draft, actor: Actor, *, at: datetime, settings: Settings
) -> int:
    """Keeps a draft under its own number; returns the order's id."""
    draft = _in_its_exercise(connection, draft)
    shown = _checked(connection, draft, actor, at, settings)
    contents = _contents(draft, shown, edition=1)
    order_id = store.insert_order(
        connection,
        store.NewOrder(
            number=new_number(connection, draft.kind, draft.exercise, at, settings.time_zone),
            kind=draft.kind,
            state=OrderState.DRAFT,
            exercise=draft.exercise,
            alarms={} if draft.alarm is None else {draft.alarm: draft.severity},
            area=draft.area,
            severity=draft.severity,
            title=contents.title,
            text=contents.text,
            led_text=contents.led_text,
            spoken_text=contents.spoken_text,
            audio_sha256=contents.audio_sha256,
            created_at=at,
            created_by=actor.name,
            issued_at=None,
            ends_at=draft.ends_at,
            content_hash=contents.hash,
            selection=draft.selection.as_json(),
        ),
    )
    store.set_recipients(connection, order_id, list(shown.recipients))
    _note(connection, order_id, "drafted", actor, at, contents, shown)
    return order_id


def edit_draft(
    connection: Connection[Any],
    order_id: int,
    draft: Draft,
    actor: Actor,
    *,
    at: datetime,
    settings: Settings,
) -> None:
    """Replaces a draft's contents. Approvals given before are void: the hash is another.

    Raises ConflictError if the order is issued already: correct it instead.
    """
    standing = store.order(connection, order_id, lock=True)
    if standing.state not in (OrderState.DRAFT, OrderState.CHECKED):
        raise ConflictError(
            f"order {standing.number} is {standing.state}; correct it (更正) instead of editing it"
        )
    if (draft.exercise, draft.kind) != (standing.exercise, standing.kind):
        raise ConflictError("an order stays in its exercise and of its kind; make a new one")
    require_area(connection, actor, [standing.area])
    shown = _checked(connection, draft, actor, at, settings)
    contents = _contents(draft, shown, edition=standing.edition + 1)
    store.edit_order(
        connection,
        order_id,
        store.NewContents(
            area=draft.area,
            severity=draft.severity,
            title=contents.title,
            text=contents.text,
            led_text=contents.led_text,
            spoken_text=contents.spoken_text,
            audio_sha256=contents.audio_sha256,
            ends_at=draft.ends_at,
            content_hash=contents.hash,
            edition=contents.edition,
            selection=draft.selection.as_json(),
        ),
    )
    store.set_recipients(connection, order_id, list(shown.recipients))
    _note(connection, order_id, "edited", actor, at, contents, shown)


def draft_of(connection: Connection[Any], order: Order) -> Draft:
    """The order as the composer would show it, for editing or correcting."""
    return Draft(
        area=order.area,
        severity=order.severity,
        title=order.title,
        text=order.text,
        ends_at=order.ends_at,
        selection=Selection.of_json(store.selection(connection, order.id)),
        led_text=order.led_text,
        spoken_text=order.spoken_text,
        alarm=order.alarms[0] if order.alarms else None,
        exercise=order.exercise,
        kind=order.kind,
    )


def correct(
    connection: Connection[Any],
    order_id: int,
    draft: Draft,
    actor: Actor,
    *,
    at: datetime,
    settings: Settings,
) -> int:
    """更正: a new draft that replaces a running order as soon as it is issued itself."""
    standing = store.order(connection, order_id, lock=True)
    if standing.state is not OrderState.ISSUED or standing.kind is OrderKind.NOTICE:
        raise ConflictError(f"order {standing.number} is {standing.state}; only a running order is corrected")
    require_area(connection, actor, [standing.area])
    if draft.exercise != standing.exercise:
        raise ConflictError("a correction stays in the exercise of its order")
    new = create_draft(connection, draft, actor, at=at, settings=settings)
    store.set_corrects(connection, new, order_id)
    store.add_event(connection, order_id, "correction_drafted", at=at, actor=actor.name, detail={"by": new})
    return new


def _in_its_exercise(connection: Connection[Any], draft: Draft) -> Draft:
    """An order made from an alarm belongs to the alarm's exercise, and that must run. Raises ConflictError."""
    require_running(connection, draft.exercise)
    if draft.alarm is None:
        return draft
    exercise = store.exercise_of_alarm(connection, draft.alarm)
    if exercise != draft.exercise:
        raise ConflictError("an order belongs to the exercise of its alarm; real and drill are never mixed")
    return draft


def _checked(
    connection: Connection[Any], draft: Draft, actor: Actor, at: datetime, settings: Settings
) -> Preview:
    require(connection, actor, Act.DRAFT_ORDER, draft.area)
    if draft.kind is OrderKind.NOTICE:
        raise InputError("wrong_kind", "notices go out by themselves; a person drafts an order or a test")
    if not at < draft.ends_at <= at + LONGEST_LIFE:
        raise InputError("wrong_end", "an order ends after now and within three days")
    shown = preview(connection, draft, settings=settings)
    require_area(connection, actor, shown.chosen.areas)
    return shown


def _contents(draft: Draft, shown: Preview, *, edition: int) -> Contents:
    return Contents(
        kind=draft.kind,
        exercise=draft.exercise,
        area=draft.area,
        severity=draft.severity,
        title=draft.title.strip(),
        text=draft.text.strip(),
        led_text=(draft.led_text or draft.text).strip() if shown.chosen.screens else None,
        spoken_text=(draft.spoken_text or draft.text).strip() if shown.chosen.loudspeakers else None,
        audio_sha256=shown.speech.sha256 if shown.speech else None,
        ends_at=draft.ends_at,
        edition=edition,
        needs_answer=True,
        recipients=shown.recipients,
    )


def _note(
    connection: Connection[Any],
    order_id: int,
    kind: str,
    actor: Actor,
    at: datetime,
    contents: Contents,
    shown: Preview,
) -> None:
    counts = {
        "persons": len(shown.chosen.persons),
        "screens": len(shown.chosen.screens),
        "loudspeakers": len(shown.chosen.loudspeakers),
        "content_hash": contents.hash,
    }
    store.add_event(connection, order_id, kind, at=at, actor=actor.name, detail=counts)
    audit.append(
        connection, actor=actor.name, action=f"order.{kind}", subject=f"order/{order_id}", detail=counts
    )
