"""审核, 签发, 紧急先行, 补签: who has signed, who must, and whether an order may leave at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.orders.actors import CENTRE, Actor, require, require_reason
from alerts.orders.contents import contents_of, is_public
from alerts.orders.notices import by_sms, create_notice, priority
from core import canary
from core.errors import ConfigurationError, ConflictError, ForbiddenError
from core.language import translator
from core.orders import Approval, Order, OrderKind, OrderState, Recipient
from core.roles import Act, Role, allows
from core.settings import Settings
from store import audit
from store import deliveries as delivery_store
from store import orders as store

_SATISFIES: dict[Role, frozenset[Role]] = {
    Role.DUTY: frozenset({Role.DUTY, Role.LEADER, Role.COMMANDER}),
    Role.LEADER: frozenset({Role.LEADER, Role.COMMANDER}),
    Role.COMMANDER: frozenset({Role.COMMANDER}),
}
_ACT = {"check": Act.CHECK_ORDER, "issue": Act.ISSUE_ORDER}
_EMERGENCY_ROLES = frozenset({Role.LEADER, Role.COMMANDER})
_LETS_LEAVE = _ACT | {"emergency": Act.EMERGENCY_ORDER}
"""The signatures that let an order leave, and the act that each needs; a countersignature comes after."""


@dataclass(frozen=True, slots=True)
class Step:
    """One signature that an order needs: `name` is check or issue, `role` the least that may give it."""

    name: str
    role: Role

    def is_met_by(self, role: str) -> bool:
        """A commander may sign where a leader may."""
        return role in _SATISFIES[self.role]


_ISSUE_ONLY = (Step("issue", Role.COMMANDER),)
"""An order to responsible persons alone: one who may issue issues it, as its author too."""


def steps_of(settings: Settings) -> tuple[Step, ...]:
    """The approvals that public orders need. Raises ConfigurationError."""
    steps = []
    for text in settings.dispatch.public_steps:
        name, _, role = text.partition(":")
        if name not in _ACT or role not in _SATISFIES:
            raise ConfigurationError(
                f"dispatch.public_steps: {text!r} is no step; write check:ROLE or issue:ROLE"
                " with ROLE duty, leader or commander"
            )
        steps.append(Step(name, Role(role)))
    if not steps or steps[-1].name != "issue" or len({step.name for step in steps}) != len(steps):
        raise ConfigurationError("dispatch.public_steps must end with issue:ROLE and name each step once")
    return tuple(steps)


def missing_steps(
    public: bool, content_hash: str, given: Iterable[Approval], steps: Sequence[Step]
) -> tuple[Step, ...]:
    """Which signatures this content still needs, in their order. Signatures under other contents are void."""
    signed = {one.step: one.role for one in given if one.content_hash == content_hash}
    needed = steps if public else _ISSUE_ONLY
    return tuple(step for step in needed if not step.is_met_by(signed.get(step.name, "")))


def refusal(
    order: Order,
    recipients: Sequence[Recipient],
    given: Iterable[Approval],
    *,
    steps: Sequence[Step],
    drafters: frozenset[str],
    signers: Mapping[str, store.Signer],
    internal: frozenset[str] = frozenset(),
) -> str | None:
    """Why this order must not leave, or None: what dispatch asks before it signs or sends anything.

    It trusts no state that the row claims: the hash is taken again over what would be sent, and every
    needed signature must be under that hash, by a user who did not write the order and who may give it:
    by the role that the user holds, not only by the one that the signature claims. A notice may use persons'
    phones and devices of duty rooms (`internal`), nothing else.
    """
    if order.state not in (OrderState.ISSUED, OrderState.ENDED, OrderState.WITHDRAWN):
        return "not_issued"
    if order.exercise == canary.EXERCISE:
        alone = all(one.kind == "canary" for one in recipients)
        return None if order.kind is OrderKind.TEST and alone else "public_notice"
    if order.kind is OrderKind.NOTICE:
        return "public_notice" if is_public(recipients, internal) else None
    public = is_public(recipients)
    content_hash = contents_of(order, recipients).hash
    if content_hash != order.content_hash:
        return "changed"
    valid = [
        one
        for one in given
        if one.content_hash == content_hash
        and _may_sign(one, signers.get(one.by_user))
        and not (public and one.step in _ACT and one.by_user in drafters)
    ]
    if any(one.step == "emergency" and one.role in _EMERGENCY_ROLES for one in valid):
        return None
    held = [replace(one, role=signers[one.by_user].role) for one in valid]
    unmet = any(missing_steps(public, content_hash, ones, steps) for ones in (valid, held))
    return "not_approved" if unmet else None


def _may_sign(one: Approval, signer: store.Signer | None) -> bool:
    """True if the user's own role and area allow the step. Who is disabled after signing did sign."""
    return (
        signer is not None
        and one.step in _LETS_LEAVE
        and allows(signer.role, _LETS_LEAVE[one.step])
        and signer.in_area
        and (signer.disabled_at is None or one.at < signer.disabled_at)
    )


def waiting_for(connection: Connection[Any], order: Order, *, settings: Settings) -> tuple[Step, ...]:
    """The signatures that an order still needs (empty if it is issued or over)."""
    if order.state not in (OrderState.DRAFT, OrderState.CHECKED):
        return ()
    recipients = store.recipients(connection, order.id)
    given = store.approvals(connection, order.id)
    return missing_steps(is_public(recipients), order.content_hash, given, steps_of(settings))


def approve(
    connection: Connection[Any],
    order_id: int,
    actor: Actor,
    *,
    content_hash: str,
    at: datetime,
    settings: Settings,
    note: str = "",
) -> str:
    """Signs the next step; the last one issues the order. Returns the step's name.

    `content_hash` is that of what the signer saw. Raises ConflictError if the order was edited since or
    needs no signature, ForbiddenError if the role or area does not allow it or the signer wrote the order.
    """
    order = store.order(connection, order_id, lock=True)
    recipients = _unissued(connection, order, content_hash, at)
    public = is_public(recipients)
    given = store.approvals(connection, order_id)
    missing = missing_steps(public, content_hash, given, steps_of(settings))
    step = missing[0]
    require(connection, actor, _ACT[step.name], order.area)
    if not step.is_met_by(actor.role):
        raise ForbiddenError(f"this step ({step.name}) needs the role {step.role}")
    if public and actor.name in store.drafters(connection, order_id):
        raise ForbiddenError("who wrote a public order cannot check or issue it: a second person must")
    _sign(connection, order, step.name, actor, at, note)
    if len(missing) > 1:
        store.mark_checked(connection, order_id)
    else:
        _issue(connection, order, recipients, actor, at)
    _record(connection, order, step.name, actor, at, {"note": note} if note else {})
    return step.name


def issue_in_emergency(
    connection: Connection[Any],
    order_id: int,
    actor: Actor,
    *,
    content_hash: str,
    reason: str,
    at: datetime,
    settings: Settings,
) -> datetime:
    """紧急先行: the officer in charge issues alone, as its author too; returns when 补签 is due.

    All commanders of the area are told at once by a notice. Raises as `approve` does.
    """
    reason = require_reason(reason)
    order = store.order(connection, order_id, lock=True)
    recipients = _unissued(connection, order, content_hash, at)
    require(connection, actor, Act.EMERGENCY_ORDER, order.area)
    due = at + timedelta(seconds=settings.dispatch.countersign_s)
    _sign(connection, order, "emergency", actor, at, reason)
    store.mark_emergency(connection, order_id, reason, due)
    _issue(connection, order, recipients, actor, at)
    _tell_commanders(connection, order, actor, reason, at, settings)
    _record(connection, order, "emergency", actor, at, {"reason": reason, "countersign_due": due.isoformat()})
    return due


def countersign(
    connection: Connection[Any], order_id: int, actor: Actor, *, at: datetime, note: str = ""
) -> None:
    """补签: somebody else who may issue stands for what was issued in an emergency, in time or late."""
    order = store.order(connection, order_id, lock=True)
    if not order.emergency or order.countersigned_at is not None:
        raise ConflictError(f"order {order.number} waits for no countersignature")
    require(connection, actor, Act.ISSUE_ORDER, order.area)
    alone = {one.by_user for one in store.approvals(connection, order_id) if one.step == "emergency"}
    if actor.name in alone:
        raise ForbiddenError("who issued in an emergency cannot countersign: a second person must")
    _sign(connection, order, "countersign", actor, at, note)
    store.mark_countersigned(connection, order_id, at)
    late = order.countersign_due is not None and at > order.countersign_due
    _record(connection, order, "countersign", actor, at, {"late": late})


def _unissued(connection: Connection[Any], order: Order, content_hash: str, at: datetime) -> list[Recipient]:
    if order.state not in (OrderState.DRAFT, OrderState.CHECKED):
        raise ConflictError(f"order {order.number} is {order.state} already")
    if order.ends_at <= at:
        raise ConflictError(f"order {order.number} would have ended already; edit its end first")
    recipients = store.recipients(connection, order.id)
    if not content_hash == order.content_hash == contents_of(order, recipients).hash:
        raise ConflictError(
            f"order {order.number} was edited since you saw it; look at it again before you sign"
        )
    return recipients


def _sign(
    connection: Connection[Any], order: Order, step: str, actor: Actor, at: datetime, note: str
) -> None:
    store.add_approval(
        connection, order.id, Approval(step, actor.name, actor.role, at, order.content_hash, note)
    )


def _issue(
    connection: Connection[Any], order: Order, recipients: list[Recipient], actor: Actor, at: datetime
) -> None:
    store.mark_issued(connection, order.id, at)
    delivery_store.create_deliveries(
        connection, order.id, recipients, order.exercise, priority(order.severity), at
    )
    if order.corrects is not None:
        _replace(connection, order, order.corrects, at)


def _replace(connection: Connection[Any], order: Order, corrected: int, at: datetime) -> None:
    """Ends the order that this one corrects; its texts leave the screens as the new ones come."""
    standing = store.order(connection, corrected, lock=True)
    if standing.state is not OrderState.ISSUED:
        return
    store.mark_over(connection, corrected, OrderState.ENDED, at=at, by=CENTRE, reason="corrected")
    delivery_store.stop_calls(connection, corrected, "corrected")
    delivery_store.take_off(connection, corrected, at, "corrected")
    store.add_event(connection, corrected, "corrected", at=at, actor=CENTRE, detail={"by": order.id})


def _tell_commanders(
    connection: Connection[Any], order: Order, actor: Actor, reason: str, at: datetime, settings: Settings
) -> None:
    words = translator("alerts", settings.language)
    persons = store.commanders(connection, order.area)
    if not persons:
        store.add_event(connection, order.id, "no_commander_to_tell", at=at, actor=CENTRE)
        return
    told = create_notice(
        connection,
        recipients=by_sms(persons),
        severity=order.severity,
        title=words("emergency.title", number=order.number),
        text=words(
            "emergency.text", number=order.number, title=order.title, actor=actor.name, reason=reason,
            minutes=settings.dispatch.countersign_s // 60,
        ),
        area=order.area,
        exercise=order.exercise,
        at=at,
        zone=settings.time_zone,
    )  # fmt: skip
    store.add_event(
        connection,
        order.id,
        "commanders_told",
        at=at,
        actor=CENTRE,
        detail={"notice": told, "persons": persons},
    )


_EVENT = {"check": "checked", "issue": "issued", "emergency": "emergency", "countersign": "countersigned"}


def _record(
    connection: Connection[Any], order: Order, step: str, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    store.add_event(connection, order.id, _EVENT[step], at=at, actor=actor.name, detail=detail)
    audit.append(
        connection,
        actor=actor.name,
        action=f"order.{step}",
        subject=f"order/{order.id}",
        detail={"number": order.number, "content_hash": order.content_hash, "role": actor.role, **detail},
    )
