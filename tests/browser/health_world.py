"""Stations that report well, badly and not at all, what they said, and what could not be read of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from core.settings import Settings
from ingest.derive import rollups
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from tests.integration.serving import Site

NAMES = [("上游", "Upstream"), ("中桥", "Middle bridge"), ("河口", "River mouth"), ("旧闸", "Old sluice"),
         ("停测站", "Idle"), ("新桥头", "New bridge")]  # fmt: skip
HOSTILE = '<img src=x onerror="window.anlanHurt=1">'
"""Would run if any page took a payload for HTML."""


def fill_health(site: Site, now: datetime) -> None:
    """Through the receiver itself: H1 whole, H2 with holes, H3 late and suspect, H4 silent, H5 out of service."""
    with site.connection() as connection:
        for number, (name, english) in enumerate(NAMES, start=1):
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat, out_of_service)"
                " values (%s, %s, %s, 'ZZ', '330225004', 121.8, 29.3, %s)",
                (f"H{number}", name, english, number == 5),
            )
        receive(connection, [*_level("H1", now, 26), *_level("H2", now, 26, leave_out=range(5, 9))])
        receive(connection, [*_level("H3", now, 26, wild=True), *_level("H4", now, 20, until_h=3)])
        receive(connection, _strange(now))
        connection.execute(
            "insert into station_clock (station, error_s, measured_at) values ('H1', -73, %s)", (now,)
        )
        connection.execute(
            "insert into heartbeat (role, instance, at, detail) values ('ingest', '1', %s, %s)",
            # So that it lives as long as the tests, of which some wait.
            (now + timedelta(hours=1), Jsonb({"lag_ms": 34.0, "queued": 0})),
        )
        count(connection, now)


def count(connection: Connection[Any], now: datetime) -> None:
    """The real roll-ups, until nothing waits."""
    while rollups.step(connection, Settings(), now):
        pass


def receive(connection: Connection[Any], messages: list[Inbound]) -> None:
    """As the receiver does."""
    settings = Settings().ingest
    for start in range(0, len(messages), 500):
        write(
            connection,
            messages[start : start + 500],
            Directory(),
            Limits.of(settings),
            keeping=Keeping.of(settings),
        )


def said(code: str, time: datetime, values: dict[str, Any], *, after_s: int = 4) -> Inbound:
    """One message of a station."""
    payload = json.dumps({"time": time.isoformat(), "values": values}, ensure_ascii=False).encode()
    return Inbound(f"anlan/obs/{code}", payload, time + timedelta(seconds=after_s))


def _level(
    code: str, now: datetime, hours: int, *, until_h: int = 0, leave_out: range = range(0), wild: bool = False
) -> list[Inbound]:
    made = []
    for step in range(hours * 12, until_h * 12, -1):
        if step // 12 in leave_out:
            continue
        time = now - timedelta(seconds=300 * step - 200)
        values: dict[str, Any] = {"water_level": round(2 + step % 7 / 100, 2)}
        if step % 12 == 0:
            values |= {"battery_voltage": 12.6, "signal_strength": -71}
        if wild and step % 20 == 0:
            values["water_level"] = 9500.0
        made.append(said(code, time, values, after_s=7200 if wild and step % 15 == 0 and step > 30 else 4))
    return made


def _strange(now: datetime) -> list[Inbound]:
    made = [said(f"GHOST{n % 3}", now - timedelta(minutes=n), {"water_level": 1.0}) for n in range(30)]
    made += [
        Inbound("anlan/obs/H1", b"{not json " + str(n).encode(), now - timedelta(minutes=n))
        for n in range(25)
    ]
    hostile = json.dumps({"time": now.isoformat(), "values": {HOSTILE: 1}, "password": "geheim-77"})
    made.append(Inbound("anlan/obs/H1", hostile.encode(), now - timedelta(seconds=20)))
    made.append(Inbound(f"anlan/{HOSTILE}/x", b"\x00\x01\x02binary", now - timedelta(seconds=40)))
    made.append(Inbound("anlan/drill/drill-1/obs/GHOST9", b'{"time": "x"}', now - timedelta(seconds=50)))
    return made
