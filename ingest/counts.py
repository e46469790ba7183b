"""What this process did since it started; goes into the heartbeat, from there to /metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counts:
    """`lag_ms` is the time from receipt to commit of the oldest message of the last batch."""

    messages: int = 0
    readings: int = 0
    quarantined: int = 0
    batches: int = 0
    lag_ms: float = 0.0
    queued: int = 0
    connections: int = 0
    callback_errors: int = 0
    database_errors: int = 0

    def detail(self) -> dict[str, float]:
        """As the heartbeat carries them."""
        return asdict(self)
