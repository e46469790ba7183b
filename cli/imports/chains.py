"""Import of chains of whom to call (呼叫链)."""

from __future__ import annotations

from datetime import UTC, datetime

from alerts.callees import ALL_AT_ONCE
from alerts.duty import chain_faults, known
from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, note_faults
from cli.imports.table import Column, Row
from core.alarms import AlarmClass
from core.call_chains import NEVER_QUIET, CallChain, Member, QuietHours, member_of, quiet_hours
from core.errors import InputError
from core.orders import Channel
from core.severity import Severity
from store import call_chains

COLUMNS = (
    Column("code", ("编码",), True),
    Column("name", ("名称",), True),
    Column("area", ("区划",), True),
    Column("hazard", ("灾种", "类别")),
    Column("least", ("最低级别", "级别")),
    Column("members", ("呼叫对象", "对象"), True),
    Column("channels", ("渠道",)),
    Column("quiet", ("静默时段",)),
    Column("active", ("启用",)),
    Column("source", ("来源",), True),
)
_NEVER = ("never", "不静默")


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[CallChain]:
    """Chains; every member must name an area, post or person that exists."""
    there = known(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        hazard = cells.raw("hazard") and cells.choice("hazard", [str(one) for one in AlarmClass])
        least = cells.raw("least") and cells.choice("least", [str(one) for one in Severity])
        chain = CallChain(
            code=cells.code("code"),
            name=cells.text("name"),
            area=cells.text("area"),
            hazard=AlarmClass(hazard) if hazard else None,
            least=Severity(least) if least else None,
            members=_members(cells),
            channels=_channels(cells),
            quiet=_quiet(cells),
            active=cells.yes("active", True),
            source=cells.text("source"),
        )
        note_faults(cells, chain_faults(chain, there))
        found.append(chain)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    return found


def _members(cells: Cells) -> tuple[Member, ...]:
    members = []
    for part in filter(None, (part.strip() for part in cells.raw("members").split(";"))):
        try:
            members.append(member_of(part))
        except InputError:
            cells.fault("members", "{value!r} is no member: write duty, leader, post:NAME, post:NAME:AB, person:CODE, each with @AREA if wanted", value=part)  # fmt: skip
    return tuple(members)


def _channels(cells: Cells) -> tuple[Channel, ...] | None:
    words = [part.strip() for part in cells.raw("channels").split(";") if part.strip()]
    known = [str(one) for one in ALL_AT_ONCE]
    for word in words:
        if word not in known:
            cells.fault("channels", "{value!r} is none of {options}", value=word, options=", ".join(known))
    return tuple(one for one in ALL_AT_ONCE if one in words) if words else None


def _quiet(cells: Cells) -> QuietHours | None:
    text = cells.raw("quiet")
    if text in _NEVER:
        text = NEVER_QUIET
    try:
        return quiet_hours(text)
    except ValueError:
        cells.fault("quiet", "{value!r} are no hours; write 22:00-07:00, or never", value=text)
        return None


def save(entries: list[CallChain], situation: Situation) -> int:
    """Creates or replaces chains; returns how many are new or differ."""
    before = {one.code: one for one in call_chains.call_chains(situation.connection)}
    changed = [one for one in entries if before.get(one.code) != one]
    for one in changed:
        call_chains.save_call_chain(situation.connection, one, by=situation.actor, at=datetime.now(UTC))
    return len(changed)


CHAINS = Kind(COLUMNS, read, save)
