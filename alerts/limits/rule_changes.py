"""A person changes a rule: a new version, at once for texts, with a second person for what it hears."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.limits.rules import Fault, RuleRelaxation, faults_of, rule_relaxations
from alerts.orders.actors import Actor
from core.alarms import AlarmClass
from core.errors import ChangedError, ConflictError, ForbiddenError, InputError
from core.requests import Affected, Proposal, Request
from core.roles import Act, allows
from core.rule_versions import Rule
from core.severity import Severity
from store import audit
from store import rule_versions as store
from store.open_alarms import open_of_rule

PREFIX = "rule/"


@dataclass(frozen=True, slots=True)
class LookedRule:
    """What a change of a rule would do."""

    old: Rule | None
    faults: tuple[Fault, ...]
    relaxes: tuple[RuleRelaxation, ...]


def look_at_rule(connection: Connection[Any], new: Rule, by: Actor) -> LookedRule:
    """Checks a new version; writes nothing. Raises ForbiddenError: rules hold for the whole county."""
    require_rules(by)
    standing = store.newest(connection)
    old = next((one for one in standing if one.code == new.code), None)
    return LookedRule(old, tuple(faults_of(new, standing)), rule_relaxations(old, new))


def require_rules(by: Actor) -> None:
    """Raises ForbiddenError: rules hold for the whole county."""
    if not allows(by.role, Act.SET_LIMIT):
        raise ForbiddenError(f"the role {by.role} may not change rules; a leader or an administrator may")
    if by.area is not None:
        raise ForbiddenError(f"rules hold for the whole county, not for your area ({by.area}) alone")


def proposal_detail(old: Rule, new: Rule) -> dict[str, Any]:
    """What a request keeps of a change of a rule."""
    return {"replaces": old.version, "new": plain(new)}


def check_rule(connection: Connection[Any], proposal: Proposal, _at: datetime) -> Affected:
    """The rule stands as it did when this was proposed. Raises ConflictError where it was changed meanwhile."""
    old, new = _both(connection, proposal.subject, proposal.detail)
    relaxed = rule_relaxations(old, new)
    if not relaxed:
        raise ConflictError("this change relaxes nothing: it needs no second person")
    return Affected(
        None,
        alarms=open_of_rule(connection, new.code),
        facts={
            "rule": new.code,
            "old": _shown(old),
            "new": _shown(new),
            "relaxes": [one.value for one in relaxed],
        },
    )


def rule_for_two(connection: Connection[Any], request: Request, _at: datetime) -> None:
    """Writes the version that one person proposed and another one has allowed."""
    _, new = _both(connection, request.subject, request.detail)
    write(connection, new, request.proposed_by, request.reason, second=request.decided_by)


def write(
    connection: Connection[Any], new: Rule, by: str, reason: str, *, second: str | None = None
) -> int | None:
    """Writes a version with its line in the audit; None if nothing would change."""
    version = store.save_version(connection, new, by, reason, second)
    if version is not None:
        audit.append(
            connection, actor=by, action="rule.set", subject=f"{PREFIX}{new.code}",
            detail={"version": version, "reason": reason, "second": second, "active": new.active},
        )  # fmt: skip
    return version


def refuse_faults(faults: tuple[Fault, ...]) -> None:
    """Raises InputError that names everything which is wrong."""
    if faults:
        said = "; ".join(f"{one.where}: {one.message}" for one in faults[:20])
        raise InputError("bad_rule", f"this cannot be a rule: {said}")


def refuse_stale(old: Rule | None, seen: int | None) -> None:
    """Raises ChangedError if the rule is not in the version that the person saw."""
    if (old.version if old else None) != seen:
        present = [{"version": old.version, "set_by": old.set_by}] if old else []
        raise ChangedError("this rule was changed meanwhile: look at it again", present)


def plain(rule: Rule) -> dict[str, Any]:
    """What a rule says, as plain JSON."""
    said = asdict(rule)
    for name in ("version", "set_at", "set_by", "reason", "second_person"):
        del said[name]
    return said | {"kinds": list(rule.kinds)}


def of_plain(kept: dict[str, Any]) -> Rule:
    """The reverse of `plain`."""
    return Rule(
        **{
            **kept,
            "alarm_class": AlarmClass(kept["alarm_class"]),
            "kinds": tuple(kept["kinds"]),
            "priority": Severity(kept["priority"]) if kept["priority"] else None,
        }
    )


def _shown(rule: Rule) -> dict[str, Any]:
    """Without the card: that silences nothing."""
    return {name: value for name, value in plain(replace(rule, card={})).items() if name != "card"}


def _both(connection: Connection[Any], subject: str, detail: dict[str, Any]) -> tuple[Rule, Rule]:
    if not isinstance(detail.get("new"), dict):
        raise InputError("bad_detail", "a changed rule is proposed under /api/v1/rules")
    old = store.versions(connection, subject.removeprefix(PREFIX))[0]
    if old.version != detail.get("replaces"):
        raise ConflictError("this rule was changed meanwhile: look at it again and propose anew")
    return old, of_plain(detail["new"])
