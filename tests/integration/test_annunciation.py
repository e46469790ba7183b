"""From an alarm's change to an order: groups, waits, repeats, floods, answers. What Alertmanager promises of
grouping, repeating and deduplication (its documentation, "Grouping" and "Configuration": route), as it makes
sense for people who are called."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from alerts.acknowledge import acknowledge
from alerts.alarms.batch import Setting, evaluate
from alerts.annunciation import flush, next_due
from alerts.notices import Wording
from alerts.orders import end
from alerts.orders.actors import Actor
from alerts.orders.replies import take_reply
from alerts.shelve import shelve
from core.alarms import AlarmEventKind
from core.areas import Area
from core.cadence import WINDOW
from core.people import Person, RosterEntry
from core.roles import Role
from core.settings import Settings
from core.severity import Severity
from store import alarms, live
from store.areas import save_area
from store.exercises import start_exercise
from store.order_views import order_alarms
from store.orders import told_alarms
from store.people import save_person, save_roster_entry
from tests.integration.levels import Field, minute

WORDING = Wording("zh", "Asia/Shanghai")
Order = tuple[int, str, str, str | None, str]
"""Id, state, title, severity, text."""


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        field = Field(connection, Setting(WORDING, 1800))
        field.county()
        yield field


def on_river(county: Field, code: str, river: str, area: str = "T") -> str:
    county.station(code, area=area)
    county.connection.execute("update station set river = %s where code = %s", (river, code))
    return code


def crosses(county: Field, code: str, level: float, at: float) -> None:
    """One reading, evaluated when it comes."""
    county.send(code, [(at, level)], delay_s=0)
    county.evaluate(at)


def tick(county: Field, at: float) -> int:
    """The evaluator's turn when something is due."""
    with county.connection.transaction():
        return flush(county.connection, county.setting.wording, minute(at))


def run(county: Field, since: float, until: float) -> None:
    """Turns of the evaluator whenever something is due, as its loop takes them."""
    while (due := next_due(county.connection)) is not None and due <= minute(until):
        tick(county, max(since, (due - minute(0)) / timedelta(minutes=1)))


def notices(county: Field, exercise: str | None = None) -> list[Order]:
    return county.connection.execute(
        "select id, state, title, severity, text from orders where kind = 'notice'"
        " and exercise is not distinct from %s order by id",
        (exercise,),
    ).fetchall()


def calls(county: Field) -> list[tuple[str, str, float, int, int]]:
    """Desk, why, minute, alarms, news of every call of a desk."""
    return [
        (desk, why, (at - minute(0)) / timedelta(minutes=1), count, news)
        for desk, why, at, count, news in county.connection.execute(
            "select desk, why, at, alarms, news from alarm_notice order by id"
        )
    ]


def of_order(county: Field, order: int) -> set[str]:
    """Stations of the alarms that an order names."""
    found = county.connection.execute(
        "select alarm.station from order_alarm join alarm on alarm.id = alarm where order_id = %s", (order,)
    )
    return {row[0] for row in found}


def phone(county: Field, person: str) -> str:
    found = county.connection.execute("select phone from person where code = %s", (person,)).fetchone()
    assert found is not None
    return str(found[0])


def answer(county: Field, person: str, at: float) -> None:
    """The person's SMS, after a first call left."""
    with county.connection.transaction():
        county.connection.execute(
            "update delivery set attempts = 1, state = 'sent', submitted_at = %s where recipient = %s and attempts = 0"
            " and due_at is not null",
            (minute(at), person),
        )
        take_reply(
            county.connection,
            sender=phone(county, person),
            text="收到",
            at=minute(at),
            message_id=f"m{at}{person}",
        )


def hear(county: Field, code: str, at: float) -> None:
    with county.connection.transaction():
        acknowledge(county.connection, county.alarm(code).id, actor="王值班", at=minute(at))


def why_not(county: Field, code: str) -> list[str]:
    return [event.detail["reason"] for event in county.events(code) if event.kind is AlarmEventKind.UNCALLED]


def test_red_leaves_in_the_transaction_of_its_alarm(county: Field) -> None:
    on_river(county, "A", "南大河")
    county.send("A", [(0, 6.2)])
    with pytest.raises(ConnectionResetError), county.connection.transaction():
        evaluate(county.connection, county.setting, minute(0))
        assert county.story("A") == ["raised@0 red called"]
        raise ConnectionResetError
    assert notices(county) == [] and county.alarms("A") == [], "one does not stand without the other"


def test_alarms_of_one_river_are_told_together_after_thirty_seconds(county: Field) -> None:
    for code, level in (("A", 4.2), ("B", 5.1), ("C", 4.1)):
        on_river(county, code, "南大河")
        crosses(county, code, level, 0)
    assert notices(county) == []
    assert next_due(county.connection) == minute(0.5)
    tick(county, 0.5)
    ((order, state, title, severity, text),) = notices(county)
    assert (state, severity, of_order(county, order)) == ("issued", "orange", {"A", "B", "C"})
    assert title == "南大河水情 3 处告警，最重橙色"
    assert text == (
        "南大河水情告警 3 处（橙1黄2）：B站超保证水位0.10m（橙色）；A站超警戒水位0.20m（黄色）；C站超警戒水位0.10m（黄色）。"
    )
    assert [one.station for one in order_alarms(county.connection, order)] == ["B", "A", "C"]
    assert county.story("C") == ["raised@0 yellow called"]
    assert list(told_alarms(county.connection, order).values()) == [
        Severity.YELLOW, Severity.ORANGE, Severity.YELLOW,
    ]  # fmt: skip


def another_desk(county: Field) -> None:
    """A town U with somebody on duty."""
    save_area(county.connection, Area("U", "上镇", "Upper town", "town", parent="X"))
    save_person(county.connection, Person("U1", "值班U1", "13900000001", "U", "值班员"))
    save_roster_entry(county.connection, RosterEntry("U", "U1", "duty", minute(-9000), minute(9000)))


def test_another_river_another_hazard_another_desk_is_another_notice(county: Field) -> None:
    another_desk(county)
    for code, river, area in (("A", "南大河", "T"), ("B", "北河", "T"), ("C", "南大河", "U")):
        on_river(county, code, river, area)
        crosses(county, code, 4.2, 0)
    tick(county, 0.5)
    assert sorted(sorted(of_order(county, order)) for order, *_ in notices(county)) == [["A"], ["B"], ["C"]]
    assert sorted(desk for desk, *_ in calls(county)) == ["T", "T", "U"]


def test_an_upstream_alarm_never_mutes_one_downstream(county: Field) -> None:
    upstream, downstream = on_river(county, "UP", "南大河"), on_river(county, "DOWN", "南大河")
    crosses(county, upstream, 6.3, 0)
    crosses(county, downstream, 4.2, 1)
    run(county, 1, 10)
    assert county.story(downstream) == ["raised@1 yellow called"]
    first, second = notices(county)[:2]
    assert first[1] == "ended" and of_order(county, second[0]) == {"UP", "DOWN"}
    crosses(county, downstream, 6.4, 11)
    assert county.story(downstream)[-1] == "worsened@11 red called", "red beside red, at once or in a minute"


def test_a_newer_notice_of_all_alarms_of_an_older_one_ends_it(county: Field) -> None:
    for code in ("A", "B"):
        on_river(county, code, "南大河")
    crosses(county, "A", 6.2, 0)
    crosses(county, "B", 6.1, 0.2)
    tick(county, 0.9)
    assert len(notices(county)) == 1, "within a minute of the group's last notice"
    tick(county, 1)
    assert [state for _, state, *_ in notices(county)] == ["ended", "issued"]
    assert of_order(county, notices(county)[1][0]) == {"A", "B"}
    withheld = county.connection.execute(
        "select count(*) from delivery where order_id = %s and due_at is not null", (notices(county)[0][0],)
    ).fetchone()
    assert withheld == (0,), "nobody is called twice for the same"


def test_the_same_again_is_told_once(county: Field) -> None:
    on_river(county, "A", "南大河")
    for at in range(5):
        crosses(county, "A", 4.2 + at / 100, at)
    run(county, 4, 5)
    assert len(notices(county)) == 1 and len(calls(county)) == 1


@pytest.mark.parametrize(
    ("level", "due"), [(6.2, [0, 5, 10, 15]), (5.1, [0.5, 10.5, 20.5]), (4.2, [0.5, 30.5, 60.5])]
)
def test_it_is_called_again_while_nobody_acknowledges(county: Field, level: float, due: list[float]) -> None:
    on_river(county, "A", "南大河")
    crosses(county, "A", level, 0)
    run(county, 0, due[-1])
    assert [at for _, _, at, *_ in calls(county)] == due
    assert [why for _, why, *_ in calls(county)] == ["group", *["repeat"] * (len(due) - 1)]
    ((order, *_),) = notices(county)
    events = county.connection.execute(
        "select count(*) from order_event where order_id = %s and kind = 'called_again'", (order,)
    ).fetchone()
    assert events == (len(due) - 1,)
    hear(county, "A", due[-1] + 1)
    run(county, due[-1] + 1, due[-1] + 600)
    assert len(calls(county)) == len(due), "acknowledged: nobody is called again"


def test_a_repeat_calls_who_has_come_on_duty_since(county: Field) -> None:
    on_river(county, "A", "南大河")
    crosses(county, "A", 6.2, 0)
    county.connection.execute("update roster set ends = %s where person in ('T1', 'T2')", (minute(3),))
    save_person(county.connection, Person("T3", "值班T3", "13900000003", "T", "值班员"))
    save_roster_entry(county.connection, RosterEntry("T", "T3", "duty", minute(3), minute(9000)))
    run(county, 0, 5)
    assert [state for _, state, *_ in notices(county)] == ["ended", "issued"]
    called = county.connection.execute(
        "select recipient from delivery where order_id = %s", (notices(county)[1][0],)
    ).fetchall()
    assert called == [("T3",)]


def test_a_notice_of_many_places_stays_one_when_somebody_else_is_on_duty(county: Field) -> None:
    for code in many(county, 20, 20):
        crosses(county, code, 4.2, 0)
    run(county, 0, 1)
    county.connection.execute("update roster set ends = %s where person in ('T1', 'T2')", (minute(3),))
    save_person(county.connection, Person("T3", "值班T3", "13900000003", "T", "值班员"))
    save_roster_entry(county.connection, RosterEntry("T", "T3", "duty", minute(3), minute(9000)))
    run(county, 1, 32)
    assert [(why, count) for _, why, _, count, _ in calls(county)] == [("bundle", 20), ("bundle", 20)]
    told, again = notices(county)
    assert again[2] == told[2], "it does not speak of the first river alone"


def test_an_answer_acknowledges_all_alarms_of_the_notice(county: Field) -> None:
    for code, level in (("A", 4.2), ("B", 5.1)):
        on_river(county, code, "南大河")
        crosses(county, code, level, 0)
    tick(county, 0.5)
    answer(county, "T1", 2)
    for code in ("A", "B"):
        alarm = county.alarm(code)
        assert (str(alarm.state), alarm.acknowledged_by) == ("acknowledged", "值班T1")


def test_an_answer_acknowledges_no_more_than_was_told(county: Field) -> None:
    """The reply to the yellow notice comes while orange waits to be told: it must not swallow that."""
    on_river(county, "A", "南大河")
    crosses(county, "A", 4.2, 0)
    tick(county, 0.5)
    crosses(county, "A", 5.2, 1)
    answer(county, "T1", 1.1)
    assert str(county.alarm("A").state) == "unacknowledged"
    tick(county, 1.5)
    assert county.story("A") == ["raised@0 yellow called", "worsened@1 orange called"]
    answer(county, "T2", 2)
    assert str(county.alarm("A").state) == "acknowledged"


def test_an_answer_closes_what_has_returned(county: Field) -> None:
    on_river(county, "A", "南大河")
    crosses(county, "A", 6.2, 0)
    crosses(county, "A", 3.0, 5)
    answer(county, "T1", 6)
    assert county.alarm("A").closed_at == minute(6)


def test_what_is_over_before_its_wait_ends_is_told_to_nobody_and_history_says_why(county: Field) -> None:
    for code in ("ACK", "BACK", "SHELF"):
        on_river(county, code, code)
        crosses(county, code, 4.2, 0)
    hear(county, "ACK", 0.1)
    crosses(county, "BACK", 3.0, 0.2)
    with county.connection.transaction():
        shelve(
            county.connection, county.alarm("SHELF").id, actor="王值班", at=minute(0.1), until=minute(60),
            reason="检修", leader=False,
        )  # fmt: skip
    tick(county, 0.5)
    assert notices(county) == []
    assert {code: why_not(county, code) for code in ("ACK", "BACK", "SHELF")} == {
        "ACK": ["acknowledged"], "BACK": ["returned"], "SHELF": ["shelved"],
    }  # fmt: skip


def test_red_that_is_over_when_it_becomes_known_is_told(county: Field) -> None:
    on_river(county, "A", "南大河")
    county.send("A", [(0, 6.2), (5, 3.0)], received_at=minute(5))
    county.evaluate(5)
    assert county.story("A") == ["raised@0 red called", "returned@5"]


def test_who_comes_on_duty_is_called_for_what_nobody_could_be_called_for(county: Field) -> None:
    county.connection.execute("delete from roster")
    on_river(county, "A", "南大河")
    crosses(county, "A", 6.2, 0)
    assert county.story("A") == ["raised@0 red", "uncalled@0 red"]
    (line,) = alarms.list_alarms(county.connection, exercise=None, station="A")
    assert line.uncalled
    run(county, 0, 3)
    assert why_not(county, "A") == ["nobody_on_duty"], "said once, however often it is tried"
    save_roster_entry(county.connection, RosterEntry("T", "T1", "duty", minute(0), minute(9000)))
    run(county, 3, 5)
    assert county.story("A") == ["raised@0 red called", "uncalled@0 red"]
    (line,) = alarms.list_alarms(county.connection, exercise=None, station="A")
    assert not line.uncalled


def test_a_notice_that_a_person_ends_is_not_repeated(county: Field) -> None:
    on_river(county, "A", "南大河")
    crosses(county, "A", 6.2, 0)
    with county.connection.transaction():
        end(
            county.connection, notices(county)[0][0], Actor("李领导", Role.LEADER), reason="已现场处置",
            at=minute(2), settings=Settings(),
        )  # fmt: skip
    run(county, 2, 60)
    assert len(calls(county)) == 1


def test_the_superior_who_was_called_is_called_by_the_newer_notice_and_calls_count_on(county: Field) -> None:
    for code in ("A", "B"):
        on_river(county, code, "南大河")
    crosses(county, "A", 6.2, 0)
    ((order, *_),) = notices(county)
    delivery = county.connection.execute(
        "select id from delivery where order_id = %s and recipient = 'T1'", (order,)
    ).fetchone()
    assert delivery is not None
    for number in range(3):
        county.connection.execute(
            "insert into delivery_attempt (delivery, number, state, started_at, lease_until, reference)"
            " values (%s, %s, 'sent', %s, %s, %s)",
            (delivery[0], number + 1, minute(number), minute(number), f"r{number}"),
        )
    county.connection.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at, escalated_from)"
        " values (%s, 'person', 'X1', 'sms', %s, %s)",
        (order, minute(4), delivery[0]),
    )
    crosses(county, "B", 6.3, 4)
    newer = notices(county)[1][0]
    found = dict(
        county.connection.execute(
            "select recipient, carried from delivery where order_id = %s", (newer,)
        ).fetchall()
    )
    assert found == {"T1": 3, "T2": 0, "X1": 0}


def test_a_drill_groups_and_paces_by_itself(county: Field) -> None:
    start_exercise(county.connection, "drill", "drill", None, "test")
    on_river(county, "A", "南大河")
    county.send("A", [(0, 6.2)], exercise="drill", delay_s=0)
    county.send("A", [(0, 6.3)], delay_s=0)
    county.evaluate(0)
    ((_, _, real, *_),) = notices(county)
    ((_, _, drilled, *_),) = notices(county, "drill")
    assert real == drilled == "A站历史最高水位红色告警"


def many(county: Field, count: int, rivers: int, area: str = "T") -> list[str]:
    codes = [f"S{number:03d}" for number in range(count)]
    for number, code in enumerate(codes):
        on_river(county, code, f"河{number % rivers}", area)
    return codes


@pytest.mark.parametrize(("rivers", "spread_s"), [(1, 0.0), (25, 2.5), (200, 2.5)])
def test_two_hundred_stations_in_ten_minutes_are_ten_calls_at_most_and_every_one_is_listed(
    county: Field, rivers: int, spread_s: float
) -> None:
    codes = many(county, 200, rivers)
    levels = (4.2, 5.1, 6.2)
    for number, code in enumerate(codes):
        at = number * spread_s / 60
        run(county, at, at)
        crosses(county, code, levels[number % 3], at)
    run(county, 200 * spread_s / 60, 200 * spread_s / 60 + 3)
    made = calls(county)
    times = [at for _, _, at, *_ in made]
    assert all(
        sum(start <= at < start + WINDOW / timedelta(minutes=1) for at in times) <= 10 for start in times
    )
    listed = set().union(*(of_order(county, order) for order, *_ in notices(county)))
    assert listed == set(codes)
    running = [order for order, state, *_ in notices(county) if state == "issued"]
    assert set().union(*(of_order(county, order) for order in running)) == set(codes), "none is given up"
    red = [code for number, code in enumerate(codes) if number % 3 == 2]
    waited = [
        called.at - raised.at
        for code in red
        for raised, called in [[e for e in county.events(code) if e.kind in ("raised", "called")][:2]]
    ]
    assert max(waited) <= timedelta(seconds=150), "red waits for the pace at the longest"
    for _, _, _, _, text in notices(county):
        assert len(text) < 300, text
    flood = county.connection.execute("select desk, began_at, peak, ended_at from alarm_flood").fetchall()
    assert len(flood) == 1 and flood[0][0] == "T" and flood[0][2] > 10 and flood[0][3] is None
    for code in codes:
        hear(county, code, 20)
    run(county, 20, 60)
    assert county.connection.execute(
        "select count(*) from alarm_flood where ended_at is null"
    ).fetchone() == (0,)


@pytest.mark.parametrize("broken", ["calling.callees", "telling.group_text", "telling.plan"])
def test_what_fails_at_one_desk_holds_up_no_other(
    county: Field, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    module, _, name = broken.partition(".")
    place = importlib.import_module(f"alerts.annunciation.{module}")
    real = getattr(place, name)
    another_desk(county)

    def fails_for_the_first_town(*given: Any, **named: Any) -> Any:
        if named.get("area") == "T" or "甲溪" in str(given):
            raise ZeroDivisionError("planted")
        return real(*given, **named)

    monkeypatch.setattr(place, name, fails_for_the_first_town)
    crosses(county, on_river(county, "A", "甲溪"), 6.1, 0)
    crosses(county, on_river(county, "B", "乙溪", area="U"), 6.1, 0)
    assert of_order(county, notices(county)[0][0]) == {"B"}
    assert len(notices(county)) == 1
    why = county.connection.execute(
        "select alarm_event.detail ->> 'reason' from alarm_event join alarm on alarm.id = alarm"
        " where station = 'A' and alarm_event.kind = 'uncalled'"
    ).fetchall()
    assert why in ([("undecided",)], [("ZeroDivisionError: planted",)])
    monkeypatch.undo()
    run(county, 0.1, 2)
    assert of_order(county, notices(county)[-1][0]) == {"A"}, "called as soon as the fault is over"


def shown(county: Field, station: str) -> tuple[Any, Any]:
    """As the desk is shown the station's alarm: why its call waits and until which minute, and the next repeat."""
    rows = live.READERS["alarms"](county.connection, None, None, "Asia/Shanghai").values()
    (alarm,) = (row for row in rows if row["station"] == station)
    issued = live.orders(county.connection, None, None, set()).values()
    again = [row["repeat_at"] for row in issued if row["state"] == "issued" and row["id"] in alarm["orders"]]
    waits = alarm["call_waits"]
    return waits and (waits["why"], _minute_of(waits["at"])), [_minute_of(at) for at in again if at]


def _minute_of(moment: str) -> float:
    return (datetime.fromisoformat(moment) - minute(0)) / timedelta(minutes=1)


def test_the_desk_is_shown_why_a_call_waits_and_when_it_is_made(county: Field) -> None:
    crosses(county, on_river(county, "A", "大河"), 3.6, 0)
    assert shown(county, "A") == (("group_wait", 0.5), [])
    tick(county, 0.5)
    assert shown(county, "A") == (None, [240.5])
    crosses(county, on_river(county, "B", "大河"), 3.6, 1)
    assert shown(county, "B") == (("group_interval", 5.5), [])
    for number in range(3):
        crosses(county, on_river(county, f"C{number}", f"溪{number}"), 4.1, 2 + number)
        tick(county, 2.5 + number)
    assert shown(county, "C2") == (("pace", 6.0), [])


def test_a_flood_at_one_desk_leaves_the_others_in_peace(county: Field) -> None:
    codes = many(county, 20, 20)
    for code in codes:
        crosses(county, code, 4.2, 0)
    on_river(county, "X", "大江", "X")
    crosses(county, "X", 4.2, 0)
    run(county, 0, 1)
    assert [(desk, why) for desk, why, *_ in calls(county)] == [("T", "bundle"), ("X", "group")]
    assert county.connection.execute("select desk from alarm_flood").fetchall() == [("T",)]


def test_history_names_order_persons_and_desk(county: Field) -> None:
    on_river(county, "A", "南大河")
    crosses(county, "A", 6.2, 0)
    called: dict[str, Any] = county.events("A")[-1].detail
    assert called == {"order": notices(county)[0][0], "persons": ["T1", "T2"], "desk": "T", "alarms": 1}
