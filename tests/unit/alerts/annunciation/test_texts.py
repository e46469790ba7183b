"""Texts of a notice of many alarms: the worst is named, all are counted, and the SMS can be sent."""

from __future__ import annotations

import pytest

from alerts.annunciation.plan import Group
from alerts.annunciation.texts import MOST_PARTS, Item, bundle_text, group_text
from alerts.orders.texts import sms_parts, sms_text
from core.language import translator
from core.severity import Severity


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
