"""Changes of what hides what (`inhibition`): what may be, what hides more than before, and the writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from psycopg import Connection

from core.alarms import AlarmClass
from core.inhibition import Inhibition
from core.rule_versions import Rule
from store import audit, inhibitions

LONGEST_RELEASE_S = 43_200
"""Nothing hides longer than 12 hours after it is over."""


def may_be_hidden(rule: Rule) -> bool:
    """Only equipment is, and never 失联: new danger is never hidden by other danger."""
    return rule.alarm_class is AlarmClass.EQUIPMENT and rule.kind != "isolation"


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
    audit.append(connection, actor=by, action="inhibition.set", subject=_subject(new), detail=detail)
    return True


def remove(connection: Connection[Any], old: Inhibition, by: str) -> bool:
    """Takes a row away with its line in the audit; False if there is none. What it hid calls at the next look."""
    if not inhibitions.remove(connection, old.source, old.target):
        return False
    audit.append(
        connection, actor=by, action="inhibition.remove", subject=_subject(old), detail={"reason": old.reason}
    )
    return True


def _subject(row: Inhibition) -> str:
    return f"inhibition/{row.source}/{row.target}"


def _reached(below: Mapping[str, set[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = below.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found
