"""What was heard from and asked of stations that can be asked: contact, clock, requests, pictures, texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_HEARD: LiteralString = """
insert into station_contact (station, exercise, topic, address, centre, password, coding, heard_at)
values (%(station)s, %(exercise)s, %(topic)s, %(address)s, %(centre)s, %(password)s, %(coding)s, %(heard_at)s)
on conflict (station, exercise) do update set
    topic = excluded.topic, address = excluded.address, centre = excluded.centre,
    password = excluded.password, coding = excluded.coding, heard_at = excluded.heard_at
where station_contact.heard_at < excluded.heard_at
"""

_CLOCK: LiteralString = """
insert into station_clock (station, exercise, error_s, measured_at) values (%s, %s, %s, %s)
on conflict (station, exercise) do update set
    error_s = excluded.error_s, measured_at = excluded.measured_at
where station_clock.measured_at <= excluded.measured_at
"""

_ASK: LiteralString = """
insert into station_request (station, exercise, kind, asked_at, wanted)
values (%(station)s, %(exercise)s, %(kind)s, %(at)s, %(wanted)s)
on conflict (station, exercise, kind) do update set
    asked_at = excluded.asked_at, wanted = excluded.wanted, sent = 1
where station_request.asked_at < %(at)s - make_interval(secs => %(pause_s)s)
returning 1
"""

_ASK_MORE: LiteralString = """
update station_request set sent = sent + 1, asked_at = %(at)s
where station = %(station)s and exercise is not distinct from %(exercise)s and kind = %(kind)s
    and sent < wanted and asked_at > %(at)s - make_interval(secs => %(within_s)s)
"""

_PICTURE: LiteralString = """
insert into station_picture (station, exercise, time, received_at, width, height, jpeg)
values (%s, %s, %s, %s, %s, %s, %b)
on conflict do nothing
"""

_FORGET_PICTURES: LiteralString = """
delete from station_picture
where station = %(station)s and exercise is not distinct from %(exercise)s
    and id <= (select id from station_picture
               where station = %(station)s and exercise is not distinct from %(exercise)s
               order by id desc offset %(keep)s limit 1)
"""

_TEXT: LiteralString = """
insert into station_text (station, exercise, time, received_at, text) values (%s, %s, %s, %s, %s)
on conflict do nothing
"""

_TEXTS: LiteralString = """
select station, exercise, time, received_at, text from station_text
where (%(station)s::text is null or station = %(station)s) and exercise is not distinct from %(exercise)s
order by time desc, id desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a station was last heard: over which topic (`tcp:sl651:ADDRESS` for a connection), and as who."""

    station: str
    exercise: str | None
    topic: str
    address: str
    centre: int
    password: str
    coding: str
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class StationText:
    """What a person typed in at a station."""

    station: str
    exercise: str | None
    time: datetime
    received_at: datetime
    text: str


def heard(connection: Connection[Any], contact: Contact) -> None:
    """Keeps how the station was heard; the newest stands."""
    connection.execute(_HEARD, {name: getattr(contact, name) for name in Contact.__slots__})


def contact(connection: Connection[Any], station: str, exercise: str | None) -> Contact | None:
    """How the station was last heard, if ever."""
    found = rows(
        connection,
        Contact,
        "select station, exercise, topic, address, centre, password, coding, heard_at from station_contact"
        " where station = %s and exercise is not distinct from %s",
        (station, exercise),
    )
    return found[0] if found else None


def save_clock(
    connection: Connection[Any], station: str, exercise: str | None, error: timedelta, at: datetime
) -> None:
    """Keeps how far the station's clock is ahead; the newest measurement stands."""
    connection.execute(_CLOCK, (station, exercise, error.total_seconds(), at))


def may_ask(
    connection: Connection[Any],
    station: str,
    exercise: str | None,
    kind: str,
    at: datetime,
    pause: timedelta,
    wanted: int = 1,
) -> bool:
    """Notes a request and returns True, unless one of this kind was made within `pause`."""
    values = {
        "station": station, "exercise": exercise, "kind": kind, "at": at, "wanted": wanted,
        "pause_s": pause.total_seconds(),
    }  # fmt: skip
    return connection.execute(_ASK, values).fetchone() is not None


def ask_more(
    connection: Connection[Any],
    station: str,
    exercise: str | None,
    kind: str,
    at: datetime,
    within: timedelta,
) -> bool:
    """True, and counted, if a request that is to be made several times has been answered before its last."""
    values = {
        "station": station, "exercise": exercise, "kind": kind, "at": at, "within_s": within.total_seconds(),
    }  # fmt: skip
    return bool(connection.execute(_ASK_MORE, values).rowcount)


def save_picture(
    connection: Connection[Any],
    station: str,
    exercise: str | None,
    time: datetime,
    received_at: datetime,
    size: tuple[int, int],
    jpeg: bytes,
    *,
    keep: int,
) -> None:
    """Keeps a picture of (width, height), once for its time, and forgets all but the newest `keep`."""
    connection.execute(_PICTURE, (station, exercise, time, received_at, *size, jpeg))
    connection.execute(_FORGET_PICTURES, {"station": station, "exercise": exercise, "keep": keep})


def save_text(
    connection: Connection[Any],
    station: str,
    exercise: str | None,
    time: datetime,
    received_at: datetime,
    text: str,
) -> None:
    """Keeps a text, once for its time."""
    connection.execute(_TEXT, (station, exercise, time, received_at, text))


def texts(
    connection: Connection[Any], station: str | None = None, exercise: str | None = None, *, limit: int = 50
) -> list[StationText]:
    """What persons typed in, newest first."""
    return rows(connection, StationText, _TEXTS, {"station": station, "exercise": exercise, "limit": limit})
