"""A message as it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from formats import Decoded


@dataclass(slots=True, unsafe_hash=True)
class Inbound:
    """`mid` is acknowledged on the connection that has the number `connection`, and on no other.

    0 needs no acknowledgement (QoS 0). `repeated`: the broker says that it had sent this message before,
    or we do not know whether a transaction with it was committed. `backlog`: it waited in a session that is
    being drained, and was received at the latest when that was closed. `decoded`: already read, ahead of its
    turn. Nobody changes one, but frozen it would be several times as slow to make.
    """

    topic: str
    payload: bytes
    received_at: datetime
    mid: int = 0
    connection: int = 0
    repeated: bool = False
    backlog: bool = False
    decoded: Decoded | None = field(default=None, compare=False)
