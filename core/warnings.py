"""Official weather warnings (预警), whoever sends them in whatever format, as CAP 1.2 structures them.

A message never changes: an update or a cancellation is another message that refers to it. What is in force
follows from all messages together (`core.warning_chains`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.severity import Severity


class Status(StrEnum):
    """How a message is meant (CAP 1.2 §3.2.1)."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MessageType(StrEnum):
    """What a message does to those it refers to (CAP 1.2 §3.2.1)."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message; formats that name the identifier alone leave the sender's (`None`) and the time open."""

    identifier: str
    sender: str | None = None
    sent: datetime | None = None


Point = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84, in the order of CAP."""


@dataclass(frozen=True, slots=True)
class Circle:
    """All places within `radius_km` of a point."""

    lat: float
    lon: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class WarnedArea:
    """A place that is warned: by name, and perhaps by shape or code. A polygon's last point is its first."""

    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WarningInfo:
    """What is warned of, in one language. Times are in UTC; `colour` is that of the four, where one is known."""

    event: str
    language: str = "en-US"
    category: tuple[str, ...] = ("Met",)
    response_types: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    colour: Severity | None = None
    audience: str = ""
    event_codes: tuple[tuple[str, str], ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[WarnedArea, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningMessage:
    """One message as its sender wrote it.

    `profile` is the format it came in: cap1.2, cap1.1, gb35965 or json. `signed` says that it carries an XML
    signature, which is not verified here.
    """

    sender: str
    identifier: str
    sent: datetime
    status: Status
    message_type: MessageType
    scope: str = "Public"
    source: str = ""
    restriction: str = ""
    addresses: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: str = ""
    infos: tuple[WarningInfo, ...] = ()
    profile: str = "cap1.2"
    signed: bool = False
