"""What a second person decides about a changed limit: what it is, what it would have silenced, and doing it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.limits import inhibition_changes
from alerts.limits.relaxing import relaxations
from alerts.limits.rule_changes import PREFIX, check_rule, rule_for_two
from core.alarms import AlarmClass
from core.errors import ConflictError, InputError
from core.requests import Affected, Proposal, Request
from core.severity import Severity
from core.thresholds import Threshold, ThresholdKey
from store import audit
from store import thresholds as store
from store.stations import remove_threshold, save_threshold, station

_HAZARD = {"tide_level": AlarmClass.TIDE, "rainfall": AlarmClass.RAIN, "rainfall_sliding": AlarmClass.RAIN}
"""The class of alarm that a limit of a property raises; of all others water."""


def subject_of(key: ThresholdKey) -> str:
    """How a request names a limit: threshold/STATION/PROPERTY/NAME, with @SEASON and :WINDOW where it has them."""
    code, property, name, season_from, period_s = key
    season = f"@{season_from}" if season_from else ""
    window = f":{period_s}" if period_s else ""
    return f"threshold/{code}/{property}/{name}{season}{window}"


def detail_of(old: store.SetLimit, new: Threshold | None, last_year: dict[str, Any] | None) -> dict[str, Any]:
    """What a request keeps: the row that it replaces, the limit that takes its place, and the back-test."""
    return {
        "replaces": old.id,
        "new": None if new is None else plain(new),
        "last_year": last_year,
    }


def check_change(connection: Connection[Any], proposal: Proposal, at: datetime) -> Affected:
    """The limit (or rule) stands as it was when this was proposed, and the change still relaxes it.

    Raises ConflictError where somebody has changed it meanwhile.
    """
    if proposal.subject.startswith(PREFIX):
        return check_rule(connection, proposal, at)
    if proposal.subject.startswith(inhibition_changes.PREFIX):
        return inhibition_changes.check_inhibition(connection, proposal, at)
    old, new = _both(connection, proposal.detail)
    relaxed = relaxations(old.limit, new)
    if not relaxed:
        raise ConflictError("this change relaxes nothing: it needs no second person")
    owner = station(connection, old.limit.station)
    return Affected(
        owner.area,
        alarms=tuple(store.open_alarms_of(connection, old.limit)),
        calls=((_HAZARD.get(old.limit.property, AlarmClass.WATER), owner.area, old.limit.severity),),
        facts={
            "station": owner.code,
            "station_name": owner.name,
            "station_name_en": owner.name_en,
            "old": plain(old.limit),
            "new": None if new is None else plain(new),
            "relaxes": [one.value for one in relaxed],
            "last_year": proposal.detail.get("last_year"),
        },
    )


def change_for_two(connection: Connection[Any], request: Request, at: datetime) -> None:
    """Sets or removes what one person proposed and another one has allowed."""
    if request.subject.startswith(PREFIX):
        rule_for_two(connection, request, at)
        return
    if request.subject.startswith(inhibition_changes.PREFIX):
        inhibition_changes.inhibition_for_two(connection, request, at)
        return
    old, new = _both(connection, request.detail)
    store.hold(connection, old.limit.station)
    old, new = _both(connection, request.detail)
    apply(connection, old.limit, new, request.proposed_by, request.reason, second=request.decided_by)


def apply(
    connection: Connection[Any],
    old: Threshold | None,
    new: Threshold | None,
    by: str,
    reason: str,
    *,
    second: str | None = None,
) -> bool:
    """Writes a change with its line in the audit; False if nothing would change."""
    key = (new or old or _nothing()).key
    if new is None or (old is not None and old.key != new.key):
        assert old is not None
        done = remove_threshold(connection, old.key, by, reason)
    else:
        done = False
    if new is not None:
        done = save_threshold(connection, new, by, reason=reason, second_person=second) or done
    if done:
        audit.append(
            connection, actor=by, action="threshold.remove" if new is None else "threshold.set",
            subject=subject_of(key),
            detail={"old": None if old is None else plain(old), "new": None if new is None else plain(new),
                    "reason": reason, "second": second},
        )  # fmt: skip
    return done


def plain(limit: Threshold) -> dict[str, Any]:
    """A limit as plain JSON."""
    return asdict(limit)


def _nothing() -> Threshold:
    raise InputError("no_change", "neither a limit that stands nor a new one")


def _both(connection: Connection[Any], detail: dict[str, Any]) -> tuple[store.SetLimit, Threshold | None]:
    number = detail.get("replaces")
    if not isinstance(number, int):
        raise InputError("bad_detail", "a changed limit is proposed under /api/v1/thresholds")
    old = store.by_id(connection, number)
    if old is None or old.replaced_at is not None:
        raise ConflictError("this limit was changed meanwhile: look at it again and propose anew")
    new = detail.get("new")
    return old, None if new is None else Threshold(**{**new, "severity": Severity(new["severity"])})
