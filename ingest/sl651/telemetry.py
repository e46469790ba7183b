"""SL 651 stations beside the broker's messages: the listener with its receiver, and the caretaker.

They run while this process is the active one of its instance.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from core import topics
from core.clock import Clock
from core.errors import UnavailableError
from core.settings import Ingest
from ingest.inbox import Inbox
from ingest.routes import CONNECTION
from ingest.sl651.caretaker import Caretaker
from ingest.sl651.lines import Lines
from ingest.sl651.listener import Listener
from ingest.sl651.receiver import Receiver
from ingest.understood import Understood

log = structlog.get_logger("anlan.ingest.sl651")

_LISTEN_AGAIN_S = 5.0
DOWN_EXPIRES_S = 60
"""A frame to a station that waits longer at the broker is dropped: an old one would set a clock back."""

Publish = Callable[[str, bytes, int | None], None]
"""Takes a topic, a payload and the seconds after which the broker drops it."""


class Telemetry:
    """Started and stopped by the process, from its own thread."""

    def __init__(self, settings: Ingest, database_url: str, clock: Clock, publish: Publish) -> None:
        self._settings = settings
        self._database_url = database_url
        self._clock = clock
        self._publish = publish
        self._listener: Listener | None = None
        self._receiver: Receiver | None = None
        self._caretaker: Caretaker | None = None
        self._listen_due = 0.0

    def start(self) -> None:
        """Nothing if it runs."""
        if self._caretaker is not None:
            return
        self._listen()
        self._caretaker = Caretaker(self._settings, self._database_url, self._clock, self._send)
        self._caretaker.start()

    def stop(self) -> None:
        """Nothing if it does not run."""
        for part in (self._listener, self._receiver, self._caretaker):
            if part is not None:
                part.stop()
        self._listener = self._receiver = self._caretaker = None

    def check(self) -> None:
        """Tries again to listen if the port was taken. Raises UnavailableError if a thread has died: then only
        a new process helps."""
        if self._listener is None and self._caretaker is not None and time.monotonic() >= self._listen_due:
            self._listen()
        for part in (self._listener, self._receiver, self._caretaker):
            if part is not None and not part.alive:
                raise UnavailableError(f"{type(part).__name__} of SL 651 has ended; starting anew")

    def detail(self) -> dict[str, float]:
        """What the receiver counted, for the heartbeat: apart from what came by the broker."""
        if self._receiver is None or self._listener is None:
            return {}
        counts = self._receiver.counts
        return {
            "sl651_connections": float(self._listener.connections),
            "sl651_messages": float(counts.messages),
            "sl651_readings": float(counts.readings),
            "sl651_quarantined": float(counts.quarantined),
            "sl651_queued": float(counts.queued),
            "sl651_lag_ms": counts.lag_ms,
        }

    def converse(self, one: Understood) -> None:
        """What follows from a message of the broker's, said on the way back."""
        if one.talk is None or one.route is None:
            return
        topic = topics.build(one.route.exercise, "sl651", one.route.code, "down")
        for frame in one.talk.words(self._clock()):
            self._publish(topic, frame, DOWN_EXPIRES_S)

    def _listen(self) -> None:
        """Without a port nothing; without success the broker's stations are served, and it is tried again."""
        port = self._settings.sl651_port
        if port is None:
            return
        self._listen_due = time.monotonic() + _LISTEN_AGAIN_S
        inbox = Inbox()
        lines = Lines(
            self._settings.sl651_connections,
            self._settings.sl651_connections_per_address,
            self._settings.sl651_idle_s,
        )
        listener = Listener(self._settings.sl651_host, port, inbox, self._clock, lines)
        try:
            listener.start()
        except UnavailableError as error:
            log.error("no station can dial in; trying again", error=str(error))
            return
        self._listener = listener
        self._receiver = Receiver(self._settings, self._database_url, self._clock, inbox, self._listener)
        self._receiver.start()

    def _send(self, topic: str, address: str, data: bytes) -> None:
        if not topic.startswith(CONNECTION):
            self._publish(f"{topic}/down", data, DOWN_EXPIRES_S)
        elif self._listener is not None:
            self._listener.send_to(address, data)
