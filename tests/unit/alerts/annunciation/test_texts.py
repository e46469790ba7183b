"""Texts of a notice of many alarms: the worst is named, all are counted, and the SMS can be sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.annunciation.plan import Group
from alerts.annunciation.texts import MOST_LINES, MOST_PARTS, Item, bundle_text, group_text, worst_first
from alerts.orders.texts import sms_parts, sms_text
from core.language import translator
from core.severity import Severity

WORDS = translator("alerts", "zh")
RIVER = Group("river", "南大河", "water")
TOWN = Group("town", "T1", "rain")
RED, ORANGE, YELLOW = Severity.RED, Severity.ORANGE, Severity.YELLOW


def of_two_hundred(name: str, language: str, *, groups: int) -> list[Item]:
    words = translator("alerts", language)
    line = words(
        "notice.line", station=name, limit=words("limit.warning"), over="1.25", unit="m",
        colour=words("severity.red"),
    )  # fmt: skip
    return [
        Item(
            number, Group("town", f"T{number % groups}", "water"), "", "", line, Severity.RED, Severity.RED,
            new=number % 2 == 0,
        )
        for number in range(200)
    ]  # fmt: skip


@pytest.mark.parametrize("drill", [False, True])
@pytest.mark.parametrize("length", [3, 12, 40, 200, 2000])
@pytest.mark.parametrize(("language", "letter"), [("zh", "甲"), ("en", "a"), ("en", "🌊")])
@pytest.mark.parametrize("many_groups", [False, True])
def test_the_sms_of_two_hundred_stations_takes_five_parts_at_most_whatever_their_names(
    language: str, letter: str, length: int, drill: bool, many_groups: bool
) -> None:
    words, name = translator("alerts", language), letter * length
    if many_groups:
        told = bundle_text(of_two_hundred(name, language, groups=25), name, lambda _: name, words)
    else:
        told = group_text(of_two_hundred(name, language, groups=1), name, words)
    assert "200" in told.text and letter * 3 in told.text
    sent = sms_text(told.text, signature="县防汛防台抗旱指挥部", drill=drill, attempt=12, words=words)
    assert sms_parts(sent) <= MOST_PARTS
    assert len(told.title) < 100


def test_the_worst_four_are_named_where_names_are_as_usual() -> None:
    told = group_text(of_two_hundred("南大河水文站", "zh", groups=1), "南大河", translator("alerts", "zh"))
    assert told.text.count("南大河水文站") == 4
    assert "等 200 处" in told.text


def item(number: int, severity: Severity, group: Group = RIVER, *, new: bool = True) -> Item:
    return Item(
        number, group, f"{number}号站告警", f"{number}号站超保证。", f"{number}号站", severity, severity, new
    )


def place(group: Group) -> str:
    return {RIVER: "南大河", TOWN: "溪口镇"}[group]


def numbers(items: list[Item]) -> list[int]:
    return [one.alarm for one in items]


def test_the_worst_comes_first_then_what_is_new_then_as_it_came() -> None:
    items = [item(1, YELLOW), item(2, RED, new=False), item(4, RED), item(3, RED)]
    assert numbers(worst_first([*items, replace(item(5, RED), returned=True)])) == [3, 4, 2, 1, 5]


def test_a_notice_of_one_alarm_is_the_alarms_own_though_others_of_its_group_have_returned() -> None:
    told = group_text([replace(item(1, RED), returned=True), item(2, YELLOW)], "南大河", WORDS)
    assert (told.title, told.text) == ("2号站告警", "2号站超保证。")


def test_a_group_is_told_with_its_count_its_colours_and_how_many_are_new() -> None:
    told = group_text([item(1, YELLOW), item(2, RED), item(3, YELLOW, new=False)], "南大河", WORDS)
    hazard = WORDS("hazard.water")
    assert told.title == f"南大河{hazard} 3 处告警，最重红色"
    assert told.text == f"南大河{hazard}告警 3 处（红1黄2），新增 2 处：2号站；1号站；3号站。"


def test_where_everything_is_new_nothing_is_said_of_it() -> None:
    assert "新增" not in group_text([item(1, YELLOW), item(2, RED)], "南大河", WORDS).text


def test_the_first_few_are_named_and_all_are_counted() -> None:
    told = group_text([item(number, YELLOW) for number in range(1, MOST_LINES + 3)], "南大河", WORDS)
    assert told.text.endswith(f"：1号站；2号站；3号站；4号站等 {MOST_LINES + 2} 处。")


def test_a_bundle_names_each_group_once_the_worst_first() -> None:
    items = [item(1, YELLOW, TOWN), item(2, ORANGE), item(3, YELLOW), replace(item(4, RED), returned=True)]
    told = bundle_text(items, "演示县", place, WORDS)
    water, rain = WORDS("hazard.water"), WORDS("hazard.rain")
    assert told.title == "演示县告警 3 处，最重橙色"
    assert f"最重：2号站。南大河{water}2处（橙1黄1）；溪口镇{rain}1处（黄1）。" in told.text
