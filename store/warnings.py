"""Official warnings: kept as they came, read back whole. What is in force is `core.warning_chains`' to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.errors import NotFoundError
from core.severity import Severity
from core.warning_chains import Received, window
from core.warnings import Circle, MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage

_SAVE: LiteralString = """
insert into weather_warning (exercise, sender, identifier, sent, status, message_type, scope, profile, note,
    incidents, signed, trusted, ends, topic, received_at, payload)
values (%(exercise)s, %(sender)s, %(identifier)s, %(sent)s, %(status)s, %(message_type)s, %(scope)s, %(profile)s,
    %(note)s, %(incidents)s, %(signed)s, %(trusted)s, %(ends)s, %(topic)s, %(received_at)s, %(payload)b)
on conflict do nothing
returning id
"""

_SAVE_REFERENCE: LiteralString = "insert into weather_warning_reference (warning, number, identifier, sender, sent) values (%s, %s, %s, %s, %s)"

_SAVE_INFO: LiteralString = """
insert into weather_warning_info (warning, number, language, event, colour, category, response_types, urgency,
    severity, certainty, effective, onset, expires, sender_name, headline, description, instruction, web, contact,
    event_codes, parameters, areas)
values (%(warning)s, %(number)s, %(language)s, %(event)s, %(colour)s, %(category)s, %(response_types)s,
    %(urgency)s, %(severity)s, %(certainty)s, %(effective)s, %(onset)s, %(expires)s, %(sender_name)s,
    %(headline)s, %(description)s, %(instruction)s, %(web)s, %(contact)s, %(event_codes)s, %(parameters)s,
    %(areas)s)
"""

_COLUMNS: LiteralString = (
    "id, sender, identifier, sent, status, message_type, scope, profile, note, incidents, signed, trusted,"
    " received_at"
)

_BETWEEN: LiteralString = f"""
with wanted as (
    select id, exercise, sender, identifier from weather_warning
    where exercise is not distinct from %(exercise)s and (ends > %(since)s or sent > %(since)s)
      and received_at <= %(until)s
)
select {_COLUMNS} from weather_warning
where id in (
    select id from wanted
    union
    select later.id from wanted
    join weather_warning_reference reference on reference.identifier = wanted.identifier
    join weather_warning later on later.id = reference.warning
        and later.exercise is not distinct from wanted.exercise
        and coalesce(reference.sender, later.sender) = wanted.sender)
order by sent, id
"""
"""What refers to a wanted message is wanted too, however old: it may have cancelled it."""


@dataclass(frozen=True, slots=True)
class KeptWarning:
    """A message as it is kept; `received_at` is when it came."""

    received: Received
    received_at: datetime


def save(
    connection: Connection[Any],
    message: WarningMessage,
    exercise: str | None,
    *,
    trusted: bool,
    topic: str,
    received_at: datetime,
    payload: bytes,
) -> int | None:
    """Keeps a message whole, with the document it came in; None for a copy of one that is here."""
    values = {
        "exercise": exercise,
        "sender": message.sender,
        "identifier": message.identifier,
        "sent": message.sent,
        "status": message.status,
        "message_type": message.message_type,
        "scope": message.scope,
        "profile": message.profile,
        "note": message.note,
        "incidents": message.incidents,
        "signed": message.signed,
        "trusted": trusted,
        "ends": window(message)[1],
        "topic": topic,
        "received_at": received_at,
        "payload": payload,
    }
    found = connection.execute(_SAVE, values).fetchone()
    if found is None:
        return None
    id: int = found[0]
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE_REFERENCE,
            [(id, n, one.identifier, one.sender, one.sent) for n, one in enumerate(message.references)],
        )
        cursor.executemany(_SAVE_INFO, [_info_row(id, n, info) for n, info in enumerate(message.infos)])
    return id


def between(
    connection: Connection[Any], exercise: str | None, since: datetime, until: datetime
) -> list[KeptWarning]:
    """Messages that ended or were sent after `since` and came until `until`, and all that refer to them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        heads = cursor.execute(_BETWEEN, {"exercise": exercise, "since": since, "until": until}).fetchall()
    return _whole(connection, heads)


def warning(connection: Connection[Any], id: int) -> tuple[KeptWarning, str | None, bytes]:
    """One message with its exercise and the document it came in. Raises NotFoundError."""
    query: LiteralString = f"select {_COLUMNS}, exercise, payload from weather_warning where id = %s"
    with connection.cursor(row_factory=dict_row) as cursor:
        head = cursor.execute(query, (id,)).fetchone()
    if head is None:
        raise NotFoundError(f"there is no warning {id}")
    return _whole(connection, [head])[0], head["exercise"], head["payload"]


def _whole(connection: Connection[Any], heads: list[dict[str, Any]]) -> list[KeptWarning]:
    ids = [head["id"] for head in heads]
    references: dict[int, list[Reference]] = defaultdict(list)
    infos: dict[int, list[WarningInfo]] = defaultdict(list)
    if ids:
        for warning, identifier, sender, sent in connection.execute(
            "select warning, identifier, sender, sent from weather_warning_reference"
            " where warning = any(%s) order by warning, number",
            (ids,),
        ):
            references[warning].append(Reference(identifier, sender, sent))
        with connection.cursor(row_factory=dict_row) as cursor:
            for row in cursor.execute(
                "select * from weather_warning_info where warning = any(%s) order by warning, number", (ids,)
            ):
                infos[row["warning"]].append(_info(row))
    return [_kept(head, references[head["id"]], infos[head["id"]]) for head in heads]


def _kept(head: dict[str, Any], references: Iterable[Reference], infos: Iterable[WarningInfo]) -> KeptWarning:
    message = WarningMessage(
        sender=head["sender"],
        identifier=head["identifier"],
        sent=head["sent"],
        status=Status(head["status"]),
        message_type=MessageType(head["message_type"]),
        scope=head["scope"],
        note=head["note"],
        references=tuple(references),
        incidents=head["incidents"],
        infos=tuple(infos),
        profile=head["profile"],
        signed=head["signed"],
    )
    return KeptWarning(Received(head["id"], message, head["trusted"]), head["received_at"])


def _info_row(warning: int, number: int, info: WarningInfo) -> dict[str, Any]:
    plain = {
        name: getattr(info, name)
        for name in (
            "language", "event", "urgency", "severity", "certainty", "effective", "onset", "expires",
            "sender_name", "headline", "description", "instruction", "web", "contact",
        )
    }  # fmt: skip
    return plain | {
        "warning": warning,
        "number": number,
        "colour": info.colour,
        "category": list(info.category),
        "response_types": list(info.response_types),
        "event_codes": Jsonb(info.event_codes),
        "parameters": Jsonb(info.parameters),
        "areas": Jsonb([area_json(area) for area in info.areas]),
    }


def area_json(area: WarnedArea) -> dict[str, Any]:
    """An area as plain JSON, as the tables and the interface have it."""
    return {
        "description": area.description,
        "polygons": area.polygons,
        "circles": [(one.lat, one.lon, one.radius_km) for one in area.circles],
        "geocodes": area.geocodes,
    }


def _info(row: dict[str, Any]) -> WarningInfo:
    return WarningInfo(
        event=row["event"],
        language=row["language"],
        category=tuple(row["category"]),
        response_types=tuple(row["response_types"]),
        urgency=row["urgency"],
        severity=row["severity"],
        certainty=row["certainty"],
        colour=Severity(row["colour"]) if row["colour"] else None,
        event_codes=_pairs(row["event_codes"]),
        effective=row["effective"],
        onset=row["onset"],
        expires=row["expires"],
        sender_name=row["sender_name"],
        headline=row["headline"],
        description=row["description"],
        instruction=row["instruction"],
        web=row["web"],
        contact=row["contact"],
        parameters=_pairs(row["parameters"]),
        areas=tuple(_area(area) for area in row["areas"]),
    )


def _area(area: dict[str, Any]) -> WarnedArea:
    return WarnedArea(
        description=area["description"],
        polygons=tuple(tuple((lat, lon) for lat, lon in ring) for ring in area["polygons"]),
        circles=tuple(Circle(*circle) for circle in area["circles"]),
        geocodes=_pairs(area["geocodes"]),
    )


def _pairs(found: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in found)
