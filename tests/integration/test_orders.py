"""拟稿 → 审核 → 签发 → 解除: who may, what counts, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.orders import (
    Actor,
    Draft,
    Selection,
    approve,
    call_again,
    correct,
    countersign,
    create_draft,
    draft_of,
    edit_draft,
    end,
    facts_of,
    fill,
    give_up,
    issue_in_emergency,
    preview,
    waiting_for,
    withdraw,
)
from alerts.orders.lifecycle import tend
from alerts.orders.replies import take_oral_answer
from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.language import translator
from core.roles import Role
from core.settings import Settings
from store import audit
from store import orders as store
from store.order_views import delivery_lines, order_line, order_lines, timeline
from tests.integration.order_world import (
    COMMANDER,
    DUTY,
    LEADER,
    add_alarm,
    build_county,
    connected,
    draft,
    found,
    now,
    settings_from,
)

TOWN = Actor("town", Role.COMMANDER, "T2")
SECOND = Actor("commander2", Role.COMMANDER)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("home")
    with settings_from({"ANLAN_HOME": str(home), "ANLAN_DISPATCH__REPEATS": "1"}) as settings:
        yield settings


@pytest.fixture(scope="module")
def built(database: str) -> str:
    with connected(database) as connection, connection.transaction():
        build_county(connection)
    return database


@pytest.fixture
def county(built: str) -> Iterator[Connection[Any]]:
    """Each test on its own transaction, taken back at the end."""
    with connected(built) as connection, connection.transaction(force_rollback=True):
        yield connection


class Desk:
    """Persons at the desk, at one time."""

    def __init__(self, county: Connection[Any], settings: Settings) -> None:
        self.county, self.settings, self.at = county, settings, now()

    def draft(self, actor: Actor = DUTY, **changes: Any) -> int:
        return create_draft(self.county, draft(**changes), actor, at=self.at, settings=self.settings)

    def content(self, order: int) -> str:
        return store.order(self.county, order).content_hash

    def sign(self, order: int, actor: Actor, content: str | None = None, at: datetime | None = None) -> str:
        return approve(
            self.county, order, actor, content_hash=content or self.content(order), at=at or self.at,
            settings=self.settings,
        )  # fmt: skip

    def issued(self, **changes: Any) -> int:
        order = self.draft(**changes)
        self.sign(order, LEADER)
        self.sign(order, COMMANDER)
        return order

    def state(self, order: int) -> str:
        return store.order(self.county, order).state

    def events(self, order: int) -> list[str]:
        return [line.kind for line in timeline(self.county, order) if line.source == "order"]


@pytest.fixture
def desk(county: Connection[Any], settings: Settings) -> Desk:
    return Desk(county, settings)


def test_a_preview_says_exactly_what_goes_to_whom(desk: Desk) -> None:
    shown = preview(desk.county, draft(), settings=desk.settings)
    assert [one.code for one in shown.chosen.persons] == ["p1", "p2", "p3"]
    assert [one.code for one in shown.chosen.screens] == ["LED1", "LED2"]
    assert [one.code for one in shown.chosen.loudspeakers] == ["SPK1"]
    assert shown.sms.startswith("【演示县防指】")
    assert (shown.sms_units <= 70) == (shown.sms_parts == 1)
    assert shown.words == "水位三点四二米，请立即转移到塔山小学"
    assert shown.speech is not None
    assert shown.estimate.audio_s == shown.speech.seconds > 4
    assert shown.estimate.sms_s == 3 * shown.sms_parts / 20
    assert shown.public
    assert {screen.devices for screen in shown.screens} == {("LED1",), ("LED2",)}
    drill = preview(desk.county, draft(exercise="ex-1"), settings=desk.settings)
    assert drill.withheld == 1
    assert drill.speech is not None
    assert drill.speech.sha256 != shown.speech.sha256


@pytest.mark.parametrize(
    ("selection", "persons"),
    [
        (Selection(areas=("T1",), posts=("村级防汛责任人",)), ["p2", "p3"]),
        (Selection(areas=("V1",)), ["p2"]),
        (Selection(areas=("C",)), ["p0", "p1", "p2", "p3", "p4"]),
        (Selection(persons=("p4",)), ["p4"]),
        (Selection(areas=("T1",), persons=("p1",)), ["p1", "p2", "p3"]),
    ],
)
def test_whom_a_selection_reaches(desk: Desk, selection: Selection, persons: list[str]) -> None:
    shown = preview(desk.county, draft(selection=selection), settings=desk.settings)
    assert [one.code for one in shown.chosen.persons] == persons


def test_several_posts_under_one_number_are_one_call(desk: Desk) -> None:
    desk.county.execute(
        "update person set phone = (select phone from person where code = 'p2') where code = 'p3'"
    )
    shown = preview(desk.county, draft(), settings=desk.settings)
    assert [one.code for one in shown.chosen.persons] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": " "}, "text_missing"),
        ({"text": "水" * 700}, "sms_too_long"),
        ({"selection": Selection(areas=("T1",), sms=False)}, "no_recipients"),
        ({"ends_at": now() - timedelta(minutes=1)}, "wrong_end"),
        ({"ends_at": now() + timedelta(days=9)}, "wrong_end"),
    ],
)
def test_a_draft_that_cannot_be_sent_is_refused(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as refused:
        desk.draft(**changes)
    assert refused.value.reason == reason


def test_unknown_areas_and_persons_are_named(desk: Desk) -> None:
    for selection in (Selection(areas=("T9",)), Selection(persons=("nobody",)), Selection(devices=("X",))):
        with pytest.raises(NotFoundError):
            desk.draft(selection=selection)


def test_the_way_of_a_public_order(desk: Desk) -> None:
    order = desk.draft()
    assert [step.name for step in waiting_for(desk.county, store.order(desk.county, order), settings=desk.settings)] == [
        "check", "issue",
    ]  # fmt: skip
    assert delivery_lines(desk.county, order) == []
    assert desk.sign(order, LEADER) == "check"
    assert desk.state(order) == "checked"
    assert desk.sign(order, COMMANDER) == "issue"
    assert desk.state(order) == "issued"
    line = order_line(desk.county, order)
    assert (line.persons, line.screens, line.loudspeakers, line.answered) == (3, 2, 1, 0)
    assert desk.events(order) == ["drafted", "checked", "issued"]
    actions = [one.action for one in audit.lines(desk.county, subject=f"order/{order}")]
    assert actions == ["order.issue", "order.check", "order.drafted"]
    assert audit.verify(desk.county).broken is None


def test_who_wrote_a_public_order_signs_nothing(desk: Desk) -> None:
    order = desk.draft(COMMANDER)
    with pytest.raises(ForbiddenError):
        desk.sign(order, COMMANDER)
    desk.sign(order, LEADER)
    with pytest.raises(ForbiddenError):
        desk.sign(order, COMMANDER)
    desk.sign(order, SECOND)
    assert desk.state(order) == "issued"


def test_who_edited_it_wrote_it_too(desk: Desk) -> None:
    order = desk.draft()
    edit_draft(desk.county, order, draft(title="改"), LEADER, at=desk.at, settings=desk.settings)
    with pytest.raises(ForbiddenError):
        desk.sign(order, LEADER)


@pytest.mark.parametrize("actor", [DUTY, Actor("x", Role.VIEWER), Actor("y", Role.ADMINISTRATOR), TOWN])
def test_a_role_or_area_that_may_not(desk: Desk, actor: Actor) -> None:
    order = desk.draft()
    with pytest.raises(ForbiddenError):
        desk.sign(order, actor)


def test_a_leader_checks_but_does_not_issue(desk: Desk) -> None:
    order = desk.draft()
    desk.sign(order, LEADER)
    with pytest.raises(ForbiddenError):
        desk.sign(order, Actor("leader2", Role.LEADER))


def test_a_town_orders_its_own_area_only(desk: Desk) -> None:
    own = Actor("town-duty", Role.DUTY, "T2")
    with pytest.raises(ForbiddenError):
        desk.draft(own)
    with pytest.raises(ForbiddenError):
        desk.draft(own, area="T2", selection=Selection(areas=("V3", "V1"), led=True))
    order = desk.draft(own, area="T2", selection=Selection(areas=("T2",)))
    assert desk.sign(order, TOWN) == "issue"


def test_an_edit_voids_the_approvals_even_if_the_text_returns(desk: Desk) -> None:
    order = desk.draft()
    seen = desk.content(order)
    desk.sign(order, LEADER)
    edit_draft(desk.county, order, draft(text="另一段文字"), DUTY, at=desk.at, settings=desk.settings)
    edit_draft(desk.county, order, draft(), DUTY, at=desk.at, settings=desk.settings)
    assert desk.content(order) != seen
    assert desk.state(order) == "draft"
    with pytest.raises(ConflictError):
        desk.sign(order, COMMANDER, seen)
    assert desk.sign(order, LEADER) == "check"
    assert desk.sign(order, COMMANDER) == "issue"
    approvals = [line for line in timeline(desk.county, order) if line.source == "approval"]
    assert [line.detail["void"] for line in approvals] == [True, False, False]


def test_an_order_to_persons_alone_is_issued_by_one_commander(desk: Desk) -> None:
    order = desk.draft(COMMANDER, selection=Selection(areas=("T1",)))
    assert desk.sign(order, COMMANDER) == "issue"
    assert desk.state(order) == "issued"


def test_an_emergency_goes_out_by_one_and_tells_all_commanders(desk: Desk) -> None:
    order = desk.draft(LEADER)
    with pytest.raises(InputError):
        issue_in_emergency(
            desk.county, order, LEADER, content_hash=desk.content(order), reason=" ", at=desk.at,
            settings=desk.settings,
        )  # fmt: skip
    due = issue_in_emergency(
        desk.county, order, LEADER, content_hash=desk.content(order), reason="夜间溃堤", at=desk.at,
        settings=desk.settings,
    )  # fmt: skip
    assert due == desk.at + timedelta(minutes=30)
    assert desk.state(order) == "issued"
    told = [line for line in order_lines(desk.county, kinds=["notice"]) if "紧急先行" in line.title]
    assert [one.recipient for one in delivery_lines(desk.county, told[0].id)] == ["p0"]
    with pytest.raises(ForbiddenError):
        countersign(desk.county, order, LEADER, at=desk.at)
    tend(desk.county, at=due + timedelta(seconds=1))
    tend(desk.county, at=due + timedelta(seconds=9))
    assert desk.events(order).count("countersign_overdue") == 1
    countersign(desk.county, order, COMMANDER, at=due + timedelta(minutes=1))
    assert store.order(desk.county, order).countersigned_at is not None
    with pytest.raises(ConflictError):
        countersign(desk.county, order, SECOND, at=due + timedelta(minutes=2))


def test_the_duty_officer_cannot_issue_in_an_emergency(desk: Desk) -> None:
    order = desk.draft()
    with pytest.raises(ForbiddenError):
        issue_in_emergency(
            desk.county, order, DUTY, content_hash=desk.content(order), reason="x", at=desk.at,
            settings=desk.settings,
        )  # fmt: skip


@pytest.mark.parametrize(("act", "state", "word"), [(end, "ended", "解除"), (withdraw, "withdrawn", "误发")])
def test_end_and_withdraw_are_different_acts(desk: Desk, act: Any, state: str, word: str) -> None:
    order = desk.issued()
    desk.county.execute(
        "update delivery set attempts = 1, state = 'sent' where order_id = %s and recipient <> 'LED2'",
        (order,),
    )
    with pytest.raises(InputError):
        act(desk.county, order, COMMANDER, reason="", at=desk.at, settings=desk.settings)
    with pytest.raises(ForbiddenError):
        act(desk.county, order, DUTY, reason="x", at=desk.at, settings=desk.settings)
    act(desk.county, order, COMMANDER, reason="水位回落", at=desk.at, settings=desk.settings)
    assert desk.state(order) == state
    lines = {one.recipient: one for one in delivery_lines(desk.county, order)}
    assert {lines[one].due_at for one in ("p1", "p2", "p3")} == {None}
    assert {lines[one].due_at for one in ("LED1", "SPK1")} == {desk.at}
    assert (lines["LED2"].state, lines["LED2"].due_at) == ("withheld", None)
    told = order_lines(desk.county, kinds=["notice"], limit=1)[0]
    assert not told.needs_answer
    assert told.persons == 3
    assert word in store.order(desk.county, told.id).text
    with pytest.raises(ConflictError):
        act(desk.county, order, COMMANDER, reason="x", at=desk.at, settings=desk.settings)


def test_a_correction_replaces_the_running_order_when_it_is_issued(desk: Desk) -> None:
    order = desk.issued()
    old: Draft = draft_of(desk.county, store.order(desk.county, order))
    assert old.selection == Selection(areas=("T1",), led=True, loudspeakers=True)
    new = correct(
        desk.county, order, draft(text="更正：转移到湖边小学"), DUTY, at=desk.at, settings=desk.settings
    )
    assert desk.state(order) == "issued"
    desk.sign(new, LEADER)
    desk.sign(new, COMMANDER)
    assert (desk.state(order), desk.state(new)) == ("ended", "issued")
    assert store.order(desk.county, order).end_reason == "corrected"


def test_an_issued_order_is_not_edited_and_a_given_up_draft_keeps_its_number(desk: Desk) -> None:
    order = desk.issued()
    with pytest.raises(ConflictError):
        edit_draft(desk.county, order, draft(), DUTY, at=desk.at, settings=desk.settings)
    one = desk.draft()
    give_up(desk.county, one, DUTY, reason="重复", at=desk.at)
    assert desk.state(one) == "cancelled"
    first, second = (int(store.order(desk.county, each).number[-3:]) for each in (one, desk.draft()))
    assert second == first + 1


def test_its_time_ends_an_order_whose_danger_is_over(desk: Desk) -> None:
    order = desk.issued()
    ends = store.order(desk.county, order).ends_at
    tend(desk.county, at=ends - timedelta(seconds=1))
    assert desk.state(order) == "issued"
    tend(desk.county, at=ends)
    assert desk.state(order) == "ended"
    assert store.order(desk.county, order).end_reason == "time"


def test_an_order_whose_alarm_stands_warns_and_stays_until_a_person_ends_it(desk: Desk) -> None:
    alarm = add_alarm(desk.county)
    order = desk.issued(alarm=alarm)
    desk.county.execute(
        "update delivery set state = 'showing', due_at = null where channel = 'led' and order_id = %s",
        (order,),
    )
    ends = store.order(desk.county, order).ends_at
    tend(desk.county, at=ends - timedelta(minutes=9))
    tend(desk.county, at=ends - timedelta(minutes=8))
    assert desk.events(order).count("ending_soon") == 1
    for minutes in range(-6, 120, 3):
        tend(desk.county, at=ends + timedelta(minutes=minutes))
        stays = store.order(desk.county, order).stays_until
        assert stays is None or stays > ends + timedelta(minutes=minutes)
    assert desk.state(order) == "issued"
    assert desk.events(order).count("stays") == 1
    assert found(
        desk.county,
        "select due_at is not null from delivery where order_id = %s and recipient = 'LED1'",
        order,
    )
    desk.county.execute(
        "update alarm set returned_at = now(), state = 'returned_unacknowledged' where id = %s", (alarm,)
    )
    tend(desk.county, at=ends + timedelta(hours=3))
    assert desk.state(order) == "ended"


def test_called_again_by_hand(desk: Desk) -> None:
    order = desk.issued()
    desk.county.execute(
        "update delivery set due_at = null, attempts = 3, state = 'delivered', reason = 'unanswered'"
        " where order_id = %s and channel = 'sms'",
        (order,),
    )
    assert order_line(desk.county, order).unanswered == 3
    assert call_again(desk.county, order, DUTY, at=desk.at) == 3
    line = order_line(desk.county, order)
    assert (line.unanswered, line.open_calls) == (0, 3)


def test_an_officer_notes_an_oral_answer(desk: Desk) -> None:
    order = desk.issued()
    delivery = found(desk.county, "select id from delivery where order_id = %s and recipient = 'p2'", order)
    with pytest.raises(InputError):
        take_oral_answer(desk.county, delivery, DUTY, text="嗯？什么", at=desk.at)
    take_oral_answer(desk.county, delivery, DUTY, text="收到，已转移 12 人", at=desk.at)
    line = next(one for one in delivery_lines(desk.county, order) if one.id == delivery)
    assert (line.state, line.acted_people, line.last_event) == ("acted", 12, "acted")
    noted = timeline(desk.county, order)[-1]
    assert (noted.actor, noted.detail["noted_by"]) == ("陈书记", "duty")


def test_real_and_drill_are_never_mixed(desk: Desk) -> None:
    drill = add_alarm(desk.county, exercise="ex-1")
    with pytest.raises(ConflictError):
        desk.draft(alarm=drill)
    order = desk.draft(alarm=drill, exercise="ex-1")
    assert store.order(desk.county, order).number.startswith("演-")
    assert not [line for line in order_lines(desk.county) if line.id == order]
    assert [line.id for line in order_lines(desk.county, exercise="ex-1")] == [order]


def test_lists_of_orders_are_bounded_by_area(desk: Desk) -> None:
    order = desk.issued()
    assert order in [line.id for line in order_lines(desk.county, within="T1")]
    assert order_lines(desk.county, within="T2") == []


@pytest.mark.parametrize("order", ["patrol", "prepare", "evacuate", "all_clear"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_templates_are_filled_from_the_alarm(desk: Desk, order: str, language: str) -> None:
    alarm = add_alarm(desk.county)
    desk.county.execute(
        "update alarm set property = 'water_level', value = 3.42, threshold_name = 'guarantee' where id = %s",
        (alarm,),
    )
    words = translator("alerts", language)
    filled = fill(order, facts_of(desk.county, "T1", alarm, words), words)
    assert "泗洲头镇" in filled.title
    assert "3.42" in filled.text
    assert not any(
        "{" in text or "template." in text for text in (filled.text, filled.led_text, filled.spoken_text)
    )
