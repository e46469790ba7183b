"""Replies as people really write them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.orders.answers import Meaning, Reply, parse

HEARD = [
    "1", "１", " 1 ", "1。", "1.", "1！", "壹", "一", "好", "好的", "好的。", "好！", "收到", "收到。",
    "收到！！", "收到，谢谢", "已收到", "【收到】", "“收到”", "知道了", "知道了。", "明白", "OK", "ok",
    "Ok.", "Ｏｋ", "嗯", "是", "收到，马上去", "收到\n第二行", "1，收到", "1 收到", "好，马上到", "已到岗",
    "收 到", "Y", "yes", "正在转移", "👌", "好的 知道了", "收到，尚未转移",
]  # fmt: skip
CANNOT = [
    "0", "０", "0。", "无法", "无法执行", "无法。", "不能", "去不了", "路断了过不去", "没办法，路断了",
    "我在外地，来不了", "不行", "收到，但是无法到岗", "零", "人在杭州，到不了",
]  # fmt: skip
ACTED = [
    ("已转移12人", 12), ("已转移 12 人", 12), ("已转移１２人", 12), ("收到，已转移 12 人\n第二行", 12),
    ("转移12人。", 12), ("转移了12人", 12), ("累计12人", 12), ("累计转移12人", 12), ("累计：46", 46),
    ("累计 46 人", 46), ("共转移46人", 46), ("今天转移5人，累计46人", 46), ("新增5人，累计转移46人", 46),
    ("已转移5户12人", 12), ("转移 5 户，12 人", 12), ("12人", 12), ("12 人已转移", 12), ("46", 46),
    ("４６", 46), ("２", 2), ("已转移十二人", 12), ("转移二十人", 20), ("转移一百零五人", 105),
    ("已撤离两人", 2), ("疏散群众30名", 30), ("转移村民：８人", 8), ("安置 7 位", 7),
    ("已转移壹拾贰人", 12), ("已转移一千二百人", 1200), ("1，已转移3人", 3), ("全部转移完毕", None),
    ("已转移完毕", None), ("已全部撤离到位", None), ("共计46名", 46), ("转移人数：9", 9),
]  # fmt: skip
OTHER = [
    "", " ", "。", "？", "什么情况", "你是谁", "我正在开会，稍后联系。", "自动回复：您好，我正在开会",
    "没收到", "不知道", "退订", "TD", "T", "水位多少", "请打电话", "Automatic reply: OK", "我不明白",
    "3月5日开会", "电话13800138000", "11111111",
]  # fmt: skip


@pytest.mark.parametrize("text", HEARD)
def test_heard(text: str) -> None:
    assert parse(text) == Reply(Meaning.HEARD)


@pytest.mark.parametrize("text", CANNOT)
def test_cannot(text: str) -> None:
    assert parse(text) == Reply(Meaning.CANNOT)


@pytest.mark.parametrize(("text", "people"), ACTED)
def test_acted(text: str, people: int | None) -> None:
    assert parse(text) == Reply(Meaning.ACTED, people)


@pytest.mark.parametrize("text", OTHER)
def test_what_is_not_an_answer_keeps_the_calls_going(text: str) -> None:
    assert parse(text) == Reply(Meaning.OTHER)


@given(st.text(max_size=200))
@example("已转移九九九九九九九九万人")
def test_any_text_has_a_meaning(text: str) -> None:
    """And a number that can be stored: the gateway repeats for ever what cannot."""
    reply = parse(text)
    assert reply.people is None or (reply.meaning is Meaning.ACTED and 0 < reply.people < 1_000_000)


@given(
    st.integers(min_value=2, max_value=999_999),
    st.sampled_from(["已转移{}人", "累计{}人", "{}人", "转移{}名", "{}"]),
)
def test_a_number_is_read_as_written(people: int, form: str) -> None:
    assert parse(form.format(people)) == Reply(Meaning.ACTED, people)
