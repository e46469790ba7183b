"""The end of an exercise (演练): its alarms, orders and response levels end with it, in one transaction.

Nothing that was practised stays open on a desk or lit on a screen: dispatch takes the orders' texts off.
Evaluator and ingest hold the exercise while they work for it (`store.exercises.hold_running`), so nothing of
it can be raised or stored after its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Over
from core.orders import OrderState
from store import alarms, audit, deliveries, exercises, open_alarms, orders, response

REASON = "exercise_over"
"""Why they ended, as history keeps it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How much ended with the exercise."""

    alarms: int
    orders: int
    responses: int


def end_exercise(connection: Connection[Any], code: str, *, actor: str, at: datetime) -> Ended | None:
    """Ends a running exercise and all of it; None if it had ended before. Raises NotFoundError."""
    if not exercises.end_exercise(connection, code, at):
        return None
    still_open = open_alarms.open_in_exercise(connection, code)
    for alarm in still_open:
        moved, _ = act(connection, alarm, Over(), actor=actor, at=at, detail={"reason": REASON})
        alarms.save(
            connection,
            replace(
                moved,
                shelved_until=None,
                shelved_reason=None,
                shelved_by=None,
                reached_until=moved.reached_until or moved.observed_at or at,
            ),
        )
    ended = Ended(
        len(still_open),
        _end_orders(connection, code, actor, at),
        _end_responses(connection, code, actor, at),
    )
    audit.append(
        connection,
        actor=actor,
        action="exercise.end",
        subject=f"exercise/{code}",
        detail={"alarms": ended.alarms, "orders": ended.orders, "responses": ended.responses},
    )
    return ended


def _end_orders(connection: Connection[Any], code: str, actor: str, at: datetime) -> int:
    """Running ones end, drafts are given up."""
    count = 0
    for state, over in (
        (OrderState.ISSUED, OrderState.ENDED),
        (OrderState.DRAFT, OrderState.CANCELLED),
        (OrderState.CHECKED, OrderState.CANCELLED),
    ):
        for known in orders.orders_in_state(connection, state):
            if known.exercise != code or orders.order(connection, known.id, lock=True).state is not state:
                continue
            orders.mark_over(connection, known.id, over, at=at, by=actor, reason=REASON)
            if over is OrderState.ENDED:
                deliveries.stop_calls(connection, known.id, over)
                deliveries.take_off(connection, known.id, at, over)
            orders.add_event(connection, known.id, over, at=at, actor=actor, detail={"reason": REASON})
            count += 1
    return count


def _end_responses(connection: Connection[Any], code: str, actor: str, at: datetime) -> int:
    standing = response.responses(connection, code, running=True)
    for one in standing:
        response.end(connection, one.id, by=actor, at=at)
    return len(standing)
