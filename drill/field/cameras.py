"""The video platform's gateway: a snapshot of each camera in turn, and its keep-alive."""

from __future__ import annotations

import csv
import math
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.cameras import CameraStatus, Position
from drill.county import list_file
from drill.county.equipment import watched_stations
from drill.field.part import Part, until_told_to_end
from drill.field.view import View, draw
from drill.publisher import Publisher
from drill.storm.runoff import Values
from formats.camera import encode_status

EVERY_S = 40.0
_LOOP_S = 7200.0
_LOOP_DEG = 0.005
_METRES_A_DEGREE = 111_195.0
_FIRST_ROUND_S = 4.0
"""The first pictures come quickly, so that the first screen has them."""


def run(part: Part) -> None:
    """Pictures until SIGTERM."""
    stopping = until_told_to_end()
    cameras, stations = _rows("cameras"), _rows("stations")
    watched = watched_stations(stations, cameras)
    publisher = Publisher(
        part.settings.need_mqtt(part.settings.field.mqtt_url), "anlan-field-cameras", numbered=False
    )
    with publisher:
        pause = _FIRST_ROUND_S / len(cameras)
        while True:
            for camera in cameras:
                code = camera["code"]
                now = datetime.now(UTC)
                online = code not in part.behaviour.offline
                if online:
                    picture = draw(view_of(part, camera["name"], watched[code], now))
                    publisher.publish(("camera", code, "snapshot"), picture)
                position = _on_the_way(camera, now) if camera["kind"] == "patrol" else None
                battery = 100.0 - now.minute if position else None
                status = CameraStatus(now.replace(microsecond=0), online, None, position, battery)
                publisher.publish(("camera", code, "status"), encode_status(status))
                if stopping.wait(pause):
                    return
            pause = EVERY_S / len(cameras)


def view_of(part: Part, name: str, station: str, now: datetime) -> View:
    """What is to be seen at a station now."""
    moment = part.story.storm_time(now)
    series = part.simulation.levels[station]
    element = "water_level" if "water_level" in series else "tide_level"
    local = now.astimezone(ZoneInfo(part.settings.time_zone))
    return View(
        name=name,
        now=local,
        level_m=part.simulation.values(station, moment)[element],
        low_m=_low(series[element]),
        high_m=float(series[element].max()) + 0.3,
        rain_mm_h=part.simulation.rate_mm_h(_nearest_gauge(part, station), moment),
        night=not 6 <= local.hour < 18,
    )


def _on_the_way(patrol: dict[str, str], now: datetime) -> Position:
    """Where a patrol is that walks a loop along its water, a kilometre across, once in two hours."""
    turn = math.tau * ((now.timestamp() / _LOOP_S + zlib.crc32(patrol["code"].encode()) % 97 / 97) % 1)
    lat = float(patrol["lat"]) + _LOOP_DEG * math.sin(turn)
    lon = float(patrol["lon"]) + _LOOP_DEG * (1 - math.cos(turn)) / math.cos(math.radians(lat))
    speed = math.tau * _LOOP_DEG * _METRES_A_DEGREE / _LOOP_S
    heading = math.degrees(math.atan2(math.sin(turn), math.cos(turn))) % 360
    return Position(now, round(lon, 6), round(lat, 6), 6.0, round(speed, 2), round(heading, 1))


def _low(levels: Values) -> float:
    return float(levels.min()) - 0.3


def _nearest_gauge(part: Part, station: str) -> str:
    """The first gauge of the water's catchment, or (at the coast) of the county."""
    for group in (part.model.rivers, part.model.reservoirs, part.model.sluices):
        for entry in group:
            if entry.station == station:
                return entry.catchment.gauges[0]
    return part.model.gauges[0].station


def _rows(kind: str) -> list[dict[str, str]]:
    with list_file(kind).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
