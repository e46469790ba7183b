"""Changes of what hides what (`inhibition`): what may be, what hides more than before, and the writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection, errors

from core.alarms import AlarmClass
from core.errors import ConflictError, InputError
from core.inhibition import Equal, Inhibition
from core.requests import Affected, Proposal, Request
from core.rule_versions import Rule
from store import audit, inhibitions, rule_versions
from store.open_alarms import open_of_rule

PREFIX = "inhibition/"
LONGEST_RELEASE_S = 43_200
"""Nothing hides longer than 12 hours after it is over."""


def may_be_hidden(rule: Rule) -> bool:
    """Only equipment is, and never 失联: new danger is never hidden by other danger."""
    return rule.alarm_class is AlarmClass.EQUIPMENT and rule.kind != "isolation"


def calls_less(source: Rule, target: Rule) -> bool:
    """True if equipment that calls nobody, or more quietly than the target, would hide it: nobody would be called.

    A source with colours is judged by none of it: its alarm calls by its colour.
    """
    if source.alarm_class is not AlarmClass.EQUIPMENT or target.priority is None:
        return False
    return source.priority is None or source.priority.rank < target.priority.rank


def on_circles(rows: Collection[Inhibition]) -> set[tuple[str, str]]:
    """Source and target of the rows by which rules would hide each other, however far around."""
    below: Mapping[str, set[str]] = defaultdict(set)
    for row in rows:
        below[row.source].add(row.target)
    return {(row.source, row.target) for row in rows if row.source in _reached(below, row.target)}


def hides_more(old: Inhibition | None, new: Inhibition) -> bool:
    """True if alarms would be hidden that are not, or for longer: a second person must stand for it."""
    return old is None or new.equal is not old.equal or new.release_after_s > old.release_after_s


def write(connection: Connection[Any], new: Inhibition, by: str, *, second: str | None = None) -> bool:
    """Sets a row with its line in the audit; False if it stands just so.

    Raises psycopg.errors.CheckViolation for what may never be hidden.
    """
    if not inhibitions.save(connection, new, by):
        return False
    detail = {
        "equal": new.equal.value, "release_after_s": new.release_after_s, "reason": new.reason, "second": second,
    }  # fmt: skip
    audit.append(connection, actor=by, action="inhibition.set", subject=subject_of(new), detail=detail)
    return True


def remove(connection: Connection[Any], old: Inhibition, by: str) -> bool:
    """Takes a row away with its line in the audit; False if there is none. What it hid calls at the next look."""
    if not inhibitions.remove(connection, old.source, old.target):
        return False
    audit.append(
        connection,
        actor=by,
        action="inhibition.remove",
        subject=subject_of(old),
        detail={"reason": old.reason},
    )
    return True


def standing(connection: Connection[Any], source: str, target: str) -> Inhibition | None:
    """The row as it stands."""
    return next(
        (one for one in inhibitions.inhibitions(connection) if (one.source, one.target) == (source, target)),
        None,
    )


def refuse(connection: Connection[Any], new: Inhibition) -> None:
    """Raises InputError for what may never be hidden, in words for a form."""
    known = {one.code: one for one in rule_versions.newest(connection)}
    for code in (new.source, new.target):
        if code not in known:
            raise InputError("unknown_rule", f"there is no rule {code!r}")
    if not may_be_hidden(known[new.target]):
        raise InputError(
            "never_hidden", f"alarms of {new.target} are never hidden: only equipment is, and never 失联"
        )
    if calls_less(known[new.source], known[new.target]):
        raise InputError(
            "quiet_hides_loud",
            f"{new.source} calls less urgently than {new.target}: hidden, nobody would hear of it",
        )
    if not 0 <= new.release_after_s <= LONGEST_RELEASE_S:
        raise InputError("bad_release", "it may hide for 12 hours after it is over at most")
    after = {(one.source, one.target): one for one in inhibitions.inhibitions(connection)}
    after[new.source, new.target] = new
    if (new.source, new.target) in on_circles(after.values()):
        raise InputError("circle", f"{new.source} and {new.target} would hide each other")


def proposal_detail(old: Inhibition | None, new: Inhibition) -> dict[str, Any]:
    """What a request keeps: the row that was seen, and the one that takes its place."""
    return {"replaces": asdict(old) if old else None, "new": asdict(new)}


def check_inhibition(connection: Connection[Any], proposal: Proposal, _at: datetime) -> Affected:
    """It stands as it did when this was proposed, and hides more. Raises ConflictError, InputError."""
    old, new = _both(connection, proposal.subject, proposal.detail)
    refuse(connection, new)
    if not hides_more(old, new):
        raise ConflictError("this hides no more than before: it needs no second person")
    return Affected(
        None,
        alarms=open_of_rule(connection, new.target),
        facts={"rule": new.target, "hidden": asdict(new)},
    )


def inhibition_for_two(connection: Connection[Any], request: Request, _at: datetime) -> None:
    """Writes what one person proposed and another one has allowed."""
    _, new = _both(connection, request.subject, request.detail)
    try:
        write(connection, new, request.proposed_by, second=request.decided_by)
    except errors.CheckViolation as error:
        raise ConflictError("these would hide each other by now, or what is never hidden") from error


def subject_of(row: Inhibition) -> str:
    """How requests and the audit name it: inhibition/SOURCE/TARGET."""
    return f"{PREFIX}{row.source}/{row.target}"


def _both(
    connection: Connection[Any], subject: str, detail: dict[str, Any]
) -> tuple[Inhibition | None, Inhibition]:
    try:
        new = Inhibition(**detail["new"] | {"equal": Equal(detail["new"]["equal"])})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("bad_detail", "what hides what is proposed under /api/v1/inhibitions") from error
    old = standing(connection, new.source, new.target)
    if subject != subject_of(new):
        raise InputError("bad_subject", f"the subject must be {subject_of(new)}")
    if (asdict(old) if old else None) != detail.get("replaces"):
        raise ConflictError("this was changed meanwhile: look at it again and propose anew")
    return old, new


def _reached(below: Mapping[str, set[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = below.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found
