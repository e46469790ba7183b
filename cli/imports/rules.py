"""Import of rules (规则): each row that differs from what stands is a new version."""

from __future__ import annotations

import json
from typing import Any

from alerts.limits.rule_changes import write
from alerts.limits.rules import faults_of, merged_terms, rule_relaxations
from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of
from cli.imports.table import Column, Row
from cli.imports.thresholds import second_fault
from core.alarms import AlarmClass
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS, Rule
from core.severity import Severity
from store import rule_versions

_CHINESE = {"cause": "成因", "consequence": "后果", "action": "处置", "within": "时限"}

COLUMNS = (
    Column("code", ("编码", "规则编码"), True),
    Column("class", ("类别",), True),
    Column("kind", ("种类",), True),
    Column("property", ("要素",)),
    Column("kinds", ("站类",)),
    Column("priority", ("等级",)),
    Column("terms", ("参数",)),
    Column("requires", ("前提",)),
    *(
        Column(f"{part}_{language}", (f"{_CHINESE[part]}{'' if language == 'zh' else '英文'}",), True)
        for language in CARD_LANGUAGES
        for part in CARD_PARTS
    ),
    Column("source", ("来源", "依据"), True),
    Column("active", ("启用",)),
)
_LONGEST_JSON = 10_000


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Rule]:
    """Rules of kinds that are evaluated, beside those that stand."""
    standing = {one.code: one for one in rule_versions.newest(situation.connection)}
    cells_by_row = cells_of(rows, faults)
    found = [_rule(cells, standing) for cells in cells_by_row]
    after = list({**standing, **{one.code: one for one in found}}.values())
    for cells, rule in zip(cells_by_row, found, strict=True):
        old = standing.get(rule.code)
        beside = [*(one for one in after if one.code != rule.code), *([old] if old else [])]
        for fault in faults_of(rule, beside):
            cells.fault(_column(fault.where), "{where}: {message}", where=fault.where, message=fault.message)
        relaxed = rule_relaxations(old, rule)
        if relaxed and situation.second is None:
            cells.fault(
                "code", "this changes what the rule {code} hears ({how}): it needs a second person, --second USER",
                code=rule.code, how=", ".join(cells.faults.translate(one.value) for one in relaxed),
            )  # fmt: skip
        elif relaxed and situation.second is not None:
            fault_of_second = second_fault(situation.connection, situation.second, situation.actor)
            if fault_of_second:
                cells.fault("code", fault_of_second, name=situation.second)
    note_duplicates(
        ((cells.row.number, (rule.code,)) for cells, rule in zip(cells_by_row, found, strict=True)),
        "code",
        faults,
    )
    return found


def _rule(cells: Cells, standing: dict[str, Rule]) -> Rule:
    code = cells.code("code")
    kind = cells.text("kind")
    like = standing.get(code) or next((one for one in standing.values() if one.kind == kind), None)
    terms = _object(cells, "terms") or {}
    priority = cells.optional("priority")
    if priority is not None and priority not in list(Severity):
        cells.fault("priority", "{value!r} is none of {options}", value=priority, options=", ".join(Severity))
        priority = None
    return Rule(
        code=code,
        alarm_class=AlarmClass(cells.choice("class", [one.value for one in AlarmClass])),
        kind=kind,
        property=cells.optional("property"),
        kinds=tuple(dict.fromkeys(cells.raw("kinds").replace(";", " ").replace(",", " ").split())),
        priority=Severity(priority) if priority else None,
        terms=merged_terms(terms, like.terms if like else {}),
        requires=_object(cells, "requires"),
        card={
            language: {part: cells.raw(f"{part}_{language}") for part in CARD_PARTS}
            for language in CARD_LANGUAGES
        },
        source=cells.text("source"),
        active=cells.yes("active", default=True),
    )


def _object(cells: Cells, column: str) -> dict[str, Any] | None:
    """A JSON object in a cell; None if it is empty."""
    text = cells.raw(column)
    if not text:
        return None
    try:
        value = json.loads(text[:_LONGEST_JSON])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        cells.fault(column, "is no JSON object; write it as in docs/thresholds.md")
        return {}
    return value


def _column(where: str) -> str:
    """The column that a fault of a rule belongs to."""
    if where.startswith("card."):
        _, language, *part = where.split(".")
        return f"{part[0] if part else CARD_PARTS[0]}_{language}"
    return where.split(".")[0].split("[")[0]


def save(entries: list[Rule], situation: Situation) -> int:
    """Writes new versions; what stands just so stays."""
    standing = {one.code: one for one in rule_versions.newest(situation.connection)}
    return sum(
        write(
            situation.connection,
            entry,
            situation.actor,
            "import",
            second=situation.second if rule_relaxations(standing.get(entry.code), entry) else None,
        )
        is not None
        for entry in entries
    )


RULES = Kind(COLUMNS, read, save)
