"""What this process did since it started; goes into the heartbeat, from there to /metrics."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field

from ingest.backlog import Backlog


@dataclass(slots=True)
class Counts:
    """`lag_ms` is the time from receipt to commit of the oldest message of the last batch.

    `backlog` is there while what an outage held back is being drained.
    """

    messages: int = 0
    readings: int = 0
    quarantined: int = 0
    batches: int = 0
    lag_ms: float = 0.0
    queued: int = 0
    connections: int = 0
    callback_errors: int = 0
    database_errors: int = 0
    backlog: Backlog | None = field(default=None, repr=False)

    def detail(self) -> dict[str, float]:
        """As the heartbeat carries them."""
        figures = {name: value for name, value in asdict(self).items() if name != "backlog"}
        return figures | (self.backlog.figures(time.monotonic()) if self.backlog else {"catching_up": 0})
