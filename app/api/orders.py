"""Orders: preview, draft, sign, issue, end, withdraw, answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection

from alerts import orders as acts
from alerts.orders.actors import require_area
from alerts.orders.replies import take_oral_answer
from app.api import order_records as records
from app.api.asking import Done, ExerciseCode, Limit, Who, act_in, actor, problems, see_area
from app.auth.identity import SignedIn
from core.errors import ConflictError, ForbiddenError, NotFoundError
from core.language import translator
from core.orders import Order, OrderState
from core.roles import Act
from core.severity import Severity
from store import alarms, order_views
from store import orders as store

if TYPE_CHECKING:
    from app.context import AppContext


def order_routes(context: AppContext) -> APIRouter:
    """GET orders and what belongs to them; POST every act on an order."""
    router = APIRouter(tags=["orders"])
    settings = context.settings

    @contextmanager
    def acting(who: SignedIn, id: int, *, sign: bool = False) -> Iterator[tuple[Connection[Any], Order]]:
        """One act on one order, in one transaction; the order must lie in the person's area."""
        if sign and who.kiosk:
            raise ForbiddenError("an order is signed by a person: a token cannot sign")
        with context.transaction() as connection:
            order = store.order(connection, id)
            see_area(connection, who, order.area, f"order {id}")
            yield connection, order

    @router.get("/orders", responses=problems())
    def orders(
        who: Who,
        exercise: ExerciseCode = None,
        state: Annotated[list[OrderState] | None, Query(description="in these states")] = None,
        kind: Annotated[list[str] | None, Query(description="notice, order or test")] = None,
        alarm: Annotated[int | None, Query(description="made from this alarm")] = None,
        limit: Limit = 100,
    ) -> list[records.OrderOut]:
        """Orders of your area, newest first."""
        with context.transaction() as connection:
            found = order_views.order_lines(
                connection, exercise=exercise, states=[one.value for one in state] if state else None,
                kinds=kind, within=who.area, alarm=alarm, limit=limit,
            )  # fmt: skip
        return [records.OrderOut.model_validate(one) for one in found]

    @router.post("/orders", status_code=201, responses=problems(403, 404, 409, 422))
    def draft(who: Who, new: records.DraftIn) -> records.Created:
        """拟稿: writes a draft. Nothing leaves before it is issued."""
        with context.transaction() as connection:
            made = acts.create_draft(
                connection, new.draft(), actor(who), at=context.clock(), settings=settings
            )
        return records.Created(id=made)

    @router.post("/orders/preview", responses=problems(403, 404, 422))
    def preview(who: Who, new: records.DraftIn) -> records.PreviewOut:
        """What exactly would go to whom. Writes nothing but the rendered speech."""
        with context.transaction() as connection:
            act_in(connection, who, Act.DRAFT_ORDER, new.area, f"area {new.area!r}")
            shown = acts.preview(connection, new.draft(), settings=settings)
            require_area(connection, actor(who), shown.chosen.areas)
        return _preview(shown)

    @router.get("/orders/templates", responses=problems(404))
    def templates(
        who: Who,
        area: Annotated[str, Query(description="the area that the order is for")],
        alarm: Annotated[int | None, Query(description="the alarm it is made from")] = None,
        severity: Annotated[Severity | None, Query(description="for which one is suggested")] = None,
    ) -> list[records.TemplateOut]:
        """Texts to begin with, filled with what is known of the area and the alarm."""
        words = translator("alerts", who.language)
        with context.transaction() as connection:
            see_area(connection, who, area, f"area {area!r}")
            if alarm is not None:
                see_area(connection, who, alarms.get(connection, alarm).area, f"alarm {alarm}")
            facts = acts.facts_of(connection, area, alarm, words)
        filled = {name: acts.fill(name, facts, words) for name in acts.TEMPLATES}
        return [
            records.TemplateOut(
                name=name,
                suggested=name == acts.suggested(severity),
                title=one.title,
                text=one.text,
                led_text=one.led_text,
                spoken_text=one.spoken_text,
            )
            for name, one in filled.items()
        ]

    @router.get("/orders/{id}", responses=problems(404))
    def order(who: Who, id: int) -> records.OrderDetail:
        """One order with its texts, signatures and history."""
        with acting(who, id) as (connection, found):
            line = order_views.order_line(connection, id)
            missing = acts.waiting_for(connection, found, settings=settings)
            approvals = store.approvals(connection, id)
            timeline = order_views.timeline(connection, id)
            about = order_views.order_alarms(connection, id)
            chosen = store.selection(connection, id)
        return records.OrderDetail(
            **records.OrderOut.model_validate(line).model_dump(),
            text=found.text,
            led_text=found.led_text,
            spoken_text=found.spoken_text,
            audio_url=_audio(found.audio_sha256),
            content_hash=found.content_hash,
            selection=records.SelectionIn.model_validate(chosen),
            alarms=[records.OrderAlarmOut.model_validate(one) for one in about],
            approvals=[records.ApprovalOut.model_validate(one) for one in approvals],
            missing=[records.StepOut.model_validate(one) for one in missing],
            timeline=[records.TimelineOut.model_validate(one) for one in timeline],
        )

    @router.put("/orders/{id}", responses=problems(403, 404, 409, 422))
    def edit(who: Who, id: int, new: records.DraftIn) -> Done:
        """Changes a draft; signatures that were given to what it said before no longer count."""
        with acting(who, id) as (connection, _):
            acts.edit_draft(connection, id, new.draft(), actor(who), at=context.clock(), settings=settings)
        return Done()

    @router.get("/orders/{id}/deliveries", responses=problems(404))
    def deliveries(who: Who, id: int) -> list[records.DeliveryOut]:
        """Every recipient on every channel."""
        with acting(who, id) as (connection, _):
            found = order_views.delivery_lines(connection, id)
        return [records.DeliveryOut.model_validate(one) for one in found]

    def sign(who: SignedIn, id: int, step: str, signature: records.Signature) -> records.Signed:
        with acting(who, id, sign=True) as (connection, found):
            missing = acts.waiting_for(connection, found, settings=settings)
            if missing and missing[0].name != step:
                raise ConflictError(f"order {found.number} waits for another step first: {missing[0].name}")
            signed = acts.approve(
                connection, id, actor(who), content_hash=signature.content_hash, at=context.clock(),
                settings=settings, note=signature.note,
            )  # fmt: skip
            state = store.order(connection, id).state
        return records.Signed(step=signed, state=state)

    @router.post("/orders/{id}/check", responses=problems(403, 404, 409, 422))
    def check(who: Who, id: int, signature: records.Signature) -> records.Signed:
        """审核: a second person has checked exactly this."""
        return sign(who, id, "check", signature)

    @router.post("/orders/{id}/issue", responses=problems(403, 404, 409, 422))
    def issue(who: Who, id: int, signature: records.Signature) -> records.Signed:
        """签发: the order leaves."""
        return sign(who, id, "issue", signature)

    @router.post("/orders/{id}/emergency", responses=problems(403, 404, 409, 422))
    def emergency(who: Who, id: int, signature: records.EmergencySignature) -> records.Signed:
        """紧急先行: issued alone by the officer in charge; commanders are told, 补签 must follow."""
        with acting(who, id, sign=True) as (connection, _):
            acts.issue_in_emergency(
                connection, id, actor(who), content_hash=signature.content_hash, reason=signature.reason,
                at=context.clock(), settings=settings,
            )  # fmt: skip
        return records.Signed(step="emergency", state=OrderState.ISSUED)

    @router.post("/orders/{id}/countersign", responses=problems(403, 404, 409))
    def countersign(who: Who, id: int, said: records.Noted | None = None) -> Done:
        """补签: somebody else stands for what was issued in an emergency."""
        with acting(who, id, sign=True) as (connection, _):
            acts.countersign(connection, id, actor(who), at=context.clock(), note=said.note if said else "")
        return Done()

    @router.post("/orders/{id}/correct", status_code=201, responses=problems(403, 404, 409, 422))
    def correct(who: Who, id: int, new: records.DraftIn) -> records.Created:
        """更正: a new draft that replaces this order as soon as it is issued itself."""
        with acting(who, id) as (connection, _):
            made = acts.correct(
                connection, id, new.draft(), actor(who), at=context.clock(), settings=settings
            )
        return records.Created(id=made)

    @router.post("/orders/{id}/end", responses=problems(403, 404, 409, 422))
    def end(who: Who, id: int, why: records.Reasoned) -> Done:
        """解除: the danger is over. Texts leave the screens, calls stop."""
        with acting(who, id) as (connection, _):
            acts.end(connection, id, actor(who), reason=why.reason, at=context.clock(), settings=settings)
        return Done()

    @router.post("/orders/{id}/withdraw", responses=problems(403, 404, 409, 422))
    def withdraw(who: Who, id: int, why: records.Reasoned) -> Done:
        """撤回: it was sent in error, and who got it is told so."""
        with acting(who, id) as (connection, _):
            acts.withdraw(
                connection, id, actor(who), reason=why.reason, at=context.clock(), settings=settings
            )
        return Done()

    @router.post("/orders/{id}/cancel", responses=problems(403, 404, 409, 422))
    def cancel(who: Who, id: int, why: records.Reasoned) -> Done:
        """A draft that will not be issued."""
        with acting(who, id) as (connection, _):
            acts.give_up(connection, id, actor(who), reason=why.reason, at=context.clock())
        return Done()

    @router.post("/orders/{id}/call", responses=problems(403, 404, 409))
    def call(who: Who, id: int) -> records.Called:
        """补叫: one more call, now, to everybody who has not answered."""
        with acting(who, id) as (connection, _):
            called = acts.call_again(connection, id, actor(who), at=context.clock())
        return records.Called(persons=called)

    @router.post("/orders/{id}/answer", responses=problems(403, 404, 409, 422))
    def answer(who: Who, id: int, oral: records.OralAnswer) -> Done:
        """代录: notes what a person answered by voice."""
        with acting(who, id) as (connection, _):
            if oral.delivery not in {one.id for one in order_views.delivery_lines(connection, id)}:
                raise NotFoundError(f"order {id} has no delivery {oral.delivery}")
            take_oral_answer(connection, oral.delivery, actor(who), text=oral.text, at=context.clock())
        return Done()

    return router


def _preview(shown: acts.Preview) -> records.PreviewOut:
    return records.PreviewOut(
        persons=[records.PersonOut.model_validate(one) for one in shown.chosen.persons],
        screens=[records.ScreenOut.model_validate(one) for one in shown.chosen.screens],
        loudspeakers=[records.ScreenOut.model_validate(one) for one in shown.chosen.loudspeakers],
        villages=shown.villages,
        withheld=shown.withheld,
        sms=shown.sms,
        sms_units=shown.sms_units,
        sms_parts=shown.sms_parts,
        led=[
            records.PagesOut(
                columns=one.columns,
                rows=one.rows,
                pages=[list(page) for page in one.pages],
                devices=list(one.devices),
            )
            for one in shown.screens
        ],
        spoken=shown.words,
        audio_url=_audio(shown.speech.sha256) if shown.speech else None,
        audio_s=shown.speech.seconds if shown.speech else None,
        seconds=shown.estimate.total_s,
        public=shown.public,
    )


def _audio(sha256: str | None) -> str | None:
    return f"/audio/{sha256}.wav" if sha256 else None
