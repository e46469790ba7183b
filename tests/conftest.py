"""Real services for the tests: a throw-away cluster, broker and SMS gateway of their own."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from cli.services import Services
from store.migrate import migrate
from tests.own_services import own_services

_TEMPLATE = "anlan_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`./anlan test --full`."""
    parser.addoption("--pictures", action="store_true", help="renew the screenshots in docs/images")
    parser.addoption("--full", action="store_true", help="large counts: kills, mutations, weeks")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked `full` unless it was asked for."""
    if not config.getoption("--full"):
        skip = pytest.mark.skip(reason="only with --full")
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether large counts are asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Database, broker and SMS gateway of this test session alone; killed ones come back."""
    with own_services("test") as running:
        yield running


@pytest.fixture(scope="session")
def template(services: Services) -> str:
    """A migrated database that nobody connects to, for copies in a fraction of a second."""
    with psycopg.connect(services.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER anlan").format(sql.Identifier(_TEMPLATE)))
        url = services.postgres.superuser_url(_TEMPLATE)
        with psycopg.connect(url, autocommit=True) as inside:
            inside.execute("SET client_min_messages = error")
            inside.execute("CREATE EXTENSION timescaledb")
        migrate(_with_database(services.postgres.url, _TEMPLATE))
        with psycopg.connect(url, autocommit=True) as inside:
            # Its scheduler would hold a connection, and a database in use cannot be copied.
            inside.execute("SELECT _timescaledb_functions.stop_background_workers()")
        connection.execute(
            sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(
                sql.Identifier(_TEMPLATE)
            )
        )
    return _TEMPLATE


@pytest.fixture(scope="module")
def database(services: Services, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database of this test module."""
    with _new_database(services, template) as url:
        yield url


@pytest.fixture
def another_database(services: Services, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database of this one test."""
    with _new_database(services, template) as url:
        yield url


@pytest.fixture(scope="module")
def environment(services: Services, database: str) -> dict[str, str]:
    """The environment in which a role of ours, started as a process, uses services and database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    return {
        **kept,
        **services.env(),
        "ANLAN_DATABASE_URL": database,
        # A session that outlived its test would collect what all later tests publish, and slow the broker.
        "ANLAN_INGEST__SESSION_EXPIRY_S": "60",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _new_database(services: Services, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    superuser = services.postgres.superuser_url()
    with psycopg.connect(superuser, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER anlan")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    yield _with_database(services.postgres.url, name)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _with_database(url: str, name: str) -> str:
    parts = url.rpartition("/")
    return f"{parts[0]}/{name}"
