"""Attacks from the field on what is on its way in: another's session, floods of large payloads."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cli.services import Services
from tests.integration.ingesting import Ingest, number, running_ingest, seed, sender, until

START_MS = 1_760_000_000_000
_OF = "select count(*) from observation join series on series.id = series where station = %s"


@pytest.fixture(scope="module", autouse=True)
def seeded(database: str) -> None:
    seed(database)


@pytest.fixture
def ingest(environment: Mapping[str, str], tmp_path: Path) -> Iterator[Ingest]:
    with running_ingest(environment, tmp_path) as running:
        yield running


def level(minute: int) -> bytes:
    return json.dumps({"time": START_MS + minute * 60_000, "values": {"water_level": 1.5}}).encode()


def connect_as(services: Services, account: str, client_id: str) -> Client:
    """Connects under a chosen session name, without a clean start: takes what is kept under it."""
    client = Client(
        CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, reconnect_on_failure=False
    )
    client.username_pw_set(account, services.broker.accounts()[account])
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 60
    client.connect("127.0.0.1", services.broker.port, clean_start=False, properties=properties)
    client.loop_start()
    until(client.is_connected)
    return client


def test_a_station_cannot_take_over_what_waits_for_ingest(
    services: Services, database: str, ingest: Ingest
) -> None:
    services.ensure_accounts(["RIVER9"])
    ingest.stop()
    with sender(services) as client:
        for minute in range(20):
            client.publish("anlan/obs/RIVER1", level(minute), qos=1).wait_for_publish(5)
    rogue = connect_as(services, "RIVER9", f"anlan-ingest-{ingest.instance}")
    time.sleep(0.3)
    rogue.disconnect()
    rogue.loop_stop()
    ingest.start()
    ingest.wait_connected(2)
    with psycopg.connect(database, autocommit=True) as connection:
        until(lambda: number(connection, "select count(*) from observation") == 20)


def test_a_station_whose_period_wanders_does_not_fill_the_wall_with_series(
    services: Services, database: str, ingest: Ingest
) -> None:
    """One message made 4,900 series, and reading the newest values took 33 s."""
    items = [
        {"time": START_MS, "period_s": 60 + wandering, "values": {"rainfall": 1.0}}
        for wandering in range(1000)
    ]
    with psycopg.connect(database, autocommit=True) as watching, sender(services) as client:
        client.publish("anlan/obs/RIVER4", json.dumps(items).encode(), qos=1).wait_for_publish(5)
        client.publish("anlan/obs/RIVER5", level(0), qos=1).wait_for_publish(5)
        until(lambda: number(watching, _OF, "RIVER5") == 1)
        assert number(watching, _OF, "RIVER4") == 200
        assert number(watching, "select count(*) from series where station = 'RIVER4'") == 200
        reason = watching.execute(
            "select reason, detail from quarantine where topic = 'anlan/obs/RIVER4'"
        ).fetchall()
        assert len(reason) == 1 and "200 series" in reason[0][1]
        kept = number(watching, "select min(period_s) from series where station = 'RIVER4'")
        known = json.dumps({"time": START_MS + 60_000, "period_s": kept, "values": {"rainfall": 2.0}})
        client.publish("anlan/obs/RIVER4", known.encode(), qos=1).wait_for_publish(5)
        until(lambda: number(watching, _OF, "RIVER4") == 201)


def test_large_payloads_while_nothing_can_be_stored_take_bounded_memory_and_none_is_lost(
    services: Services, database: str, ingest: Ingest
) -> None:
    """200 MB come in while the table is locked; ingest keeps 128 MB of it, the broker the rest."""
    assert ingest.process is not None
    with psycopg.connect(database, autocommit=True) as watching, sender(services) as client:
        before = number(watching, "select count(*) from quarantine")
        with psycopg.connect(database) as blocking:
            blocking.execute("lock table quarantine in access exclusive mode")
            for place in range(100):
                payload = b"<%d" % place + b"<" * 2_000_000
                client.publish("anlan/obs/RIVER2", payload, qos=1).wait_for_publish(20)
            until(lambda: "leaving the broker" in ingest.log.read_text(), 30)
            status = Path(f"/proc/{ingest.process.pid}/status").read_text()
            peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
            assert peak_kb < 400_000, f"{peak_kb} kB"
        client.publish("anlan/obs/RIVER3", level(0), qos=1).wait_for_publish(20)
        until(lambda: number(watching, "select count(*) from quarantine") - before == 100, 60)
        until(lambda: number(watching, _OF, "RIVER3") == 1, 30)
