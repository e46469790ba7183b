"""Messages of sensor networks, whose payloads name the devices."""

from __future__ import annotations

from formats import FORMATS, Context, Decoded
from ingest import networks
from ingest.judging import judge_readings
from ingest.messages import Inbound
from ingest.routes import Route
from ingest.understood import Known, Limits, Understood


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """Decodes, admits whom the topic may speak for, and judges."""
    route = understood.to
    decoded = decode(understood.message, route, limits)
    is_single = route.code in known.stations or route.code in known.cameras or route.code in known.devices
    readings, strangers = networks.admitted(
        decoded.readings, known.stations, only=route.code if is_single else None
    )
    understood.faults = decoded.faults + strangers + networks.unmapped(decoded.unmapped)
    judge_readings(understood, readings, limits)


def decode(message: Inbound, route: Route, limits: Limits) -> Decoded:
    """Totals without a period of their own have 0: their station's is not known yet."""
    context = Context(route.code, 0, limits.values, mappings=limits.mappings, received_at=message.received_at)
    return FORMATS[route.format](message.payload, context)
