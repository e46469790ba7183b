"""What can happen to an alarm: readings, acts of persons, ends that come by themselves. `machine` says what follows."""

from __future__ import annotations

from dataclasses import dataclass

from core.alarms import AlarmState
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Observed:
    """A reading: the condition that now holds (deadband included) and what it reached by itself.

    `certain`: of usable quality. `fresh`: it came soon enough to call people for. `colourless`: it holds, and
    has no severity. `hidden`: SUPPRESSED or OUT_OF_SERVICE, into which an alarm that is new is born.
    """

    severity: Severity | None
    reached: Severity | None
    certain: bool = True
    fresh: bool = True
    colourless: bool = False
    hidden: AlarmState | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has heard it."""


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """A person takes an acknowledgement back: it was given in error, or nobody sees to it any more."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A person has found that what raised it is true (属实)."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A person puts it aside for a while."""


@dataclass(frozen=True, slots=True)
class Unshelved:
    """The shelf ends: a person ends it, or its time is over. Those who were told that it is shelved hear again."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """By design another alarm explains it."""


@dataclass(frozen=True, slots=True)
class Released:
    """What suppressed it is over."""


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Its subject is taken out of service."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """Its subject is in service again."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A person ends what was latched."""


@dataclass(frozen=True, slots=True)
class Over:
    """What it belonged to is over: the exercise has ended."""


Event = (
    Observed
    | Acknowledged
    | Unacknowledged
    | Verified
    | Shelved
    | Unshelved
    | Suppressed
    | Released
    | TakenOut
    | PutBack
    | Reset
    | Over
)
