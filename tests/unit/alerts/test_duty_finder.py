"""Which desks are empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing.duty import Terms, empty_desks
from core.duty import Turn
from core.people import Absence
from store.duty import Desk

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
DESK = Desk("T", "示范镇", "Demo town", "town", ["duty"], True)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def turn(person: str, start: float, end: float) -> Turn:
    return Turn("T", "duty", person, at(start), at(end))


def away(person: str, substitute: str | None, start: float) -> Absence:
    return Absence(1, person, substitute, at(start), at(9), "病假", "lin")


@pytest.mark.parametrize(
    ("turns", "absences", "since"),
    [
        ([turn("a", -8, 8)], [], None),
        ([turn("a", -8, -2)], [], -2),
        ([turn("a", -8, -0.05)], [], None),
        ([turn("a", -8, -2), turn("b", 0, 8)], [], None),
        ([turn("a", -8, 8)], [away("a", None, -1)], -1),
        ([turn("a", -8, 8)], [away("a", "s", -1)], None),
        ([turn("a", -8, 8), turn("b", -8, 8)], [away("a", None, -1)], None),
        ([], [], -24),
        ([turn("a", -8, -2), turn("b", 6, 14)], [], None),
        ([turn("a", -8, -2), turn("b", 18, 26)], [], -2),
        ([turn("a", -8, -2), turn("b", 17, 26)], [], None),
    ],
)
def test_a_desk_is_empty_after_five_minutes_without_anybody(
    turns: list[Turn], absences: list[Absence], since: float | None
) -> None:
    found = empty_desks([DESK], turns, absences, NOW, Terms())
    assert [one.since for one in found] == ([at(since)] if since is not None else [])


def test_a_desk_without_a_roster_is_nobody_s_gap() -> None:
    desk = Desk("U", "他镇", "Other", "town", [], True)
    assert empty_desks([desk], [], [], NOW, Terms()) == []
