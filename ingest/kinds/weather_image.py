"""Pictures of the weather over the map: radar, satellite and others, a layer each."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason
from formats import weather_image
from hydrology.judgement import judge_time
from ingest.understood import Keeping, Known, Limits, Understood
from store import weather_images


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The picture, if its time can be true."""
    picture, understood.faults = weather_image.decode(understood.message.payload)
    if picture is None:
        return
    fault = judge_time(picture.time, understood.message.received_at, limits.time)
    if fault is None:
        understood.report = picture
    else:
        understood.faults.append(fault)


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the picture and lets old ones of its layer go."""
    picture: weather_image.WeatherPicture = understood.report
    kept = weather_images.save(
        connection,
        understood.to.code,
        understood.to.exercise,
        picture.time,
        picture.bounds,
        (picture.width, picture.height),
        picture.png,
        understood.message.received_at,
        keep=keeping.images,
        life=keeping.image_life,
    )
    if not kept:
        understood.faults.append(
            Fault(
                FaultReason.CANNOT_BE_STORED,
                f"there are {weather_images.MOST_LAYERS} layers of images already; another is not begun.",
            )
        )
