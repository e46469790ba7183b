"""Decodes what has come while the batch before it is being written.

The database works on one batch while the thread that hears the broker reads the next: by then its messages are
decoded. Only what can be decoded without asking anybody is: telemetry of stations that are remembered. All
else, and whatever goes wrong here, is read in its turn by `ingest.understanding`.
"""

from __future__ import annotations

from collections.abc import Mapping

from formats import FORMATS, Context, Decoded
from ingest.routes import Format, Route, route
from ingest.understood import Limits


class Ahead:
    """`periods_s` are the reporting periods of known stations, which another thread keeps up to date."""

    def __init__(self, periods_s: Mapping[str, int], limits: Limits) -> None:
        self._periods_s = periods_s
        self._limits = limits
        self._decode = FORMATS[Format.OBSERVATIONS]

    def decode(self, topic: str, payload: bytes) -> Decoded | None:
        """What the payload says; None if it must wait for its turn. Raises nothing."""
        try:
            found = route(topic)
            if not isinstance(found, Route) or found.format is not Format.OBSERVATIONS:
                return None
            period_s = self._periods_s.get(found.code)
            if period_s is None or len(payload) > self._limits.payload_bytes:
                return None
            return self._decode(payload, Context(found.code, period_s, self._limits.values))
        except Exception:
            # Its turn comes, and there the fault has a name.
            return None
