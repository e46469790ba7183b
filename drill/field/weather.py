"""The weather service: warnings as CAP, and pictures of the radar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drill.field.part import Part, until_told_to_end
from drill.field.radar import BOUNDS, radar
from drill.field.warnings import warnings
from drill.publisher import Publisher
from formats import cap
from formats.weather_image import write_png

_LOOK_S = 5.0
_BEFORE = timedelta(hours=2)
"""Of pictures before the story begins."""
_EVERY = timedelta(minutes=6)
"""Between pictures, as radars turn; of the storm, and at least `_LEAST` of the clock."""
_LEAST = timedelta(seconds=20)


def run(part: Part) -> None:
    """Warnings and pictures until SIGTERM. What was told before is told again after a restart: a copy is nothing."""
    stopping = until_told_to_end()
    publisher = Publisher(
        part.settings.need_mqtt(part.settings.field.mqtt_url), "anlan-field-weather", numbered=False
    )
    with publisher:
        told = part.story.clock_time(part.storm.begin)
        course = warnings(
            part.storm, part.story, part.simulation, told, part.story.clock_time(part.storm.end)
        )
        next_picture = part.story.origin - _BEFORE
        while True:
            now = datetime.now(UTC)
            for message in course:
                if told < message.sent <= now:
                    publisher.publish(("weather", "warning"), cap.encode(message))
            told = now
            while next_picture <= now and not stopping.is_set():
                moment = part.story.storm_time(next_picture)
                if moment <= part.storm.end:
                    picture = write_png(radar(part.storm.fixes, moment), next_picture, BOUNDS)
                    publisher.publish(("weather", "image", "radar"), picture)
                next_picture += _pause(part, next_picture)
            if stopping.wait(_LOOK_S):
                return


def _pause(part: Part, at: datetime) -> timedelta:
    return _EVERY if at < part.story.origin else max(_EVERY / part.story.speed, _LEAST)
