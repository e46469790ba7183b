"""When the watcher calls: after a minute of silence, again until somebody answers, never without end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.watching.vigil import Back, Call, Heard, Rules, Trouble, Vigil, answered, heard_of, look

START = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
RULES = Rules(timedelta(seconds=60), timedelta(seconds=300), calls=3)
WELL = Heard(START)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def play(
    *looks: tuple[float, Heard | None], vigil: Vigil | None = None
) -> tuple[Vigil, list[tuple[float, object]]]:
    """Looks at these seconds; the acts that followed, with their second."""
    known = vigil or Vigil(heard_at=START)
    acts: list[tuple[float, object]] = []
    for seconds, heard in looks:
        known, act = look(known, at(seconds), heard and Heard(at(seconds), heard.wrong), RULES)
        if act is not None:
            acts.append((seconds, act))
    return known, acts


def silence(first: float, last: float) -> list[tuple[float, Heard | None]]:
    return [(float(second), None) for second in range(int(first), int(last) + 1, 10)]


def wrong(*parts: str) -> Heard:
    return Heard(START, parts)


def test_a_minute_of_silence_calls_and_less_does_not() -> None:
    _, acts = play((0, WELL), *silence(10, 50))
    assert acts == []

    _, acts = play((0, WELL), *silence(10, 70))
    assert acts == [(60, Call(Trouble.SILENT, START, (), 1))]


def test_who_starts_while_the_centre_is_dead_calls_after_a_minute_too() -> None:
    _, acts = play(*silence(0, 90))

    assert [second for second, _ in acts] == [60]


def test_it_calls_again_at_intervals_and_stops_at_the_bound() -> None:
    _, acts = play((0, WELL), *silence(10, 4000))

    assert [second for second, _ in acts] == [60, 360, 660]
    assert [act.number for _, act in acts if isinstance(act, Call)] == [1, 2, 3]


def test_an_answer_ends_the_calls_but_not_the_news_that_it_is_over() -> None:
    known, acts = play((0, WELL), *silence(10, 60))
    known, first = answered(known, "1")
    assert len(acts) == 1 and first
    assert answered(known, "2")[1] is False

    known, acts = play(*silence(70, 2000), (2010, WELL), (2020, WELL), (2030, WELL), vigil=known)

    assert acts == [(2030, Back(at(2030)))]
    assert known.trouble is None and known.answered_by is None


def test_an_answer_to_nothing_is_none() -> None:
    assert answered(Vigil(heard_at=START), "1")[1] is False


def test_one_good_look_between_is_no_end_and_no_second_call() -> None:
    looks = [*silence(10, 60), (70.0, WELL), *silence(80, 200), (210.0, WELL), (220.0, WELL), (230.0, WELL)]
    _, acts = play((0, WELL), *looks)

    assert [second for second, _ in acts] == [60, 230]


def test_what_the_centre_itself_calls_late_calls_at_once() -> None:
    _, acts = play((0, WELL), (10, wrong("evaluator.silent")), (20, wrong("evaluator.silent")))

    assert acts == [(10, Call(Trouble.LATE, at(10), ("evaluator.silent",), 1))]


def test_silence_after_that_is_worse_and_calls_anew_even_if_answered() -> None:
    known, _ = play((0, WELL), (10, wrong("canary.stuck")))
    known, _ = answered(known, "1")

    _, acts = play(*silence(20, 80), vigil=known)

    assert acts == [(70, Call(Trouble.SILENT, at(10), (), 1))]


def test_what_is_late_after_silence_calls_no_more_than_before() -> None:
    known, acts = play(
        (0, WELL), *silence(10, 60), (70, wrong("ingest.behind")), (80, wrong("ingest.behind"))
    )

    assert [second for second, _ in acts] == [60]
    assert known.trouble is Trouble.SILENT


def test_a_call_says_what_holds_now_and_not_what_was_worse_before() -> None:
    _, acts = play(
        (0, WELL),
        *silence(10, 60),
        *((float(second), wrong("ingest.behind")) for second in range(70, 361, 10)),
    )

    assert acts == [
        (60, Call(Trouble.SILENT, START, (), 1)),
        (360, Call(Trouble.LATE, START, ("ingest.behind",), 2)),
    ]


def test_nobody_who_was_never_called_is_told_that_it_is_over() -> None:
    known = Vigil(heard_at=START, trouble=Trouble.LATE, since=START)

    known, acts = play((10, WELL), (20, WELL), (30, WELL), vigil=known)

    assert acts == [] and known.trouble is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"fresh": True, "database": "ok", "checks": []}, ()),
        ({"fresh": False, "database": "ok", "checks": []}, ("database",)),
        ({"fresh": True, "database": "lost", "checks": []}, ("database",)),
        ({"fresh": True, "checks": [{"part": "canary", "reason": "stuck", "alarm": True}]}, ("canary.stuck",)),
        ({"fresh": True, "checks": [{"part": "canary", "reason": "beginning", "alarm": False}]}, ()),
        ({"fresh": True, "checks": [{"part": "clock", "reason": "apart", "alarm": True}]}, ()),
        ({"fresh": True, "checks": [{"part": "watcher", "reason": "mute", "alarm": True}]}, ()),
        ({}, ("database",)),
    ],
)  # fmt: skip
def test_what_the_centre_says_of_itself(answer: dict[str, object], expected: tuple[str, ...]) -> None:
    assert heard_of(answer, START).wrong == expected
