"""The quarantine worked on: grouped, filtered, scoped, retried through `anlan derive`, given up, audited."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.auth.secrets import digest, new_token
from core.areas import Area
from core.networks import DeviceRule
from core.roles import Role
from core.settings import Ingest, Settings
from core.stations import Station, StationKind
from ingest.derive import retries
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store import quarantine, quarantine_requests, sessions, stations
from store.areas import save_area
from tests.integration.ingesting import until
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two towns with a station each, and people of every role."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "县", "County", "county"))
            for town in ("east", "west"):
                save_area(connection, Area(town, town, town, "town", "county"))
                station = Station(f"R-{town}", town, town, StationKind.RIVER, town, 121.8, 29.4)
                stations.save_station(connection, station)
            connection.execute("insert into exercise (code, name, started_by) values ('EX1', '演练', 'x')")
        for name, role, area in (
            ("duty", "duty", None), ("viewer", "viewer", None), ("root", "administrator", None),
            ("east", "duty", "east"),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


@pytest.fixture(autouse=True)
def empty(site: Site) -> None:
    """Nothing in the quarantine."""
    with site.connection() as connection:
        connection.execute("truncate quarantine, quarantine_request")


def receive(site: Site, *messages: tuple[str, bytes], settings: Ingest | None = None) -> None:
    """As ingest does, a minute apart."""
    chosen = settings or Ingest()
    batch = [
        Inbound(topic, payload, NOW - timedelta(hours=2) + timedelta(minutes=n))
        for n, (topic, payload) in enumerate(messages)
    ]
    with site.connection() as connection:
        write(connection, batch, Directory(), Limits.of(chosen), keeping=Keeping.of(chosen))


def level(value: float, minutes: int = 0) -> bytes:
    time = NOW - timedelta(hours=3) + timedelta(minutes=minutes)
    return json.dumps({"time": time.isoformat(), "values": {"water_level": value}}).encode()


def derive(site: Site, settings: Settings | None = None) -> int:
    """Turns of the role `derive`, until nothing is left."""
    turns = 0
    while True:
        with site.connection() as connection:
            if not retries.step(connection, settings or Settings(), NOW):
                return turns
        turns += 1


def groups(site: Site, user: str, query: str = "") -> list[dict[str, Any]]:
    answer = site.signed_in(user).get(f"/api/v1/quarantine/groups{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_sender_that_fails_a_thousand_times_is_one_line(site: Site) -> None:
    receive(site, *((("anlan/obs/R-east", b"{broken %d" % n)) for n in range(1000)))
    receive(site, ("anlan/obs/GHOST", level(1)))
    found = groups(site, "duty")
    assert sorted((one["reason"], one["count"]) for one in found) == [
        ("broken_json", 1000),
        ("unknown_station", 1),
    ]
    assert [one["topic"] for one in groups(site, "duty", "?reason=unknown_station")] == ["anlan/obs/GHOST"]
    assert groups(site, "duty", "?topic=*east*&format=obs")[0]["count"] == 1000
    assert groups(site, "duty", "?topic=anlan/obs/G_OST") == [], "only the star stands for others"
    page = site.signed_in("duty").get("/api/v1/quarantine?reason=broken_json&limit=200").json()
    assert len(page["items"]) == 200
    older = site.signed_in("duty").get(f"/api/v1/quarantine?limit=200&before={page['next']}").json()
    assert {one["id"] for one in older["items"]}.isdisjoint(one["id"] for one in page["items"])


def test_a_town_sees_what_its_own_stations_could_not_say(site: Site) -> None:
    receive(site, ("anlan/obs/R-east", b"{"), ("anlan/obs/R-west", b"{"), ("anlan/obs/GHOST", level(1)))
    assert [one["code"] for one in groups(site, "east")] == ["R-east"]
    entries = site.signed_in("duty").get("/api/v1/quarantine").json()["items"]
    west = next(one["id"] for one in entries if one["code"] == "R-west")
    client = site.signed_in("east")
    assert client.get(f"/api/v1/quarantine/{west}").status_code == 404
    assert client.post("/api/v1/quarantine/retry", json={"id": west}).status_code == 409
    closed = client.post(
        "/api/v1/quarantine/close", json={"reason": "broken_json", "why": "x", "upto": 2**60}
    )
    assert closed.json() == {"closed": 1}
    assert len(groups(site, "duty")) == 2


def test_a_drill_stays_in_its_exercise(site: Site) -> None:
    receive(site, ("anlan/drill/EX1/obs/GHOST", level(1)), ("anlan/drill/EX1/what/GHOST", b"?"))
    assert groups(site, "duty") == []
    assert len(groups(site, "duty", "?exercise=EX1")) == 2


def test_payloads_are_for_who_may_read_them(site: Site) -> None:
    receive(site, ("anlan/obs/R-east", b'{"password": "geheim", '))
    (entry,) = site.signed_in("viewer").get("/api/v1/quarantine").json()["items"]
    seen = site.signed_in("viewer").get(f"/api/v1/quarantine/{entry['id']}").json()
    assert seen["payload"] is None
    told = site.signed_in("root").get(f"/api/v1/quarantine/{entry['id']}").json()
    assert told["payload"]["kind"] == "text"
    assert told["payload"]["masked"]
    assert "geheim" not in json.dumps(told)


@pytest.mark.parametrize("act", ["retry", "close"])
def test_only_who_tends_it_acts_and_never_a_token(site: Site, act: str) -> None:
    receive(site, ("anlan/obs/R-east", b"{"))
    body = {"reason": "broken_json", "why": "x", "upto": 2**60}
    assert site.signed_in("viewer").post(f"/api/v1/quarantine/{act}", json=body).status_code == 403
    token = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, f"robot-{act}", digest(token), Role.DUTY, None, "test")
    robot = site.client(headers={"Authorization": f"Bearer {token}"})
    assert robot.post(f"/api/v1/quarantine/{act}", json=body).status_code == 403
    assert site.signed_in("root").post(f"/api/v1/quarantine/{act}", json=body).status_code == 200


def test_giving_up_needs_a_reason_keeps_the_payload_and_is_audited(site: Site) -> None:
    receive(site, ("anlan/obs/R-east", b"{1"), ("anlan/obs/R-east", b"{2"))
    client = site.signed_in("duty")
    (group,) = groups(site, "duty")
    receive(site, ("anlan/obs/R-east", b"{3"))
    body = {"exact_topic": "anlan/obs/R-east", "reason": "broken_json", "upto": group["newest"]}
    assert client.post("/api/v1/quarantine/close", json={**body, "why": "  "}).status_code == 422
    assert client.post("/api/v1/quarantine/close", json={"why": "all", "upto": 2**60}).status_code == 422
    done = client.post("/api/v1/quarantine/close", json={**body, "why": "测试电文"})
    assert done.json() == {"closed": 2}, "what came since stays open"
    assert groups(site, "duty")[0]["count"] == 1
    (closed,) = groups(site, "duty", "?state=closed")
    assert closed["count"] == 2
    with site.connection() as connection:
        line = connection.execute(
            "select actor, detail ->> 'why' from audit where action = 'quarantine.close' order by id desc limit 1"
        ).fetchone()
        kept = connection.execute(
            "select payload from quarantine where closed_at is not null order by id"
        ).fetchall()
    assert line == ("duty", "测试电文")
    assert kept == [(b"{1",), (b"{2",)]


def test_a_retry_after_the_station_is_imported_stores_what_it_said(site: Site) -> None:
    receive(site, *((("anlan/obs/LATER", level(n / 100, n))) for n in range(230)))
    client = site.signed_in("duty")
    body = {"reason": "unknown_station", "exact_topic": "anlan/obs/LATER"}
    first = client.post("/api/v1/quarantine/retry", json=body).json()
    assert (first["total"], first["done_at"]) == (230, None)
    assert client.post("/api/v1/quarantine/retry", json=body).status_code == 409, "it runs already"
    assert derive(site) == 3, "in slices, so that others have their turn"
    (told,) = client.get("/api/v1/quarantine/requests").json()
    assert (told["resolved"], told["remaining"], told["done_at"] is None) == (0, 230, False)
    with site.connection() as connection:
        stations.save_station(
            connection, Station("LATER", "新站", "Later", StationKind.RIVER, "east", 121.8, 29.4)
        )
    client.post("/api/v1/quarantine/retry", json=body)
    derive(site)
    told = client.get("/api/v1/quarantine/requests").json()[0]
    assert (told["resolved"], told["remaining"], told["readings"]) == (230, 0, 230)
    with site.connection() as connection:
        marked = connection.execute("select distinct consumer from mark").fetchall()
        stored = connection.execute(
            "select count(*), min(received_at) from public_v1.observation where station = 'LATER'"
        ).fetchone()
    assert stored is not None
    assert stored[0] == 230
    assert stored[1] < NOW, "as received at first"
    assert ("evaluator",) in marked, "alarms follow"
    assert groups(site, "duty") == []
    assert groups(site, "duty", "?state=resolved")[0]["count"] == 230


def test_a_retry_after_a_mapping_is_added_stores_its_fields(site: Site) -> None:
    pack = json.dumps(
        {"R-east": [{"ts": int((NOW - timedelta(hours=5)).timestamp() * 1000), "values": {"pegel": 341}}]}
    )
    receive(site, ("anlan/thingsboard/gate-1", pack.encode()))
    assert [one["reason"] for one in groups(site, "duty")] == ["unmapped_field"]
    client = site.signed_in("duty")
    client.post("/api/v1/quarantine/retry", json={"reason": "unmapped_field"})
    rule = DeviceRule.model_validate(
        {"format": "thingsboard", "fields": {"pegel": {"property": "water_level", "unit": "cm"}}}
    )
    derive(site, Settings(ingest=Ingest(mapping={"gauge": rule})))
    (told,) = client.get("/api/v1/quarantine/requests").json()
    assert (told["resolved"], told["readings"]) == (1, 1)
    with site.connection() as connection:
        value = connection.execute(
            "select value from public_v1.observation where station = 'R-east' and value = 3.41"
        ).fetchone()
    assert value == (3.41,)


def test_what_was_given_up_is_not_retried(site: Site) -> None:
    receive(site, ("anlan/obs/GONE", level(1)), ("anlan/obs/GONE", level(2, 1)))
    client = site.signed_in("duty")
    client.post("/api/v1/quarantine/retry", json={"reason": "unknown_station"})
    client.post("/api/v1/quarantine/close", json={"reason": "unknown_station", "why": "x", "upto": 2**60})
    derive(site)
    (told,) = client.get("/api/v1/quarantine/requests").json()
    assert (told["resolved"], told["remaining"], told["done_at"] is None) == (0, 0, False)
    assert client.post("/api/v1/quarantine/retry", json={"reason": "unknown_station"}).status_code == 409


def test_the_role_itself_takes_a_wish_up_at_once(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    receive(site, ("anlan/obs/ATONCE", level(1)))
    with site.connection() as connection:
        stations.save_station(
            connection, Station("ATONCE", "站", "At once", StationKind.RIVER, "west", 121.8, 29.4)
        )
    with (tmp_path / "derive.log").open("wb") as log:
        role = subprocess.Popen(
            [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main(['derive']))"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        site.signed_in("duty").post("/api/v1/quarantine/retry", json={"reason": "unknown_station"})

        def resolved() -> bool:
            with site.connection() as connection:
                return quarantine_requests.requests(connection, None)[0].resolved == 1

        until(resolved)
    finally:
        role.kill()
        role.wait()


def test_the_command_has_the_filters_of_the_page(site: Site, environment: dict[str, str]) -> None:
    receive(
        site,
        ("anlan/obs/R-east", b"{"),
        ("anlan/obs/GHOST", level(1)),
        ("anlan/drill/EX1/obs/GHOST", level(1)),
    )

    def listed(*words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; from cli.main import main; sys.exit(main({['quarantine', 'list', *words]!r}))"],
            env=environment, capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        return [line.split("\t")[4] for line in done.stdout.decode().splitlines() if "\t" in line]

    assert listed("--topic", "*GHOST") == ["anlan/drill/EX1/obs/GHOST", "anlan/obs/GHOST"]
    assert listed("--topic", "*GHOST", "--exercise", "") == ["anlan/obs/GHOST"]
    assert listed("--reason", "broken_json", "--format", "obs") == ["anlan/obs/R-east"]


def test_asking_whether_a_message_is_kept_already_reads_no_whole_day(site: Site) -> None:
    """Else whoever sends noise makes it slower with every piece, until stations wait."""
    kept = quarantine.Quarantined(
        NOW, "tcp:sl651:10.0.0.1", None, None, "sl651", b"noise", "bad_frame", "", repeated=True
    )
    values = {name: getattr(kept, name) for name in quarantine.Quarantined.__slots__}
    with site.connection() as connection:
        connection.execute(
            "insert into quarantine (received_at, topic, payload, reason, detail)"
            " select %s, 'tcp:sl651:10.0.0.1', n::text::bytea, 'bad_frame', '' from generate_series(1, 5000) n",
            (NOW,),
        )
        connection.execute("analyze quarantine")
        plan = "".join(line for (line,) in connection.execute("explain " + quarantine._KEEP, values))
        assert "quarantine_same" in plan
        assert [quarantine.keep(connection, [kept]) for _ in range(2)] == [1, 0]


def test_an_entry_that_trips_us_holds_up_none_behind_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(site, ("anlan/obs/NEW7", level(1.5)), ("anlan/obs/NEW8", level(2.5)))

    def write_or_trip(connection: Any, batch: list[Inbound], *more: Any, **named: Any) -> Any:
        if batch[0].topic.endswith("NEW7"):
            raise TypeError("a fault of ours")
        return write(connection, batch, *more, **named)

    monkeypatch.setattr("ingest.retry.write", write_or_trip)
    with site.connection() as connection:
        stations.save_station(connection, Station("NEW8", "八", "8", StationKind.RIVER, "east", 121.8, 29.4))
        quarantine_requests.ask(connection, quarantine.Filter(format="obs"), by="duty", at=NOW)
    derive(site)
    with site.connection() as connection:
        [left] = quarantine.entries(connection)
        [done] = quarantine_requests.requests(connection, None)
    assert (left.topic, left.reason) == ("anlan/obs/NEW7", "cannot_be_stored")
    assert "TypeError" in left.detail
    assert (done.resolved, done.remaining, done.done_at) == (1, 1, NOW)
