"""How far the backlog of an outage is drained: what screens say while ingest catches up. Pure.

A broker does not tell how much waits in a session. But what waits came between two known moments, and its
readings carry their times: how far these have come says how much is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_LEAST_SHARE = 0.02
"""Below this share done, what is left is not estimated."""


@dataclass(slots=True)
class Backlog:
    """What waited from `began_at` to `closed_at`; being drained since `started_s` (a steady clock)."""

    began_at: datetime
    closed_at: datetime
    started_s: float
    messages: int = 0
    reached: datetime | None = None

    def stored(self, messages: int, reached: datetime | None) -> None:
        """So many messages more; `reached`: about the time of their readings."""
        self.messages += messages
        if reached is not None:
            self.reached = reached

    def per_s(self, now_s: float) -> float:
        """Messages a second since the draining began."""
        return self.messages / max(0.1, now_s - self.started_s)

    def share(self) -> float | None:
        """How much of it is done, 0 to 1; None where the readings' times do not tell."""
        whole = (self.closed_at - self.began_at).total_seconds()
        if self.reached is None or whole <= 0:
            return None
        done = (self.reached - self.began_at).total_seconds() / whole
        return min(done, 1.0) if _LEAST_SHARE <= done <= 1.1 else None

    def left(self) -> int | None:
        """About how many messages still wait."""
        share = self.share()
        return None if share is None else round(self.messages * (1 - share) / share)

    def figures(self, now_s: float) -> dict[str, float]:
        """As the heartbeat carries them; times are seconds since 1970, what is not known is left out."""
        known: dict[str, float] = {
            "catching_up": 1,
            "backlog_messages": self.messages,
            "backlog_per_s": round(self.per_s(now_s), 1),
            "backlog_until": self.closed_at.timestamp(),
        }
        if self.reached is not None:
            known["backlog_reached"] = self.reached.timestamp()
        left = self.left()
        if left is not None:
            known["backlog_left"] = left
            known["backlog_left_s"] = round(left / max(0.1, self.per_s(now_s)), 1)
        return known
