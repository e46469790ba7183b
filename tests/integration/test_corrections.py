"""Persons correct values on the real database: revisions, latest, marks, audit, and two at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from alerts.corrections import correct_values
from core.corrections import Correction, CorrectionAct
from core.errors import ChangedError, ConflictError, InputError, NotFoundError
from core.quality import Quality
from store import audit, correction_history, corrections, marks
from store.connection import connect
from store.corrections import Acted, Target
from tests.integration.levels import Field, minute

VOID = Correction(CorrectionAct.VOID)
CONFIRM = Correction(CorrectionAct.CONFIRM)
RESTORE = Correction(CorrectionAct.RESTORE)


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-corrections", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def series(county: Field, code: str, exercise: str | None = None) -> Target:
    return corrections.target(county.connection, code, "water_level", 1, 0, exercise)


def seen(county: Field, code: str, act: Correction, start: float, end: float | None = None) -> str:
    until = minute(start if end is None else end)
    return corrections.preview(
        county.connection, series(county, code), minute(start), until, act, "陈值班"
    ).stamp


def do(
    county: Field,
    code: str,
    act: Correction,
    start: float,
    end: float | None = None,
    *,
    by: str = "陈值班",
    at: float = 60,
    stamp: str | None = None,
    reason: str = "与人工水尺核对",
) -> Acted:
    until = minute(start if end is None else end)
    stamp = stamp or seen(county, code, act, start, end)
    with county.connection.transaction():
        return correct_values(
            county.connection, series(county, code), minute(start), until, act,
            seen=stamp, by=by, reason=reason, at=minute(at),
        )  # fmt: skip


def row(county: Field, code: str, at: float) -> tuple[Any, ...]:
    found = county.connection.execute(
        "select value, quality, reason, source, by_user, received_at from observation"
        " where series = %s and time = %s",
        (series(county, code).id, minute(at)),
    ).fetchone()
    assert found is not None
    return tuple(found)


def newest(county: Field, code: str) -> tuple[Any, ...]:
    found = county.connection.execute(
        "select value, quality, usable_time, usable_value, received_at from latest where series = %s",
        (series(county, code).id,),
    ).fetchone()
    assert found is not None
    return tuple(found)


def correct(value: float) -> Correction:
    return Correction(CorrectionAct.CORRECT, value=value)


def test_each_act_says_what_holds_and_an_undo_gives_back_exactly_what_the_machine_said(county: Field) -> None:
    code = county.station("A1")
    county.send(code, [(0, 3.0), (5, 9.9, Quality.SUSPECT)])
    before = row(county, code, 5)
    assert newest(county, code)[:4] == (9.9, 3, minute(0), 3.0)

    assert do(county, code, CONFIRM, 5).changed == 1
    assert row(county, code, 5)[:5] == (9.9, 1, "confirmed", "person", "陈值班")
    assert newest(county, code)[:4] == (9.9, 1, minute(5), 9.9)
    do(county, code, VOID, 5)
    assert row(county, code, 5)[:5] == (9.9, 4, "voided", "person", "陈值班")
    assert newest(county, code)[:4] == (9.9, 4, minute(0), 3.0)
    do(county, code, correct(3.1), 5, by="林")
    assert row(county, code, 5)[:5] == (3.1, 1, "corrected", "person", "林")
    do(county, code, RESTORE, 5)
    assert row(county, code, 5) == before
    heard = newest(county, code)[4]
    assert heard == before[5], "a person's act does not make a station look heard"

    held, kept, acts = correction_history.revisions(county.connection, series(county, code), minute(5))
    assert (held.value, held.by) == (9.9, None)
    assert [(one.value, one.quality, one.by) for one in kept] == [
        (9.9, 3, None), (9.9, 1, "陈值班"), (9.9, 4, "陈值班"), (3.1, 1, "林"),
    ]  # fmt: skip
    assert [(one.act, one.actor, one.old_value, one.new_value) for one in acts] == [
        ("confirm", "陈值班", 9.9, 9.9), ("void", "陈值班", 9.9, 9.9), ("correct", "林", 9.9, 3.1),
        ("restore", "陈值班", 3.1, 9.9),
    ]  # fmt: skip
    assert {one.said for one in acts} == {"与人工水尺核对"}


def test_a_range_is_shifted_and_every_consumer_told_and_the_audit_chain_is_whole(county: Field) -> None:
    code = county.station("A2")
    county.send(code, [(n, 3.0 + n / 100) for n in range(0, 50, 5)])
    number = series(county, code).id
    county.connection.execute("delete from mark")
    act = Correction(CorrectionAct.CORRECT, shift=-0.15)
    prospect = corrections.preview(
        county.connection, series(county, code), minute(10), minute(30), act, "陈值班"
    )
    assert (prospect.count, len(prospect.changes)) == (5, 5)
    assert row(county, code, 10)[0] == 3.1, "a preview changes nothing"
    do(county, code, act, 10, 30)
    assert [row(county, code, n)[0] for n in (5, 10, 30, 35)] == [3.05, 2.95, 3.15, 3.35]
    told = county.connection.execute(
        "select consumer, from_time, to_time from mark where series = %s order by consumer", (number,)
    ).fetchall()
    assert told == [(consumer, minute(10), minute(30)) for consumer in sorted(marks.CONSUMERS)]
    (line,) = audit.lines(county.connection, action="observation.correct", subject=f"station/{code}")
    assert (line.actor, line.detail["changed"], line.detail["shift"]) == ("陈值班", 5, -0.15)
    with county.connection.transaction():
        assert audit.verify(county.connection).broken is None
    (listed,) = correction_history.acts(county.connection, station=code, exercise=None, area=None, limit=10)
    assert (listed.changed, listed.shift, listed.from_time) == (5, -0.15, minute(10))


def test_a_machine_never_overwrites_a_person_and_restoring_gives_what_it_said_last(county: Field) -> None:
    code = county.station("A3")
    county.send(code, [(0, 3.0)])
    do(county, code, VOID, 0)
    county.send(code, [(0, 3.4)], delay_s=90)
    county.send(code, [(0, 3.5)], delay_s=95)
    county.send(code, [(0, 7.7, Quality.BAD)], delay_s=99)
    assert row(county, code, 0)[:5] == (3.0, 4, "voided", "person", "陈值班")
    _, kept, _ = correction_history.revisions(county.connection, series(county, code), minute(0))
    assert [one.value for one in kept] == [3.0, 3.4, 3.5, 7.7], "what the machine said later is kept"
    do(county, code, RESTORE, 0)
    assert row(county, code, 0)[:2] == (3.5, 1), "a bad value would not have taken a good one's place"
    county.send(code, [(0, 3.6)], delay_s=120)
    assert row(county, code, 0)[0] == 3.6, "restored, it is the machine's again"


def test_what_a_machine_says_last_counts_though_it_said_it_before_or_a_person_did(county: Field) -> None:
    code = county.station("A3b")
    county.send(code, [(0, 3.0), (5, 3.0)])
    do(county, code, correct(3.4), 0, 5)
    county.send(code, [(0, 3.4)], delay_s=90)
    for number, value in enumerate((3.3, 3.0, 3.0)):
        county.send(code, [(5, value)], delay_s=100 + number)
    _, kept, _ = correction_history.revisions(county.connection, series(county, code), minute(5))
    assert [one.value for one in kept] == [3.0, 3.3, 3.0], "the same again is nothing"
    do(county, code, RESTORE, 0, 5)
    assert (row(county, code, 0)[0], row(county, code, 5)[0]) == (3.4, 3.0)


def test_who_acts_on_what_holds_no_more_is_told_and_changes_nothing(county: Field) -> None:
    code = county.station("A4")
    county.send(code, [(0, 9.9)])
    mine = seen(county, code, VOID, 0)
    do(county, code, correct(3.3), 0, by="林")
    with pytest.raises(ChangedError) as refused:
        do(county, code, VOID, 0, stamp=mine)
    assert refused.value.present == [
        {"time": minute(0).isoformat(), "value": 3.3, "quality": 1, "reason": "corrected", "by": "林"}
    ]
    assert row(county, code, 0)[0] == 3.3


def test_a_value_that_came_back_to_what_it_was_is_not_what_was_seen(county: Field) -> None:
    code = county.station("A5")
    county.send(code, [(0, 9.9)])
    mine = seen(county, code, VOID, 0)
    do(county, code, correct(3.3), 0, by="林")
    do(county, code, RESTORE, 0, by="林")
    with pytest.raises(ChangedError):
        do(county, code, VOID, 0, stamp=mine)


def test_the_same_request_again_does_nothing_new(county: Field) -> None:
    code = county.station("A6")
    county.send(code, [(0, 3.0)])
    act = Correction(CorrectionAct.CORRECT, shift=0.5)
    stamp = seen(county, code, act, 0)
    first, again = (do(county, code, act, 0, stamp=stamp) for _ in range(2))
    assert (again.id, again.changed, again.repeated) == (first.id, 1, True)
    assert row(county, code, 0)[0] == 3.5
    assert len(audit.lines(county.connection, subject=f"station/{code}")) == 1


def test_of_two_persons_at_once_one_is_told(county: Field, database: str) -> None:
    code = county.station("A7")
    county.send(code, [(0, 9.9)])
    place = series(county, code)
    done: list[str] = []

    def act(by: str, value: float, barrier: threading.Barrier) -> None:
        with connect(database, name="test-two", autocommit=True) as connection:
            chosen = correct(value)
            stamp = corrections.preview(connection, place, minute(0), minute(0), chosen, by).stamp
            barrier.wait(10)
            try:
                with connection.transaction():
                    correct_values(
                        connection,
                        place,
                        minute(0),
                        minute(0),
                        chosen,
                        seen=stamp,
                        by=by,
                        reason="x",
                        at=minute(9),
                    )
                done.append(by)
            except ChangedError:
                done.append("told")

    barrier = threading.Barrier(2)
    people = [threading.Thread(target=act, args=(by, v, barrier)) for by, v in (("林", 3.1), ("陈", 3.2))]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    (winner,) = set(done) - {"told"}
    assert sorted(done) == sorted(["told", winner])
    assert row(county, code, 0)[4] == winner


def test_a_correction_beside_a_newer_reading_leaves_the_newest_the_newest(
    county: Field, database: str
) -> None:
    """Ingest holds `latest` with a newer value while a person corrects the one before it."""
    code = county.station("A8")
    county.send(code, [(0, 9.9)])
    stamp, place = seen(county, code, VOID, 0), series(county, code)
    with connect(database, name="test-ingest", autocommit=True) as ingest:
        other = Field(ingest)
        finished = threading.Event()

        def void() -> None:
            with (
                connect(database, name="test-person", autocommit=True) as connection,
                connection.transaction(),
            ):
                correct_values(
                    connection,
                    place,
                    minute(0),
                    minute(0),
                    VOID,
                    seen=stamp,
                    by="林",
                    reason="x",
                    at=minute(6),
                )
            finished.set()

        with ingest.transaction():
            other.send(code, [(5, 3.2)])
            person = threading.Thread(target=void)
            person.start()
            assert not finished.wait(0.5), "the person waits for ingest"
        person.join(10)
    assert finished.is_set()
    assert newest(county, code)[:4] == (3.2, 1, minute(5), 3.2)


REFUSED = {
    "no value given": (Correction(CorrectionAct.CORRECT), 0, "value_missing"),
    "both value and shift": (Correction(CorrectionAct.CORRECT, 3.0, 0.1), 0, "value_missing"),
    "a value that cannot be": (correct(99_999.0), 0, "out_of_range"),
    "not a number": (correct(float("nan")), 0, "not_finite"),
    "a value beside a void": (Correction(CorrectionAct.VOID, 3.0), 0, "value_not_asked"),
    "a shift beyond what can be": (Correction(CorrectionAct.CORRECT, shift=1e5), 0, "out_of_range"),
    "nothing there": (VOID, 3, "no_values"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_the_reason(county: Field, case: str) -> None:
    act, at, reason = REFUSED[case]
    code = county.station("A9")
    county.send(code, [(0, 3.0)])
    with pytest.raises(InputError) as refused:
        seen(county, code, act, at)
    assert refused.value.reason == reason
    assert row(county, code, 0)[:2] == (3.0, 1)


def test_what_would_change_nothing_and_what_is_computed_is_refused(county: Field) -> None:
    code = county.station("A10")
    county.send(code, [(0, 3.0)])
    with pytest.raises(ConflictError):
        do(county, code, CONFIRM, 0)
    with pytest.raises(ConflictError):
        do(county, code, RESTORE, 0)
    county.connection.execute(
        "update observation set source = 'derived' where series = %s", (series(county, code).id,)
    )
    with pytest.raises(InputError) as refused:
        do(county, code, VOID, 0)
    assert refused.value.reason == "derived"


def test_more_than_fits_in_one_act_is_refused(county: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "MOST_VALUES", 3)
    code = county.station("A11")
    county.send(code, [(n, 3.0) for n in range(4)])
    with pytest.raises(InputError) as refused:
        do(county, code, VOID, 0, 3)
    assert refused.value.reason == "too_many"
    assert do(county, code, VOID, 0, 2).changed == 3


def test_the_longest_act_is_done_at_once(county: Field) -> None:
    code = county.station("A13")
    county.send(code, [(n, 3.0 + n / 1e4) for n in range(corrections.MOST_VALUES)])
    began = time.monotonic()
    acted = do(county, code, Correction(CorrectionAct.CORRECT, shift=0.1), 0, corrections.MOST_VALUES)
    undone = do(county, code, RESTORE, 0, corrections.MOST_VALUES)
    assert acted.changed == undone.changed == corrections.MOST_VALUES
    assert time.monotonic() - began < 20
    print(f"two acts on {acted.changed} values: {time.monotonic() - began:.2f} s")


def test_an_exercise_and_the_real_world_never_touch_each_other(county: Field) -> None:
    county.connection.execute("insert into exercise (code, name, started_by) values ('E1', '演练', 'lin')")
    code = county.station("A12")
    county.send(code, [(0, 9.9)], exercise="E1")
    with pytest.raises(NotFoundError):
        series(county, code)
    county.send(code, [(0, 3.0)])
    place = series(county, code, "E1")
    stamp = corrections.preview(county.connection, place, minute(0), minute(0), VOID, "陈").stamp
    with county.connection.transaction():
        correct_values(
            county.connection,
            place,
            minute(0),
            minute(0),
            VOID,
            seen=stamp,
            by="陈",
            reason="x",
            at=minute(1),
        )
    assert row(county, code, 0)[:2] == (3.0, 1)
    county.connection.execute("update exercise set ended_at = now() where code = 'E1'")
    with pytest.raises(ConflictError):
        corrections.preview(
            county.connection, series(county, code, "E1"), minute(0), minute(0), RESTORE, "陈"
        )


def test_what_was_done_cannot_be_changed(county: Field) -> None:
    for table in ("correction", "correction_value"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            county.connection.execute(f"delete from {table}")
