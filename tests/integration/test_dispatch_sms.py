"""Dispatch with a real Kannel: calls, receipts, answers, escalation, exercises, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from alerts.orders import by_sms, call_again, create_notice
from cli.services import Services
from core.orders import Channel, Recipient
from core.severity import Severity
from store.order_views import order_line
from tests.integration.order_world import (
    DUTY,
    Dispatch,
    Phones,
    add_alarm,
    build_county,
    connected,
    environment,
    eventually,
    found,
    now,
)


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Connection[Any]]:
    with connected(database) as connection:
        build_county(connection)
        yield connection


@pytest.fixture(scope="module")
def phones(services: Services) -> Iterator[Phones]:
    phones = Phones(services.env()["ANLAN_FIELD__SMSC"])
    phones.start()
    yield phones
    phones.close()


@pytest.fixture(scope="module")
def dispatch(
    services: Services, database: str, county: Connection[Any], phones: Phones,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dispatch]:  # fmt: skip
    home = tmp_path_factory.mktemp("home")
    role = Dispatch(environment(services, database, home), home / "dispatch.log")
    role.start()
    yield role
    code = role.stop()
    text = role.log.read_text()
    assert code == 0, text
    assert "Traceback" not in text and '"exception"' not in text, text


@pytest.fixture(autouse=True)
def quiet(phones: Phones) -> None:
    phones.received.clear()
    phones.on_message = lambda number, text: None


def notify(
    county: Connection[Any], *persons: str, alarm: int | None = None, exercise: str | None = None
) -> int:
    with county.transaction():
        return create_notice(
            county, alarms={alarm: Severity.RED} if alarm else {}, recipients=by_sms(persons), severity=Severity.RED, title="警戒",
            text="泗洲头水位 3.42 米，超警戒 0.12 米", area="T1", exercise=exercise, at=now(),
        )  # fmt: skip


def state(county: Connection[Any], order: int, person: str) -> Any:
    return found(county, "select state from delivery where order_id = %s and recipient = %s", order, person)


@pytest.mark.usefixtures("dispatch")
def test_a_notice_is_delivered_answered_and_acknowledges_its_alarm(
    county: Connection[Any], phones: Phones
) -> None:
    alarm = add_alarm(county)
    order = notify(county, "p1", alarm=alarm)
    text = eventually(lambda: phones.texts_to("13900000001"))[0]
    assert text.startswith("【演示县防指】泗洲头水位 3.42 米")
    assert "演练" not in text
    eventually(lambda: state(county, order, "p1") == "delivered", why="no delivery report")
    phones.reply("13900000001", "收到。")
    eventually(lambda: state(county, order, "p1") == "answered", why="no answer")
    assert county.execute("select state, acknowledged_by from alarm where id = %s", (alarm,)).fetchone() == (
        "acknowledged", "周镇长",
    )  # fmt: skip
    assert found(county, "select count(*) from delivery_attempt") == 1
    assert found(county, "select count(*) from answer where meaning = 'heard' and delivery is not null") == 1


@pytest.mark.usefixtures("dispatch")
def test_an_answer_from_abroad_s_form_of_the_number_counts(county: Connection[Any], phones: Phones) -> None:
    order = notify(county, "p4")
    eventually(lambda: phones.texts_to("13900000004"))
    phones.reply("+8613900000004", "已转移 12 人\n累计 46 人")
    eventually(lambda: state(county, order, "p4") == "acted")
    assert found(county, "select acted_people from delivery where order_id = %s", order) == 46


@pytest.mark.usefixtures("dispatch")
def test_who_cannot_is_replaced_by_the_superior_at_once(county: Connection[Any], phones: Phones) -> None:
    order = notify(county, "p2")
    eventually(lambda: phones.texts_to("13900000002"))
    phones.reply("13900000002", "无法，路断了")
    text = eventually(lambda: phones.texts_to("13900000001"))[0]
    assert "陈书记未应答，转呼您" in text
    phones.reply("13900000001", "1")
    eventually(lambda: state(county, order, "p1") == "answered")
    assert state(county, order, "p2") == "answered"
    assert (
        found(county, "select reason from delivery where order_id = %s and recipient = 'p2'", order)
        == "cannot"
    )


@pytest.mark.usefixtures("dispatch")
def test_silence_is_called_three_times_with_other_texts_then_the_superiors(
    county: Connection[Any], phones: Phones
) -> None:
    order = notify(county, "p3")
    phones.on_message = lambda number, text: "自动回复：我正在开会" if number == "13900000003" else None
    eventually(lambda: state(county, order, "p1"), 25, "never escalated")
    texts = phones.texts_to("13900000003")
    assert len(texts) == 3
    assert len(set(texts)) == 3
    assert "（第2次）" in texts[1]
    assert "（第3次）" in texts[2]
    eventually(lambda: phones.texts_to("13900000001"))
    phones.reply("13900000001", "好")
    eventually(lambda: state(county, order, "p1") == "answered")
    assert state(county, order, "p3") == "delivered"  # heard of it, never answered: nothing higher is claimed
    assert found(county, "select count(*) from answer where meaning = 'other'") == 3
    kinds = [
        row[0]
        for row in county.execute("select kind from order_event where order_id = %s order by id", (order,))
    ]
    assert kinds == ["issued", "reply_unclear", "reply_unclear", "reply_unclear", "escalated", "answered"]


@pytest.mark.usefixtures("dispatch")
def test_an_alarm_acknowledged_at_the_desk_stops_the_calls(county: Connection[Any], phones: Phones) -> None:
    from alerts.acknowledge import acknowledge

    alarm = add_alarm(county, subject="S2")
    order = notify(county, "p1", alarm=alarm)
    eventually(lambda: phones.texts_to("13900000001"))
    with county.transaction():
        acknowledge(county, alarm, actor="duty", at=now())
    eventually(
        lambda: found(county, "select reason from delivery where order_id = %s", order) == "acknowledged", 12
    )
    assert len(phones.texts_to("13900000001")) == 1


@pytest.mark.usefixtures("dispatch")
def test_an_exercise_calls_drill_phones_only_and_says_so(county: Connection[Any], phones: Phones) -> None:
    county.execute("update person set drill_phone = '13900000004' where code = 'p4'")
    order = notify(county, "p1", "p3", "p4", exercise="ex-1")
    text = eventually(lambda: phones.texts_to("16600000001"))[0]
    assert text.startswith("【演示县防指】【演练】")
    assert text.endswith("【演练】")
    eventually(lambda: state(county, order, "p3") == "withheld")
    rows = dict(
        county.execute(
            "select recipient, reason from delivery where order_id = %s and state = 'withheld'", (order,)
        ).fetchall()
    )
    assert rows == {"p3": "no_drill_phone", "p4": "drill_phone_is_real"}
    phones.reply("13900000001", "1")  # the real phone answers nothing of an exercise
    phones.reply("16600000001", "1")
    eventually(lambda: state(county, order, "p1") == "answered")
    assert not [to for to, _ in phones.received if to.startswith("139")]
    county.execute("update person set drill_phone = null where code = 'p4'")


@pytest.mark.usefixtures("dispatch")
def test_a_row_forged_by_sql_is_refused_and_logged(county: Connection[Any], phones: Phones) -> None:
    order = found(
        county,
        "insert into orders (number, kind, state, area, title, text, created_by, issued_at, ends_at, content_hash)"
        " values ('F-1', 'order', 'issued', 'T1', 'x', '快跑', 'nobody', now(), now() + interval '1 hour', 'x')"
        " returning id",
    )
    county.execute("insert into order_recipient values (%s, 'person', 'p1', 'sms')", (order,))
    county.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " values (%s, 'person', 'p1', 'sms', now())",
        (order,),
    )
    eventually(lambda: state(county, order, "p1") == "withheld")
    assert not phones.received
    assert found(
        county, "select detail ->> 'reason' from order_event where order_id = %s and kind = 'refused'", order
    )
    assert found(county, "select count(*) from audit where action = 'order.refused'") == 1


@pytest.mark.usefixtures("dispatch")
def test_a_recipient_smuggled_into_a_notice_is_refused(county: Connection[Any], phones: Phones) -> None:
    order = notify(county, "p1")
    county.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " values (%s, 'person', 'p4', 'sms', now())",
        (order,),
    )
    eventually(lambda: state(county, order, "p4") == "withheld")
    eventually(lambda: phones.texts_to("13900000001"))
    assert not phones.texts_to("13900000004")
    phones.reply("13900000001", "1")
    eventually(lambda: state(county, order, "p1") == "answered")


@pytest.mark.usefixtures("dispatch")
def test_call_backs_without_the_secret_are_not_found(services: Services) -> None:
    import httpx

    base = f"http://{services.env()['ANLAN_SMS__CALLBACK_LISTEN']}"
    for path in (
        "/sms/mo/wrong?from=13900000001&raw=1",
        "/sms/dlr/?ref=x&code=1",
        "/",
        "/sms/mo/" + "x" * 9000,
    ):
        assert httpx.get(base + path, trust_env=False).status_code == 404


def test_a_long_text_arrives_whole(county: Connection[Any], phones: Phones, dispatch: Dispatch) -> None:
    body = "请立即转移" * 40
    with county.transaction():
        create_notice(
            county, recipients=by_sms(["p4"]), severity=None, title="长", text=body, area="T1",
            exercise=None, at=now(), needs_answer=False,
        )  # fmt: skip
    text = eventually(lambda: phones.texts_to("13900000004"))[0]
    assert text == f"【演示县防指】{body}"


@pytest.mark.usefixtures("dispatch")
def test_red_calls_both_numbers_at_once_and_an_answer_from_the_second_counts(
    county: Connection[Any], phones: Phones
) -> None:
    county.execute("update person set phone2 = '13700000003' where code = 'p3'")
    alarm = add_alarm(county, subject="S-second")
    with county.transaction():
        order = create_notice(
            county, alarms={alarm: Severity.RED} if alarm else {}, severity=Severity.RED, title="红", text="超历史最高水位", area="T1",
            exercise=None, at=now(),
            recipients=[Recipient("person", "p3", Channel.SMS), Recipient("person", "p3", Channel.SMS2)],
        )  # fmt: skip
    for number in ("13900000003", "13700000003"):
        assert len(eventually(lambda number=number: phones.texts_to(number))) == 1  # type: ignore[misc]
    phones.reply("13700000003", "收到")
    rows = "select channel, state, due_at, reason from delivery where order_id = %s order by channel"
    first, second = eventually(
        lambda: (found := county.execute(rows, (order,)).fetchall())[0][1] == "answered" and found
    )
    assert first[2] is None
    assert (second[0], second[2], second[3]) == ("sms2", None, "answered_otherwise")
    assert second[1] in ("sent", "delivered"), "nobody answered on this line's own account"
    assert found(county, "select acknowledged_by from alarm where id = %s", alarm) == "林支委"
    line = order_line(county, order)
    assert (line.persons, line.answered, line.open_calls) == (1, 1, 0)
    call_again(county, order, DUTY, at=now())
    assert (
        found(county, "select count(*) from delivery where order_id = %s and due_at is not null", order) == 0
    )


@pytest.mark.usefixtures("dispatch")
def test_a_second_number_is_never_dialled_in_an_exercise(county: Connection[Any], phones: Phones) -> None:
    county.execute("update person set phone2 = '13700000002' where code = 'p2'")
    with county.transaction():
        order = create_notice(
            county, severity=Severity.RED, title="x", text="演练用", area="T1", exercise="ex-1",
            at=now(),
            recipients=[Recipient("person", "p2", Channel.SMS), Recipient("person", "p2", Channel.SMS2)],
        )  # fmt: skip
    eventually(lambda: phones.texts_to("16600000002"))
    kept = "select state, reason from delivery where order_id = %s and channel = 'sms2'"
    assert eventually(lambda: (row := county.execute(kept, (order,)).fetchone()) and row[1] and row) == (
        "withheld", "no_drill_phone",
    )  # fmt: skip
    assert phones.texts_to("13700000002") == []


@pytest.mark.usefixtures("dispatch")
def test_the_superior_of_who_cannot_is_called_on_both_numbers_for_red(
    county: Connection[Any], phones: Phones
) -> None:
    county.execute("update person set phone2 = '13700000001' where code = 'p1'")
    order = notify(county, "p2")
    eventually(lambda: phones.texts_to("13900000002"))
    phones.reply("13900000002", "无法")
    for number in ("13900000001", "13700000001"):
        assert eventually(lambda number=number: phones.texts_to(number))  # type: ignore[misc]
    phones.reply("13700000001", "收到")
    query = "select state from delivery where order_id = %s and recipient = 'p1' and channel = 'sms'"
    eventually(lambda: found(county, query, order) == "answered")
    county.execute("update person set phone2 = null")


@pytest.mark.usefixtures("dispatch")
def test_a_forged_call_to_a_second_number_is_withheld(county: Connection[Any], phones: Phones) -> None:
    county.execute("update person set phone2 = '13700000004' where code = 'p4'")
    order = notify(county, "p4")
    county.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " values (%s, 'person', 'p4', 'sms2', now())",
        (order,),
    )
    query = "select reason from delivery where order_id = %s and channel = 'sms2'"
    eventually(lambda: found(county, query, order) == "not_a_recipient")
    assert phones.texts_to("13700000004") == []
    county.execute("update person set phone2 = null")
