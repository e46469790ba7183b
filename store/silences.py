"""Silences, and the open alarms that matchers fit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.alarms import AlarmClass
from core.errors import NotFoundError
from core.severity import Severity
from core.silences import Matchers, Silence

_COLUMNS: LiteralString = """
    silence.id, silence.exercise, silence.hazard, silence.rule, silence.area, silence.station, silence.most,
    silence.starts_at, silence.ends_at, silence.reason, silence.author, silence.second, silence.made_at,
    silence.ended_at, silence.ended_by
"""

_ADD = """
insert into silence (exercise, hazard, rule, area, station, most, starts_at, ends_at, reason, author, second, made_at)
values (%(exercise)s, %(hazard)s, %(rule)s, %(area)s, %(station)s, %(most)s, %(starts_at)s, %(ends_at)s, %(reason)s,
        %(author)s, %(second)s, %(at)s)
returning id
"""

_LIST: LiteralString = (
    "select"
    + _COLUMNS
    + """
from silence left join station on station.code = silence.station
where silence.exercise is not distinct from %(exercise)s
  and (%(within)s::text is null or area_within(coalesce(silence.area, station.area), %(within)s)
       or silence.area is null and silence.station is null)
  and (%(over)s or silence.ended_at is null and silence.ends_at > %(at)s)
order by silence.ended_at is null and silence.ends_at > %(at)s desc, silence.ends_at desc, silence.id desc
limit %(limit)s
"""
)

_MATCHED = """
select alarm.id from alarm
where alarm.closed_at is null and coalesce(alarm.severity, alarm.priority) is not null
  and is_matched(alarm.*, %(exercise)s, %(hazard)s, %(rule)s, %(area)s, %(station)s, %(most)s)
order by colour_rank(coalesce(alarm.severity, alarm.priority)) desc, alarm.id
"""

_HEARD_AGAIN = """
update annunciation set due_at = %(at)s
where state = 'waiting' and reason = 'silenced' and due_at > %(at)s and alarm = any(%(alarms)s)
"""

_REPEATED_AGAIN = """
update orders set repeat_at = %(at)s
where repeat_at > %(at)s and state = 'issued'
  and id in (select order_id from annunciation where state = 'told' and alarm = any(%(alarms)s))
"""


def add(
    connection: Connection[Any],
    matchers: Matchers,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    author: str,
    second: str | None,
    at: datetime,
) -> int:
    """Writes a silence and returns its id."""
    values = _values(matchers) | {
        "starts_at": starts_at, "ends_at": ends_at, "reason": reason, "author": author, "second": second, "at": at,
    }  # fmt: skip
    found = connection.execute(_ADD, values).fetchone()
    assert found is not None  # insert … returning
    return int(found[0])


def silence(connection: Connection[Any], number: int, *, lock: bool = False) -> Silence:
    """One silence. Raises NotFoundError."""
    query = "select" + _COLUMNS + "from silence where id = %s" + (" for update" if lock else "")
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no silence {number}")
    return _silence(row)


def silences(
    connection: Connection[Any],
    at: datetime,
    *,
    exercise: str | None = None,
    within: str | None = None,
    over: bool = False,
    limit: int = 100,
) -> list[Silence]:
    """Silences that mute or will, with `over` those that are over too; county-wide ones concern everybody."""
    values = {"exercise": exercise, "within": within, "over": over, "at": at, "limit": limit}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_silence(row) for row in cursor.execute(_LIST, values).fetchall()]


def matched(connection: Connection[Any], matchers: Matchers) -> list[int]:
    """Open alarms that people would not be called for, the worst first."""
    return [row[0] for row in connection.execute(_MATCHED, _values(matchers))]


def end(connection: Connection[Any], number: int, *, at: datetime, by: str) -> None:
    """Ends a silence early."""
    connection.execute("update silence set ended_at = %s, ended_by = %s where id = %s", (at, by, number))


def hear_again(connection: Connection[Any], alarms: list[int], at: datetime) -> None:
    """What was silenced of these alarms is looked at now: what waited, and what is to be repeated."""
    connection.execute(_HEARD_AGAIN, {"alarms": alarms, "at": at})
    connection.execute(_REPEATED_AGAIN, {"alarms": alarms, "at": at})


def _values(matchers: Matchers) -> dict[str, Any]:
    return {
        "exercise": matchers.exercise, "hazard": matchers.hazard, "rule": matchers.rule, "area": matchers.area,
        "station": matchers.station, "most": matchers.most,
    }  # fmt: skip


def _silence(row: dict[str, Any]) -> Silence:
    matchers = Matchers(
        row["exercise"],
        AlarmClass(row["hazard"]) if row["hazard"] else None,
        row["rule"],
        row["area"],
        row["station"],
        Severity(row["most"]) if row["most"] else None,
    )
    rest = ("id", "starts_at", "ends_at", "reason", "author", "second", "made_at", "ended_at", "ended_by")
    return Silence(matchers=matchers, **{name: row[name] for name in rest})
