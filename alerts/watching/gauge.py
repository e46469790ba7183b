"""The role `anlan canary`: a gauge like any other by the wire, that crosses its limit every minute.

It publishes each reading once and repeats nothing: a flight that is lost on the way is what it is there to show.
One flies, others stand by.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import structlog
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from psycopg import Connection

from core import canary
from core.broker_session import session_name
from core.clock import Clock
from core.errors import ConfigurationError, UnavailableError
from core.settings import Settings
from core.topics import build
from formats.observations import encode
from store import canary as store
from store.connection import connect
from store.heartbeats import beat
from store.lead import wait_for_lead

log = structlog.get_logger("anlan.canary")

ROLE = "canary"
TOPIC = build(canary.EXERCISE, "obs", canary.STATION)
_STANDBY_S = 1.0
_BEAT_S = 5.0
_FORGET_S = 600.0
_SLICE_S = 0.2
_KEEPALIVE_S = 15


class Canary:
    """Runs until `stop` is set; flies while it has the lead."""

    def __init__(self, settings: Settings, clock: Clock, *, instance: str = "1") -> None:
        self._settings, self._clock, self._instance = settings, clock, instance
        self._rules = settings.watch
        self.stop = threading.Event()

    def run(self) -> None:
        """Stands by, flies, and stands by again after a lost connection. Raises ConfigurationError, ConflictError."""
        url = self._settings.need_database()
        while not self.stop.is_set():
            try:
                with connect(url, name=f"anlan-{ROLE}", autocommit=True) as connection:
                    if wait_for_lead(connection, ROLE, stand_by=partial(self._stand_by, connection)):
                        log.info("flying", instance=self._instance)
                        self._fly(connection)
            except (UnavailableError, psycopg.OperationalError) as error:
                log.warning("the database is away", error=str(error).strip())
                self.stop.wait(_STANDBY_S)

    def _stand_by(self, connection: Connection[Any]) -> bool:
        beat(connection, ROLE, self._instance, self._clock(), {"leads": False})
        return not self.stop.wait(_STANDBY_S)

    def _fly(self, connection: Connection[Any]) -> None:
        with connection.transaction():
            store.prepare(connection)
        gauge = Gauge(self._settings.need_mqtt(self._rules.canary_mqtt_url), self._instance)
        try:
            self._cross(connection, gauge)
        finally:
            gauge.close()

    def _cross(self, connection: Connection[Any], gauge: Gauge) -> None:
        half = self._rules.canary_every_s / 2
        value = canary.RAISES
        due = time.monotonic()
        beaten = forgot = float("-inf")
        while not self.stop.is_set():
            now = time.monotonic()
            if now >= due and gauge.is_up():
                gauge.publish(self._clock(), value)
                value = canary.RETURNS if value == canary.RAISES else canary.RAISES
                due = max(due + half, now + half / 2)
            if now - beaten >= _BEAT_S:
                detail = {"leads": True, "broker": gauge.is_up(), "published": gauge.published}
                beat(connection, ROLE, self._instance, self._clock(), detail)
                beaten = now
            if now - forgot >= _FORGET_S:
                self._forget(connection)
                forgot = now
            self.stop.wait(_SLICE_S)

    def _forget(self, connection: Connection[Any]) -> None:
        with connection.transaction():
            store.forget(connection, self._clock() - timedelta(hours=self._rules.canary_hours))


class Gauge:
    """One MQTT connection that comes back by itself and keeps nothing while it is away."""

    def __init__(self, url: str, instance: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ConfigurationError(
                f"{parts.scheme}://… is no broker address; give mqtt://user:password@host:port"
            )
        self.published = 0
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=session_name(ROLE, instance, url), protocol=MQTTv5
        )
        self._client.reconnect_delay_set(1, 5)
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        self._client.connect_async(parts.hostname, parts.port or 1883, _KEEPALIVE_S)
        self._client.loop_start()

    def is_up(self) -> bool:
        """Whether the broker has let it in."""
        return self._client.is_connected()

    def publish(self, at: datetime, value: float) -> None:
        """One reading, at QoS 1."""
        self._client.publish(TOPIC, encode(at, {canary.PROPERTY: value}), qos=1)
        self.published += 1

    def close(self) -> None:
        """Goes without a word."""
        self._client.disconnect()
        self._client.loop_stop()
