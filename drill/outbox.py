"""What was not yet acknowledged by the centre, and when to send it again.

A broker's own acknowledgement promises nothing if the broker is killed (it answers before it has
saved), so a message leaves this outbox only when the centre says that it has committed it. Pure: it
decides, `drill.publisher` sends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

RESEND_AFTER_S = 3.0
LONGEST_WAIT_S = 30.0


@dataclass(slots=True)
class Message:
    """One message to a topic; `sender` and `seq` are what its acknowledgement will name."""

    topic: str
    sender: str
    seq: int
    payload: bytes
    sent: int = 0
    due_at: float = field(default=0.0)


class Outbox:
    """Messages in the order given, at most `window` of them under way.

    An unacknowledged message is sent again after 3 s, then 6, 12 … up to 30 s, so that a centre that
    is away for minutes does not find a storm of copies; after a reconnection all are sent at once.
    """

    def __init__(self, window: int = 200, resend_after_s: float = RESEND_AFTER_S) -> None:
        self.window = window
        self.resend_after_s = resend_after_s
        self.acknowledged = 0
        self.resent = 0
        self._waiting: deque[Message] = deque()
        self._under_way: dict[tuple[str, int], Message] = {}

    def add(self, message: Message) -> None:
        """Takes a message; it is sent when the window has room."""
        self._waiting.append(message)

    @property
    def room(self) -> bool:
        """True if one more message would be sent at once."""
        return len(self._waiting) + len(self._under_way) < self.window

    @property
    def open(self) -> int:
        """How many messages the centre has not acknowledged."""
        return len(self._waiting) + len(self._under_way)

    def take_due(self, now: float) -> list[Message]:
        """What is to be sent at `now` (a monotonic time in s), first copies and repeats."""
        due = [message for message in self._under_way.values() if message.due_at <= now]
        self.resent += len(due)
        while self._waiting and len(self._under_way) < self.window:
            message = self._waiting.popleft()
            self._under_way[message.sender, message.seq] = message
            due.append(message)
        for message in due:
            wait = min(self.resend_after_s * 2**message.sent, max(LONGEST_WAIT_S, self.resend_after_s))
            message.sent += 1
            message.due_at = now + wait
        return due

    def acknowledge(self, sender: str, seq: int) -> bool:
        """The centre has committed a message; False if it is unknown or was acknowledged before."""
        if self._under_way.pop((sender, seq), None) is None:
            return False
        self.acknowledged += 1
        return True

    def reconnected(self, now: float) -> None:
        """What was under way may be lost: all of it is due again, without waiting longer each time."""
        for message in self._under_way.values():
            message.due_at = now
            message.sent = min(message.sent, 1)
