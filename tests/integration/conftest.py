"""What tests share: a gateway that publishes, a county whose equipment is watched, a look into the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from psycopg import Connection

from cli.services import Services
from store import heartbeats
from store.machine_clock import MachineClock
from tests.integration.equipment import Watch
from tests.integration.ingesting import Ingest, sender
from tests.integration.levels import Field


@pytest.fixture
def gateway(services: Services, ingest: Ingest) -> Iterator[Client]:
    """Publishes as the gateway, to the ingest that the module runs."""
    with sender(services) as client:
        yield client


@pytest.fixture(autouse=True)
def first_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process remembers since when its clock is as it is, and its first heartbeat: each test is one, with times of its own."""
    monkeypatch.setattr(heartbeats, "_CLOCK", MachineClock())
    monkeypatch.setattr(heartbeats, "_BEGAN", {})


@pytest.fixture
def watch(another_database: str) -> Iterator[Watch]:
    """A county with one station S1 in a town, on a database of its own, looked at by the finders of equipment."""
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection)
        field.county()
        field.station("S1", {}, area="T")
        yield Watch(field)


@pytest.fixture
def view(database: str) -> Iterator[Connection[Any]]:
    """Sees what is committed."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
