"""What a desk is told now, and what waits for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.annunciation.plan import Desk, Group, Hold, Notice, Running, Told, Waiting, plan
from core.cadence import Cadence
from core.severity import Severity

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CADENCE = Cadence()
RIVER = Group("river", "南大河", "water")
TOWN = Group("town", "T1", "rain")
RED, ORANGE, YELLOW, BLUE = Severity.RED, Severity.ORANGE, Severity.YELLOW, Severity.BLUE


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def waits(
    number: int, severity: Severity, asked: float = 0, group: Group = RIVER, hold: Hold | None = None
) -> Waiting:
    return Waiting(number, number, group, severity, at(asked), hold)


def told(
    number: int,
    severity: Severity,
    issued: float,
    group: Group = RIVER,
    order: int = 1,
    returned: bool = False,
) -> Told:
    return Told(number, group, severity, order, at(issued), returned)


def news(notice: Notice) -> list[int]:
    return [one.alarm for one in notice.news]


def known(notice: Notice) -> list[int]:
    return [one.alarm for one in notice.known]


def test_red_is_told_at_once_and_takes_its_group_along() -> None:
    decided = plan(Desk([waits(1, YELLOW, -10), waits(2, RED)]), CADENCE, NOW)
    (notice,) = decided.notices
    assert (notice.why, notice.groups, news(notice)) == ("group", (RIVER,), [1, 2])
    assert decided.waits == {}


@pytest.mark.parametrize("severity", [ORANGE, YELLOW, BLUE])
def test_the_rest_waits_thirty_seconds_for_company(severity: Severity) -> None:
    first = Desk([waits(1, severity)])
    assert plan(first, CADENCE, at(29)).waits == {1: Hold(at(30), "group_wait")}
    later = Desk([waits(1, severity), waits(2, severity, 25)])
    (notice,) = plan(later, CADENCE, at(30)).notices
    assert news(notice) == [1, 2], "who came in the wait is told with the first"


def test_no_group_waits_for_another() -> None:
    desk = Desk([waits(1, RED), waits(2, ORANGE, 0, TOWN)])
    decided = plan(desk, CADENCE, NOW)
    assert [notice.groups for notice in decided.notices] == [(RIVER,)]
    assert decided.waits == {2: Hold(at(30), "group_wait")}


def test_a_downstream_alarm_is_told_though_the_one_upstream_was() -> None:
    """It is new danger: grouped with the other, never muted by it."""
    desk = Desk([waits(2, YELLOW, 400)], told=[told(1, RED, 0)])
    (notice,) = plan(desk, CADENCE, at(430)).notices
    assert (news(notice), known(notice)) == ([2], [1])


@pytest.mark.parametrize(
    ("severity", "before", "due", "reason"),
    [
        (YELLOW, YELLOW, 300, "group_interval"),
        (YELLOW, RED, 300, "group_interval"),
        (ORANGE, YELLOW, 130, "group_wait"),
        (RED, ORANGE, 100, "group_wait"),
        (RED, RED, 100, "group_interval"),
    ],
)
def test_what_is_new_in_a_group_that_was_told_follows_by_the_interval_unless_it_is_worse(
    severity: Severity, before: Severity, due: float, reason: str
) -> None:
    desk = Desk([waits(2, severity, 100)], told=[told(1, before, 0)])
    early = plan(desk, CADENCE, at(due - 1))
    assert early.notices == () and early.waits == {2: Hold(at(due), reason)}
    (notice,) = plan(desk, CADENCE, at(due)).notices
    assert (news(notice), known(notice)) == ([2], [1])


def test_red_beside_red_waits_a_minute_after_the_last_notice() -> None:
    desk = Desk([waits(2, RED, 10)], told=[told(1, RED, 0)])
    assert plan(desk, CADENCE, at(59)).waits == {2: Hold(at(60), "group_interval")}
    assert len(plan(desk, CADENCE, at(60)).notices) == 1


def test_a_worsening_takes_the_place_of_what_was_told_of_its_alarm() -> None:
    (notice,) = plan(Desk([waits(1, RED, 50)], told=[told(1, YELLOW, 0)]), CADENCE, at(50)).notices
    assert (news(notice), known(notice)) == ([1], [])


def test_a_group_of_which_all_have_returned_is_like_new() -> None:
    desk = Desk([waits(2, YELLOW, 100)], told=[told(1, YELLOW, 90, returned=True)])
    (notice,) = plan(desk, CADENCE, at(130)).notices
    assert (news(notice), known(notice)) == ([2], [1]), "the returned one is still to be acknowledged"


def test_what_is_held_waits_and_keeps_nobody_else() -> None:
    hold = Hold(at(3600), "quiet_hours")
    decided = plan(Desk([waits(1, BLUE, -60, hold=hold), waits(2, ORANGE, -60)]), CADENCE, NOW)
    (notice,) = decided.notices
    assert news(notice) == [2] and decided.waits == {1: hold}


@pytest.mark.parametrize(("severity", "due"), [(RED, 300), (ORANGE, 600), (YELLOW, 1800), (BLUE, 14_400)])
def test_a_notice_is_repeated_when_its_time_has_come(severity: Severity, due: float) -> None:
    assert CADENCE.repeat(severity) == timedelta(seconds=due)
    desk = Desk(told=[told(1, severity, 0)], running=[Running(1, severity, at(due))])
    assert plan(desk, CADENCE, at(due - 1)).later == {1: Hold(at(due), "repeat")}
    assert plan(desk, CADENCE, at(due)).repeats == (1,)


def test_a_repeat_that_a_notice_of_this_moment_tells_anyway_is_none() -> None:
    desk = Desk([waits(2, RED, 300)], [told(1, RED, 0)], [Running(1, RED, at(300))])
    decided = plan(desk, CADENCE, at(300))
    assert len(decided.notices) == 1 and decided.repeats == ()


def test_a_repeat_waits_while_it_is_silenced() -> None:
    hold = Hold(at(900), "silenced")
    desk = Desk(told=[told(1, RED, 0)], running=[Running(1, RED, at(300), hold)])
    decided = plan(desk, CADENCE, at(400))
    assert decided.repeats == () and decided.later == {1: hold}


def groups(count: int) -> list[Group]:
    return [Group("river", f"R{number}", "water") for number in range(count)]


def test_more_groups_than_may_be_told_one_by_one_make_one_notice_of_all() -> None:
    many = [waits(number, YELLOW, -30, group) for number, group in enumerate(groups(20))]
    (notice,) = plan(Desk(many), CADENCE, NOW).notices
    assert notice.why == "bundle" and sorted(news(notice)) == list(range(20))


def test_a_flood_makes_one_notice_of_everything_at_the_desk() -> None:
    desk = Desk(
        [waits(5, ORANGE, -30, TOWN), waits(6, YELLOW, -5)],
        told=[told(1, RED, -200, groups(3)[2])],
        is_flood=True,
    )
    (notice,) = plan(desk, CADENCE, NOW).notices
    assert notice.why == "bundle" and news(notice) == [5, 6] and known(notice) == [1], "nothing is hidden"


def test_a_desk_that_was_called_often_is_called_again_at_the_pace() -> None:
    desk = Desk([waits(1, YELLOW, -30)], calls=[at(-300), at(-200), at(-100)])
    assert plan(desk, CADENCE, NOW).waits == {1: Hold(at(50), "pace")}
    assert len(plan(desk, CADENCE, at(50)).notices) == 1


def test_red_has_calls_of_its_own_that_yellow_cannot_use_up() -> None:
    desk = Desk([waits(1, RED)], calls=[at(-300), at(-200), at(-100), at(-50), at(-1)])
    assert len(plan(desk, CADENCE, NOW).notices) == 1


def test_red_waits_for_the_pace_at_the_longest() -> None:
    calls = [at(-60 + 10 * number) for number in range(6)]
    desk = Desk([waits(1, RED)], calls=calls)
    assert plan(desk, CADENCE, NOW).waits == {1: Hold(at(-10) + timedelta(seconds=150), "pace")}


def test_the_plan_does_not_depend_on_the_order_in_which_things_are_given() -> None:
    desk = Desk([waits(3, ORANGE, -30, TOWN), waits(1, YELLOW, -30), waits(2, RED)])
    other = replace(desk, waiting=list(reversed(desk.waiting)))
    assert {n.groups for n in plan(desk, CADENCE, NOW).notices} == {
        n.groups for n in plan(other, CADENCE, NOW).notices
    }


def test_the_worst_is_called_first() -> None:
    desk = Desk([waits(1, ORANGE, -30, RIVER), waits(2, RED, 0, TOWN)])
    assert [notice.groups for notice in plan(desk, CADENCE, NOW).notices] == [(TOWN,), (RIVER,)]


def test_a_repeat_alone_stays_a_repeat_in_a_flood() -> None:
    desk = Desk(told=[told(1, RED, -300)], running=[Running(1, RED, NOW)], is_flood=True)
    decided = plan(desk, CADENCE, NOW)
    assert (decided.notices, decided.repeats) == ((), (1,))


def test_a_repeat_of_which_a_notice_of_this_moment_tells_a_part_is_made() -> None:
    both = [told(1, RED, 0), told(3, RED, 0, TOWN)]
    decided = plan(Desk([waits(2, RED, 300)], both, [Running(1, RED, at(300))]), CADENCE, at(300))
    assert [notice.groups for notice in decided.notices] == [(RIVER,)] and decided.repeats == (1,)


def test_a_notice_of_the_future_keeps_nobody_waiting() -> None:
    """The clock was set back."""
    desk = Desk([waits(2, YELLOW)], told=[told(1, YELLOW, 3600)])
    assert len(plan(desk, CADENCE, at(30)).notices) == 1
