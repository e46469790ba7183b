"""Two hundred alarms in twenty minutes over ten towns, and alarms in every state: a desk in a flood of alarms."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

HAZARDS = {"water": "river_level", "rain": "town_rain", "tide": "tide_level", "equipment": "silence"}


def add_alarm(
    connection: Connection[Any], subject: str, at: datetime, *, hazard: str = "water", severity: str | None = "yellow",
    state: str = "unacknowledged", area: str | None = None, **more: Any,
) -> int:  # fmt: skip
    """One open alarm about a subject that has a title of its own."""
    values: dict[str, Any] = {
        "class": hazard, "subject_kind": "link", "subject": subject, "area": area, "rule": HAZARDS[hazard],
        "rule_version": 1, "severity": severity, "highest_severity": severity, "state": state, "raised_at": at,
        "observed_at": at, "colourless": severity is None,
        "title": Jsonb({"zh": f"{subject} 告警", "en": f"Alarm of {subject}"}),
    } | more  # fmt: skip
    columns = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    row = connection.execute(
        f"insert into alarm ({columns}) values ({marks}) returning id".encode(), list(values.values())
    ).fetchone()
    assert row is not None
    connection.execute(
        "insert into alarm_event (alarm, at, kind, state, severity, actor) values (%s, %s, 'raised', %s, %s, 'rule:x v1')",
        (row[0], at, state, severity),
    )
    return int(row[0])


def every_state(connection: Connection[Any], now: datetime, town: str) -> dict[str, int]:
    """One alarm in each state beside those of the county; by state."""
    explains = add_alarm(connection, "骨干网", now - timedelta(minutes=30), hazard="equipment", severity=None)
    return {
        "explains": explains,
        "latched": add_alarm(
            connection, "管涌", now - timedelta(hours=2), severity="red", state="latched", area=town, latches=True
        ),
        "suppressed": add_alarm(
            connection, "断报", now - timedelta(minutes=20), hazard="equipment", severity=None, state="suppressed",
            area=town, suppressed_by=f"alarm:{explains}",
        ),
        "out_of_service": add_alarm(
            connection, "检修", now - timedelta(minutes=50), hazard="equipment", severity=None,
            state="out_of_service", area=town, service_until=now + timedelta(hours=3),
        ),
        "shelved": add_alarm(
            connection, "搁置", now - timedelta(minutes=40), severity="blue", state="shelved", area=town,
            shelved_until=now + timedelta(hours=2), shelved_reason="传感器检修", shelved_by="chen",
        ),
        "acknowledged": add_alarm(
            connection, "已知", now - timedelta(minutes=60), severity="yellow", state="acknowledged", area=town,
            acknowledged_at=now - timedelta(minutes=58), acknowledged_by="chen",
        ),
        "returned": add_alarm(
            connection, "回落", now - timedelta(minutes=70), severity=None, state="returned_unacknowledged", area=town,
            returned_at=now - timedelta(minutes=5), colourless=False,
        ),
    }  # fmt: skip


def storm(connection: Connection[Any], now: datetime, desk: str, count: int = 200) -> None:
    """So many alarms within twenty minutes, over the county's towns and hazards, and the flood that they are."""
    chance = random.Random(4)
    towns = [
        row[0]
        for row in connection.execute("select code from area where kind = 'town' order by code limit 10")
    ]
    for number in range(count):
        severity = chance.choices(["red", "orange", "yellow", "blue"], [1, 3, 6, 10])[0]
        hazard = chance.choices(list(HAZARDS), [6, 4, 1, 3])[0]
        add_alarm(
            connection, f"{number + 1}号站", now - timedelta(seconds=chance.uniform(0, 1200)), hazard=hazard,
            severity=None if hazard == "equipment" else severity, area=chance.choice(towns),
            state="unacknowledged" if chance.random() < 0.7 else "acknowledged",
        )  # fmt: skip
    connection.execute(
        "insert into alarm_flood (desk, began_at, count, peak) values (%s, %s, 104, 118)",
        (desk, now - timedelta(minutes=14)),
    )
