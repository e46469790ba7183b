"""Cameras that are away: by their own word, or silent for three keep-alives (`camera_online` in the schema)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule, SubjectKey
from alerts.standing.moments import moment
from store.equipment import CameraPresence, camera_presences


@dataclass(frozen=True, slots=True)
class Terms:
    """Away for `least_s` (field.md §1.3: 15 min). A patrol's unit is switched off every evening: `kinds`."""

    least_s: float = 900.0
    kinds: tuple[str, ...] = ("fixed",)

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them."""
        return cls(float(terms.get("least_s", 900)), tuple(terms.get("kinds", ("fixed",))))


def judge(
    cameras: Sequence[CameraPresence], terms: Terms, now: datetime
) -> tuple[list[CameraPresence], set[SubjectKey]]:
    """Cameras that are away; and those that go on and off, or are not away for long: what held goes on."""
    away, unsure = [], set()
    for camera in cameras:
        if camera.kind not in terms.kinds:
            continue
        if not camera.online and now - camera.since >= timedelta(seconds=terms.least_s):
            away.append(camera)
        elif not camera.online or camera.unsteady:
            unsure.add((camera.exercise, "camera", camera.code))
    return away, unsure


class CameraFinder:
    """`terms` as `Terms`. A camera of which nothing was ever heard raises nothing: it is not in use yet."""

    kind = "camera"
    every_s = 10.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Cameras that are away now."""
        away, unsure = judge(camera_presences(connection, look.now), Terms.of(rule.terms), look.now)
        return Found(tuple(_finding(camera, look) for camera in away), frozenset(unsure))


def _finding(camera: CameraPresence, look: Look) -> Finding:
    return Finding(
        subject_kind="camera",
        subject=camera.code,
        observed_at=camera.since,
        received_at=camera.heard_at,
        area=camera.area,
        exercise=camera.exercise,
        facts={
            "camera": {"zh": camera.name, "en": camera.name_en},
            "since": moment(camera.since, look.zone),
        },
    )
