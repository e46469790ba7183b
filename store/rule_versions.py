"""The versions of rules: what stands, what stood, who changed it and why."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.alarms import AlarmClass
from core.errors import NotFoundError
from core.rule_versions import Rule
from core.severity import Severity

_SELECT: LiteralString = """
select code, version, class as alarm_class, kind, property, kinds, priority, terms, requires, card, source, active,
       set_at, set_by, reason, second_person
from rule
"""

_NEWEST: LiteralString = """
 where (code, version) in (select code, max(version) from rule group by code) order by class, code
"""

_INSERT = """
insert into rule (code, version, class, kind, property, kinds, priority, terms, requires, card, source, active,
                  set_by, reason, second_person)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def newest(connection: Connection[Any]) -> list[Rule]:
    """The newest version of each rule, active or not."""
    return _rules(connection, _NEWEST, None)


def versions(connection: Connection[Any], code: str) -> list[Rule]:
    """All versions of a rule, newest first. Raises NotFoundError."""
    found = _rules(connection, " where code = %s order by version desc", (code,))
    if not found:
        raise NotFoundError(f"there is no rule {code!r}")
    return found


def save_version(
    connection: Connection[Any], rule: Rule, by: str, reason: str, second_person: str | None = None
) -> int | None:
    """Writes a rule as its next version, which alone is in force; None if nothing would change.

    Versions queue on the rule: two at once get two numbers. Older ones stay as history.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.rule.' || %s))", (rule.code,))
    known = _rules(connection, " where code = %s order by version desc limit 1", (rule.code,))
    if known and same(known[0], rule):
        return None
    version = known[0].version + 1 if known else 1
    connection.execute("update rule set active = false where code = %s and active", (rule.code,))
    connection.execute(
        _INSERT,
        (
            rule.code, version, rule.alarm_class, rule.kind, rule.property, list(rule.kinds), rule.priority,
            Jsonb(rule.terms), None if rule.requires is None else Jsonb(rule.requires), Jsonb(rule.card),
            rule.source, rule.active, by, reason, second_person,
        ),
    )  # fmt: skip
    return version


def same(one: Rule, other: Rule) -> bool:
    """True if both say the same, whatever their versions."""
    return _said(one) == _said(other)


def _said(rule: Rule) -> tuple[Any, ...]:
    return (
        rule.alarm_class, rule.kind, rule.property, sorted(rule.kinds), rule.priority, rule.terms, rule.requires,
        rule.card, rule.source, rule.active,
    )  # fmt: skip


def _rules(connection: Connection[Any], where: LiteralString, values: Any) -> list[Rule]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SELECT + where, values).fetchall()
    return [
        Rule(
            **{
                **row,
                "alarm_class": AlarmClass(row["alarm_class"]),
                "kinds": tuple(row["kinds"]),
                "priority": Severity(row["priority"]) if row["priority"] else None,
            }
        )
        for row in found
    ]
