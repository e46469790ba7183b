"""Import of what hides what (抑制): while an alarm of one rule stands, those of another are not called for."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.limits.inhibition_changes import (
    LONGEST_RELEASE_S,
    calls_less,
    hides_more,
    may_be_hidden,
    on_circles,
    remove,
    write,
)
from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of
from cli.imports.table import Column, Row
from cli.imports.thresholds import second_fault
from core.inhibition import Equal, Inhibition
from core.rule_versions import Rule
from store import inhibitions, rule_versions

COLUMNS = (
    Column("source", ("抑制规则",), True),
    Column("target", ("被抑制规则",), True),
    Column("equal", ("相同项",), True),
    Column("release_after_s", ("延续秒数",)),
    Column("reason", ("原因",), True),
    Column("active", ("启用",)),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list; one that is not active is taken away."""

    row: Inhibition
    active: bool


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Entry]:
    """Pairs of different rules of which the second may be hidden; nothing hides itself, however far around."""
    known = {one.code: one for one in rule_versions.newest(situation.connection)}
    standing = {(one.source, one.target): one for one in inhibitions.inhibitions(situation.connection)}
    listed = cells_of(rows, faults)
    found = [_entry(cells, known) for cells in listed]
    after = standing | {_pair(one): one.row for one in found}
    for one in found:
        if not one.active:
            after.pop(_pair(one), None)  # the same pair twice is told below
    circles = on_circles(after.values())
    for cells, one in zip(listed, found, strict=True):
        if one.active and _pair(one) in circles:
            cells.fault(
                "target", "{source} and {target} would hide each other; take one of the two out",
                source=one.row.source, target=one.row.target,
            )  # fmt: skip
        if one.active and hides_more(standing.get(_pair(one)), one.row):
            _need_second(cells, one.row, situation)
    note_duplicates(
        ((cells.row.number, _pair(one)) for cells, one in zip(listed, found, strict=True)), "target", faults
    )
    return found


def _entry(cells: Cells, known: dict[str, Rule]) -> Entry:
    source, target = cells.code("source"), cells.code("target")
    for column, code in (("source", source), ("target", target)):
        cells.known(column, code, known, "rule")
    if target in known and not may_be_hidden(known[target]):
        cells.fault(
            "target", "alarms of {target} are never hidden: only equipment is, and never 失联", target=target
        )
    active = cells.yes("active", default=True)
    if active and source in known and target in known and calls_less(known[source], known[target]):
        cells.fault(
            "target", "{source} calls less urgently than {target}: hidden, nobody would hear of it",
            source=source, target=target,
        )  # fmt: skip
    row = Inhibition(
        source,
        target,
        Equal(cells.choice("equal", [one.value for one in Equal])),
        cells.count("release_after_s", 0, LONGEST_RELEASE_S, 0),
        cells.text("reason"),
    )
    return Entry(row, active)


def _need_second(cells: Cells, row: Inhibition, situation: Situation) -> None:
    if situation.second is None:
        cells.fault(
            "target", "this hides alarms of {target} that call today: it needs a second person, --second USER",
            target=row.target,
        )  # fmt: skip
    elif fault := second_fault(situation.connection, situation.second, situation.actor):
        cells.fault("target", fault, name=situation.second)


def _pair(entry: Entry) -> tuple[str, str]:
    return entry.row.source, entry.row.target


def save(entries: list[Entry], situation: Situation) -> int:
    """Takes away first, so that a row turned around is no circle; returns how many rows changed."""
    standing = {(one.source, one.target): one for one in inhibitions.inhibitions(situation.connection)}
    gone = sum(remove(situation.connection, one.row, situation.actor) for one in entries if not one.active)
    return gone + sum(
        write(
            situation.connection,
            one.row,
            situation.actor,
            second=situation.second if hides_more(standing.get(_pair(one)), one.row) else None,
        )
        for one in entries
        if one.active
    )


INHIBITIONS = Kind(COLUMNS, read, save)
