"""Whose values a network's message brings, and what of it nobody has given a meaning."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from core.faults import Fault, FaultReason, quoted
from core.observations import Reading
from core.properties import PROPERTIES

_MOST_NAMES = 10
"""Names in one sentence."""


def admitted(
    readings: Sequence[Reading], periods_s: Mapping[str, int], *, only: str | None
) -> tuple[list[Reading], list[Fault]]:
    """The readings of known stations, totals with their station's period; a fault for each other station.

    `only`: the topic belongs to this station, camera or device, which has a login of its own and may not
    speak for others.
    """
    taken: list[Reading] = []
    strangers: dict[Fault, None] = {}
    for reading in readings:
        if only is not None and reading.station != only:
            strangers[_foreign(only, reading.station)] = None
        elif reading.station not in periods_s:
            strangers[unknown(reading.station)] = None
        elif reading.period_s == 0 and _is_total(reading.property):
            taken.append(dataclasses.replace(reading, period_s=periods_s[reading.station]))
        else:
            taken.append(reading)
    return taken, list(strangers)[:_MOST_NAMES]


def unmapped(readings: Sequence[Reading]) -> list[Fault]:
    """One fault for all fields without a meaning, or none."""
    names = list(dict.fromkeys(f"{quoted(one.property)} of {quoted(one.station)}" for one in readings))
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return [
        Fault(
            FaultReason.UNMAPPED_FIELD,
            f"no mapping for {', '.join(names[:_MOST_NAMES])}{more}; add fields or ignore under"
            " [ingest.mapping.…], then: anlan quarantine retry.",
        )
    ]


def _is_total(name: str) -> bool:
    known = PROPERTIES.get(name)
    return known is not None and known.total


def _foreign(speaker: str, station: str) -> Fault:
    return Fault(
        FaultReason.FOREIGN_STATION,
        f"{speaker} speaks for {quoted(station)}; on its own topic it may speak for itself alone.",
    )


def unknown(station: str) -> Fault:
    """What is said of a station that nobody imported."""
    return Fault(
        FaultReason.UNKNOWN_STATION,
        f"station {quoted(station)} is not known; import it, or name the device's station under"
        " [ingest.mapping.…], then: anlan quarantine retry.",
    )
