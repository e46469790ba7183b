"""Import of responsible persons and of what they answer for."""

from __future__ import annotations

from dataclasses import dataclass

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.people import Person, Responsibility
from store import areas, people

COLUMNS = (
    Column("code", ("编码", "编号"), True),
    Column("name", ("姓名",), True),
    Column("phone", ("电话", "手机"), True),
    Column("phone2", ("备用电话", "第二电话")),
    Column("drill_phone", ("演练电话",)),
    Column("area", ("区划",), True),
    Column("post", ("职务", "岗位"), True),
    Column("superior", ("上级", "上级编码")),
    Column("active", ("在岗",)),
    Column("responsibilities", ("责任",)),
)


@dataclass(frozen=True, slots=True)
class _Listed:
    person: Person
    responsibilities: list[Responsibility]


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[_Listed]:
    """Persons; a drill phone that is anybody's real phone is refused."""
    standing = {entry.code: entry for entry in people.persons(situation.connection)}
    origins = {code: entry.origin for code, entry in standing.items()}
    codes = set(standing) | {row.cells["code"] for row in rows}
    area_codes = areas.area_codes(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        person = _person(cells, situation)
        cells.known("area", person.area, area_codes, "area")
        cells.known("superior", person.superior or "", codes, "person")
        refuse_foreign(cells, person.code, origins, situation.origin)
        found.append(_Listed(person, _responsibilities(cells, person.code, area_codes)))
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    after = standing | {entry.person.code: entry.person for entry in found}
    _note_real_drill_phones(rows, found, after, faults)
    _note_circles(rows, after, faults)
    return found


def _person(cells: Cells, situation: Situation) -> Person:
    phone = cells.phone("phone")
    if not phone:
        cells.fault("phone", "is empty; fill it in")
    return Person(
        code=cells.code("code"),
        name=cells.text("name"),
        phone=phone,
        area=cells.text("area"),
        post=cells.text("post"),
        superior=cells.optional("superior"),
        drill_phone=cells.phone("drill_phone") or None,
        active=cells.yes("active", True),
        origin=situation.origin,
        phone2=_second(cells, phone),
    )


def _second(cells: Cells, phone: str) -> str | None:
    second = cells.phone("phone2") or None
    if second is not None and second == phone:
        cells.fault("phone2", "is the first number again; leave it empty")
    return second


def _responsibilities(cells: Cells, code: str, area_codes: set[str]) -> list[Responsibility]:
    """`AREA:POST:TURN` parted by semicolons, as in `330299001:防汛责任人:A`."""
    found = []
    for part in filter(None, (part.strip() for part in cells.raw("responsibilities").split(";"))):
        area, _, rest = part.partition(":")
        post, _, turn = rest.partition(":")
        if not post or turn not in ("", "A", "B"):
            cells.fault("responsibilities", "{value!r} is not AREA:POST:A or AREA:POST:B", value=part)
            continue
        cells.known("responsibilities", area, area_codes, "area")
        found.append(Responsibility(code, area, post, turn or "A"))
    keys = [(entry.area, entry.post) for entry in found]
    if len(set(keys)) < len(keys):
        cells.fault("responsibilities", "names the same area and post twice; keep one")
    return found


def _note_real_drill_phones(
    rows: list[Row], found: list[_Listed], after: dict[str, Person], faults: Faults
) -> None:
    real = {entry.phone2: code for code, entry in after.items() if entry.phone2}
    real |= {entry.phone: code for code, entry in after.items()}
    drill = {entry.drill_phone: code for code, entry in after.items() if entry.drill_phone}
    for row, entry in zip(rows, found, strict=True):
        person = entry.person
        if person.drill_phone in real:
            faults.add(
                row.number,
                "drill_phone",
                "is the real phone of {code}; an exercise must not reach it",
                code=real[person.drill_phone],
            )
        for column, number in (("phone", person.phone), ("phone2", person.phone2)):
            if number in drill and drill[number] != person.code:
                faults.add(
                    row.number,
                    column,
                    "is the drill phone of {code}; an exercise must not reach it",
                    code=drill[number],
                )


def _note_circles(rows: list[Row], after: dict[str, Person], faults: Faults) -> None:
    """A circle of superiors would hand a call round for ever."""
    for row in rows:
        seen, code = set(), row.cells["code"]
        while code in after and code not in seen:
            seen.add(code)
            code = after[code].superior or ""
        if code == row.cells["code"] and code in seen:
            faults.add(row.number, "superior", "leads back to {code}; a superior stands higher", code=code)


def save(entries: list[_Listed], situation: Situation) -> int:
    """Creates or replaces persons and everything that they answer for; returns how many differ."""
    before = {entry.code: entry for entry in people.persons(situation.connection)}
    held: dict[str, set[Responsibility]] = {}
    for one in people.responsibilities(situation.connection):
        held.setdefault(one.person, set()).add(one)
    changed = [
        entry
        for entry in entries
        if before.get(entry.person.code) != entry.person
        or held.get(entry.person.code, set()) != set(entry.responsibilities)
    ]
    for entry in changed:
        people.save_person(situation.connection, entry.person)
    for entry in changed:
        people.set_responsibilities(situation.connection, entry.person.code, entry.responsibilities)
    return len(changed)


PEOPLE = Kind(COLUMNS, read, save)
