"""Attacks on dispatch from a device's account: its session at the broker, and payloads without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from psycopg import Connection

from cli.services import Services
from formats.envelope import MAX_ENVELOPE_BYTES
from tests.integration.order_world import Dispatch, build_county, connected, environment, eventually, found

_KEPT = "select count(*) from receipt where source = 'device/LED1'"
_UP = "select (detail ->> 'broker')::bool and at > now() - interval '4 seconds' from heartbeat where role = 'dispatch'"


@dataclass
class World:
    """A running dispatch and a connection to look."""

    services: Services
    dispatch: Dispatch
    connection: Connection[Any]

    def connect(self, client_id: str) -> Client:
        """As LED1, under a chosen session name, without a clean start: takes what is kept under it."""
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, reconnect_on_failure=False
        )
        client.username_pw_set("LED1", self.services.broker.accounts()["LED1"])
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 60
        client.connect("127.0.0.1", self.services.broker.port, clean_start=False, properties=properties)
        client.loop_start()
        eventually(client.is_connected)
        return client

    def say(self, *payloads: bytes) -> None:
        """Receipts of LED1."""
        client = self.connect("LED1")
        for payload in payloads:
            client.publish("anlan/device/LED1/receipt", payload, qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()


@pytest.fixture(scope="module")
def world(services: Services, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    services.ensure_accounts(["LED1"])
    with connected(database) as connection:
        build_county(connection)
        role = Dispatch(environment(services, database, home), home / "dispatch.log")
        role.start()
        eventually(lambda: found(connection, _UP), why="dispatch never reached the broker")
        yield World(services, role, connection)
        assert role.stop() == 0


def log_of(world: World) -> str:
    return Path(world.dispatch.log).read_text()


def try_every_name(world: World) -> None:
    for name in ("anlan-dispatch", "anlan-dispatch-1", "anlan-dispatch-lead"):
        rogue = world.connect(name)
        time.sleep(0.3)
        rogue.disconnect()
        rogue.loop_stop()


def test_a_device_cannot_throw_dispatch_out(world: World) -> None:
    try_every_name(world)
    assert "broker lost" not in log_of(world)


def test_a_device_cannot_take_over_what_waits_for_dispatch(world: World) -> None:
    before = found(world.connection, _KEPT)
    assert world.dispatch.stop() == 0
    world.say(*(b"waiting %d" % one for one in range(5)))
    try_every_name(world)
    world.dispatch.start()
    eventually(lambda: found(world.connection, _KEPT) == before + 5)


def test_payloads_longer_than_an_envelope_are_counted_and_left_out_unread(world: World) -> None:
    before = found(world.connection, _KEPT)
    world.say(*[b"x" * (MAX_ENVELOPE_BYTES + 1)] * 3, b"short", b"x" * MAX_ENVELOPE_BYTES)
    eventually(lambda: found(world.connection, _KEPT) == before + 2)
    counted = "select (detail ->> 'oversized')::int from heartbeat where role = 'dispatch'"
    eventually(lambda: found(world.connection, counted) == 3)
    assert found(world.connection, _KEPT) == before + 2
    assert log_of(world).count("more than an envelope holds") == 1
