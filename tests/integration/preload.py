"""Traffic of a county that waits at the broker while ingest is away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from paho.mqtt.client import Client
from psycopg import Connection

from formats.observations import encode


def stations(connection: Connection[Any], count: int, prefix: str = "ST") -> list[str]:
    """So many river stations, in an area of their own."""
    codes = [f"{prefix}{number:03d}" for number in range(count)]
    connection.execute(
        "insert into area (code, name, name_en, kind) values ('C', '演示县', 'Demo', 'county')"
        " on conflict do nothing"
    )
    connection.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat, origin)"
        " select code, '站' || code, code, 'ZZ', 'C', 121.9, 29.5, 'scenario:test'"
        " from unnest(%s::text[]) as code",
        (codes,),
    )
    return codes


def hours(codes: Iterable[str], start: datetime, messages: int, step: timedelta) -> list[tuple[str, bytes]]:
    """Topic and payload of one level a message, all stations in turn, so many of each."""
    listed = list(codes)
    return [
        (f"anlan/obs/{code}", encode(start + turn * step, {"water_level": 2 + (turn % 50) / 100}))
        for turn in range(messages)
        for code in listed
    ]


_AT_ONCE = 50_000
"""paho numbers what waits for an acknowledgement with 16 bits."""


def publish(client: Client, traffic: Iterable[tuple[str, bytes]]) -> int:
    """Sends all with QoS 1 and waits until the broker has them; how many."""
    listed = list(traffic)
    for start in range(0, len(listed), _AT_ONCE):
        sent = [client.publish(topic, payload, 1) for topic, payload in listed[start : start + _AT_ONCE]]
        for info in sent[-1000:]:
            info.wait_for_publish(60)
    return len(listed)
