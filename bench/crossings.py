"""From publishing a level that crosses a limit to the commit of its alarm, among calm traffic.

Ours is heard by the NOTIFY that the alarm's own commit sends; Prometheus and Alertmanager see the same crossings
through an exporter, at the moment at which they are published.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from alerts.rules.rates import RISE
from bench import silence
from bench.peers import DEFAULT, FAST, Exporter, Peer
from bench.place import Place, say, wait
from bench.wire import Publisher
from cli.setup.peers import Peers
from core.notices import ALARM, CHANGES
from core.people import Person, RosterEntry
from formats.observations import encode
from store.people import save_person, save_roster_entry

PER_S = 200
LIMIT_M = 4.0
"""The lowest limit of every station, yellow, orange or red in turn; two more lie above it."""
_HIGHER_M = (5.0, 6.0)
_RISE_M_H = 3.0
CALM_M = 3.9
CROSSED_M = 4.02
_EVERY = 40
"""One message in so many crosses: five a second."""
_LADDERS = (
    (("warning", "yellow"), ("guarantee", "orange"), ("historic_highest", "red")),
    (("guarantee", "orange"), ("historic_highest", "red"), ("dike_top", "red")),
    (("historic_highest", "red"), ("dike_top", "red"), ("check_flood", "red")),
)
_REST_S = 10.0
_DEFAULT_REST_S = 75.0
"""Two turns of 15 s and the wait of a group, and as much again."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds of each crossing: ours, and of the others those that were measured.

    `silence_s` is the longest from the limit of a silence to its alarm; None: nothing looks for silences.
    """

    ours: list[float]
    silence_s: float | None = None
    fast: list[float] = field(default_factory=list)
    default: list[float] = field(default_factory=list)


def set_limits(here: Place) -> dict[str, dict[str, float]]:
    """Three limits of the level and one of its rise for each station, without delays.

    Returns of each station the values of its level's limits by their names.
    """
    found: dict[str, dict[str, float]] = {}
    with (
        here.connection.cursor() as cursor,
        cursor.copy(
            "copy threshold (station, property, name, severity, value, deadband, source, set_by, period_s,"
            " on_delay_s, off_delay_s) from stdin"
        ) as copy,
    ):
        for number, code in enumerate(here.codes):
            found[code] = {}
            for (name, severity), value in zip(_LADDERS[number % 3], (LIMIT_M, *_HIGHER_M), strict=True):
                copy.write_row((code, "water_level", name, severity, value, 0.05, "bench", "bench", 0, 0, 0))
                found[code][name] = value
            copy.write_row((code, RISE, "rise", "orange", _RISE_M_H, 0.5, "bench", "bench", 0, 0, 0))
    return found


def set_duty(here: Place) -> None:
    """Two officers at the desk, so that every alarm makes its notice, as in earnest."""
    now = datetime.now(UTC)
    with here.connection.transaction():
        for number in (1, 2):
            person = Person(f"D{number}", f"值班{number}", f"1380000000{number}", "C", "值班员")
            save_person(here.connection, person)
            shift = RosterEntry("C", person.code, "duty", now - timedelta(days=2), now + timedelta(days=1))
            save_roster_entry(here.connection, shift)


def measure(here: Place, seconds: float, peers: Peers | None, *, defaults: bool) -> Delays:
    """Publishes for so long. Raises RuntimeError if an alarm is missing, doubled or of another reading."""
    limits = set_limits(here)
    set_duty(here)
    alerts = here.role("alerts")
    with ExitStack() as stack:
        exporter = stack.enter_context(Exporter(limits))
        exporter.levels.update(dict.fromkeys(here.codes, CALM_M))
        others = {}
        if peers is not None:
            others["fast"] = stack.enter_context(Peer(peers, here.home / "fast", exporter, FAST))
            if defaults:
                others["default"] = stack.enter_context(Peer(peers, here.home / "default", exporter, DEFAULT))
        here.start()
        stack.callback(here.stop)
        alerts.start()
        stack.callback(alerts.stop)
        wait(lambda: "alerts.leading" in alerts.log.read_text(), 30)
        silences = silence.prepare(here, after_s=3.0, over_s=seconds)
        cpu_s, began = alerts.cpu_s(), time.monotonic()
        with Ears(here.database) as ears:
            crossed = publish(here, exporter.levels, seconds)
            wait(
                lambda: len(_raised(here)) >= len(crossed) and (not silences or silences.are_found(here)),
                _REST_S,
                0.2,
            )
            busy = (alerts.cpu_s() - cpu_s) / (time.monotonic() - began)
        silence_s = silences.found_s(here, ears.heard) if silences else None
        delays = Delays(_ours(here, crossed, ears.heard), silence_s)
        for name, peer in others.items():
            wait(lambda peer=peer: len(peer.told) >= len(crossed), _DEFAULT_REST_S)  # type: ignore[misc]
            getattr(delays, name).extend(
                sorted(1000 * (peer.told[code] - sent.at) for code, sent in crossed.items())
            )
        notices = here.one("select count(*) from orders")
        say(
            f"crossings: {len(crossed)}, told in {notices} notices; the evaluator had {alerts.peak_mb():.0f} MB in memory"
            f" at most and kept {busy:.0%} of a core busy"
        )
    for name in ("ours", *others):
        found = getattr(delays, name)
        middle, late = at(found, 0.5), at(found, 0.99)
        say(f"{name}: median {middle:.0f} ms, p99 {late:.0f} ms, longest {found[-1]:.0f} ms")
    return delays


@dataclass(frozen=True, slots=True)
class Sent:
    """A crossing: when it was published on the steady clock, and its observation time."""

    at: float
    observed_at: datetime


def publish(here: Place, levels: dict[str, float], seconds: float) -> dict[str, Sent]:
    """200 messages a second, the stations in turn; each crosses once, and then stays where it is."""
    crossed: dict[str, Sent] = {}
    calm = 3 * PER_S
    began = time.monotonic()
    with Publisher(here.services.broker.url("gateway"), "bench-field") as publisher:
        for number in range(calm + int(seconds * PER_S)):
            turn, station = divmod(number, len(here.codes))
            code = here.codes[station]
            now = datetime.now(UTC)
            crosses = number >= calm and station % _EVERY == turn % _EVERY and code not in crossed
            if crosses:
                crossed[code] = Sent(time.monotonic(), now)
            level = CROSSED_M if code in crossed else CALM_M + (number % 7) / 200
            levels[code] = level
            publisher.publish([(f"anlan/obs/{code}", encode(now, {"water_level": level}))])
            time.sleep(max(0.0, began + (number + 1) / PER_S - time.monotonic()))
    late = time.monotonic() - began - 3 - seconds
    if late > 1:
        raise RuntimeError(f"the publisher was {late:.1f} s behind 200 messages a second")
    return crossed


class Ears:
    """Hears when each alarm was first committed: `heard` by its number, on the steady clock."""

    def __init__(self, database: str) -> None:
        self.heard: dict[int, float] = {}
        self._database = database
        self._listening = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Ears:
        self._thread.start()
        if not self._listening.wait(10):
            raise RuntimeError("nobody listens to the database")
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _listen(self) -> None:
        with psycopg.connect(self._database, autocommit=True) as connection:
            connection.execute(f"listen {CHANGES}".encode())
            self._listening.set()
            while not self._ending.is_set():
                for notice in connection.notifies(timeout=0.1):
                    came = time.monotonic()
                    told = json.loads(notice.payload)
                    if told["kind"] == ALARM:
                        for key in told["keys"]:
                            self.heard.setdefault(key, came)


_RAISED = """
select alarm.id, alarm.station, alarm_event.observed_at from alarm_event join alarm on alarm.id = alarm_event.alarm
where kind = 'raised' and alarm.station = any(%s) and property = 'water_level' order by alarm_event.id
"""


def _raised(here: Place) -> list[tuple[int, str, datetime]]:
    return here.connection.execute(_RAISED, (here.codes,)).fetchall()


def _ours(here: Place, crossed: Mapping[str, Sent], heard: Mapping[int, float]) -> list[float]:
    found = _raised(here)
    wrong = [
        station
        for _, station, time in found
        if crossed[station].observed_at - time > timedelta(milliseconds=1)
    ]
    if wrong or len(found) != len(crossed) or {station for _, station, _ in found} != crossed.keys():
        raise RuntimeError(
            f"{len(found)} alarms of {len(crossed)} crossings, {len(wrong)} of another reading"
        )
    return sorted(1000 * (heard[number] - crossed[station].at) for number, station, _ in found)


def at(delays: Sequence[float], share: float) -> float:
    """The delay within which this share of the sorted ones lies."""
    return delays[min(len(delays) - 1, int(len(delays) * share))]
