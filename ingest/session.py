"""What ingest asks a broker to keep under a name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from core import topics
from ingest.aliases import Aliases


@dataclass(frozen=True, slots=True)
class Session:
    """One session at the broker: its secret name, what it subscribes, how it is begun and kept.

    `share` is the group that shares the messages, as it stands before a filter; `aliases` are foreign topics.
    """

    name: str
    share: str
    receive_maximum: int
    expiry_s: int
    aliases: Aliases = field(default_factory=Aliases)

    @property
    def filters(self) -> list[str]:
        """What is subscribed: our topics and those of others that stand for ours."""
        return [f"{self.share}{filter_}" for filter_ in (f"{topics.ROOT}/#", *self.aliases.filters)]

    @property
    def own_topic(self) -> str:
        """Where our own word goes: no sender reads there, and it does not tell the name."""
        return topics.build(None, "ack", "drained", hashlib.sha256(self.name.encode()).hexdigest()[:24])
