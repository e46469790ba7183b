"""Hides open alarms that others explain by now, and shows again those that nothing explains any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Released, Suppressed
from alerts.alarms.hiding import explanations
from alerts.alarms.inhibition import name
from alerts.alarms.recall import recall
from alerts.notices import Wording
from core.errors import ConflictError
from store import alarms, inhibitions

log = structlog.get_logger("anlan.alerts")

ACTOR = "inhibition"


def suppress(connection: Connection[Any], wording: Wording, now: datetime) -> int:
    """One round over all open alarms that may be hidden, in the caller's transaction; returns how many moved.

    An alarm that a person moved meanwhile is left alone: the next round sees it as it is then.
    """
    known = explanations(connection, now)
    if not known.rows:
        return 0
    decided = known.decide(inhibitions.targets(connection, known.rows))
    moved = 0
    for alarm_id, by in decided.suppress.items():
        moved += _guarded(connection, alarm_id, partial(_hide, connection, alarm_id, by, now))
    for alarm_id in decided.release:
        moved += _guarded(connection, alarm_id, partial(_show, connection, alarm_id, wording, now))
    for alarm_id, by in decided.explained_anew.items():
        inhibitions.set_suppressed_by(connection, alarm_id, name(by))
    return moved


def _hide(connection: Connection[Any], alarm_id: int, by: int, now: datetime) -> None:
    alarm = alarms.lock(connection, alarm_id)
    moved, _ = act(connection, alarm, Suppressed(), actor=ACTOR, at=now, detail={"by": name(by)})
    alarms.save(connection, replace(moved, suppressed_by=name(by)))


def _show(connection: Connection[Any], alarm_id: int, wording: Wording, now: datetime) -> None:
    alarm = alarms.lock(connection, alarm_id)
    detail = {"by": alarm.suppressed_by}
    moved, changes = act(connection, alarm, Released(), actor=ACTOR, at=now, detail=detail)
    alarms.save(connection, moved)
    recall(connection, moved, changes, wording, at=now)


def _guarded(connection: Connection[Any], alarm_id: int, move: Callable[[], None]) -> int:
    """Under a savepoint: one alarm that cannot be moved harms no other."""
    try:
        with connection.transaction():
            move()
    except ConflictError:
        return 0
    except psycopg.OperationalError:
        raise
    except Exception as error:
        log.error("alarm.suppress", alarm=alarm_id, error=f"{type(error).__name__}: {error}")
        return 0
    return 1
