"""Numbers that no gauge reads: they stop nobody's sums, roll-ups, trends and pages."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.auth.secrets import digest, new_token
from core.roles import Role
from core.settings import Settings
from core.stations import Station, StationKind
from ingest.derive import areas, derived, rollups
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store import sessions
from store.live import READERS
from store.stations import save_station
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(microsecond=0, second=0)
SETTINGS = Settings()
KINDS = {
    "R1": StationKind.RIVER, "P1": StationKind.RAIN, "T1": StationKind.TIDE, "Z1": StationKind.RESERVOIR
}  # fmt: skip
VALUES = [1e308, -1e308, 1.7976931348623157e308, 5e-324, -0.0, 0, 3.3, 99_999.9, 1e15, -1e15, 1e200]
PROPERTIES = [
    "water_level", "rainfall", "rainfall_cumulative", "rainfall_today", "tide_level", "flow", "inflow", "storage",
    "air_pressure", "wind_speed", "battery_voltage",
]  # fmt: skip
NUMBERS = {
    "observation": "value", "latest": "value", "rollup_hour": "total", "rollup_day": "mean", "trend": "rate",
    "rain_event": "suspect", "area_rain": "mean",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    with served(database) as running:
        with running.connection() as connection:
            connection.execute(
                "insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')"
            )
            for code, kind in KINDS.items():
                place = Station(code, code, code, kind, "C", 121.8, 29.4, river="甲江", period_s=300)
                save_station(connection, place)
        yield running


def pack(chance: random.Random) -> bytes:
    said = []
    for _ in range(chance.randint(1, 10)):
        late = timedelta(minutes=chance.choice([-9, 0, 0, 5, 10, 15, 60, 600, 3_000]))
        values = {name: chance.choice(VALUES) for name in chance.sample(PROPERTIES, 4)}
        period_s = chance.choice([1, 60, 300, 3_600, 86_400])
        said.append({"time": (NOW - late).isoformat(), "values": values, "period_s": period_s})
    return json.dumps(said).encode()


def test_numbers_that_cannot_be_stop_nobody(site: Site, database: str) -> None:
    chance, directory = random.Random(651), Directory()
    for _ in range(30):
        with site.connection() as connection:
            batch = [Inbound(f"anlan/obs/{code}", pack(chance), datetime.now(UTC)) for code in KINDS]
            write(
                connection, batch, directory, Limits.of(SETTINGS.ingest), keeping=Keeping.of(SETTINGS.ingest)
            )
    for step in (derived.step, areas.step, rollups.step) * 2:
        while True:
            with site.connection() as connection:
                if not step(connection, SETTINGS, datetime.now(UTC)):
                    break
    with psycopg.connect(database) as view:
        assert view.execute(
            "select count(*) from mark where consumer in ('rollup', 'derived')"
        ).fetchone() == (0,)
        for table, column in NUMBERS.items():
            strange = f"select count(*) from {table} where {column} in ('infinity', '-infinity', 'nan')"
            assert view.execute(strange.encode()).fetchone() == (0,), table
        for kind, reader in READERS.items():
            told = reader(view, None, None, "Asia/Shanghai")
            assert json.dumps(told, default=str, allow_nan=False), kind
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "looks", digest(secret), Role.DUTY, None, "test")
    program = site.client(headers={"Authorization": f"Bearer {secret}"})
    since = {"from": (NOW - timedelta(days=20)).isoformat()}
    for path in (
        "stations/P1",
        "stations/R1",
        "rollups",
        "rain/events",
        "rain/areas",
        "health/stations",
        "observations",
    ):
        answer = program.get(f"/api/v1/{path}", params=since if path in ("rollups", "observations") else {})
        assert answer.status_code == 200, (path, answer.text)
        assert not {"Infinity", "NaN"} & set(answer.text.replace(":", ",").split(",")), path
