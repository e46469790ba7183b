"""Serious suppressions: two different persons, exactly what was shown, all commanders told, an end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from alerts import second_person
from alerts.notices import Wording
from alerts.orders import Actor
from alerts.second_person import Proposal, approve, expire_due, present, propose, refuse
from core.alarms import AlarmEventKind, AlarmState
from core.errors import ChangedError, ConflictError, ForbiddenError, InputError, NotFoundError
from core.requests import RequestKind, RequestState
from core.roles import Role
from store import audit, requests
from store.connection import connect
from tests.integration.levels import Field, minute

LEADER, LEADER2 = Actor("leader", Role.LEADER), Actor("leader2", Role.LEADER, "T")
COMMANDER, DUTY = Actor("commander", Role.COMMANDER), Actor("duty", Role.DUTY)
WORDING = Wording("zh", "Asia/Shanghai")


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-second", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        for name, role, area, person in (
            ("leader", "leader", None, None), ("leader2", "leader", "T", None), ("west", "leader", "W", None),
            ("duty", "duty", None, None), ("commander", "commander", None, "X1"), ("chief", "leader", None, "T1"),
            ("chief-too", "commander", None, "T1"), ("gone", "leader", None, None),
        ):  # fmt: skip
            if area == "W":
                connection.execute(
                    "insert into area (code, name, name_en, kind, parent)"
                    " values ('W', '西镇', 'West', 'town', 'X')"
                )
            connection.execute(
                "insert into app_user (name, password_hash, role, area, person) values (%s, 'x', %s, %s, %s)",
                (name, role, area, person),
            )
        connection.execute("update app_user set disabled_at = now() where name = 'gone'")
        yield place


def red(county: Field, code: str, area: str | None = "T") -> int:
    """A station whose alarm is red."""
    county.station(code, area=area)
    county.play(code, [(0, 6.2)])
    return county.alarm(code).id


def shelf(alarm: int, **changes: Any) -> Proposal:
    values: dict[str, Any] = {
        "kind": RequestKind.SHELVE_RED, "subject": f"alarm/{alarm}", "reason": "水尺被漂浮物撞坏",
        "ends_at": minute(60),
    }  # fmt: skip
    return Proposal(**(values | changes))


def ask(county: Field, proposal: Proposal, by: Actor = LEADER, at: float = 1) -> int:
    with county.connection.transaction():
        return propose(county.connection, proposal, by, at=minute(at))


def allow(county: Field, request: int, by: Actor, at: float = 2, content_hash: str | None = None) -> None:
    with county.connection.transaction():
        one = requests.get(county.connection, request)
        seen = content_hash or present(county.connection, one, minute(at))[1]
        approve(county.connection, request, by, content_hash=seen, at=minute(at), wording=WORDING)


def test_red_is_shelved_by_two_and_every_commander_is_told(county: Field) -> None:
    alarm = red(county, "S1")
    request = ask(county, shelf(alarm))
    assert county.alarm("S1").state is AlarmState.UNACKNOWLEDGED, "proposed is not done"
    allow(county, request, LEADER2)
    shelved = county.alarm("S1")
    assert (shelved.state, shelved.shelved_until, shelved.shelved_by) == (
        AlarmState.SHELVED, minute(60), "leader",
    )  # fmt: skip
    assert county.events("S1")[-1].detail["second"] == "leader2"
    one = requests.get(county.connection, request)
    assert (one.state, one.decided_by, one.decided_at) == (RequestState.APPROVED, "leader2", minute(2))
    told = county.connection.execute(
        "select orders.needs_answer, orders.text, array_agg(recipient order by recipient) from orders"
        " join order_recipient on order_id = orders.id where orders.id = %s group by 1, 2",
        (one.notice,),
    ).fetchone()
    assert told is not None and told[0] is False and told[2] == ["T1", "X1"]
    assert told[1] == (
        "leader提出、leader2同意，搁置S1站的红色告警至07-01 09:00，理由：水尺被漂浮物撞坏。"
        "涉及当前告警1条、测站0个，2人暂不再接到呼叫。"
    )
    acts = [
        (line.actor, line.action)
        for line in reversed(audit.lines(county.connection, subject=f"request/{request}"))
    ]
    assert acts == [("leader", "request.propose"), ("leader2", "request.approve")]


def test_it_shows_the_alarms_and_persons_that_fall_silent(county: Field) -> None:
    alarm = red(county, "S2")
    shown = requests.get(county.connection, ask(county, shelf(alarm))).silences
    assert [(one["id"], one["severity"], one["station_name"]) for one in shown.alarms] == [
        (alarm, "red", "S2站")
    ]
    assert [one["code"] for one in shown.persons] == ["T1", "T2"]


@pytest.mark.parametrize(
    ("who", "message"),
    [
        (LEADER, "second person"),
        (DUTY, "role duty"),
        (Actor("west", Role.LEADER, "W"), "outside your own"),
        (Actor("nobody", Role.LEADER), "token or wall screen"),
        (Actor("gone", Role.LEADER), "token or wall screen"),
        (Actor("root", Role.ADMINISTRATOR), "role administrator"),
    ],
)
def test_who_may_not_be_the_second_person(county: Field, who: Actor, message: str) -> None:
    code = f"W-{who.name}"
    request = ask(county, shelf(red(county, code)))
    with pytest.raises(ForbiddenError, match=message):
        allow(county, request, who)
    assert county.alarm(code).state is AlarmState.UNACKNOWLEDGED
    assert requests.get(county.connection, request).state is RequestState.OPEN


def test_one_person_with_two_names_is_one_person(county: Field) -> None:
    request = ask(county, shelf(red(county, "S3")), Actor("chief", Role.LEADER))
    with pytest.raises(ForbiddenError, match="same person"):
        allow(county, request, Actor("chief-too", Role.COMMANDER))
    allow(county, request, COMMANDER)


def test_what_is_county_wide_needs_the_commander(county: Field) -> None:
    request = ask(county, shelf(red(county, "S4", area=None)))
    with pytest.raises(ForbiddenError, match="county-wide"):
        allow(county, request, Actor("chief", Role.LEADER))
    allow(county, request, COMMANDER)
    assert county.alarm("S4").state is AlarmState.SHELVED


def test_a_duty_officer_does_not_propose_to_shelve_red(county: Field) -> None:
    alarm = red(county, "S5")
    with pytest.raises(ForbiddenError, match="ask the leader"):
        ask(county, shelf(alarm), DUTY)
    with pytest.raises(ForbiddenError, match="outside your own"):
        ask(county, shelf(alarm), Actor("west", Role.LEADER, "W"))
    with pytest.raises(ForbiddenError, match="token or wall screen"):
        ask(county, shelf(alarm), Actor("a-token", Role.LEADER))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, InputError),
        ({"ends_at": None}, InputError),
        ({"ends_at": minute(1)}, InputError),
        ({"ends_at": minute(12 * 60 + 1.1)}, InputError),
        ({"subject": "alarm/999999999"}, NotFoundError),
        ({"subject": "alarm/1; drop table alarm"}, InputError),
        ({"subject": "station/S6"}, InputError),
        ({"subject": "alarm/²"}, InputError),
        ({"kind": RequestKind.RAISE_LIMIT}, InputError),
    ],
)
def test_hostile_and_wrong_proposals_are_refused(
    county: Field, changes: dict[str, Any], error: type[Exception]
) -> None:
    if not county.connection.execute("select 1 from station where code = 'S6'").fetchone():
        red(county, "S6")
    with pytest.raises(error):
        ask(county, shelf(county.alarm("S6").id, **changes))
    found = county.connection.execute(
        "select count(*) from second_person_request where subject = %s", (f"alarm/{county.alarm('S6').id}",)
    ).fetchone()
    assert found == (0,)


def test_what_got_worse_since_must_be_looked_at_again(county: Field) -> None:
    county.station("S7", area="T")
    county.play("S7", [(0, 6.2), (1, 3.0)])
    request = ask(county, shelf(county.alarm("S7").id), at=2)
    seen = requests.get(county.connection, request).content_hash
    county.play("S7", [(3, 6.4)])
    with pytest.raises(ChangedError, match="look at it again"):
        allow(county, request, LEADER2, at=4, content_hash=seen)
    assert county.alarm("S7").state is AlarmState.UNACKNOWLEDGED
    allow(county, request, LEADER2, at=4)


def test_the_same_is_proposed_once_and_decided_once(county: Field) -> None:
    alarm = red(county, "S8")
    request = ask(county, shelf(alarm))
    with pytest.raises(ConflictError, match="proposed already"):
        ask(county, shelf(alarm), COMMANDER)
    allow(county, request, LEADER2)
    with pytest.raises(ConflictError, match="approved already"):
        allow(county, request, COMMANDER, content_hash="0" * 64)
    with pytest.raises(ConflictError):
        ask(county, shelf(alarm))


def test_nobody_decided_in_half_an_hour_and_it_is_over(county: Field) -> None:
    request = ask(county, shelf(red(county, "S9")))
    with county.connection.transaction():
        assert expire_due(county.connection, minute(30.9)) == 0
    with pytest.raises(ConflictError, match="expired"):
        allow(county, request, LEADER2, at=31)
    with county.connection.transaction():
        assert expire_due(county.connection, minute(31)) >= 1
    assert requests.get(county.connection, request).state is RequestState.EXPIRED
    (newest, _) = audit.lines(county.connection, subject=f"request/{request}")
    assert (newest.actor, newest.action) == ("centre", "request.expire")
    ask(county, shelf(county.alarm("S9").id), at=32)


def test_it_is_refused_by_another_or_taken_back_by_its_author(county: Field) -> None:
    alarm = red(county, "T9")
    for who in (LEADER2, LEADER):
        request = ask(county, shelf(alarm))
        with county.connection.transaction():
            refuse(county.connection, request, who, at=minute(2), note="不同意")
        one = requests.get(county.connection, request)
        assert (one.state, one.decided_by, one.note) == (RequestState.REFUSED, who.name, "不同意")
    request = ask(county, shelf(alarm))
    with pytest.raises(ForbiddenError), county.connection.transaction():
        refuse(county.connection, request, DUTY, at=minute(2))


def test_an_executor_that_fails_leaves_nothing_behind(county: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask(county, shelf(red(county, "U1")))

    def fails(*_: object) -> None:
        raise ConflictError("it cannot be done now")

    monkeypatch.setitem(second_person.EXECUTORS, RequestKind.SHELVE_RED, fails)
    before = county.connection.execute("select count(*) from orders").fetchone()
    with pytest.raises(ConflictError, match="cannot be done"):
        allow(county, request, LEADER2)
    assert requests.get(county.connection, request).state is RequestState.OPEN
    assert county.connection.execute("select count(*) from orders").fetchone() == before


def test_the_database_itself_lets_nobody_approve_his_own(county: Field) -> None:
    request = ask(county, shelf(red(county, "U2")))
    with pytest.raises(Exception, match="second_person_request"):
        requests.decide(county.connection, request, RequestState.APPROVED, at=minute(2), by="leader")
    with pytest.raises(Exception, match="second_person_request"):
        county.connection.execute(
            "update second_person_request set ends_at = proposed_at + %s where id = %s",
            (timedelta(hours=13), request),
        )


def test_ten_who_allow_it_at_once_do_it_once(county: Field, database: str) -> None:
    alarm = red(county, "RACE")
    request = ask(county, shelf(alarm))
    seen = present(county.connection, requests.get(county.connection, request), minute(2))[1]
    start = threading.Barrier(10, timeout=20)

    def allow_it(number: int) -> str:
        who = (LEADER2, COMMANDER)[number % 2]
        with connect(database, name="test-race") as connection:
            start.wait()
            try:
                with connection.transaction():
                    approve(connection, request, who, content_hash=seen, at=minute(2), wording=WORDING)
            except ConflictError:
                return "late"
        return "done"

    with ThreadPoolExecutor(10) as pool:
        found = Counter(pool.map(allow_it, range(10)))
    assert found == {"done": 1, "late": 9}
    assert [event.kind for event in county.events("RACE")].count(AlarmEventKind.SHELVED) == 1


def test_ten_who_propose_the_same_at_once_make_one_request(county: Field, database: str) -> None:
    alarm = red(county, "RACE2")
    start = threading.Barrier(10, timeout=20)

    def ask_it(_number: int) -> str:
        with connect(database, name="test-race") as connection:
            start.wait()
            try:
                with connection.transaction():
                    propose(connection, shelf(alarm), LEADER, at=minute(1))
            except ConflictError:
                return "late"
        return "done"

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(ask_it, range(10))) == {"done": 1, "late": 9}
