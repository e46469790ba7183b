"""Messages of sensor networks through the real broker into the real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client

from cli.services import Services
from cli.services.broker import ensure_accounts
from core.clock import system_clock
from core.networks import DeviceRule
from core.settings import Ingest as IngestSettings
from formats import chirpstack, things_stack, thingsboard
from formats.senml import encode_cbor, encode_json
from ingest.retry import retry
from store import quarantine
from tests.integration.ingesting import Ingest, number, observations, running_ingest, seed, sender, until

Connection = psycopg.Connection[Any]
NOW = datetime.now(UTC).replace(microsecond=0)
MAPPING = {
    "radar": {
        "format": "tts",
        "devices": ["radar-*"],
        "stations": {"radar-1": "RIVER5"},
        "fields": {"distance": {"property": "water_level", "unit": "mm", "factor": -1, "offset": 12.34}},
    }
}


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    with running_ingest(
        environment, tmp_path_factory.mktemp("ingest"), mapping=json.dumps(MAPPING)
    ) as running:
        yield running


def quarantined(view: Connection, topic: str) -> list[str]:
    return [
        row[0]
        for row in view.execute(
            "select reason from quarantine where topic = %s and resolved_at is null order by id", (topic,)
        )
    ]


def test_senml_in_both_forms(gateway: Client, view: Connection) -> None:
    earlier = NOW - timedelta(minutes=5)
    gateway.publish("anlan/senml/gw", encode_json("RIVER1", [(earlier, {"water_level": (342.0, "cm")})]), 1)
    gateway.publish("anlan/senml/gw", encode_cbor("RIVER1", [(NOW, {"water_level": (3.5, "m")})]), 1)
    until(lambda: len(observations(view, "RIVER1")) == 2)
    assert observations(view, "RIVER1") == [
        ("water_level", 0, earlier, 3.42, 1, ""),
        ("water_level", 0, NOW, 3.5, 1, ""),
    ]
    sources = view.execute(
        "select distinct source from observation join series on series.id = series where station = 'RIVER1'"
    )
    assert sources.fetchall() == [("senml",)]


def test_the_things_stack_with_a_radar_of_the_configuration(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/tts/gw", things_stack.encode("radar-1", NOW, {"distance": 3456}, rssi_dbm=-97), 1)
    until(lambda: len(observations(view, "RIVER5")) == 2)
    assert observations(view, "RIVER5") == [
        ("signal_strength", 0, NOW, -97.0, 1, ""),
        ("water_level", 0, NOW, 8.884, 1, ""),
    ]


def test_chirpstack(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/chirpstack/gw", chirpstack.encode("RAIN1", "01" * 8, NOW, {"rainfall": 1.4}), 1)
    until(lambda: len(observations(view, "RAIN1")) == 1)
    assert observations(view, "RAIN1") == [("rainfall", 300, NOW, 1.4, 1, "")]


def test_thingsboard_of_a_gateway_and_of_a_device(gateway: Client, view: Connection) -> None:
    items: dict[str, list[thingsboard.Item]] = {
        "RIVER2": [(NOW, {"flow": 7.5})],
        "RIVER3": [(NOW, {"flow": 8.5})],
        "Device A": [(NOW, {"flow": 1})],
    }
    gateway.publish("anlan/thingsboard/gw", thingsboard.encode_gateway(items), 1)
    gateway.publish("anlan/thingsboard/RIVER4", thingsboard.encode_device([(None, {"flow": 9.5})]), 1)
    until(lambda: bool(observations(view, "RIVER4")))
    assert [observations(view, f"RIVER{n}")[0][3] for n in (2, 3, 4)] == [7.5, 8.5, 9.5]
    assert quarantined(view, "anlan/thingsboard/gw") == ["unknown_station"]


def test_an_exercise_keeps_its_values_to_itself(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/drill/EX1/tts/gw", things_stack.encode("RIVER6", NOW, {"flow": 5.0}), 1)
    until(lambda: len(observations(view, "RIVER6", "EX1")) == 1)
    assert observations(view, "RIVER6") == []


def test_a_station_with_its_own_login_speaks_for_itself_alone(
    services: Services, ingest: Ingest, view: Connection
) -> None:
    ensure_accounts(["RIVER7"], services.home)
    with sender(services, "RIVER7") as station:
        lie = encode_json("RIVER8", [(NOW, {"water_level": (99.0, "m")})])
        station.publish("anlan/senml/RIVER7", lie, 1)
        station.publish("anlan/senml/RIVER8", lie, 1)
        station.publish("anlan/senml/RIVER7", encode_json("RIVER7", [(NOW, {"water_level": (2.0, "m")})]), 1)
        until(lambda: len(observations(view, "RIVER7")) == 1)
    assert observations(view, "RIVER8") == []
    assert quarantined(view, "anlan/senml/RIVER7") == ["foreign_station"]
    assert quarantined(view, "anlan/senml/RIVER8") == []


def test_a_field_without_a_meaning_waits_in_the_quarantine_for_its_mapping(
    gateway: Client, view: Connection
) -> None:
    gateway.publish("anlan/tts/gw9", things_stack.encode("RIVER9", NOW, {"h_cm": 250, "flow": 1.0}), 1)
    until(lambda: bool(quarantined(view, "anlan/tts/gw9")))
    assert quarantined(view, "anlan/tts/gw9") == ["unmapped_field"]
    assert [row[0] for row in observations(view, "RIVER9")] == ["flow"]
    rule = DeviceRule.model_validate(
        {
            "devices": ["RIVER9"],
            "fields": {"h_cm": {"property": "water_level", "unit": "cm"}, "flow": {"property": "flow"}},
        }
    )
    unmapped = quarantine.open_numbers(view, quarantine.Filter(reason="unmapped_field"))
    retry(view, IngestSettings(mapping={"nine": rule}), system_clock, unmapped)
    assert quarantined(view, "anlan/tts/gw9") == []
    assert [(row[0], row[3]) for row in observations(view, "RIVER9")] == [("flow", 1.0), ("water_level", 2.5)]


def test_noise_on_every_topic_is_kept_and_hurts_nobody(gateway: Client, view: Connection) -> None:
    topics = [f"anlan/{network}/noise" for network in ("senml", "tts", "chirpstack", "thingsboard")]
    for topic in topics:
        gateway.publish(topic, b"\x9f\x00[{", 1)
    gateway.publish("anlan/senml/noise2", encode_json("RIVER1", [(NOW, {"flow": (4.0, "m3/s")})]), 1)
    until(
        lambda: (
            number(view, "select count(*) from public_v1.observation where property = 'flow' and value = 4.0")
            == 1
        )
    )
    assert [quarantined(view, topic) for topic in topics] == [
        ["broken_cbor"],
        ["broken_json"],
        ["broken_json"],
        ["broken_json"],
    ]
