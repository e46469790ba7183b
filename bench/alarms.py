"""How soon a crossing is an alarm, beside Prometheus and Alertmanager; how many changed series are judged a second.

- crossings: from publishing to the commit of the alarm at 200 messages a second over 2,000 stations; the same
  crossings through Prometheus and Alertmanager, to the call of their webhook.
- silence: from the limit of a silence to its alarm, meanwhile.
- changed: stations a second with a new level and a new sum of rain, each under three level limits, a rule of rates
  and one of rain; the evaluator alone on one core.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench import changed, crossings
from bench.place import place
from cli.setup import peers
from cli.setup.steps import SetupError

_STATIONS = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """How long is measured; `defaults`: the others also as Debian sets them up."""

    crossings_s: float
    changed_s: float
    defaults: bool


FULL = Size(crossings_s=120.0, changed_s=60.0, defaults=True)
QUICK = Size(crossings_s=12.0, changed_s=6.0, defaults=False)


def measure(*, quick: bool) -> dict[str, float | str | None]:
    """The figures of the contract, those that were not measured None, with a note."""
    size = QUICK if quick else FULL
    programs, notes = _programs()
    with place(_STATIONS) as here:
        delays = crossings.measure(here, size.crossings_s, programs, defaults=size.defaults)
    with place(changed.STATIONS) as here:
        crossings.set_limits(here)
        crossings.set_duty(here)
        rate = changed.measure(here, size.changed_s)
    if quick:
        notes.append("quick: the others' defaults take minutes and are left out")
    if delays.silence_s is None:
        notes.append("no rule looks for silent stations")
    return {
        "p50_ms": round(crossings.at(delays.ours, 0.5), 1),
        "p99_ms": round(crossings.at(delays.ours, 0.99), 1),
        "alertmanager_default_p50_ms": _median(delays.default),
        "alertmanager_fast_p50_ms": _median(delays.fast),
        "changed_per_s": round(rate.per_s),
        "silence_found_s": None if delays.silence_s is None else round(delays.silence_s, 2),
        "note": "; ".join(notes) or None,
    }


def _programs() -> tuple[peers.Peers | None, list[str]]:
    try:
        return peers.required(), []
    except SetupError as error:
        print(error, file=sys.stderr)
        return None, [f"{error.what}: {error.do}"]


def _median(delays: list[float]) -> float | None:
    return round(crossings.at(delays, 0.5), 1) if delays else None
