"""A county of two towns, users of every role in each, and one thing of every kind that lies in the first town.

Whatever belongs to the first town carries `SECRET` in its words: nobody of the other town may ever read that.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from PIL import Image
from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts import second_person
from alerts.orders import Actor
from app.auth.secrets import digest, new_session, new_token
from core.areas import Area
from core.devices import Camera, Device, DeviceKind
from core.people import Person
from core.requests import RequestKind
from core.roles import Role
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import Threshold
from store import requests as request_store
from store import sessions
from store.areas import save_area
from store.cameras import save_camera
from store.devices import save_device
from store.people import save_person
from store.stations import ensure_series, save_station, save_threshold
from store.users import add_user
from tests.integration.serving import Site, served

SECRET = "SECRET"
COUNTY, OWN, OTHER = "C", "T1", "T2"
STATION, DEVICE, CAMERA, PERSON = "S1", "D1", "K1", "P1"

Params = dict[str, Any]
Subject = Callable[["World", str], Params]
"""Makes a thing of the first town for whoever acts, and returns what its path is filled with."""


def now() -> datetime:
    return datetime.now(UTC)


def later(**span: float) -> str:
    return (now() + timedelta(**span)).isoformat()


@dataclass
class World:
    """The running site and a browser of every user; users are `ROLE-AREA`, such as `duty-T1`."""

    site: Site
    browsers: dict[str, httpx.Client] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def browser(self, role: str, area: str) -> httpx.Client:
        """Of this user, signed in."""
        name = f"{role}-{area}"
        if name not in self.browsers:
            secret = new_session()
            with self.site.connection() as connection:
                sessions.open_session(
                    connection, digest(secret), user=name, address="127.0.0.1", expires_at=now() + timedelta(hours=9)
                )  # fmt: skip
            client = self.site.client(headers={"Origin": self.site.url})
            client.cookies.set(f"anlan_session_{httpx.URL(self.site.url).port}", secret)
            assert client.get("/api/v1/me").json()["name"] == name
            self.browsers[name] = client
        return self.browsers[name]

    def program(self, role: str, area: str) -> httpx.Client:
        """With a token of this role."""
        name = f"token {role}-{area}"
        if name not in self.browsers:
            secret = new_token()
            with self.site.connection() as connection:
                place = None if area == COUNTY else area
                sessions.add_token(connection, name, digest(secret), Role(role), place, "test")
            self.browsers[name] = self.site.client(headers={"Authorization": f"Bearer {secret}"})
        return self.browsers[name]

    def one(self, query: str, *values: object) -> Any:
        """The first value that a statement returns, None without one."""
        with self.site.connection() as connection:
            found = connection.execute(query.encode(), values)
            row = found.fetchone() if found.description else None
        return row[0] if row else None

    def trail(self) -> int:
        """How many lines all histories have together: of alarms, orders and reports, and the audit."""
        return int(
            self.one(
                "select (select count(*) from audit) + (select count(*) from alarm_event)"
                " + (select count(*) from order_event) + (select count(*) from report_event)"
            )
        )


@contextmanager
def routes_world(database: str) -> Iterator[World]:
    """The county, served."""
    with served(database) as site:
        with site.connection() as connection:
            _build(connection)
        yield World(site)


def _build(connection: Connection[Any]) -> None:
    save_area(connection, Area(COUNTY, "演示县", "Demo County", "county"))
    for town, word in ((OWN, SECRET), (OTHER, "other")):
        save_area(connection, Area(town, f"{word}镇", f"{word} Town", "town", parent=COUNTY))
        save_person(connection, Person(f"P{town[1]}", f"{word}值班", f"1380000000{town[1]}", town, "值班员"))
        save_person(connection, Person(f"Q{town[1]}", f"{word}代班", f"1380000001{town[1]}", town, "值班员"))
    save_person(connection, Person("P0", "县指挥", "13800000009", COUNTY, "指挥长"))
    for area in (COUNTY, OWN, OTHER):
        for role in Role:
            add_user(connection, f"{role}-{area}", "x", role, area=None if area == COUNTY else area)
    save_station(
        connection, Station(STATION, f"{SECRET}站", SECRET, StationKind.RIVER_LEVEL, OWN, 121.8, 29.4, 300, river="溪")
    )  # fmt: skip
    save_station(
        connection,
        Station("S2", "他站", "Other", StationKind.RIVER_LEVEL, OTHER, 121.9, 29.5, 300, river="溪"),
    )
    save_threshold(
        connection, Threshold(STATION, "water_level", "warning", Severity.YELLOW, 4.0, 0.05, None, SECRET), "test"
    )  # fmt: skip
    key = SeriesKey(STATION, "water_level", 1, 0, None)
    series = ensure_series(connection, [key])[key].id
    connection.execute(
        "insert into observation (series, time, value, quality, reason, received_at, source)"
        " values (%s, date_trunc('minute', now()) - interval '1 hour', 4.71, 3, 'rate', now(), 'test')",
        (series,),
    )
    save_device(connection, Device(DEVICE, DeviceKind.LED, f"{SECRET}屏", SECRET, OWN, 121.8, 29.4, 8, 2))
    save_camera(connection, Camera(CAMERA, f"{SECRET}桥", SECRET, OWN, 121.8, 29.4))
    connection.execute(
        "insert into camera_snapshot (camera, received_at, width, height, jpeg) values (%s, now(), 8, 8, %s)",
        (CAMERA, jpeg()),
    )
    connection.execute(
        "insert into shift (code, name, area, position, starts, ends, days, first_day, rota, set_by)"
        " values ('SH1', %s, 'T1', 'duty', '08:00', '20:00', '{1,2,3,4,5,6,7}', current_date, '{P1}', 'test')",
        (SECRET,),
    )
    connection.execute(
        "insert into call_chain (code, name, area, members, set_by) values ('CH1', %s, 'T1', '{duty}', 'test')",
        (SECRET,),
    )


def jpeg() -> bytes:
    """A small picture."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(kept, "JPEG")
    return kept.getvalue()


def alarm(state: str = "unacknowledged", severity: str | None = "orange", **more: Any) -> Subject:
    """An open alarm in this state."""

    def make(world: World, who: str) -> Params:
        values = {
            "class": "water", "subject_kind": "station", "subject": STATION, "station": STATION, "area": OWN,
            "property": "water_level", "rule": f"rule-{next(world.numbers)}", "rule_version": 1, "state": state,
            "severity": severity, "highest_severity": severity, "raised_at": now(), "observed_at": now(),
            "value": 4.71, "threshold": 4.0, "threshold_name": f"{SECRET}水位",
        } | more  # fmt: skip
        if state == "acknowledged":
            values |= {"acknowledged_at": now(), "acknowledged_by": who}
        if state == "shelved":
            values |= {"shelved_until": now() + timedelta(hours=1), "shelved_reason": "x", "shelved_by": who}
        columns = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        number = world.one(f"insert into alarm ({columns}) values ({places}) returning id", *values.values())
        return {"id": number}

    return make


def backtest(world: World, who: str) -> Params:
    world.one("update backtest set state = 'done' where state in ('waiting', 'running')")
    spec = {"rule": "level", "stations": [STATION], "word": SECRET}
    return {
        "id": world.one(
            "insert into backtest (spec, area, asked_by, asked_at, state, lease_until)"
            " values (%s, 'T1', 'somebody', now(), 'running', now() + interval '1 hour') returning id",
            Jsonb(spec),
        )
    }


def report(world: World, who: str) -> Params:
    number = world.one(
        "insert into report (key, kind, severity, area, text, observed_at, received_at, reported_by)"
        " values (%s, 'piping', 'orange', 'T1', %s, now(), now(), 'somebody') returning id",
        f"key-{next(world.numbers):08d}", SECRET,
    )  # fmt: skip
    photo = world.one(
        "insert into report_photo (report, at, actor, width, height, jpeg) values (%s, now(), 'x', 64, 64, %s)"
        " returning id",
        number, jpeg(),
    )  # fmt: skip
    return {"id": number, "number": photo}


def silence(world: World, who: str) -> Params:
    return {
        "id": world.one(
            "insert into silence (area, most, starts_at, ends_at, reason, author, made_at)"
            " values ('T1', 'orange', now(), now() + interval '1 hour', %s, 'somebody', now()) returning id",
            SECRET,
        )
    }


def request(world: World, who: str) -> Params:
    """A red alarm that somebody else would shelve."""
    subject = alarm("unacknowledged", "red")(world, who)["id"]
    proposal = second_person.Proposal(
        RequestKind.SHELVE_RED, f"alarm/{subject}", SECRET, now() + timedelta(hours=1)
    )
    with world.site.connection() as connection:
        if connection.execute("select 1 from app_user where name = 'somebody'").fetchone() is None:
            add_user(connection, "somebody", "x", Role.LEADER, area=OWN)
        by = Actor("somebody", Role.LEADER, OWN)
        number = second_person.propose(connection, proposal, by, at=now())
        shown = second_person.present(connection, request_store.get(connection, number), now())
    return {"id": number, "content_hash": shown[1]}


def out_of_service(world: World, who: str) -> Params:
    world.one("update service_absence set ended_at = now(), ended_by = 'x' where ended_at is null")
    return {
        "id": world.one(
            "insert into service_absence (kind, subject, area, starts, until, reason, by_user, second)"
            " values ('device', 'D1', 'T1', now(), now() + interval '1 hour', %s, 'a', 'b') returning id",
            SECRET,
        )
    }


def turn(world: World, who: str) -> Params:
    return {
        "id": world.one(
            "insert into roster (area, person, position, starts, ends) values ('T1', 'P1', 'duty',"
            " now() + %s * interval '1 minute', now() + interval '3 days') returning id",
            next(world.numbers),
        )
    }  # fmt: skip


def absence(world: World, who: str) -> Params:
    return {
        "id": world.one(
            "insert into absence (person, starts, ends, reason, made_by)"
            " values ('P1', now() - interval '1 hour', now() + interval '1 hour', %s, 'x') returning id",
            SECRET,
        )
    }


def handover(signed_by: str | None = "somebody") -> Subject:
    """A signed hand-over with a test sound that was played to whoever acts; None: signed by that one."""

    def make(world: World, who: str) -> Params:
        world.one(
            "update handover set withdrawn_at = now() where confirmed_at is null and withdrawn_at is null"
        )
        number = world.one(
            "insert into handover (area, note, brief, outgoing, signed_at)"
            " values ('T1', %s, '{}', %s, now()) returning id",
            SECRET, signed_by or who,
        )  # fmt: skip
        sound = world.one(
            "insert into handover_sound (handover, asked_by, asked_at, beeps, fetched_at)"
            " values (%s, %s, now(), '{2,3}', now()) returning id",
            number, who,
        )  # fmt: skip
        return {"id": number, "sound": sound}

    return make


def no_handover(world: World, who: str) -> Params:
    world.one("update handover set withdrawn_at = now() where confirmed_at is null and withdrawn_at is null")
    return {}


def draft(channel: str) -> Subject:
    """A draft by the interface: by `sms` it waits for nobody but who issues it, on a screen (`led`) it is checked first."""

    def make(world: World, who: str) -> Params:
        chosen = (
            {"persons": [PERSON]} if channel == "sms" else {"devices": [DEVICE], "led": True, "sms": False}
        )
        asked = {"area": OWN, "title": SECRET, "text": SECRET, "ends_at": later(hours=3), "selection": chosen}
        duty = world.browser("field" if who == "duty-T1" else "duty", OWN)
        made = world.browser("duty", OWN).post("/api/v1/orders", json=asked)
        assert made.status_code == 201, made.text
        number = made.json()["id"]
        return {"id": number, "content_hash": duty.get(f"/api/v1/orders/{number}").json()["content_hash"]}

    return make


def order(state: str = "draft", **more: Any) -> Subject:
    """An order to the first town."""

    def make(world: World, who: str) -> Params:
        values = {
            "number": f"N-{next(world.numbers)}", "kind": "order", "state": state, "area": OWN, "title": SECRET,
            "text": SECRET, "created_by": "somebody", "ends_at": now() + timedelta(hours=3), "content_hash": "0" * 64,
        } | more  # fmt: skip
        columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
        number = world.one(f"insert into orders ({columns}) values ({places}) returning id", *values.values())
        return {"id": number}

    return make


def quarantined(world: World, who: str) -> Params:
    return {
        "id": world.one(
            "insert into quarantine (topic, format, payload, reason, detail, code)"
            " values ('anlan/obs/S1', 'obs', %s, 'unreadable', %s, 'S1') returning id",
            SECRET.encode(), SECRET,
        )
    }  # fmt: skip


def raw_message(world: World, who: str) -> Params:
    at, number = now(), next(world.numbers)
    world.one(
        "insert into raw_message (id, station, received_at, topic, format, payload, size, readings, faults)"
        " values (%s, 'S1', %s, 'anlan/obs/S1', 'obs', %s, 6, 1, 0)",
        number, at, SECRET.encode(),
    )  # fmt: skip
    mark = f"{at.isoformat()} {number} {STATION}"
    return {"id": base64.urlsafe_b64encode(mark.encode()).decode().rstrip("=")}


def observed(world: World, who: str) -> Params:
    """The reading that stands."""
    return {"time": world.one("select max(time) from observation").isoformat()}


def delivery(world: World, who: str) -> Params:
    """An order that runs, and a person who was called for it."""
    number = order("issued", issued_at=now())(world, who)["id"]
    world.one(
        "insert into order_recipient (order_id, recipient_kind, recipient, channel) values (%s, 'person', 'P1', 'sms')",
        number,
    )
    return {
        "id": number,
        "delivery": world.one(
            "insert into delivery (order_id, recipient_kind, recipient, channel)"
            " values (%s, 'person', 'P1', 'sms') returning id",
            number,
        ),
    }


def nothing(world: World, who: str) -> Params:
    return {}
