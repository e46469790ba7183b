"""The fake SMS centre's lines, and how invented persons answer."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.field.answers import answers
from drill.field.sms_line import Inbox, Part, read_line, write_line

CHINESE = st.text(
    alphabet="请立即组织避险转移，大塘溪水位超警戒。【演示县防指】0123456789. ", min_size=1, max_size=67
)


def wide(text: str) -> str:
    return quote_from_bytes(text.encode("utf-16-be"), safe="")


@given(CHINESE)
def test_a_short_chinese_text_is_read(text: str) -> None:
    line = f"1069 19900000001 ucs-2 {wide(text)}\n".encode()
    assert read_line(line) == Part("1069", "19900000001", text)


def test_a_plain_text_is_read() -> None:
    assert read_line(b"1069 199 text level+3.5+m%2C+reply+1\n") == Part("1069", "199", "level 3.5 m, reply 1")


@given(
    st.text(alphabet="请立即组织避险转移，大塘溪水位超警戒。【】", min_size=70, max_size=300), st.randoms()
)
def test_a_long_text_is_joined_from_its_parts_in_any_order(text: str, order: object) -> None:
    pieces = [text[start : start + 67] for start in range(0, len(text), 67)]
    lines = [
        f"1069 199 udh %05%00%03%07%{len(pieces):02x}%{number:02x} data {wide(piece)}\n".encode()
        for number, piece in enumerate(pieces, start=1)
    ]
    order.shuffle(lines)  # type: ignore[attr-defined]
    inbox = Inbox()
    found = []
    for line in lines:
        part = read_line(line)
        assert part is not None
        found.append(inbox.take(part))
    assert found[:-1] == [None] * (len(lines) - 1)
    assert found[-1] == text


def test_an_answer_is_one_line_that_can_be_read_back() -> None:
    line = write_line("199", "1069", "收到，已转移 12 人\n第二行")
    assert line.count(b"\n") == 1
    assert read_line(line) == Part("199", "1069", "收到，已转移 12 人\n第二行")


@pytest.mark.parametrize("line", [b"\n", b"one two\n", b"a b route x\n", b"\xff\xfe\n"])
def test_other_lines_are_left_alone(line: bytes) -> None:
    assert read_line(line) is None


def test_most_persons_answer_some_are_silent_some_are_late() -> None:
    numbers = [f"1990000{number:04d}" for number in range(11, 161)]
    found = [answers(number, "请回复 1") for number in numbers]
    silent = sum(not one for one in found)
    late = sum(bool(one) and one[0].after_s > 60 for one in found)
    assert 5 <= silent <= 40
    assert 3 <= late <= 40
    assert len(found) - silent - late > 80
    assert found == [answers(number, "请回复 1") for number in numbers]


def test_the_duty_desk_answers_quickly() -> None:
    for number in range(1, 11):
        found = answers(f"1990000{number:04d}", "水位超警戒，请回复 1")
        assert found
        assert found[0].after_s < 10


def test_where_people_must_move_some_say_how_many() -> None:
    numbers = [f"1990000{number:04d}" for number in range(11, 161)]
    told = [one for number in numbers for one in answers(number, "请立即转移") if "人" in one.text]
    assert len(told) > 15
    assert not [one for number in numbers for one in answers(number, "水位上涨") if "人" in one.text]
    assert not any(answers(number, "解除：水位回落") for number in numbers)
