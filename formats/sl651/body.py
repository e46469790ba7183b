"""What a body holds, whichever coding it came in, before it is given meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.faults import Fault, FaultReason
from formats.sl651.elements import Kind

MOST_ITEMS = 20_000
"""Values that one body may give; an assembled transfer could hold millions of empty ones."""


class HourTime(StrEnum):
    """What the observation time of the twelve slots F4 to FC means at a station.

    The standard says the time of the first slot; some makers send the end of the hour. AUTO takes it
    for the end if slots with values would else lie ahead of the sending (not in answers to 38H).
    """

    AUTO = "auto"
    FIRST = "first"
    END = "end"


@dataclass(slots=True)
class Item:
    """One value of one element at one time.

    `address` is empty where the body named none that could be one. `code` is the identifier ("39",
    "FF22"), `raw` the data as they stood in the frame, `group` counts the
    station and time groups of the body. `value` None is missing.
    """

    code: str
    address: str
    category: str | None
    time: datetime | None
    value: float | None
    raw: str
    kind: Kind
    group: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting of the station (appendix D): raw as hexadecimal digits or text, a number where it is one."""

    raw: str
    value: float | None


@dataclass(frozen=True, slots=True)
class PeriodQuery:
    """What a 38H asks for: whole hours, a step (zero is the twelve slots of an hour), elements."""

    start: datetime
    end: datetime
    step: timedelta
    codes: tuple[str, ...]


@dataclass(slots=True)
class Body:
    """Everything of a body; what cannot be read is a fault."""

    serial: int | None = None
    sent: datetime | None = None
    items: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    text: bytes | None = None
    picture: bytes | None = None
    picture_time: datetime | None = None
    bulk: bytes | None = None
    version: str | None = None
    events: dict[int, int] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    query: PeriodQuery | None = None
    asked: tuple[str, ...] = ()

    def is_full(self) -> bool:
        """True, with a fault once, when the body has given as many values as it may."""
        if len(self.items) + len(self.faults) < MOST_ITEMS:
            return False
        if not self.faults or self.faults[-1].reason is not FaultReason.TOO_MANY_VALUES:
            self.faults.append(
                Fault(FaultReason.TOO_MANY_VALUES, f"more than {MOST_ITEMS} values; the rest was not read.")
            )
        return True
