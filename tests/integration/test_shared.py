"""Two ingests on a shared subscription share the load; either may be killed, and nothing is stranded."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.services import Services
from tests.integration import preload
from tests.integration.ingesting import Ingest, number, running_ingest, sender, until

Connection = psycopg.Connection[Any]
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
STEP = timedelta(minutes=1)
_ROWS = "select count(*) from observation"


@pytest.fixture
def view(another_database: str) -> Iterator[Connection]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def pair(
    environment: dict[str, str], another_database: str, tmp_path: Path
) -> Iterator[tuple[Ingest, Ingest]]:
    here = {**environment, "ANLAN_DATABASE_URL": another_database}
    # Of each test its own: sessions that an earlier one left behind would get their share.
    group = f"g{uuid.uuid4().hex[:8]}"
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with (
        running_ingest(here, folders[0], share_group=group) as one,
        running_ingest(here, folders[1], share_group=group) as two,
    ):
        yield one, two


def messages_of(view: Connection, ingest: Ingest) -> int:
    found = view.execute(
        "select (detail ->> 'messages')::integer from heartbeat where role = 'ingest' and instance = %s",
        (ingest.instance,),
    ).fetchone()
    return int(found[0]) if found else 0


def test_two_share_the_load(services: Services, pair: tuple[Ingest, Ingest], view: Connection) -> None:
    codes = preload.stations(view, 50)
    with sender(services) as gateway:
        preload.publish(gateway, preload.hours(codes, START, 40, STEP))
    until(lambda: number(view, _ROWS) == 2000)
    until(lambda: sum(messages_of(view, ingest) for ingest in pair) >= 2000, 15)
    shares = [messages_of(view, ingest) / 2000 for ingest in pair]
    print(f"shares {shares}")
    assert min(shares) > 0.2 and sum(shares) < 1.5


def test_either_is_killed_under_load_and_the_other_takes_what_it_left(
    services: Services, pair: tuple[Ingest, Ingest], view: Connection
) -> None:
    codes = preload.stations(view, 50)
    one, two = pair
    with sender(services) as gateway:
        for victim, start in ((one, START), (two, START + timedelta(hours=2))):
            before = number(view, _ROWS)
            hour = preload.hours(codes, start, 60, STEP)
            preload.publish(gateway, hour[:1500])
            victim.kill()
            preload.publish(gateway, hour[1500:])
            killed = time.monotonic()
            until(lambda: number(view, _ROWS) == before + 3000, 30)  # noqa: B023
            print(f"all there {time.monotonic() - killed:.1f} s after the kill")
            victim.start()
            victim.wait_connected(2)
    assert number(view, "select count(*) from observation_revision") == 0
    open_sessions = "select count(*), count(*) filter (where closed_at is null) from ingest_session"
    until(lambda: view.execute(open_sessions).fetchall() == [(2, 2)], 20)


def test_an_instance_that_comes_back_does_not_wait_for_its_peer(
    services: Services, pair: tuple[Ingest, Ingest], view: Connection
) -> None:
    """The peer drains what the killed one left, and the killed one takes its share of what is new at once."""
    codes = preload.stations(view, 50)
    one, _ = pair
    one.kill()
    with sender(services) as gateway:
        preload.publish(gateway, preload.hours(codes, START, 40, STEP))
        time.sleep(3.5)
        one.start()
        one.wait_connected(2)
        preload.publish(gateway, preload.hours(codes, START + timedelta(hours=2), 20, STEP))
    until(lambda: number(view, _ROWS) == 3000, 30)
    until(lambda: messages_of(view, one) > 200, 15)
