"""Pictures of the weather over the map: a few newest of each layer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

MOST_LAYERS = 24
"""Layers of one world. A topic names its layer, so without a bound a babbling sender could make thousands."""

_MAY_SAVE: LiteralString = """
select exists (select from weather_image where layer = %(layer)s and exercise is not distinct from %(exercise)s)
    or (select count(distinct layer) from weather_image
        where exercise is not distinct from %(exercise)s) < %(most)s
"""

_REPLACE: LiteralString = """
delete from weather_image
where layer = %(layer)s and exercise is not distinct from %(exercise)s and time = %(time)s
"""

_SAVE: LiteralString = """
insert into weather_image (layer, exercise, time, west, south, east, north, width, height, png, received_at)
values (%(layer)s, %(exercise)s, %(time)s, %(west)s, %(south)s, %(east)s, %(north)s, %(width)s, %(height)s,
    %(png)b, %(received_at)s)
"""

_FORGET: LiteralString = """
delete from weather_image
where layer = %(layer)s and exercise is not distinct from %(exercise)s
  and (time <= (select time from weather_image
                where layer = %(layer)s and exercise is not distinct from %(exercise)s
                order by time desc offset %(keep)s limit 1)
       or time < (select max(time) from weather_image
                  where layer = %(layer)s and exercise is not distinct from %(exercise)s) - %(life)s)
"""

_LIST: LiteralString = """
select id, layer, time, west, south, east, north, width, height, received_at from weather_image
where exercise is not distinct from %(exercise)s and (%(layer)s::text is null or layer = %(layer)s)
order by layer, time
"""


@dataclass(frozen=True, slots=True)
class WeatherImage:
    """A picture in Web Mercator between its bounds (degrees); the content is fetched by its number."""

    id: int
    layer: str
    time: datetime
    west: float
    south: float
    east: float
    north: float
    width: int
    height: int
    received_at: datetime


def save(
    connection: Connection[Any],
    layer: str,
    exercise: str | None,
    time: datetime,
    bounds: tuple[float, float, float, float],
    size: tuple[int, int],
    png: bytes,
    received_at: datetime,
    *,
    keep: int,
    life: timedelta,
) -> bool:
    """Keeps a picture, the newest `keep` of its layer, and none older than `life` before the newest.

    One of the same time takes the place of the earlier one, under a new number: what a number names never
    changes. False where the world has `MOST_LAYERS` layers already and this would be one more.
    """
    where = {"layer": layer, "exercise": exercise, "time": time}
    allowed = connection.execute(_MAY_SAVE, where | {"most": MOST_LAYERS}).fetchone()
    if allowed is None or not allowed[0]:
        return False
    west, south, east, north = bounds
    connection.execute(_REPLACE, where)
    connection.execute(
        _SAVE,
        where
        | {"west": west, "south": south, "east": east, "north": north, "png": png}
        | {"width": size[0], "height": size[1], "received_at": received_at},
    )
    connection.execute(_FORGET, where | {"keep": keep, "life": life})
    return True


def images(connection: Connection[Any], exercise: str | None, layer: str | None = None) -> list[WeatherImage]:
    """All pictures that are kept, by layer and time."""
    return rows(connection, WeatherImage, _LIST, {"exercise": exercise, "layer": layer})


def png(connection: Connection[Any], id: int) -> bytes | None:
    """The numbered picture, if it is still kept."""
    found = connection.execute("select png from weather_image where id = %s", (id,)).fetchone()
    return bytes(found[0]) if found else None


def live_layers(
    connection: Connection[Any], exercise: str | None, _keys: set[str] | None, _zone: str
) -> dict[str, dict[str, Any]]:
    """The layers with their pictures by time, as open pages have them; always all."""
    layers: dict[str, dict[str, Any]] = {}
    for one in images(connection, exercise):
        layer = layers.setdefault(one.layer, {"layer": one.layer, "frames": []})
        layer["frames"].append(
            {"id": one.id, "time": one.time.isoformat(), "bounds": [one.west, one.south, one.east, one.north]}
        )
    return layers
