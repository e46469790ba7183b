"""From a message to what will be stored and what is wrong with it. Pure, and raises nothing."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.errors import ConfigurationError
from core.faults import Fault, FaultReason, quoted
from core.observations import Reading
from core.settings import Ingest
from core.typhoons import Typhoon
from formats import FORMATS, NO_MAPPINGS, Context, Decoded, Mappings, camera, typhoon
from hydrology.judgement import TimeLimits, judge, judge_time
from ingest import networks
from ingest.messages import Inbound
from ingest.routes import NETWORKS, Format, Route


@dataclass(frozen=True, slots=True)
class Known:
    """Who may speak: stations with their reporting period in seconds, cameras, exercises that run or ended.

    `devices` are screens and loudspeakers: they have a login, and measure nothing.
    """

    stations: Mapping[str, int]
    cameras: Set[str]
    exercises: Set[str]
    ended: Set[str] = frozenset()
    devices: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may hold."""

    time: TimeLimits
    payload_bytes: int
    values: int
    weeks: int
    mappings: Mappings = NO_MAPPINGS

    @classmethod
    def of(cls, settings: Ingest) -> Limits:
        """From the settings. Raises ConfigurationError if `earliest_time` is no date or a mapping cannot work."""
        try:
            earliest = datetime.fromisoformat(settings.earliest_time)
        except ValueError as error:
            raise ConfigurationError(
                f"ANLAN_INGEST__EARLIEST_TIME is {settings.earliest_time!r}; write a date as 1990-01-01"
            ) from error
        if earliest.tzinfo is None:
            earliest = earliest.replace(tzinfo=UTC)
        return cls(
            TimeLimits(earliest, timedelta(seconds=settings.future_tolerance_s)),
            settings.max_payload_bytes,
            settings.max_values,
            settings.max_weeks,
            Mappings.of(settings.mapping),
        )


@dataclass(slots=True)
class Understood:
    """One message: the part to store, the faults of the rest, the sequences to acknowledge."""

    message: Inbound
    route: Route | None
    readings: list[Reading] = field(default_factory=list)
    typhoon: Typhoon | None = None
    status: camera.CameraStatus | None = None
    snapshot: camera.Snapshot | None = None
    faults: list[Fault] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)


def named_stations(message: Inbound, route: Route, limits: Limits) -> set[str]:
    """The stations that a network's message speaks of, so that they can be looked up; raises nothing."""
    if route.format not in NETWORKS or len(message.payload) > limits.payload_bytes:
        return set()
    try:
        decoded = _decode_network(message, route, limits)
    except Exception:
        # `understand` meets the same and gives it its name.
        return set()
    return {reading.station for reading in decoded.readings}


def understand(message: Inbound, route: Route | Fault, known: Known, limits: Limits) -> Understood:
    """Decodes and judges one message.

    A message of an unknown station is still decoded, for its sequences: it is kept whole in the
    quarantine, so its sender need not send it again.
    """
    if isinstance(route, Fault):
        return Understood(message, None, faults=[route])
    understood = Understood(message, route)
    if len(message.payload) > limits.payload_bytes:
        understood.faults.append(
            Fault(
                FaultReason.TOO_LARGE,
                f"{len(message.payload)} bytes, {limits.payload_bytes} are allowed; it was not read.",
            )
        )
        return understood
    try:
        _READERS[route.format](understood, known, limits)
    except Exception as error:
        # A fault of our own must not stop the flow: the message is kept, and the fault has a name.
        return Understood(
            message,
            route,
            faults=[
                Fault(
                    FaultReason.DECODER_FAILED,
                    f"the decoder failed ({type(error).__name__}: {quoted(str(error))}); please report this.",
                )
            ],
        )
    stranger = _stranger(route, known)
    if stranger is not None:
        return Understood(message, route, faults=[stranger], sequences=understood.sequences)
    return understood


def _stranger(route: Route, known: Known) -> Fault | None:
    if route.exercise is not None and route.exercise in known.ended:
        return Fault(
            FaultReason.EXERCISE_ENDED, f"exercise {route.exercise} has ended; what comes now is not stored."
        )
    if route.exercise is not None and route.exercise not in known.exercises:
        return Fault(FaultReason.UNKNOWN_EXERCISE, f"there is no exercise {route.exercise}; start it first.")
    if route.format is Format.OBSERVATIONS and route.code not in known.stations:
        return Fault(
            FaultReason.UNKNOWN_STATION,
            f"station {route.code} is not known; import it, then: anlan quarantine retry.",
        )
    if route.format in (Format.CAMERA_STATUS, Format.CAMERA_SNAPSHOT) and route.code not in known.cameras:
        return Fault(
            FaultReason.UNKNOWN_CAMERA,
            f"camera {route.code} is not known; import it, then: anlan quarantine retry.",
        )
    return None


def _read_observations(understood: Understood, known: Known, limits: Limits) -> None:
    route = understood.route
    assert route is not None
    context = Context(route.code, known.stations.get(route.code, 300), limits.values)
    decoded = FORMATS[route.format](understood.message.payload, context)
    understood.sequences = decoded.sequences
    understood.faults = decoded.faults
    _judge(understood, decoded.readings, limits)


def _read_network(understood: Understood, known: Known, limits: Limits) -> None:
    route = understood.route
    assert route is not None
    decoded = _decode_network(understood.message, route, limits)
    is_single = route.code in known.stations or route.code in known.cameras or route.code in known.devices
    readings, strangers = networks.admitted(
        decoded.readings, known.stations, only=route.code if is_single else None
    )
    understood.faults = decoded.faults + strangers + networks.unmapped(decoded.unmapped)
    _judge(understood, readings, limits)


def _decode_network(message: Inbound, route: Route, limits: Limits) -> Decoded:
    """Totals without a period of their own have 0: their station's is not known yet."""
    context = Context(route.code, 0, limits.values, mappings=limits.mappings, received_at=message.received_at)
    return FORMATS[route.format](message.payload, context)


def _judge(understood: Understood, readings: list[Reading], limits: Limits) -> None:
    judged_times: dict[datetime, Fault | None] = {}
    for reading in _newest_weeks(understood, readings, limits):
        if reading.time not in judged_times:
            fault = judge_time(reading.time, understood.message.received_at, limits.time)
            judged_times[reading.time] = fault
            if fault is not None:
                understood.faults.append(fault)
        if judged_times[reading.time] is None:
            judged, fault = judge(reading)
            understood.readings.append(judged)
            if fault is not None:
                understood.faults.append(fault)


def _newest_weeks(understood: Understood, readings: list[Reading], limits: Limits) -> list[Reading]:
    """All of them, or those of the newest weeks and a fault.

    The store makes a table with its indexes for every week. A message whose times jump over decades (a
    clock gone wild, or somebody who means harm) would make two thousand of them in one transaction.
    """
    if len(readings) <= limits.weeks:
        return readings
    weeks = {
        reading.time.toordinal() // 7
        for reading in readings
        if judge_time(reading.time, understood.message.received_at, limits.time) is None
    }
    if len(weeks) <= limits.weeks:
        return readings
    oldest = sorted(weeks)[-limits.weeks]
    understood.faults.append(
        Fault(
            FaultReason.TIME_SPREAD,
            f"times lie in {len(weeks)} different weeks, {limits.weeks} are allowed; only the newest were"
            " stored. Set the station's clock, or send history in several messages.",
        )
    )
    return [reading for reading in readings if reading.time.toordinal() // 7 >= oldest]


def _read_typhoon(understood: Understood, known: Known, limits: Limits) -> None:
    understood.typhoon, understood.faults = typhoon.decode(understood.message.payload, limits.values)
    if understood.typhoon is None:
        return
    believed = []
    for fix in understood.typhoon.fixes:
        # A forecast's times lie ahead by its nature; the time it was issued must not.
        fault = judge_time(fix.issued or fix.time, understood.message.received_at, limits.time)
        if fault is None:
            believed.append(fix)
        elif fault not in understood.faults:
            understood.faults.append(fault)
    name = understood.typhoon
    understood.typhoon = Typhoon(name.code, name.name, name.name_en, tuple(believed)) if believed else None


def _read_camera_status(understood: Understood, known: Known, limits: Limits) -> None:
    status, understood.faults = camera.decode_status(understood.message.payload)
    if status is None:
        return
    fault = judge_time(status.time, understood.message.received_at, limits.time)
    if fault is None:
        understood.status = status
    else:
        understood.faults.append(fault)


def _read_snapshot(understood: Understood, known: Known, limits: Limits) -> None:
    understood.snapshot, understood.faults = camera.decode_snapshot(understood.message.payload)


_READERS = {
    Format.OBSERVATIONS: _read_observations,
    **dict.fromkeys(NETWORKS, _read_network),
    Format.TYPHOON: _read_typhoon,
    Format.CAMERA_STATUS: _read_camera_status,
    Format.CAMERA_SNAPSHOT: _read_snapshot,
}
