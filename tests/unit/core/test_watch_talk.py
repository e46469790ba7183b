"""Question and answer are signed: nobody else can pretend to watch, or to live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.watch_talk import Question, is_signed, sign_answer, sign_question

SECRET = "0123456789abcdef"
ASKED = Question("watch", 1_780_000_000_000, "ab" * 16, True)


def test_a_question_survives_its_address() -> None:
    assert Question.of_query(ASKED.query()) == ASKED
    assert Question.of_query({"name": "watch"}) is None
    assert Question.of_query(ASKED.query() | {"at": "now"}) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, name="other"), replace(ASKED, at_ms=ASKED.at_ms + 1), replace(ASKED, nonce="cd" * 16),
        replace(ASKED, can_call=False),
    ],
)  # fmt: skip
def test_a_question_that_was_changed_is_not_signed(other: Question) -> None:
    assert is_signed(sign_question(SECRET, ASKED), sign_question(SECRET, ASKED))
    assert not is_signed(sign_question(SECRET, ASKED), sign_question(SECRET, other))
    assert not is_signed(sign_question(SECRET, ASKED), sign_question("another secret!!", ASKED))


def test_an_answer_is_good_for_its_own_question_only() -> None:
    given = sign_answer(SECRET, ASKED.nonce, b"{}")

    assert is_signed(given, sign_answer(SECRET, ASKED.nonce, b"{}"))
    assert not is_signed(given, sign_answer(SECRET, "cd" * 16, b"{}"))
    assert not is_signed(given, sign_answer(SECRET, ASKED.nonce, b"{ }"))
    assert given != sign_question(SECRET, ASKED)
