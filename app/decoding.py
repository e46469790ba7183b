"""A kept message read again for people: what its format makes of it, as `anlan decode` says it. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.faults import Fault
from core.observations import Reading
from core.settings import Ingest
from formats import FORMATS, Context, Mappings
from hydrology.judgement import judge


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a payload says; `unmapped` are fields that no mapping gives a meaning."""

    readings: list[Reading]
    unmapped: list[Reading]
    faults: list[Fault]


def can_decode(format_: str | None) -> bool:
    """True for telemetry; typhoon tracks, warnings and pictures are no readings."""
    return format_ in FORMATS


def meaning(
    payload: bytes, format_: str, code: str, period_s: int, received_at: datetime, settings: Ingest
) -> Meaning:
    """Decodes and judges one payload. `code` is who the topic names, `period_s` that station's period.

    The judgement is of each value alone: what a value was judged to be beside its neighbours stands with
    the stored observation.
    """
    context = Context(
        code,
        period_s,
        settings.max_values,
        mappings=Mappings.of(settings.mapping),
        received_at=received_at,
    )
    decoded = FORMATS[format_](payload, context)
    faults = list(decoded.faults)
    readings = []
    for reading in decoded.readings:
        judged, fault = judge(reading)
        readings.append(judged)
        if fault is not None:
            faults.append(fault)
    return Meaning(readings, decoded.unmapped, faults)
