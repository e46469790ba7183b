"""A small invented county in the middle of a flood, written by SQL, so that every page has something to show.

The times are relative to `now`; limits, alarms and orders agree with the observations that are written.
"""

from __future__ import annotations

import io
import json
import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from psycopg import Connection
from psycopg.types.json import Jsonb

from core.settings import Settings
from ingest.derive import areas, derived
from ingest.derive.forecasts import issue

DATA = Path(__file__).resolve().parents[2] / "drill" / "county" / "data"
COUNTY = "330225"

LEVELS: list[tuple[str, str, str, str, float, float, float, float, list[tuple[str, str, float]]]] = [
    # code, name, name_en, kind, lon, lat, base, rise, limits
    (
        "Z01",
        "南大河中游",
        "Nanda River middle",
        "ZZ",
        121.86,
        29.46,
        3.1,
        1.92,
        [("warning", "yellow", 4.2), ("guarantee", "orange", 4.7)],
    ),
    (
        "R01",
        "白岩山水库",
        "Baiyanshan Reservoir",
        "RR",
        121.72,
        29.40,
        42.4,
        1.44,
        [("flood_limit", "yellow", 43.2), ("design_flood", "red", 44.6)],
    ),
    (
        "T01",
        "石浦",
        "Shipu",
        "TT",
        121.94,
        29.21,
        2.2,
        1.98,
        [("tide_blue", "blue", 3.9), ("tide_yellow", "yellow", 4.1), ("tide_orange", "orange", 4.5)],
    ),
    (
        "D01",
        "大塘港闸",
        "Datanggang Sluice",
        "DD",
        121.83,
        29.24,
        1.9,
        0.75,
        [("sluice_warning", "yellow", 2.5), ("sluice_guarantee", "orange", 3.0)],
    ),
    (
        "Z02",
        "西溪",
        "Xixi",
        "ZZ",
        121.70,
        29.47,
        1.2,
        0.64,
        [("warning", "yellow", 2.6), ("guarantee", "orange", 3.2)],
    ),
    ("Z03", "珠溪", "Zhuxi", "ZZ", 121.77, 29.33, 0.6, 0.3, []),
    (
        "R02",
        "东溪水库",
        "Dongxi Reservoir",
        "RR",
        121.79,
        29.56,
        30.1,
        0.6,
        [("flood_limit", "yellow", 30.9)],
    ),
    (
        "T02",
        "下沙",
        "Xiasha",
        "TT",
        121.97,
        29.30,
        2.0,
        1.41,
        [("tide_blue", "blue", 3.4), ("tide_yellow", "yellow", 3.9)],
    ),
    (
        "Z04",
        "茅洋溪",
        "Maoyang Creek",
        "ZZ",
        121.81,
        29.40,
        2.0,
        0.9,
        [("warning", "yellow", 2.8), ("guarantee", "orange", 3.4)],
    ),
]
RAIN = [
    ("P01", "泗洲头", "Sizhoutou", 121.749, 29.364, 104.0), ("P02", "墙头", "Qiangtou", 121.788, 29.5, 71.0),
    ("P03", "鹤浦", "Hepu", 121.928, 29.128, 86.0), ("P04", "西周", "Xizhou", 121.672, 29.478, 63.0),
    ("P05", "新桥", "Xinqiao", 121.827, 29.345, 58.0), ("P06", "茅洋", "Maoyang", 121.814, 29.409, 47.0),
    ("P07", "定塘", "Dingtang", 121.847, 29.255, 41.0), ("P08", "爵溪", "Juexi", 121.947, 29.472, 33.0),
    ("P09", "贤庠", "Xianxiang", 121.867, 29.602, 21.5), ("P10", "大徐", "Daxu", 121.866, 29.537, 12.0),
]  # fmt: skip


def fill(connection: Connection[Any], now: datetime) -> None:
    """Writes the county. The caller commits."""
    connection.execute(
        "update installation set purpose = 'demo', name = '演示县防汛防台抗旱指挥部',"
        " name_en = 'Demo County Flood Control Headquarters', lon = 121.87, lat = 29.477"
    )
    towns = _areas(connection)
    _persons(connection, towns)
    _levels(connection, towns, now)
    _rain(connection, towns, now)
    _devices(connection, towns, now)
    _cameras(connection, towns, now)
    _derive(connection, now)
    _weather(connection, now)
    _alarms(connection, now)
    _orders(connection, now)
    connection.execute(
        "insert into heartbeat (role, instance, at, detail) values ('dispatch', '1', %s, %s)",
        (now, Jsonb({"sms": "ok"})),
    )


def _areas(connection: Connection[Any]) -> dict[str, tuple[float, float]]:
    outline = json.loads((DATA / "outline.geojson").read_text(encoding="utf-8"))["features"][0]["geometry"]
    connection.execute(
        "insert into area (code, name, name_en, kind, outline) values (%s, '演示县', 'Demo County', 'county', %s)",
        (COUNTY, Jsonb(outline)),
    )
    towns: dict[str, tuple[float, float]] = {}
    for number, feature in enumerate(
        json.loads((DATA / "towns.geojson").read_text(encoding="utf-8"))["features"], start=1
    ):
        code = f"{COUNTY}{number:03d}"
        lon, lat = feature["geometry"]["coordinates"]
        name = feature["properties"]["name"]
        connection.execute(
            "insert into area (code, name, name_en, kind, parent, people_at_risk, lon, lat)"
            " values (%s, %s, %s, 'town', %s, %s, %s, %s)",
            (
                code,
                name,
                feature["properties"].get("name_en", f"Town {number}"),
                COUNTY,
                400 + 60 * number,
                lon,
                lat,
            ),
        )
        towns[code] = (lon, lat)
    return towns


def _town(towns: dict[str, tuple[float, float]], lon: float, lat: float) -> str:
    return min(towns, key=lambda code: math.dist(towns[code], (lon, lat)))


def _persons(connection: Connection[Any], towns: dict[str, tuple[float, float]]) -> None:
    surnames = "周陈林郑何王李张吴徐孙胡朱高郭罗梁宋"
    posts = ("镇级负责人", "村级防汛责任人", "巡查责任人", "转移责任人", "预警责任人", "监测责任人")
    with connection.cursor() as cursor:
        for t, code in enumerate(towns):
            for p, post in enumerate(posts):
                person = f"{code}{p}"
                cursor.execute(
                    "insert into person (code, name, phone, drill_phone, area, post, superior)"
                    " values (%s, %s, %s, %s, %s, %s, %s)",
                    (person, surnames[(t + p * 5) % 18] + ("镇长", "书记", "支委", "队长", "主任", "文书")[p],
                     f"1390000{t:02d}{p:02d}", f"1700000{t:02d}{p:02d}", code, post, f"{code}0" if p else None),
                )  # fmt: skip
        first = next(iter(towns))
        cursor.execute(
            "insert into roster (area, person, position, starts, ends) values (%s, %s, 'duty', now() - interval"
            " '1 day', now() + interval '1 day')",
            (COUNTY, f"{first}0"),
        )


def _series(connection: Connection[Any], station: str, prop: str, period_s: int) -> int:
    found = connection.execute(
        "insert into series (station, property, period_s) values (%s, %s, %s) returning id",
        (station, prop, period_s),
    ).fetchone()
    assert found is not None
    return int(found[0])


def _write(connection: Connection[Any], series: int, points: list[tuple[datetime, float, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into observation (series, time, value, quality, received_at, source) values (%s,%s,%s,%s,%s,'test')",
            [(series, time, value, quality, time + timedelta(seconds=2)) for time, value, quality in points],
        )
        time, value, quality = points[-1]
        usable = [point for point in points if point[2] in (1, 2)][-1]
        cursor.execute(
            "insert into latest (series, time, value, quality, received_at, usable_time, usable_value)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (series, time, value, quality, time + timedelta(seconds=2), usable[0], usable[1]),
        )


def _levels(connection: Connection[Any], towns: dict[str, tuple[float, float]], now: datetime) -> None:
    for code, name, name_en, kind, lon, lat, base, rise, limits in LEVELS:
        prop = "tide_level" if kind == "TT" else "water_level"
        connection.execute(
            "insert into station (code, name, name_en, kind, area, river, lon, lat, datum) values"
            " (%s, %s, %s, %s, %s, %s, %s, %s, '1985 国家高程基准')",
            (code, name, name_en, kind, _town(towns, lon, lat), "南大河" if kind == "ZZ" else None, lon, lat),
        )
        series = _series(connection, code, prop, 0)
        points = []
        for step in range(288, -1, -1):
            time = now - timedelta(seconds=300 * step + 40)
            value = base + rise * math.exp(-(((step - 3) / 60) ** 2)) + 0.008 * math.sin(step * 1.7)
            points.append((time, round(value, 2), 1))
        if code == "Z02":
            points[-30] = (points[-30][0], 3.9, 3)
        if code == "Z04":
            points[-1] = (points[-1][0], 4.4, 3)
        if code == "R02":
            points = points[:-14]
        _write(connection, series, points)
        for limit, severity, value in limits:
            connection.execute(
                "insert into threshold (station, property, name, severity, value, datum, source, set_by)"
                " values (%s, %s, %s, %s, %s, '1985 国家高程基准', 'test', 'test')",
                (code, prop, limit, severity, value),
            )


def _derive(connection: Connection[Any], now: datetime) -> None:
    """What the role `derive` makes of the readings."""
    connection.execute(
        "insert into mark (consumer, series, from_time, to_time)"
        " select 'derived', series, min(time), max(time) from observation group by series"
    )
    while derived.step(connection, Settings(), now) + areas.step(connection, Settings(), now):
        pass
    while issue.step(connection, Settings(), now):
        pass


def _rain(connection: Connection[Any], towns: dict[str, tuple[float, float]], now: datetime) -> None:
    for code, name, name_en, lon, lat, total in RAIN:
        connection.execute(
            "insert into station (code, name, name_en, kind, area, lon, lat) values (%s, %s, %s, 'PP', %s, %s, %s)",
            (code, name, name_en, _town(towns, lon, lat), lon, lat),
        )
        series = _series(connection, code, "rainfall", 300)
        shape = [math.exp(-(((step - 14) / 10) ** 2)) for step in range(36)]
        before = [0.12 * total / 36 * max(0.0, math.sin(step / 9)) for step in range(36, 144)]
        points = [
            (now - timedelta(seconds=300 * step + 30), round(before[step - 36], 1), 1)
            for step in range(143, 35, -1)
        ]
        points += [
            (now - timedelta(seconds=300 * step + 30), round(total * shape[step] / sum(shape), 1), 1)
            for step in range(35, -1, -1)
        ]
        _write(connection, series, points)
    connection.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat) values"
        " ('P99', '涂茨', 'Tuci', 'PP', %s, 121.95, 29.59)", (_town(towns, 121.95, 29.59),),
    )  # fmt: skip


def _devices(connection: Connection[Any], towns: dict[str, tuple[float, float]], now: datetime) -> None:
    for number, (code, (lon, lat)) in enumerate(towns.items(), start=1):
        for kind, amount, word, word_en in (
            ("led", 2, "LED屏", "Screen"),
            ("loudspeaker", 4, "大喇叭", "Loudspeaker"),
        ):
            for each in range(amount):
                device = f"{kind}-{number:02d}-{each + 1}"
                connection.execute(
                    "insert into device (code, kind, name, name_en, area, lon, lat, columns, rows)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    (device, kind, f"{word} {number:02d}-{each + 1}", f"{word_en} {number:02d}-{each + 1}", code,
                     lon + 0.008 * (each + 1), lat + 0.006 * each, 10 if kind == "led" else 0, 2 if kind == "led" else 0),
                )  # fmt: skip
                connection.execute(
                    "insert into device_state (device, online, state, time, received_at, verified)"
                    " values (%s, %s, 'ready', %s, %s, true)",
                    (device, not (number == 7 and each == 1), now, now),
                )


def _cameras(connection: Connection[Any], towns: dict[str, tuple[float, float]], now: datetime) -> None:
    names = (("南大河大桥", "Nanda Bridge"), ("白岩山坝前", "Baiyanshan Dam"), ("石浦海塘", "Shipu Sea Wall"),
             ("溪口低洼处", "Xikou Underpass"), ("大塘港闸下", "Datanggang Outlet"), ("单兵 03", "Mobile 03"))  # fmt: skip
    for number, (name, name_en) in enumerate(names, start=1):
        code, (lon, lat) = list(towns.items())[number * 2]
        connection.execute(
            "insert into camera (code, name, name_en, area, lon, lat) values (%s, %s, %s, %s, %s, %s)",
            (f"cam-{number}", name, name_en, code, lon, lat),
        )
        heard = now - timedelta(seconds=8 if number < 6 else 240)
        connection.execute(
            "insert into camera_state (camera, online, time, received_at, since, settled)"
            " values (%s, %s, %s, %s, %s, %s)",
            (f"cam-{number}", number < 6, heard, heard, heard, number < 6),
        )
        connection.execute(
            "insert into camera_snapshot (camera, received_at, width, height, jpeg) values (%s, %s, 480, 270, %s)",
            (f"cam-{number}", heard, _picture(number)),
        )


def _picture(seed: int) -> bytes:
    """A drawn scene: hills, water, a bank."""
    image = Image.new("RGB", (480, 270))
    draw = ImageDraw.Draw(image)
    for y in range(270):
        draw.line([(0, y), (480, y)], fill=(60 + y // 6, 78 + y // 6, 92 + y // 7))
    hills = [(x, 120 + 22 * math.sin((x + seed * 90) / 60)) for x in range(0, 481, 6)]
    draw.polygon([(0, 270), *hills, (480, 270)], fill=(38, 54, 48))
    draw.polygon([(0, 270), (0, 190), (480, 165 + 6 * seed), (480, 270)], fill=(88, 96, 84))
    for y in range(200, 270, 7):
        draw.line([(0, y), (480, y - 14)], fill=(112, 118, 104), width=2)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()


def _weather(connection: Connection[Any], now: datetime) -> None:
    connection.execute("insert into typhoon (code, name, name_en) values ('DEMO01', '演示 01 号', 'Demo 01')")
    for hours in range(-30, 31, 6):
        issued = now - timedelta(minutes=20) if hours > 0 else None
        connection.execute(
            "insert into typhoon_fix (typhoon, issued, time, lon, lat, pressure_hpa, wind_ms, radius7_km, radius10_km,"
            " move_dir_deg, move_kmh, source) values ('DEMO01', %s, %s, %s, %s, 960, 39, 240, 110, 315, 18, 'test')",
            (issued, now + timedelta(hours=hours, minutes=-32), 123.0 - 0.045 * hours, 28.35 + 0.05 * hours),
        )
    connection.execute(
        "insert into response (hazard, level, started_at, started_by) values ('typhoon', 2, %s, '王指挥长')",
        (now - timedelta(hours=8),),
    )


ALARMS: list[tuple[str, str, str, str, str, float, float, str, int]] = [
    ("Z01", "water", "river_level", "orange", "unacknowledged", 5.02, 4.7, "guarantee", 3),
    ("R01", "water", "reservoir_level", "yellow", "acknowledged", 43.84, 43.2, "flood_limit", 40),
    ("T01", "tide", "tide_level", "yellow", "acknowledged", 4.18, 4.1, "tide_yellow", 52),
    ("D01", "water", "sluice_level", "yellow", "unacknowledged", 2.64, 2.5, "sluice_warning", 11),
    ("T02", "tide", "tide_level", "blue", "acknowledged", 3.41, 3.4, "tide_blue", 75),
    ("Z04", "water", "river_level", "orange", "unacknowledged", 4.4, 3.4, "guarantee", 1),
]


def _alarms(connection: Connection[Any], now: datetime) -> None:
    for station, group, rule, severity, state, value, threshold, name, minutes in ALARMS:
        at = now - timedelta(minutes=minutes)
        done = state == "acknowledged"
        found = connection.execute(
            "insert into alarm (class, subject_kind, subject, station, property, area, rule, rule_version, severity,"
            " highest_severity, state, raised_at, observed_at, acknowledged_at, acknowledged_by, value, threshold,"
            " threshold_name, to_verify, reached_from)"
            " select %s, 'station', code, code, %s, area, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
            " from station where code = %s returning id",
            (group, "tide_level" if group == "tide" else "water_level", rule, severity, severity, state, at,
             at - timedelta(seconds=20), at + timedelta(minutes=3) if done else None, "周镇长" if done else None,
             value, threshold, name, station == "Z04", at, station),
        ).fetchone()  # fmt: skip
        assert found is not None
        for kind, moment, actor in (
            ("raised", at, f"rule:{rule} v1"), *((("acknowledged", at + timedelta(minutes=3), "周镇长"),) if done else ()),
        ):  # fmt: skip
            connection.execute(
                "insert into alarm_event (alarm, at, kind, state, severity, value, threshold, observed_at, received_at,"
                " actor) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (found[0], moment, kind, "unacknowledged" if kind == "raised" else "acknowledged", severity, value,
                 threshold, at - timedelta(seconds=20), at - timedelta(seconds=18), actor),
            )  # fmt: skip


def _orders(connection: Connection[Any], now: datetime) -> None:
    issued = now - timedelta(minutes=3, seconds=20)
    order = _order(connection, "演-2026-014", f"{COUNTY}009", "red", "泗洲头镇 6 村 立即转移", issued, 1)
    states = ("answered", "unanswered", "delivered", "answered", "acted", "sent")
    for number, state in enumerate(states):
        _delivery(connection, order, "person", f"{COUNTY}009{number}", "sms", state, issued)
    for device, channel, state in (("led-09-1", "led", "showing"), ("led-09-2", "led", "showing"),
                                   ("loudspeaker-09-1", "loudspeaker", "done"), ("loudspeaker-09-2", "loudspeaker", "done"),
                                   ("loudspeaker-09-3", "loudspeaker", "failed"), ("loudspeaker-09-4", "loudspeaker", "playing")):  # fmt: skip
        _delivery(connection, order, "device", device, channel, state, issued)
    for kind, seconds, actor, detail in (
        ("drafted", 200, "duty", {"template": "立即转移"}), ("checked", 150, "leader", {}), ("issued", 0, "commander", {}),
        ("answered", -60, "周镇长", {"text": "收到"}), ("acted", -150, "何队长", {"people": 46}),
    ):  # fmt: skip
        connection.execute(
            "insert into order_event (order_id, at, kind, actor, detail) values (%s, %s, %s, %s, %s)",
            (order, issued - timedelta(seconds=seconds), kind, actor, Jsonb(detail)),
        )
    other = _order(
        connection,
        "演-2026-013",
        f"{COUNTY}005",
        "orange",
        "白岩山水库 加密巡查",
        now - timedelta(minutes=38),
        2,
    )
    for number in range(6):
        _delivery(
            connection,
            other,
            "person",
            f"{COUNTY}005{number}",
            "sms",
            "answered",
            now - timedelta(minutes=38),
        )


def _order(
    connection: Connection[Any],
    number: str,
    area: str,
    severity: str,
    title: str,
    issued: datetime,
    alarm: int,
) -> int:
    found = connection.execute(
        "insert into orders (number, kind, state, area, severity, title, text, led_text, spoken_text, created_at,"
        " created_by, issued_at, ends_at, content_hash) values (%s, 'order', 'issued', %s, %s, %s, %s, %s, %s, %s,"
        " 'duty', %s, %s, 'test') returning id",
        (number, area, severity, title, f"{title}。请各村责任人立即组织危险区人员转移到避灾安置场所，回复 1 确认，回复已转移人数。",
         f"{title} 请立即转移", f"各位村民请注意，{title}。请立即转移。", issued - timedelta(minutes=3), issued,
         issued + timedelta(hours=2)),
    ).fetchone()  # fmt: skip
    assert found is not None
    connection.execute(
        "insert into order_alarm (order_id, alarm, severity) values (%s, %s, %s)", (found[0], alarm, severity)
    )
    for step, user, role, seconds in (
        ("check", "leader", "leader", 90),
        ("issue", "commander", "commander", 0),
    ):
        connection.execute(
            "insert into order_approval (order_id, step, by_user, role, at, content_hash) values (%s,%s,%s,%s,%s,'test')",
            (found[0], step, user, role, issued - timedelta(seconds=seconds)),
        )
    return int(found[0])


def _delivery(
    connection: Connection[Any],
    order: int,
    kind: str,
    recipient: str,
    channel: str,
    state: str,
    issued: datetime,
) -> None:
    reached = state in ("delivered", "unanswered", "answered", "acted")
    heard = state in ("answered", "acted")
    connection.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, state, attempts, submitted_at, delivered_at,"
        " answered_at, answer, acted_at, acted_people, reason, verified)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (order, kind, recipient, channel, "delivered" if state == "unanswered" else state,
         3 if state == "unanswered" else 1, issued + timedelta(seconds=2),
         issued + timedelta(seconds=9) if reached else None, issued + timedelta(seconds=62) if heard else None,
         "收到" if heard else None, issued + timedelta(seconds=150) if state == "acted" else None,
         46 if state == "acted" else None, "device does not answer" if state == "failed" else None, kind == "device"),
    )  # fmt: skip
