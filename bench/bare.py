"""The measure of all receivers: a bare paho client that does nothing but acknowledge.

    python -m bench.bare URL SESSION MESSAGES RECEIVE_MAXIMUM

drains a preloaded session in a process of its own and prints the seconds from the first message to the last.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

_LONGEST_S = 600


def keep_session(url: str, session: str, *, expiry_s: int) -> None:
    """Subscribes everything under this name and leaves (`expiry_s` 0: ends the session)."""
    client = _client(url, session, lambda *_: None)
    ready = threading.Event()

    def on_connect(*_: Any) -> None:
        if expiry_s:
            client.subscribe("anlan/#", 1)
        else:
            ready.set()

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: ready.set()
    _connect(client, url, expiry_s=expiry_s, receive_maximum=1000, clean=True)
    client.loop_start()
    if not ready.wait(10):
        raise TimeoutError("the broker did not answer the bare client")
    client.disconnect()
    client.loop_stop()


def drain(url: str, session: str, messages: int, receive_maximum: int) -> float:
    """Seconds from the first message to the last, acknowledged by paho itself."""
    times: list[float] = []
    done = threading.Event()
    came = 0

    def on_message(client: Client, userdata: Any, message: Any) -> None:
        nonlocal came
        came += 1
        if came == 1 or came == messages:
            times.append(time.monotonic())
        if came == messages:
            done.set()

    client = _client(url, session, on_message)
    _connect(client, url, expiry_s=3600, receive_maximum=receive_maximum, clean=False)
    client.loop_start()
    if not done.wait(_LONGEST_S):
        raise TimeoutError(f"the bare client got {came} of {messages} messages")
    client.disconnect()
    client.loop_stop()
    return times[1] - times[0]


def _client(url: str, session: str, on_message: Any) -> Client:
    parts = urlsplit(url)
    client = Client(CallbackAPIVersion.VERSION2, client_id=session, protocol=MQTTv5)
    client.username_pw_set(unquote(parts.username or ""), unquote(parts.password or ""))
    client.on_message = on_message
    return client


def _connect(client: Client, url: str, *, expiry_s: int, receive_maximum: int, clean: bool) -> None:
    parts = urlsplit(url)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = expiry_s
    properties.ReceiveMaximum = receive_maximum
    client.connect(parts.hostname or "", parts.port or 1883, clean_start=clean, properties=properties)


if __name__ == "__main__":
    print(drain(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
