"""Texts as channels take them: parts, pages, marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.orders.texts import (
    DRILL_MARK,
    check_sms,
    fit_led,
    led_width,
    mark_drill,
    sms_parts,
    sms_text,
    sms_units,
)
from core.errors import InputError
from core.language import translator

WORDS = translator("alerts", "zh")
CHINESE = st.text(st.sampled_from("水位请立即转移，。：3.5m村 "), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("units", "parts"),
    [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (161, 3), (201, 3), (202, 4), (670, 10)],
)
def test_parts_of_an_sms(units: int, parts: int) -> None:
    assert sms_parts("水" * units) == parts


def test_a_character_beyond_the_basic_plane_takes_two_units() -> None:
    assert sms_units("🌊") == 2
    assert sms_parts("🌊" * 36) == 2


def test_eleven_parts_are_refused() -> None:
    check_sms("水" * 670)
    with pytest.raises(InputError) as refused:
        check_sms("水" * 671)
    assert refused.value.reason == "sms_too_long"


def test_the_signature_comes_first_and_the_marks_stand_around_the_text() -> None:
    real = sms_text("水位超警戒", signature="演示县防指", drill=False, words=WORDS)
    drill = sms_text("水位超警戒", signature="演示县防指", drill=True, words=WORDS)
    assert real.startswith("【演示县防指】水位超警戒。")
    assert "演练" not in real
    assert drill.startswith("【演示县防指】【演练】水位超警戒。")
    assert drill.endswith("【演练】")
    assert drill.count(DRILL_MARK) == 2


@given(st.integers(min_value=1, max_value=20), st.integers(min_value=1, max_value=20))
def test_no_two_calls_have_the_same_text(one: int, other: int) -> None:
    texts = [
        sms_text("水位超警戒", signature="县防指", drill=False, attempt=number, words=WORDS)
        for number in (one, other)
    ]
    assert (texts[0] == texts[1]) == (one == other)


def test_a_text_that_only_informs_asks_for_nothing() -> None:
    text = sms_text("指令解除", signature="县防指", drill=False, needs_answer=False, words=WORDS)
    assert text == "【县防指】指令解除"


def test_a_mark_is_not_doubled() -> None:
    assert mark_drill("【演练】转移【演练】", drill=True) == "【演练】转移【演练】"
    assert mark_drill("转移", drill=False) == "转移"


@given(CHINESE, st.integers(min_value=2, max_value=20), st.integers(min_value=1, max_value=6))
def test_a_screen_shows_every_character_and_no_line_is_too_wide(text: str, columns: int, rows: int) -> None:
    fitted = fit_led(text, columns=columns, rows=rows, drill=False)
    assert all(led_width(line) <= columns for page in fitted.pages for line in page)
    assert all(len(page) <= rows for page in fitted.pages)
    assert "".join(line for page in fitted.pages for line in page) == text.strip()


@given(CHINESE, st.integers(min_value=5, max_value=20), st.integers(min_value=2, max_value=6))
def test_every_page_of_a_drill_says_so(text: str, columns: int, rows: int) -> None:
    fitted = fit_led(text, columns=columns, rows=rows, drill=True)
    joined = ["".join(page) for page in fitted.pages]
    assert all(page.startswith(DRILL_MARK) for page in joined)
    assert joined[-1].endswith(DRILL_MARK)
    assert all(led_width(line) <= columns for page in fitted.pages for line in page)
    assert all(len(page) <= rows for page in fitted.pages)
    kept = "".join(page.removeprefix(DRILL_MARK) for page in joined).removesuffix(DRILL_MARK)
    assert kept.replace(" ", "") == text.strip().replace(" ", "")


def test_a_stop_never_begins_a_line() -> None:
    fitted = fit_led("水位超警戒了吗，请转移", columns=7, rows=2, drill=False)
    assert fitted.pages == (("水位超警戒了", "吗，请转移"),)


@pytest.mark.parametrize(("columns", "rows", "drill"), [(0, 2, False), (8, 0, False), (4, 2, True)])
def test_a_screen_that_is_too_small_is_refused(columns: int, rows: int, drill: bool) -> None:
    with pytest.raises(InputError) as refused:
        fit_led("立即转移", columns=columns, rows=rows, drill=drill)
    assert refused.value.reason == "led_too_small"
