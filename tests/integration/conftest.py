"""What tests of a running ingest share: a gateway that publishes, and a look into the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from psycopg import Connection

from cli.services import Services
from tests.integration.ingesting import Ingest, sender


@pytest.fixture
def gateway(services: Services, ingest: Ingest) -> Iterator[Client]:
    """Publishes as the gateway, to the ingest that the module runs."""
    with sender(services) as client:
        yield client


@pytest.fixture
def view(database: str) -> Iterator[Connection[Any]]:
    """Sees what is committed."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
