"""What stands at a desk now: the beginning of every hand-over note."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.alarms import AlarmState
from core.requests import RequestState
from core.station_health import Reporting, reporting
from store import alarms, duty, order_views, requests, station_health
from store.duty import OutOfService

_HIDDEN = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})
_MOST = 200


@dataclass(frozen=True, slots=True)
class AlarmBrief:
    """An open alarm; `until` is when its shelf or service ends."""

    id: int
    severity: str | None
    state: str
    name: str
    limit: str | None
    title: dict[str, str] | None
    to_verify: bool
    until: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class OrderBrief:
    """A running order; `waiting` counts persons who were called and have not answered."""

    id: int
    number: str
    title: str
    state: str
    waiting: int


@dataclass(frozen=True, slots=True)
class RequestBrief:
    """A suppression that waits for a second person."""

    id: int
    kind: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Brief:
    """`alarms` are annunciated, `hidden` shelved, suppressed or out of service; `requests` are suppressions that wait
    for a second person. `silent` names stations."""

    at: datetime
    alarms: tuple[AlarmBrief, ...]
    hidden: tuple[AlarmBrief, ...]
    orders: tuple[OrderBrief, ...]
    silent: tuple[str, ...]
    out_of_service: tuple[OutOfService, ...]
    requests: tuple[RequestBrief, ...]

    def as_json(self) -> dict[str, Any]:
        """As the hand-over keeps it."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def brief(connection: Connection[Any], area: str | None, now: datetime) -> Brief:
    """What stands in an area (None: the county) in the real world, never in an exercise."""
    lines = alarms.list_alarms(connection, exercise=None, area=area, only_open=True, limit=_MOST)
    open_alarms = [_alarm(line) for line in lines]
    running = order_views.order_lines(
        connection, states=["draft", "checked", "issued"], within=area, limit=_MOST
    )
    silent = _silent(connection, area, now)
    return Brief(
        at=now,
        alarms=tuple(one for one in open_alarms if one.state not in _HIDDEN),
        hidden=tuple(one for one in open_alarms if one.state in _HIDDEN),
        orders=tuple(
            OrderBrief(
                one.id, one.number, one.title, one.state,
                one.persons - one.answered - one.withheld if one.issued_at and one.needs_answer else 0,
            )
            for one in running
        ),
        silent=tuple(silent),
        out_of_service=tuple(duty.out_of_service(connection, area)),
        requests=tuple(
            RequestBrief(one.id, one.kind, one.subject, one.reason)
            for one in requests.requests(connection, states=[RequestState.OPEN], within=area)
        ),
    )  # fmt: skip


def _alarm(line: alarms.AlarmLine) -> AlarmBrief:
    one = line.alarm
    return AlarmBrief(
        id=one.id,
        severity=one.severity,
        state=one.state,
        name=line.station_name or one.subject,
        limit=one.threshold_name,
        title=one.title,
        to_verify=one.to_verify,
        until=one.shelved_until or one.service_until,
        reason=one.shelved_reason or one.suppressed_by,
    )


def _silent(connection: Connection[Any], area: str | None, now: datetime) -> list[str]:
    return [
        one.name
        for one in station_health.station_counts(connection, None, area, now, 1)
        if reporting(
            out_of_service=one.out_of_service, heard_at=one.heard_at, now=now, period_s=one.period_s,
            share=None, late=0, flagged=0,
        ) is Reporting.SILENT
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
