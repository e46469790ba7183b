"""Rules: what they are, their versions, their alarm cards, and their changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from alerts.backtest.kinds import Untested, untested
from alerts.limits.acts import change_rule
from alerts.limits.rule_changes import look_at_rule
from alerts.limits.rules import RuleRelaxation
from app.api.asking import Who, actor, problems
from app.auth.identity import SignedIn
from core.alarms import AlarmClass
from core.errors import ForbiddenError
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS, Rule
from core.severity import Severity
from store import rule_versions as store

if TYPE_CHECKING:
    from app.context import AppContext


class RuleOut(BaseModel):
    """One version of a rule; `active`: it is in force."""

    code: str
    alarm_class: AlarmClass = Field(serialization_alias="class")
    kind: str
    property: str | None
    kinds: list[str] = Field(description="kinds of stations")
    priority: Severity | None = Field(
        description="how people are called for what has no colour; null: listed only"
    )
    terms: dict[str, Any] = Field(description="parameters of its kind")
    requires: dict[str, Any] | None = Field(description="other alarms that must hold too")
    card: dict[str, Any] = Field(description="per language: cause, consequence, action, within")
    source: str
    active: bool
    untested: Untested | None = Field(
        description="why it has no back-test: unkept, judged, unbuilt; null: it has one while it is in force"
    )
    version: int
    set_at: datetime | None
    set_by: str
    reason: str
    second_person: str | None


class CardIn(BaseModel):
    """The alarm card (处置卡) in one language."""

    cause: str = Field(max_length=1000)
    consequence: str = Field(max_length=1000)
    action: str = Field(max_length=1000)
    within: str = Field(max_length=1000)


class RuleIn(BaseModel):
    """What of a rule is changed; what is left out stays."""

    kinds: list[str] | None = Field(None, max_length=20)
    priority: Severity | None = None
    terms: dict[str, Any] | None = None
    requires: dict[str, Any] | None = None
    card: dict[str, CardIn] | None = None
    source: str | None = Field(None, min_length=1, max_length=1000)
    active: bool | None = None
    reason: str = Field(min_length=1, max_length=300)
    seen: int = Field(description="the version that you saw")

    def applied(self, old: Rule) -> Rule:
        """The rule as it would be."""
        given = self.model_fields_set
        card = old.card if self.card is None else {**old.card, **{
            language: part.model_dump() for language, part in self.card.items()
        }}  # fmt: skip
        return Rule(
            code=old.code, alarm_class=old.alarm_class, kind=old.kind, property=old.property,
            kinds=old.kinds if self.kinds is None else tuple(dict.fromkeys(self.kinds)),
            priority=self.priority if "priority" in given else old.priority,
            terms=old.terms if self.terms is None else self.terms,
            requires=self.requires if "requires" in given else old.requires,
            card=card,
            source=old.source if self.source is None else self.source,
            active=old.active if self.active is None else self.active,
        )  # fmt: skip


class FaultOut(BaseModel):
    """What is wrong, and where."""

    where: str
    message: str


class LookedOut(BaseModel):
    """What a change of a rule would do."""

    faults: list[FaultOut]
    relaxes: list[RuleRelaxation] = Field(description="not empty: a second person must allow it")


class RuleChanged(BaseModel):
    """`version` of what is in force now, or the `request` that waits for a second person."""

    done: bool
    version: int | None = None
    request: int | None = None


def change_by_person(who: SignedIn) -> None:
    """Raises ForbiddenError for a wall screen or token: nobody stands behind it."""
    if who.kiosk:
        raise ForbiddenError("rules are changed by a person: a token or wall screen cannot")


def rule_routes(context: AppContext) -> APIRouter:
    """GET rules, rules/{code}; POST rules/{code}, rules/{code}/preview."""
    router = APIRouter(tags=["rules"])

    @router.get("/rules", responses=problems())
    def rules(who: Who) -> list[RuleOut]:
        """The newest version of every rule, in force or not."""
        with context.transaction() as connection:
            return [_out(one) for one in store.newest(connection)]

    @router.get("/rules/{code}", responses=problems(404))
    def rule(who: Who, code: str) -> list[RuleOut]:
        """All versions of one rule, newest first: what, who, when, why."""
        with context.transaction() as connection:
            return [_out(one) for one in store.versions(connection, code)]

    @router.post("/rules/{code}/preview", responses=problems(403, 404, 422))
    def preview(who: Who, code: str, asked: RuleIn) -> LookedOut:
        """What is wrong with a change, and what it relaxes. Writes nothing."""
        with context.transaction() as connection:
            old = store.versions(connection, code)[0]
            found = look_at_rule(connection, asked.applied(old), actor(who))
        return LookedOut(
            faults=[FaultOut(where=one.where, message=one.message) for one in found.faults],
            relaxes=list(found.relaxes),
        )

    @router.post("/rules/{code}", responses=problems(403, 404, 409, 422))
    def change(who: Who, code: str, asked: RuleIn) -> RuleChanged:
        """A new version of a rule: at once for its card and source, as a request for what it hears."""
        change_by_person(who)
        with context.transaction() as connection:
            old = store.versions(connection, code)[0]
            version, request = change_rule(
                connection, asked.applied(old), asked.reason, actor(who), seen=asked.seen, at=context.clock()
            )
        return RuleChanged(done=request is None, version=version, request=request)

    return router


def _out(rule: Rule) -> RuleOut:
    card = {
        language: {part: rule.card.get(language, {}).get(part, "") for part in CARD_PARTS}
        for language in CARD_LANGUAGES
    }
    return RuleOut(
        code=rule.code, alarm_class=rule.alarm_class, kind=rule.kind, property=rule.property,
        kinds=list(rule.kinds), priority=rule.priority, terms=rule.terms, requires=rule.requires, card=card,
        source=rule.source, active=rule.active, untested=untested(rule.kind), version=rule.version, set_at=rule.set_at, set_by=rule.set_by,
        reason=rule.reason, second_person=rule.second_person,
    )  # fmt: skip
