"""One way to open a connection to the broker (MQTT 5) for everything in the simulated field."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from core.errors import ConfigurationError

KEEPALIVE_S = 30


def client_for(url: str, client_id: str) -> tuple[Client, str, int]:
    """A client with its login from `mqtt://user:password@host:port`, and the host and port.

    Raises ConfigurationError for an address that is no such URL.
    """
    parts = urlsplit(url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise ConfigurationError(
            f"{parts.scheme}://… is no broker address; give mqtt://user:password@host:port"
        )
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
    client.reconnect_delay_set(1, 5)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    return client, parts.hostname, parts.port or 1883


def address_for(url: str, account: str, password: str) -> str:
    """The same broker, with another account."""
    parts = urlsplit(url)
    return f"mqtt://{account}:{password}@{parts.hostname}:{parts.port or 1883}"
