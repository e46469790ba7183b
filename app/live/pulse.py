"""How the centre itself is: judged from one reading of the database, and told with the age of that reading."""

from __future__ import annotations

import threading
import time
from typing import Any

from psycopg import Connection

from core.settings import Watch
from core.watching import Check, as_json, judge, limits_of
from store import watching

FRESH_S = 20.0
"""An older judgement is no news: nobody knows how things are."""


class Pulse:
    """The last judgement; read in threads, asked from anywhere."""

    def __init__(self, settings: Watch) -> None:
        self._settings = settings
        self._gate = threading.Lock()
        self._checks: tuple[Check, ...] = ()
        self._at: str | None = None
        self._read = float("-inf")

    def read(self, connection: Connection[Any]) -> None:
        """Judges anew."""
        facts = watching.facts(connection, watched=self._settings.secret is not None)
        checks = judge(facts, limits_of(self._settings))
        with self._gate:
            self._checks, self._at, self._read = checks, facts.now.isoformat(), time.monotonic()

    def is_fresh(self) -> bool:
        """False while the database does not tell."""
        with self._gate:
            return time.monotonic() - self._read < FRESH_S

    def entry(self) -> dict[str, Any]:
        """As pages get it: when it was judged (by the database's clock), and every part."""
        with self._gate:
            return {"at": self._at, "checks": [as_json(check) for check in self._checks]}

    def states(self) -> dict[str, str]:
        """Part → condition, for anybody; all `unknown` where the judgement is old."""
        with self._gate:
            checks, age = self._checks, time.monotonic() - self._read
        return {check.part.value: check.condition.value if age < FRESH_S else "unknown" for check in checks}
