"""Bad input: each kind has its reason in the quarantine, the process goes on, nothing valid is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client

from cli.services import Services
from formats.observations import encode
from tests.integration.ingesting import Ingest, number, running_ingest, seed, sender, until

Connection = psycopg.Connection[Any]
NOW = datetime.now(UTC).replace(microsecond=0)
GOOD = encode(NOW, {"water_level": 1.0})


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    with running_ingest(environment, tmp_path_factory.mktemp("ingest")) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(services: Services, ingest: Ingest) -> Iterator[Client]:
    with sender(services, "centre") as client:
        yield client


def message(time: object, **values: object) -> str:
    return json.dumps({"time": time, "values": values})


def stamp(moment: datetime) -> str:
    return moment.isoformat()


MANY = json.dumps([{"time": stamp(NOW - timedelta(seconds=n)), "values": {"flow": n}} for n in range(10_000)])

CASES: dict[str, tuple[str, str | bytes, str, dict[str, float]]] = {
    "unknown station": ("anlan/obs/NOBODY", GOOD, "unknown_station", {}),
    "unknown topic": ("anlan/weird/topic", GOOD, "no_route", {}),
    "a torn frame": ("anlan/sl651/RIVER1", b"\x7e\x7e", "bad_frame", {}),
    "unknown exercise": ("anlan/drill/NONE/obs/RIVER1", GOOD, "unknown_exercise", {}),
    "impossible exercise": ("anlan/drill/a b/obs/RIVER1", GOOD, "no_route", {}),
    "markup as a station": ("anlan/obs/<b>RIVER1<b>", GOOD, "bad_code", {}),
    "broken JSON": ("anlan/obs/RIVER1", b'{"time":', "broken_json", {}),
    "NaN": (
        "anlan/obs/RIVER2",
        f'{{"time": "{stamp(NOW)}", "values": {{"flow": NaN, "inflow": 2.0}}}}',
        "not_finite",
        {"inflow": 2.0},
    ),
    "wrong unit": (
        "anlan/obs/RIVER3",
        message(stamp(NOW), tide_level=342.0, flow=1.0),
        "wrong_unit",
        {"tide_level": 342.0, "flow": 1.0},
    ),
    "future": ("anlan/obs/RIVER4", message(stamp(NOW + timedelta(hours=2)), flow=1.0), "time_in_future", {}),
    "1970": ("anlan/obs/RIVER4", message(1_000, flow=1.0), "time_too_early", {}),
    "no time": ("anlan/obs/RIVER4", '{"values": {"flow": 1}}', "time_missing", {}),
    "2 MB": ("anlan/obs/RIVER4", b"[" + b" " * 2_000_000 + b"]", "too_large", {}),
    "10,000 values": ("anlan/obs/RIVER4", MANY, "too_many_values", {}),
    "duplicate key": (
        "anlan/obs/RIVER5",
        f'{{"time": "{stamp(NOW)}", "values": {{"flow": 1.0, "flow": 2.0, "inflow": 3.0}}}}',
        "duplicate_key",
        {"inflow": 3.0},
    ),
    "markup as a property": (
        "anlan/obs/RIVER6",
        json.dumps({"time": stamp(NOW), "values": {"<img src=x onerror=alert(1)>": 1, "flow": 2.0}}),
        "unknown_property",
        {"flow": 2.0},
    ),
    "markup as a typhoon": (
        "anlan/weather/typhoon",
        json.dumps(
            {"code": "2499", "name": "<script>", "fixes": [{"time": stamp(NOW), "lon": 120, "lat": 20}]}
        ),
        "markup_in_text",
        {},
    ),
    "unknown camera": ("anlan/camera/CAM9/status", b'{"time": 1, "online": true}', "unknown_camera", {}),
    "no picture": ("anlan/camera/CAM1/snapshot", b"GIF89a", "bad_image", {}),
    "a nul byte": ("anlan/obs/RIVER1", b'{"time": "\x00", "values": {"flow": 1}}', "broken_json", {}),
    "a lone surrogate": (
        "anlan/obs/RIVER1",
        b'{"time": "\\ud800", "values": {"flow": 1}}',
        "time_unreadable",
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_has_its_reason_and_what_is_valid_beside_it_is_stored(
    case: str, gateway: Client, view: Connection
) -> None:
    topic, payload, reason, stored = CASES[case]
    last = number(view, "select coalesce(max(id), 0) from quarantine")
    gateway.publish(topic, payload, 1)
    until(lambda: number(view, "select coalesce(max(id), 0) from quarantine") > last)
    kept = view.execute(
        "select topic, payload, reason, detail from quarantine where id > %s", (last,)
    ).fetchall()
    raw = payload.encode() if isinstance(payload, str) else payload
    assert [(row[0], row[1], row[2]) for row in kept] == [(topic, raw, reason)]
    assert kept[0][3].startswith(f"[{reason}] ")
    station = topic.split("/")[-1]
    found = dict(
        view.execute(
            "select property, value from public_v1.observation where station = %s and time = %s",
            (station, NOW),
        ).fetchall()
    )
    assert {name: found.get(name) for name in stored} == stored


def test_the_process_went_on_and_good_readings_among_bad_ones_are_all_there(
    gateway: Client, view: Connection, ingest: Ingest
) -> None:
    rows = "select count(*) from public_v1.observation where station = 'RIVER7' and property = 'outflow'"
    for step in range(200):
        gateway.publish(f"anlan/obs/BAD{step}", b"\xff\x00", 1)
        gateway.publish("anlan/obs/RIVER7", encode(NOW - timedelta(seconds=step), {"outflow": 1.0}), 1)
    until(lambda: number(view, rows) == 200)
    assert ingest.process is not None
    assert ingest.process.poll() is None


def test_a_message_that_the_database_refuses_is_found_out_and_put_aside(
    gateway: Client, view: Connection, ingest: Ingest
) -> None:
    """A constraint stands for any fault of ours that only the database notices."""
    view.execute("alter table observation_revision add constraint poison check (value is distinct from 666)")
    late = NOW - timedelta(hours=1)
    for value in (666.0, 5.0):
        gateway.publish("anlan/obs/RIVER8", encode(late, {"storage": value}), 1)
    for step in range(300):
        gateway.publish("anlan/obs/RIVER8", encode(NOW - timedelta(seconds=step), {"storage": 1.0}), 1)
    rows = "select count(*) from public_v1.observation where station = 'RIVER8' and value = 1"
    refused = "select count(*) from quarantine where reason = 'cannot_be_stored'"
    until(lambda: number(view, rows) == 300)
    until(lambda: number(view, refused) == 1)
    assert "CheckViolation" in number(view, "select detail from quarantine where reason = 'cannot_be_stored'")
    view.execute("alter table observation_revision drop constraint poison")


def test_a_locked_table_is_waited_for(gateway: Client, view: Connection, database: str) -> None:
    with psycopg.connect(database) as other:
        other.execute("lock table observation in access exclusive mode")
        gateway.publish("anlan/obs/RIVER9", encode(NOW, {"storage": 2.0}), 1)
        other.execute("select pg_sleep(1)")
    rows = "select count(*) from public_v1.observation where station = 'RIVER9' and property = 'storage'"
    until(lambda: number(view, rows) == 1)


def anlan(environment: dict[str, str], *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys; from cli.main import main; sys.exit(main({list(words)!r}))"],
        env={**os.environ, **environment, "ANLAN_LANGUAGE": "en"},
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_the_quarantine_is_listed_shown_and_retried(
    environment: dict[str, str], gateway: Client, view: Connection
) -> None:
    late = NOW - timedelta(days=2)
    for step in range(3):
        gateway.publish(
            "anlan/obs/NEWCOMER", encode(late + timedelta(minutes=step), {"water_level": step}, seq=step), 1
        )
    of_it = "select count(*) from quarantine where topic = 'anlan/obs/NEWCOMER' and resolved_at is null"
    until(lambda: number(view, of_it) == 3)
    listed = anlan(environment, "quarantine", "list", "--reason", "unknown_station").stdout.decode()
    assert listed.count("anlan/obs/NEWCOMER") == 3
    first = number(view, "select min(id) from quarantine where topic = 'anlan/obs/NEWCOMER'")
    shown = anlan(environment, "quarantine", "show", str(first)).stdout.decode()
    assert "import it" in shown
    raw = anlan(environment, "quarantine", "show", str(first), "--raw").stdout
    assert json.loads(raw)["seq"] == 0
    again = anlan(environment, "quarantine", "retry", "--reason", "unknown_station")
    assert again.returncode == 1, "nothing has changed yet"
    view.execute(
        "insert into station (code, name, name_en, kind, lon, lat)"
        " values ('NEWCOMER', '新', 'New', 'ZZ', 1, 1)"
    )
    again = anlan(environment, "quarantine", "retry", "--reason", "unknown_station")
    assert number(view, of_it) == 0, again.stdout + again.stderr
    assert b"readings stored 3" in again.stdout
    kept = "select array_agg(received_at order by id) from quarantine where topic = 'anlan/obs/NEWCOMER'"
    stored = (
        "select array_agg(received_at order by time) from public_v1.observation where station = 'NEWCOMER'"
    )
    assert number(view, stored) == number(view, kept), "as received at first"
    unknown = anlan(environment, "quarantine", "show", "99999999")
    assert unknown.returncode == 2
    assert b"there is no quarantine entry" in unknown.stderr


def test_decode_prints_json_lines_and_names_faults(environment: dict[str, str]) -> None:
    payload = (
        b'{"time": "2026-07-01T08:05:00+08:00", "values": {"rainfall": 0.5, "flow": "x"}, "period_s": 300}'
    )
    done = anlan(environment, "decode", "obs", "--station", "ST1", given=payload)
    assert done.returncode == 1
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {
            "station": "ST1",
            "property": "rainfall",
            "sensor": 1,
            "period_s": 300,
            "time": "2026-07-01T00:05:00Z",
            "value": 0.5,
            "quality": 1,
            "reason": "",
        }
    ]
    assert json.loads(done.stderr)["reason"] == "wrong_type"
