"""The sessions of one process: one that is subscribed, and older ones that are drained beside it.

After an outage what is new must not wait behind what has piled up. So ingest begins with a fresh session:
it subscribes that, then closes the older ones, which keep what they hold; their messages are taken only
when nothing new waits. A session that is empty is ended and its row removed. Every step may be the last of
a process: between subscribing the new and closing the old both get the same messages, and storing them twice
changes nothing; what is closed and not yet drained stands in the table, for the next process or for a peer.

A session belongs to who holds its lock, on the connection that writes. One that nobody holds for
`_ABANDONED_S` is drained by any other ingest with the same broker and login.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import Connection

from core.broker_session import broker_fingerprint, session_name
from core.clock import Clock
from core.settings import Ingest
from core.topics import ROOT
from ingest.ahead import Ahead
from ingest.aliases import FRIGATE, Aliases
from ingest.backlog import Backlog
from ingest.broker_link import BrokerLink
from ingest.counts import Counts
from ingest.messages import Inbound
from ingest.session import Session
from store import ingest_sessions as kept

log = structlog.get_logger("anlan.ingest.sessions")

ROLE = "ingest"
_OURS = f"{ROOT}/#"
RENEW_AFTER_S = 5.0
"""The database away for longer: what piled up at the broker must not stand before what is new."""
_ABANDONED_S = 3.0
"""A session that nobody has held for so long is drained by a peer; its own instance comes back sooner."""
_LOOK_S = 1.0
_REJOIN_S = 0.5
_IDLE_BESIDE_S = 0.02
"""How long to wait for something new while a session is being drained that has nothing at hand."""

Key = tuple[str, int]


@dataclass(slots=True)
class _Drain:
    """An older session of ours or of a peer that is gone."""

    key: Key
    session: Session
    closed_at: datetime
    link: BrokerLink


class Sessions:
    """What one process has at the broker; used by the thread that writes."""

    def __init__(self, settings: Ingest, broker_url: str, clock: Clock, counts: Counts, ahead: Ahead) -> None:
        self._settings = settings
        self._url = broker_url
        self._broker = broker_fingerprint(ROLE, broker_url)
        self._clock = clock
        self._counts = counts
        self._ahead = ahead
        self._share = f"$share/{settings.share_group}/" if settings.share_group else ""
        self._aliases = Aliases([*settings.route.values(), FRIGATE])
        self._fresh: BrokerLink | None = None
        self._number = 0
        self._opened_at = clock()
        self._looked = False
        self._drains: dict[Key, _Drain] = {}
        self._seen_free: dict[Key, float] = {}
        self._look_due = 0.0
        self._rejoin_due = 0.0

    @property
    def waiting(self) -> int:
        """Messages at hand."""
        links = [drain.link for drain in self._drains.values()] + ([self._fresh] if self._fresh else [])
        return sum(link.waiting() for link in links)

    def resume(self, connection: Connection[Any], away_s: float) -> None:
        """With a new connection, which has the lock of the instance: takes up what is ours, or begins anew."""
        for key in list(self._drains):
            if not kept.hold(connection, *key):
                self._drains.pop(key).link.stop()
        held = self._fresh is not None and kept.hold(connection, self._settings.instance, self._number)
        if held and away_s < RENEW_AFTER_S:
            return
        if self._fresh is not None and held:
            self._drain_fresh(connection, self._fresh)
        elif self._fresh is not None:
            self._fresh.stop()
        self._open_fresh(connection)

    def tend(self, connection: Connection[Any]) -> None:
        """Joins again what was lost, closes and ends older sessions; quick when there is nothing to do."""
        now = time.monotonic()
        fresh = self._need_fresh()
        if fresh.lost and not fresh.waiting():
            if not self._rejoin_due:
                self._rejoin_due = now + _REJOIN_S
            elif now >= self._rejoin_due:
                self._rejoin(connection)
        if now >= self._look_due or (fresh.subscribed and not self._looked):
            self._look_due = now + _LOOK_S
            self._end_drained(connection)
            if fresh.subscribed:
                self._looked = True
                self._take_older(connection)

    def receive(self, most: int, fill_s: float, idle_s: float) -> list[Inbound]:
        """The next batch: of what is new, else of what is being drained; never of both."""
        fresh = self._need_fresh()
        if not self._drains:
            return fresh.receive(most, fill_s, idle_s)
        if batch := fresh.receive(most, 0.0, 0.0):
            return batch
        for drain in self._drains.values():
            if batch := drain.link.receive(most, 0.0, 0.0):
                return batch
        return fresh.receive(most, 0.0, _IDLE_BESIDE_S)

    def acknowledge(self, messages: Sequence[Inbound]) -> None:
        """To the broker, each on the connection on which it came."""
        if self._fresh is not None:
            self._fresh.acknowledge(messages)
        for drain in self._drains.values():
            drain.link.acknowledge(messages)

    def publish(self, topic: str, payload: bytes, expiry_s: int | None = None) -> None:
        """A word of ours, by the session that is subscribed."""
        fresh = self._fresh
        if fresh is not None:
            fresh.publish(topic, payload, expiry_s)

    def seen(self, connection: Connection[Any]) -> None:
        """Says in the table that our session is alive: what an outage holds back begins at the last word."""
        if self._fresh is not None and self._fresh.subscribed:
            now = self._clock()
            kept.seen(connection, self._settings.instance, [self._number], now)
            kept.forget_unreachable(connection, self._broker, now, self._settings.session_expiry_s)

    def leave(self) -> None:
        """Leaves the broker, which keeps the sessions and what was not acknowledged."""
        for drain in self._drains.values():
            drain.link.stop()
        self._drains.clear()
        if self._fresh is not None:
            self._fresh.stop()
            self._fresh = None
        self._counts.backlog = None

    def _need_fresh(self) -> BrokerLink:
        if self._fresh is None:
            raise RuntimeError("no session is open; resume first")
        return self._fresh

    def _session(self, instance: str, number: int, share: str) -> Session:
        return Session(
            session_name(ROLE, instance, self._url, number),
            share,
            self._settings.receive_maximum,
            self._settings.session_expiry_s,
            self._aliases,
        )

    def _open_fresh(self, connection: Connection[Any]) -> None:
        opened = kept.open_next(
            connection, self._settings.instance, self._broker, self._share + _OURS, self._clock()
        )
        self._number = opened.number
        self._opened_at = opened.opened_at
        self._looked = False
        self._join_fresh(new=True)

    def _join_fresh(self, *, new: bool) -> None:
        session = self._session(self._settings.instance, self._number, self._share)
        self._fresh = BrokerLink(self._url, session, self._clock, self._counts, new=new, ahead=self._ahead)
        self._fresh.start()
        self._rejoin_due = 0.0
        self._look_due = 0.0

    def _rejoin(self, connection: Connection[Any]) -> None:
        """The same session on a new connection, once it is sure that its lock is still ours."""
        connection.execute("select 1")
        self._need_fresh().stop()
        self._join_fresh(new=False)

    def _drain_fresh(self, connection: Connection[Any], link: BrokerLink) -> None:
        """What was new until now waits behind what comes from now on."""
        key = (self._settings.instance, self._number)
        session = self._session(*key, self._share)
        # It is closed in the table when the one after it is subscribed, as any older one.
        self._drains[key] = _Drain(key, session, self._clock(), link)

    def _take_older(self, connection: Connection[Any]) -> None:
        """Closes and drains every session that nobody holds."""
        now = time.monotonic()
        known = kept.known(connection, self._broker)
        for entry in known:
            key = (entry.instance, entry.number)
            if key == (self._settings.instance, self._number):
                continue
            if key in self._drains:
                self._close(connection, entry, self._drains[key])
            elif kept.hold(connection, *key):
                ours = entry.instance == self._settings.instance
                if ours or now - self._seen_free.setdefault(key, now) >= _ABANDONED_S:
                    self._seen_free.pop(key, None)
                    self._begin_drain(connection, entry)
                else:
                    kept.release(connection, *key)
            else:
                self._seen_free.pop(key, None)

    def _begin_drain(self, connection: Connection[Any], entry: kept.IngestSession) -> None:
        closed_at = entry.closed_at or self._closing(entry.instance)
        session = self._session(entry.instance, entry.number, entry.filter.removesuffix(_OURS))
        link = BrokerLink(
            self._url, session, self._clock, self._counts, closed_at=closed_at, ahead=self._ahead
        )
        drain = _Drain((entry.instance, entry.number), session, closed_at, link)
        self._drains[drain.key] = drain
        self._tell(entry, closed_at)
        link.start()
        kept.close(connection, *drain.key, closed_at)

    def _close(self, connection: Connection[Any], entry: kept.IngestSession, drain: _Drain) -> None:
        """The session that was subscribed until the database came back; once."""
        if entry.closed_at is None:
            drain.closed_at = self._closing(entry.instance)
            drain.link.drain(drain.closed_at)
            kept.close(connection, *drain.key, drain.closed_at)
            self._tell(entry, drain.closed_at)

    def _closing(self, instance: str) -> datetime:
        """When what a session brings was received at the latest: before anything that the fresh one brings.

        What both bring, in the moment in which both are subscribed, counts by the fresh one. Beside a peer's
        session of a shared subscription there is no such order.
        """
        return self._opened_at if instance == self._settings.instance else self._clock()

    def _tell(self, entry: kept.IngestSession, closed_at: datetime) -> None:
        waited = closed_at - entry.seen_at
        log.info(
            "an older session is drained", instance=entry.instance, number=entry.number, waited=str(waited)
        )
        before = self._counts.backlog
        if waited < timedelta(seconds=RENEW_AFTER_S) and before is None:
            return
        began = min(entry.seen_at, before.began_at) if before else entry.seen_at
        self._counts.backlog = Backlog(began, closed_at, time.monotonic())

    def _end_drained(self, connection: Connection[Any]) -> None:
        for key, drain in list(self._drains.items()):
            if drain.link.drained:
                drain.link.end()
                del self._drains[key]
                kept.remove(connection, *key)
                kept.release(connection, *key)
                log.info("a session is drained and ended", instance=key[0], number=key[1])
            elif drain.link.lost and not drain.link.waiting():
                drain.link.stop()
                drain.link = BrokerLink(
                    self._url,
                    drain.session,
                    self._clock,
                    self._counts,
                    closed_at=drain.closed_at,
                    ahead=self._ahead,
                )
                drain.link.start()
        if not self._drains:
            self._counts.backlog = None
