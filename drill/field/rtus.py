"""Stations with RTUs that speak SL 651 as real ones do: live reports, an hour's rain, pictures, a wrong clock."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from drill.county import list_file
from drill.field.behaviour import Behaviour
from drill.field.part import Part, until_told_to_end
from drill.field.reports import Reporter, reading, reporters, schedule
from drill.rtu.lines import BrokerLine, Line, TcpLine
from drill.rtu.runner import Runner
from drill.rtu.unit import Unit
from formats.sl651 import Function, Link
from formats.sl651.encode import Group, Value

_CODES = {"rainfall": "22", "water_level": "39", "tide_level": "39", "flow": "27"}
"""Elements of what such a station measures: rain of five minutes, level, flow."""
_CATEGORIES = {"PP": "P", "TT": "T"}
_PICTURES_EVERY = timedelta(minutes=10)
_WRONG_CLOCK = timedelta(minutes=8)
_LATEST_DELAY = timedelta(seconds=5)


def source_rows(behaviour: Behaviour) -> list[dict[str, object]]:
    """The list of sources that an administrator would import for them: they dial in from this machine."""
    return [
        {"code": code, "networks": "127.0.0.0/8 ::1/128", "confirm": "esc"}
        for code in sorted(behaviour.dialling_stations)
    ]


def run(part: Part) -> None:
    """Reports until SIGTERM."""
    stopping = until_told_to_end()
    names = _stations()
    listed = [one for one in reporters(part.model, part.behaviour) if one.dials and not one.silent]
    runners = {
        one.station: Runner(_unit(part, one, names, number), _dial(part, one.station))
        for number, one in enumerate(listed)
    }
    for runner in runners.values():
        runner.start()
    # A gauge whose camera is its own sends pictures.
    pictured = next((one.station for one in listed if not one.rain), None)
    picture_due = datetime.now(UTC) + timedelta(seconds=20)
    for moment, reporter in schedule(listed, datetime.now(UTC)):
        wait = (moment - datetime.now(UTC)).total_seconds()
        if (wait > 0 and stopping.wait(wait)) or stopping.is_set():
            break
        now = datetime.now(UTC)
        if now - moment > _LATEST_DELAY:
            continue
        runner = runners[reporter.station]
        with runner.lock:
            _report(part, runner.unit, reporter, moment)
            if reporter.station == pictured and now >= picture_due:
                picture_due = now + _PICTURES_EVERY
                runner.unit.send_picture(now, _picture(part, names, pictured, now))
    for runner in runners.values():
        runner.stop()


def _report(part: Part, unit: Unit, reporter: Reporter, moment: datetime) -> None:
    _, values = reading(reporter, moment, part.story, part.simulation)
    measured = {_CODES[name]: value for name, value in values.items() if name in _CODES and value is not None}
    # The protocol knows no seconds of an observation.
    time = moment.replace(second=0, microsecond=0)
    unit.memory.measure(time, measured)
    unit.report(
        datetime.now(UTC),
        Function.TIMED,
        [Group(time, [Value(code, value) for code, value in measured.items()])],
    )


def _unit(part: Part, reporter: Reporter, names: dict[str, dict[str, str]], number: int) -> Unit:
    station = names[reporter.station]
    return Unit(
        Link(f"00{reporter.station}", password="1234"),
        _CATEGORIES.get(station["kind"], "H"),
        clock_error=_WRONG_CLOCK if number == 0 else timedelta(0),
        picture=None if reporter.rain else lambda now: _picture(part, names, reporter.station, now),
    )


def _picture(part: Part, names: dict[str, dict[str, str]], station: str, now: datetime) -> bytes:
    # Both draw, and only the stations with a picture need the drawing.
    from drill.field.cameras import view_of
    from drill.field.view import draw

    return draw(view_of(part, names[station]["name"], station, now))


def _dial(part: Part, station: str) -> Callable[[], Line]:
    address = part.settings.field.sl651
    if address is not None:
        host, _, port = address.rpartition(":")
        return lambda: TcpLine(host, int(port))
    url = part.settings.need_mqtt(part.settings.field.mqtt_url)
    return lambda: BrokerLine(url, f"rtu-{station}")


def _stations() -> dict[str, dict[str, str]]:
    with list_file("stations").open(encoding="utf-8", newline="") as source:
        return {row["code"]: row for row in csv.DictReader(source)}
