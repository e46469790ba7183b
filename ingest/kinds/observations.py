"""Telemetry in the JSON of the contract, on the topic of its station."""

from __future__ import annotations

from formats import FORMATS, Context
from ingest.judging import judge_readings
from ingest.understood import Known, Limits, Understood


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """Decodes and judges; raises nothing."""
    decoded = understood.message.decoded
    if decoded is None:
        route = understood.to
        context = Context(route.code, known.stations.get(route.code, 300), limits.values)
        decoded = FORMATS[route.format](understood.message.payload, context)
    understood.sequences = list(decoded.sequences)
    understood.faults = list(decoded.faults)
    judge_readings(understood, decoded.readings, limits)
