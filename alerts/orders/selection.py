"""Whom an order goes to: chosen by area, post and kind, resolved to persons and devices."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, LiteralString

from psycopg import Connection

from core.errors import NotFoundError
from core.orders import Channel, Recipient
from store.connection import rows


@dataclass(frozen=True, slots=True)
class Selection:
    """`areas` include everything below them; no `posts` means all posts.

    `persons` and `devices` are named one by one beside what the areas give.
    """

    areas: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    sms: bool = True
    led: bool = False
    loudspeakers: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the order's row keeps it."""
        return asdict(self)

    @staticmethod
    def of_json(kept: dict[str, Any]) -> Selection:
        """From what the order's row keeps."""
        lists = {name: tuple(kept.get(name, ())) for name in ("areas", "posts", "persons", "devices")}
        return Selection(
            **lists, sms=kept.get("sms", True), led=kept.get("led", False),
            loudspeakers=kept.get("loudspeakers", False),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChosenPerson:
    """`has_drill_phone` is whether an exercise can reach the person at all."""

    code: str
    name: str
    post: str
    area: str
    area_name: str
    has_drill_phone: bool


@dataclass(frozen=True, slots=True)
class ChosenDevice:
    """`online` is None if the device never said anything."""

    code: str
    kind: str
    name: str
    name_en: str
    area: str
    area_name: str
    columns: int
    rows: int
    online: bool | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a selection comes to now."""

    persons: tuple[ChosenPerson, ...]
    screens: tuple[ChosenDevice, ...]
    loudspeakers: tuple[ChosenDevice, ...]

    @property
    def areas(self) -> list[str]:
        """Areas of everybody and everything chosen."""
        persons = {one.area for one in self.persons}
        return sorted(persons | {one.area for one in (*self.screens, *self.loudspeakers)})

    def recipients(self) -> list[Recipient]:
        """One per person and device."""
        return sorted(
            [Recipient("person", one.code, Channel.SMS) for one in self.persons]
            + [Recipient("device", one.code, Channel.LED) for one in self.screens]
            + [Recipient("device", one.code, Channel.LOUDSPEAKER) for one in self.loudspeakers]
        )


# Of persons with the same number the first is called: several posts, one call.
_PERSONS: LiteralString = """
select distinct on (person.phone) person.code, person.name, person.post, person.area,
       area.name as area_name, person.drill_phone is not null as has_drill_phone
from person join area on area.code = person.area
where person.active and (
    person.code = any(%(persons)s)
    or (%(sms)s and exists (
        select 1 from (
            select person.area as area, person.post as post
            union all
            select responsibility.area, responsibility.post from responsibility
            where responsibility.person = person.code
        ) as held, unnest(%(areas)s::text[]) as asked
        where area_within(held.area, asked)
          and (cardinality(%(posts)s::text[]) = 0 or held.post = any(%(posts)s))
    )))
order by person.phone, person.code
"""

_DEVICES: LiteralString = """
select device.code, device.kind, device.name, device.name_en, device.area, area.name as area_name,
       device.columns, device.rows, device_state.online
from device
join area on area.code = device.area
left join device_state on device_state.device = device.code
    and device_state.exercise is not distinct from %(exercise)s::text
where device.active and (
    device.code = any(%(devices)s)
    or (((device.kind = 'led' and %(led)s) or (device.kind = 'loudspeaker' and %(loudspeakers)s))
        and exists (select 1 from unnest(%(areas)s::text[]) as asked where area_within(device.area, asked))))
order by device.code
"""


def resolve(connection: Connection[Any], selection: Selection, exercise: str | None) -> Chosen:
    """The persons and devices of a selection. Raises NotFoundError for a name that does not exist."""
    values = {
        "areas": list(selection.areas), "posts": list(selection.posts), "persons": list(selection.persons),
        "devices": list(selection.devices), "sms": selection.sms, "led": selection.led,
        "loudspeakers": selection.loudspeakers, "exercise": exercise,
    }  # fmt: skip
    _require_known(connection, selection)
    persons = rows(connection, ChosenPerson, _PERSONS, values)
    devices = rows(connection, ChosenDevice, _DEVICES, values)
    return Chosen(
        tuple(sorted(persons, key=lambda one: one.code)),
        tuple(one for one in devices if one.kind == "led"),
        tuple(one for one in devices if one.kind == "loudspeaker"),
    )


def _require_known(connection: Connection[Any], selection: Selection) -> None:
    for what, query, names in (
        ("area", "select code from area where code = any(%s)", selection.areas),
        ("person", "select code from person where active and code = any(%s)", selection.persons),
        ("device", "select code from device where active and code = any(%s)", selection.devices),
    ):
        known = {row[0] for row in connection.execute(query, (list(names),))} if names else set()
        missing = sorted(set(names) - known)
        if missing:
            raise NotFoundError(f"there is no {what} {missing[0]!r} (or it is not in use)")
