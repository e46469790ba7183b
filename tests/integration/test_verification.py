"""待核实 on the real database: decided 属实 or 排除, taken back, escalated; whatever is killed in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alerts.unverified import Limits, escalate, next_due
from alerts.verify import decide
from core.alarms import AlarmState
from core.errors import ConflictError, InputError
from core.people import Person, RosterEntry
from core.quality import Quality
from core.severity import Severity
from store.connection import connect
from store.people import save_person, save_roster_entry
from tests.integration.levels import SETTING, Field, minute
from tests.integration.test_corrections import RESTORE, VOID, do

SUSPECT, BAD = Quality.SUSPECT, Quality.BAD
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=10))


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with connect(another_database, name="test-verification", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def people(county: Field, *, leader: bool = True, commander: bool = True) -> None:
    """A leader on duty for the town, and a commander of the county."""
    with county.connection.transaction():
        for code in ("L1", "K1"):
            save_person(county.connection, Person(code, code, f"1390000000{ord(code[0]) % 10}", "T", "领导"))
        if leader:
            entry = RosterEntry("T", "L1", "leader", minute(-300_000), minute(300_000))
            save_roster_entry(county.connection, entry)
        if commander:
            county.connection.execute(
                "insert into app_user (name, password_hash, role, area, person) values ('k', 'x', 'commander', null, 'K1')"
            )


def verdict(county: Field, code: str, true: bool, at: float, reason: str = "现场已看") -> int:
    with county.connection.transaction():
        alarm = county.alarms(code)[-1].id
        return decide(county.connection, alarm, true, reason, actor="陈值班", at=minute(at)).values


def step(county: Field, at: float) -> int:
    with county.connection.transaction():
        return escalate(county.connection, LIMITS, SETTING.wording, minute(at))


def called(county: Field, code: str) -> list[tuple[str, str, list[str]]]:
    return [
        (str(event.kind), event.detail["unverified"], event.detail["persons"])
        for event in county.events(code)
        if "unverified" in event.detail
    ]


def recipients(county: Field, code: str) -> list[list[str]]:
    """Persons of each notice of the station's alarms, in order."""
    found = county.connection.execute(
        "select orders.id, array_agg(distinct delivery.recipient order by delivery.recipient) from orders"
        " join order_alarm on order_alarm.order_id = orders.id join alarm on alarm.id = order_alarm.alarm"
        " join delivery on delivery.order_id = orders.id"
        " where alarm.station = %s group by orders.id order by orders.id",
        (code,),
    )
    return [row[1] for row in found]


def qualities(county: Field, code: str) -> list[tuple[float, int, str]]:
    return county.connection.execute(
        "select observation.value, observation.quality, observation.reason from observation"
        " join series on series.id = observation.series where station = %s order by time",
        (code,),
    ).fetchall()


def test_true_keeps_the_alarm_and_vouches_for_its_readings(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 3.0), (5, 5.2, SUSPECT), (10, 5.3, BAD), (15, 3.2, SUSPECT)])
    assert county.alarm(code).to_verify
    assert verdict(county, code, True, 16) == 2
    county.evaluate(16)
    alarm = county.alarm(code)
    assert (alarm.state, alarm.severity, alarm.to_verify) == (AlarmState.ACKNOWLEDGED, Severity.ORANGE, False)
    assert alarm.acknowledged_by == "陈值班"
    assert qualities(county, code)[1:] == [(5.2, 1, "confirmed"), (5.3, 1, "confirmed"), (3.2, 3, "")]
    story = county.story(code)
    assert "verified@5 orange" in story
    assert len(county.orders(code)) == 1, "nobody is called again"
    verified = next(event for event in county.events(code) if event.kind == "verified")
    assert (verified.actor, verified.detail["reason"], verified.detail["values"]) == ("陈值班", "现场已看", 2)


def test_false_voids_the_doubtful_readings_and_the_alarm_is_over(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 3.0), (5, 52.0, BAD), (10, 3.1), (15, 51.0, BAD)])
    assert verdict(county, code, False, 16, "传感器故障") == 2
    county.evaluate(16)
    alarm = county.alarm(code)
    assert (alarm.state, alarm.severity, alarm.to_verify) == (AlarmState.NORMAL, None, False)
    assert [quality for _, quality, _ in qualities(county, code)] == [1, 4, 1, 4]
    said = [event for event in county.events(code) if event.kind == "corrected"]
    assert {(event.actor, event.detail["reason"]) for event in said} == {("陈值班", "传感器故障")}


def test_false_leaves_what_good_readings_say(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 4.1), (5, 4.2), (10, 52.0, BAD)])
    assert county.alarm(code).severity is Severity.RED
    verdict(county, code, False, 11)
    county.evaluate(11)
    alarm = county.alarm(code)
    assert (alarm.severity, alarm.to_verify, alarm.closed_at) == (Severity.YELLOW, False, None)


def test_restoring_the_readings_takes_a_wrong_exclusion_back(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 3.0), (5, 9.9, SUSPECT)])
    verdict(county, code, False, 6)
    county.evaluate(6)
    assert county.alarm(code).state is AlarmState.NORMAL
    do(county, code, RESTORE, 5, at=7, reason="误判")
    county.evaluate(7)
    again = county.alarms(code)[-1]
    assert (again.state, again.severity, again.to_verify) == (AlarmState.UNACKNOWLEDGED, Severity.RED, True)
    assert (again.value, county.story(code)[-1]) == (9.9, "raised@5 red called")
    county.play(code, [(10, 3.1)])
    assert county.alarms(code)[-1].state is AlarmState.RETURNED_UNACKNOWLEDGED


def test_restoring_a_doubtful_value_that_good_ones_have_followed_raises_nothing_anew(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 3.0), (5, 9.9, SUSPECT)])
    verdict(county, code, False, 6)
    county.play(code, [(10, 3.1)])
    do(county, code, RESTORE, 5, at=12, reason="误判")
    county.evaluate(12)
    assert [(alarm.state, alarm.severity) for alarm in county.alarms(code)] == [
        (AlarmState.NORMAL, None),
        (AlarmState.RETURNED_UNACKNOWLEDGED, None),
    ], "it stood for a moment, and is over"


def test_a_good_value_that_is_voided_no_longer_speaks_against_a_doubtful_flood(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 3.0), (5, 9.9, SUSPECT), (10, 3.1)])
    assert county.alarm(code).severity is None
    do(county, code, VOID, 10, at=11, reason="浮子卡住")
    county.evaluate(11)
    alarm = county.alarm(code)
    assert (alarm.state, alarm.severity, alarm.to_verify) == (AlarmState.UNACKNOWLEDGED, Severity.RED, True)
    assert county.story(code)[-1] == "raised@5 red called"


def test_it_is_decided_once_and_never_without_a_reason(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    with pytest.raises(InputError, match="say how you know"):
        verdict(county, code, True, 1, "  ")
    verdict(county, code, True, 1)
    with pytest.raises(ConflictError, match="somebody decided"):
        verdict(county, code, False, 2)
    actions = county.connection.execute("select detail from audit where action = 'alarm.decide'").fetchall()
    assert actions == [({"verdict": True, "reason": "现场已看", "values": 1},)]


def test_a_good_alarm_has_nothing_to_decide(county: Field) -> None:
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9)])
    with pytest.raises(ConflictError):
        verdict(county, code, True, 1)


def test_undecided_it_goes_to_the_leader_and_then_to_the_commander_once_each(county: Field) -> None:
    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    assert next_due(county.connection, LIMITS) == minute(5)
    for at in (1, 4.9):
        assert step(county, at) == 0
    assert step(county, 5) == 1
    assert next_due(county.connection, LIMITS) == minute(10)
    assert [step(county, at) for at in (5, 6, 9.9)] == [0, 0, 0]
    assert step(county, 10) == 1
    assert step(county, 60) == 0
    assert next_due(county.connection, LIMITS) is None
    assert called(county, code) == [("called", "leader", ["L1"]), ("called", "commander", ["K1"])]
    assert recipients(county, code) == [["T1", "T2"], ["L1", "T1", "T2"], ["K1", "L1", "T1", "T2"]]
    texts = [text for _, text in county.orders(code)]
    assert texts[1].endswith("该值待核实，请立即核对现场。已 5 分钟无人判定属实或排除，请立即组织核实。")


def test_after_an_outage_both_are_called_by_one_notice(county: Field) -> None:
    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    assert step(county, 45) == 1
    assert [(kind, who) for kind, who, _ in called(county, code)] == [
        ("called", "leader"),
        ("called", "commander"),
    ]
    assert len(county.orders(code)) == 2


def test_without_a_leader_on_duty_the_commander_is_called_at_once(county: Field) -> None:
    people(county, leader=False)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    step(county, 5)
    assert called(county, code) == [("uncalled", "leader", []), ("called", "commander", ["K1"])]


def test_without_anybody_the_history_says_so(county: Field) -> None:
    people(county, leader=False, commander=False)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    step(county, 5)
    assert [(kind, who) for kind, who, _ in called(county, code)] == [
        ("uncalled", "leader"),
        ("uncalled", "commander"),
    ]
    assert step(county, 20) == 0


@pytest.mark.parametrize("how", ["decided", "confirmed", "returned"])
def test_what_is_settled_does_not_escalate(county: Field, how: str) -> None:
    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    settle: dict[str, Any] = {
        "decided": lambda: verdict(county, code, True, 2),
        "confirmed": lambda: county.play(code, [(2, 9.8)]),
        "returned": lambda: county.play(code, [(2, 3.0)]),
    }
    settle[how]()
    assert step(county, 30) == 0


def test_a_worsening_that_is_doubtful_too_does_not_start_the_time_anew(county: Field) -> None:
    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 4.1, SUSPECT), (4, 5.1, SUSPECT), (4.5, 9.9, SUSPECT)])
    assert step(county, 5) == 1


def test_a_good_alarm_that_worsens_by_a_doubtful_value_waits_from_then(county: Field) -> None:
    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 4.1), (20, 9.9, SUSPECT)])
    assert step(county, 24) == 0
    assert step(county, 25) == 1


def test_late_news_escalates_to_nobody(county: Field) -> None:
    people(county)
    code = county.station("A", area="T")
    county.send(code, [(0, 9.9, SUSPECT)], received_at=minute(120))
    county.evaluate(120)
    assert county.alarm(code).to_verify
    assert step(county, 200) == 0


def test_an_acknowledged_one_still_waits_for_its_decision(county: Field) -> None:
    from tests.integration.test_alarms import hear

    people(county)
    code = county.station("A", area="T")
    county.play(code, [(0, 9.9, SUSPECT)])
    hear(county, code, 1)
    assert step(county, 5) == 1
