"""Screens and loudspeakers that are away, or whose last commands all failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.moments import moment
from alerts.standing.words import both
from store.equipment import DevicePresence, device_presences

_FAILED = frozenset({"failed", "rejected"})
_UNANSWERED = frozenset({"sent", "unknown"})
_TRIES = 3
"""Sent so often without any receipt, a command has failed as well."""


class Ails(StrEnum):
    """What is wrong with a device."""

    OFFLINE = "offline"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Terms:
    """Offline for `offline_s`, or the last `failures` deliveries within `within_s` all failed."""

    offline_s: float = 300.0
    failures: int = 3
    within_s: float = 86_400.0

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(
            float(terms.get("offline_s", 300)),
            int(terms.get("failures", 3)),
            float(terms.get("within_s", 86_400)),
        )


def ails(device: DevicePresence, terms: Terms, now: datetime) -> Ails | None:
    """What is wrong with it now, if anything."""
    if not device.online and now - device.heard_at >= timedelta(seconds=terms.offline_s):
        return Ails.OFFLINE
    newest = list(zip(device.states, device.attempts, strict=True))[: terms.failures]
    failed = [state in _FAILED or (state in _UNANSWERED and attempts >= _TRIES) for state, attempts in newest]
    return Ails.FAILING if len(failed) == terms.failures and all(failed) else None


def judge(
    devices: Sequence[DevicePresence], terms: Terms, now: datetime
) -> tuple[list[tuple[DevicePresence, Ails]], set[SubjectKey]]:
    """Devices with what ails them; and those that went away just now: what held goes on."""
    ailing, unsure = [], set()
    for device in devices:
        if (what := ails(device, terms, now)) is not None:
            ailing.append((device, what))
        elif not device.online:
            unsure.add((device.exercise, "device", device.code))
    return ailing, unsure


class DeviceFinder:
    """`terms` as `Terms`. A device of which nothing was ever heard raises nothing: it is not in use yet."""

    kind = "device"
    every_s = 10.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Devices that would not show or speak now."""
        terms = Terms.of(rule.terms)
        since = look.now - timedelta(seconds=terms.within_s)
        known = device_presences(connection, since=since, most=terms.failures)
        ailing, unsure = judge(known, terms, look.now)
        return Found(tuple(_finding(one, what, look) for one, what in ailing), frozenset(unsure))


def _finding(device: DevicePresence, what: Ails, look: Look) -> Finding:
    since = device.heard_at if what is Ails.OFFLINE else device.outcome_at or device.heard_at
    return Finding(
        subject_kind="device",
        subject=device.code,
        observed_at=since,
        received_at=device.heard_at,
        area=device.area,
        exercise=device.exercise,
        facts={
            "device": {"zh": device.name, "en": device.name_en},
            "kind": device.kind,
            "how": what.value,
            "said": both(f"standing.device_{what}"),
            "since": moment(since, look.zone),
        },
    )
