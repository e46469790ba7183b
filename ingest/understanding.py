"""From a message to what will be stored and what is wrong with it. Pure, and raises nothing."""

from __future__ import annotations

from core import canary
from core.canary import is_apart
from core.faults import Fault, FaultReason, quoted
from ingest.kinds import KINDS, network
from ingest.messages import Inbound
from ingest.routes import NETWORKS, Format, Route
from ingest.sl651.gathered import Gathered
from ingest.understood import Known, Limits, Understood


def named_stations(message: Inbound, route: Route, limits: Limits) -> set[str]:
    """The stations that a network's message speaks of, so that they can be looked up; raises nothing."""
    if route.format not in NETWORKS or len(message.payload) > limits.payload_bytes:
        return set()
    try:
        decoded = network.decode(message, route, limits)
    except Exception:
        # `understand` meets the same and gives it its name.
        return set()
    return {reading.station for reading in decoded.readings}


def understand(
    message: Inbound,
    route: Route | Fault,
    known: Known,
    limits: Limits,
    gathered: Gathered | None = None,
    *,
    live: bool = True,
) -> Understood:
    """Decodes and judges one message; `gathered` are its frames if it is one of SL 651.

    A message of an unknown station is still decoded, for its sequences: it is kept whole in the
    quarantine, so its sender need not send it again.
    """
    if isinstance(route, Fault):
        return Understood(message, None, faults=[route])
    understood = Understood(message, route, gathered=gathered, live=live)
    if len(message.payload) > limits.payload_bytes:
        understood.faults.append(
            Fault(
                FaultReason.TOO_LARGE,
                f"{len(message.payload)} bytes, {limits.payload_bytes} are allowed; it was not read.",
            )
        )
        return understood
    try:
        KINDS[route.format].read(understood, known, limits)
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
            kept_payload=gathered.payload if gathered else None,
        )
    stranger = _stranger(route, known)
    if stranger is not None:
        return Understood(message, route, faults=[stranger], sequences=understood.sequences)
    return understood


def _stranger(route: Route, known: Known) -> Fault | None:
    if not is_apart(route.code, route.exercise) or (
        route.exercise == canary.EXERCISE and route.format is not Format.OBSERVATIONS
    ):
        return Fault(
            FaultReason.UNKNOWN_STATION,
            "the canary's topic is the canary's alone, and the canary has no other.",
        )
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
