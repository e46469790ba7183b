"""The lead of a role: an advisory lock of the very connection that works.

Who loses the connection loses the lead, and can write nothing more. Of several processes of a role one leads, the
others stand by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg import Connection


def try_lead(connection: Connection[Any], role: str) -> bool:
    """Takes the lead of a role for as long as this connection lives; False if another has it."""
    found = connection.execute("select pg_try_advisory_lock(hashtext(%s))", (f"anlan.{role}",)).fetchone()
    return bool(found and found[0])


def wait_for_lead(
    connection: Connection[Any],
    role: str,
    *,
    stand_by: Callable[[], bool],
    ready: Callable[[], bool] = lambda: True,
) -> bool:
    """Tries until it leads: True, or False once `stand_by` says that it is time to stop.

    `stand_by` is called between two tries: it tells that the process lives, waits a little, and returns False to
    stop. Nobody leads who is not `ready`. The connection commits by itself.
    """
    while not (ready() and try_lead(connection, role)):
        if not stand_by():
            return False
    return True
