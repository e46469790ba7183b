"""Silences: nobody is called for what they match, and everything is listed. What Alertmanager promises of
silences (its documentation, "Silences"), for people who are called: they mute what is sent, never what is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from alerts.acknowledge import acknowledge
from alerts.alarms.batch import Setting
from alerts.annunciation import flush, next_due
from alerts.notices import Wording
from alerts.orders.actors import Actor
from alerts.orders.next_step import Step, next_step
from alerts.second_person import Proposal, approve, present, propose
from alerts.silences import detail_of, end_silence, silence, subject_of
from core.alarms import AlarmClass, AlarmEventKind
from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.requests import RequestKind
from core.roles import Role
from core.severity import Severity
from core.silences import Matchers
from store import alarms, deliveries, orders, requests
from store import silences as store
from store.exercises import start_exercise
from tests.integration.levels import Field, minute

WORDING = Wording("zh", "Asia/Shanghai")
DUTY = Actor("王值班", Role.DUTY, "T")
LEADER = Actor("李领导", Role.LEADER, "T")
TOWN = Matchers(area="T", most=Severity.ORANGE)


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection, Setting(WORDING, 1800))
        field.county()
        yield field


def crosses(county: Field, code: str, level: float, at: float, **how: Any) -> None:
    county.send(code, [(at, level)], delay_s=0, **how)
    county.evaluate(at)


def run(county: Field, until: float) -> None:
    while (due := next_due(county.connection)) is not None and due <= minute(until):
        with county.connection.transaction():
            flush(county.connection, WORDING, due)


def mute(county: Field, matchers: Matchers = TOWN, at: float = 0, until: float = 60, by: Actor = DUTY) -> int:
    with county.connection.transaction():
        return silence(
            county.connection, matchers, by=by, at=minute(at), until=minute(until), reason="检修水尺",
        )  # fmt: skip


def calls(county: Field) -> list[tuple[float, str]]:
    return [
        ((at - minute(0)).total_seconds() / 60, why)
        for at, why in county.connection.execute("select at, why from alarm_notice order by id")
    ]


def test_it_mutes_calls_and_not_the_list(county: Field) -> None:
    county.station("A", area="T")
    number = mute(county)
    crosses(county, "A", 4.2, 1)
    run(county, 59)
    assert calls(county) == []
    (line,) = alarms.list_alarms(county.connection, exercise=None, station="A")
    assert str(line.alarm.state) == "unacknowledged" and not line.uncalled
    (said,) = [event for event in county.events("A") if event.kind is AlarmEventKind.UNCALLED]
    assert said.detail == {"reason": "silenced", "silence": number}


def test_it_ends_by_itself_and_people_are_called_for_what_still_stands(county: Field) -> None:
    for code in ("A", "B"):
        county.station(code, area="T")
    mute(county)
    crosses(county, "A", 4.2, 1)
    crosses(county, "B", 4.2, 1)
    with county.connection.transaction():
        acknowledge(county.connection, county.alarm("B").id, actor="王值班", at=minute(5))
    run(county, 60)
    assert calls(county) == [(60, "group")]
    assert county.orders("A") and not county.orders("B")


def test_ended_early_people_are_called_at_once(county: Field) -> None:
    county.station("A", area="T")
    number = mute(county)
    crosses(county, "A", 4.2, 1)
    run(county, 10)
    with county.connection.transaction():
        end_silence(county.connection, number, by=DUTY, at=minute(10))
    run(county, 10)
    assert calls(county) == [(10, "group")]
    with pytest.raises(ConflictError):
        end_silence(county.connection, number, by=DUTY, at=minute(11))


def test_what_becomes_worse_than_what_it_mutes_is_heard(county: Field) -> None:
    county.station("A", area="T")
    mute(county)
    crosses(county, "A", 4.2, 1)
    crosses(county, "A", 6.2, 2)
    assert calls(county) == [(2, "group")], "red is not muted by a silence up to orange"


def test_it_mutes_the_repeats_and_the_calls_that_still_run(county: Field) -> None:
    county.station("A", area="T")
    crosses(county, "A", 5.2, 0)
    run(county, 0.5)
    mute(county, at=1, until=61)
    (due, *_) = deliveries.claim(county.connection, kind="person", now=minute(1), limit=10)
    assert next_step(due, orders.order(county.connection, due.order_id), attempts=3).step is Step.STOP
    run(county, 60.9)
    assert calls(county) == [(0.5, "group")]
    run(county, 61)
    assert calls(county) == [(0.5, "group"), (61, "repeat")]


def test_what_is_not_silenced_keeps_its_notice_repeating(county: Field) -> None:
    for code in ("A", "B"):
        county.station(code, area="T")
        county.connection.execute("update station set river = '大河' where code = %s", (code,))
        crosses(county, code, 5.2, 0)
    run(county, 0.5)
    mute(county, Matchers(station="A", most=Severity.ORANGE), at=1, until=61)
    run(county, 21)
    assert calls(county) == [(0.5, "group"), (10.5, "repeat"), (20.5, "repeat")]


@pytest.mark.parametrize(
    ("matchers", "mutes"),
    [
        (Matchers(area="T", most=Severity.ORANGE), True),
        (Matchers(area="X", most=Severity.ORANGE), True),
        (Matchers(area="T", most=Severity.BLUE), False),
        (Matchers(station="A", most=Severity.YELLOW), True),
        (Matchers(station="B", most=Severity.YELLOW), False),
        (Matchers(rule="river_level", most=Severity.YELLOW), True),
        (Matchers(rule="tide_level", most=Severity.YELLOW), False),
        (Matchers(hazard=AlarmClass.WATER, area="T", most=Severity.YELLOW), True),
        (Matchers(hazard=AlarmClass.RAIN, area="T", most=Severity.YELLOW), False),
    ],
)
def test_all_matchers_must_fit(county: Field, matchers: Matchers, mutes: bool) -> None:
    for code in ("A", "B"):
        county.station(code, area="T" if code == "A" else None)
    mute(county, matchers, by=Actor("县值班", Role.DUTY))
    crosses(county, "A", 4.2, 1)
    assert store.matched(county.connection, matchers) == ([county.alarm("A").id] if mutes else [])
    run(county, 5)
    assert (calls(county) == []) is mutes


def test_an_exercise_has_silences_of_its_own(county: Field) -> None:
    county.station("A", area="T")
    start_exercise(county.connection, "drill", "drill", None, "test")
    mute(county, dataclasses.replace(TOWN, exercise="drill"))
    crosses(county, "A", 4.2, 1)
    crosses(county, "A", 4.3, 1, exercise="drill")
    run(county, 5)
    found = county.connection.execute("select exercise from alarm_notice").fetchall()
    assert found == [(None,)]


@pytest.mark.parametrize(
    ("matchers", "by", "until", "error"),
    [
        (Matchers(most=Severity.BLUE), DUTY, 60, InputError),
        (TOWN, DUTY, 721, InputError),
        (TOWN, DUTY, 0, InputError),
        (TOWN, Actor("看", Role.VIEWER), 60, ForbiddenError),
        (Matchers(area="X", most=Severity.BLUE), DUTY, 60, ForbiddenError),
        (Matchers(hazard=AlarmClass.WATER, most=Severity.BLUE), DUTY, 60, ForbiddenError),
        (Matchers(area="T"), LEADER, 60, ForbiddenError),
        (Matchers(area="T", most=Severity.RED), LEADER, 60, ForbiddenError),
        (Matchers(area="NONE", most=Severity.BLUE), DUTY, 60, NotFoundError),
        (Matchers(station="NONE", most=Severity.BLUE), DUTY, 60, NotFoundError),
    ],
)
def test_what_is_refused_writes_nothing(
    county: Field, matchers: Matchers, by: Actor, until: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        mute(county, matchers, by=by, until=until)
    assert store.silences(county.connection, minute(1)) == []


def test_red_is_muted_by_two_persons_who_see_what_falls_silent(county: Field) -> None:
    county.station("A", area="T")
    crosses(county, "A", 6.2, 0)
    for name, role in (("li", Role.LEADER), ("chen", Role.COMMANDER)):
        county.connection.execute(
            "insert into app_user (name, password_hash, role, area) values (%s, 'x', %s, %s)",
            (name, role, "T" if role is Role.LEADER else None),
        )
    everything = Matchers(area="T")
    proposal = Proposal(
        RequestKind.SILENCE_RED, subject_of(everything), "演练误报", minute(120), detail_of(everything)
    )
    with county.connection.transaction():
        number = propose(county.connection, proposal, Actor("li", Role.LEADER, "T"), at=minute(1))
        run(county, 5)
        assert len(calls(county)) == 2, "nothing is muted before the second person"
        shown, seen = present(county.connection, requests.get(county.connection, number), minute(5))
        assert [alarm["id"] for alarm in shown.alarms] == [county.alarm("A").id]
        approve(
            county.connection, number, Actor("chen", Role.COMMANDER), content_hash=seen, at=minute(6),
            wording=WORDING,
        )  # fmt: skip
    (made,) = store.silences(county.connection, minute(7))
    assert (made.author, made.second, made.matchers) == ("li", "chen", everything)
    run(county, 119)
    assert len(calls(county)) == 2
    run(county, 120)
    assert len(calls(county)) == 3


def test_who_muted_what_and_why_is_in_the_audit(county: Field) -> None:
    number = mute(county)
    with county.connection.transaction():
        end_silence(county.connection, number, by=DUTY, at=minute(10))
    found = county.connection.execute(
        "select actor, action, detail ->> 'reason' from audit where subject = %s order by id",
        (f"silence/{number}",),
    ).fetchall()
    assert found == [("王值班", "silence.make", "检修水尺"), ("王值班", "silence.end", None)]
