"""Deciding 待核实 over the interface: who may, what stands beside the alarm."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from PIL import Image

from alerts.alarms.batch import evaluate
from app.auth.secrets import digest, new_token
from core.devices import Camera
from core.observations import Observation
from core.quality import Quality
from core.roles import Role
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import Threshold
from store import marks, observations, sessions
from store.cameras import save_camera
from store.stations import ensure_series, save_station, save_threshold
from tests.integration.levels import SETTING
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(microsecond=0)


def store(
    connection: psycopg.Connection[object], key: SeriesKey, minutes: list[tuple[float, float, Quality]]
) -> None:
    series = ensure_series(connection, [key])[key].id
    batch = [
        Observation(series, NOW + timedelta(minutes=at), value, quality, "range", NOW, "test", None)
        for at, value, quality in minutes
    ]
    observations.store(connection, batch)
    marks.add(
        connection, marks.EVALUATOR,
        [marks.Mark(series, min(one.time for one in batch), max(one.time for one in batch))],
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into area (code, name, name_en, kind, parent, lon, lat) values ('C', '县', 'C', 'county', null, 121.8,"
            " 29.4), ('T1', '甲', 'T1', 'town', 'C', 121.8, 29.4), ('T2', '乙', 'T2', 'town', 'C', 121.9, 29.4)"
        )
        for code, kind, lon, river in (
            ("A", StationKind.RIVER_LEVEL, 121.80, "东溪"), ("B", StationKind.RIVER_LEVEL, 121.95, "东溪"),
            ("N", StationKind.RIVER_LEVEL, 121.82, "西溪"), ("F", StationKind.RIVER_LEVEL, 123.5, "东溪"),
            ("P", StationKind.RAIN, 121.83, None),
        ):  # fmt: skip
            save_station(
                connection, Station(code, f"{code}站", code, kind, "T1", lon, 29.4, 300, river=river)
            )
        save_threshold(
            connection,
            Threshold("A", "water_level", "warning", Severity.YELLOW, 4.0, 0.05, None, "test"),
            "test",
        )
        for code, value in (("B", 2.1), ("N", 2.2), ("F", 2.3)):
            store(connection, SeriesKey(code, "water_level", 1, 0, None), [(-5, value, Quality.GOOD)])
        store(connection, SeriesKey("P", "rainfall_sliding", 1, 10800, None), [(-5, 12.5, Quality.GOOD)])
        save_camera(connection, Camera("K", "东溪相机", "K", "T1", 121.81, 29.4, None))
        out = io.BytesIO()
        Image.new("RGB", (32, 24)).save(out, "JPEG")
        connection.execute(
            "insert into camera_snapshot (camera, received_at, width, height, jpeg) values ('K', %s, 32, 24, %s)",
            (NOW, out.getvalue()),
        )
    with served(database) as site:
        for name, role, area in (
            ("duty", "duty", "T1"), ("other", "duty", "T2"), ("viewer", "viewer", "T1"), ("field", "field", "T1"),
        ):  # fmt: skip
            site.add_user(name, role, area=area)
        yield site


def raised(site: Site) -> int:
    """A new doubtful reading of station A, and the alarm that stands for it."""
    with site.connection() as connection:
        store(connection, SeriesKey("A", "water_level", 1, 0, None), [(-2, 9.9, Quality.BAD)])
    with site.connection() as connection:
        evaluate(connection, SETTING, NOW)
    with site.connection() as connection:
        found = connection.execute("select id, to_verify from alarm where closed_at is null").fetchone()
    assert found is not None and found[1] is True
    return int(found[0])


def test_what_stands_beside_it_and_who_may_decide(site: Site) -> None:
    number = raised(site)
    duty = site.signed_in("duty")
    beside = duty.get(f"/api/v1/alarms/{number}/beside").json()
    assert [(one["value"], one["doubtful"], one["reason"]) for one in beside["readings"]] == [
        (9.9, True, "range")
    ]
    assert [(one["station"], one["same_river"]) for one in beside["neighbours"]] == [
        ("B", True),
        ("N", False),
    ]
    assert [(one["station"], one["value"]) for one in beside["rain_3h"]] == [("P", 12.5)]
    assert duty.get(beside["picture"]["url"]).headers["content-type"] == "image/jpeg"
    since = datetime.fromisoformat(beside["waiting_since"])
    assert datetime.fromisoformat(beside["leader_at"]) - since == timedelta(minutes=5)
    assert datetime.fromisoformat(beside["commander_at"]) - since == timedelta(minutes=10)

    path = f"/api/v1/alarms/{number}/decide"
    given = {"verdict": True, "reason": "现场已看"}
    assert site.client().post(path, json=given).status_code == 401
    assert site.signed_in("other").post(path, json=given).status_code == 404
    assert site.signed_in("other").get(f"/api/v1/alarms/{number}/beside").status_code == 404
    for name in ("viewer", "field"):
        assert site.signed_in(name).post(path, json=given).status_code == 403
    assert token(site).post(path, json=given).status_code == 403
    for wrong in (
        {"verdict": True},
        {"verdict": True, "reason": ""},
        {"verdict": "maybe", "reason": "x"},
        {"verdict": True, "reason": "  "},
    ):
        assert duty.post(path, json=wrong).status_code == 422
    assert duty.post("/api/v1/alarms/999999/decide", json=given).status_code == 404

    decided = duty.post(path, json=given)
    assert (decided.status_code, decided.json()) == (200, {"done": True, "values": 1})
    again = duty.post(path, json=given | {"verdict": False})
    assert again.status_code == 409
    after = duty.get(f"/api/v1/alarms/{number}").json()
    assert (after["to_verify"], after["state"], after["acknowledged_by"]) == (False, "acknowledged", "duty")
    assert duty.get(f"/api/v1/alarms/{number}/beside").json()["waiting_since"] is None


def token(site: Site) -> httpx.Client:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "machine", digest(secret), Role.DUTY, None, "test")
    return site.client(headers={"Authorization": f"Bearer {secret}"})
