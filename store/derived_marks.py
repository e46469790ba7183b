"""Has what is derived from a station computed again, after curves or constants changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store import marks
from store.connection import rows
from store.marks import Mark

_EXTENT: LiteralString = """
select series.id as series, greatest(oldest.time, %(since)s) as from_time, latest.time as to_time
from series join latest on latest.series = series.id
cross join lateral (
    select time from observation where observation.series = series.id order by time limit 1
) oldest
where series.station = %(station)s and series.property = any(%(properties)s) and latest.time >= %(since)s
"""


def mark_again(connection: Connection[Any], station: str, properties: Sequence[str], since: datetime) -> None:
    """Marks all that a station's series of these properties hold since a moment, as a backlog."""
    values = {"station": station, "properties": list(properties), "since": since}
    marks.add(connection, marks.DERIVED, rows(connection, Mark, _EXTENT, values), fresh=False)
