"""What one page is told: merged, numbered, paced, and only what its area may see."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.live.pending import Pending, difference
from app.live.scope import Scope
from app.live.subscription import INTERVAL_S, Subscription
from app.live.world import visible

Steps = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.none() | st.fixed_dictionaries({"v": st.integers()}))
)


@given(Steps)
def test_whoever_takes_late_ends_where_whoever_took_every_step_did(steps: list[dict[str, Any]]) -> None:
    pending, at_once = Pending(), {}
    for step in steps:
        pending.merge({"latest": step})
        at_once.update(step)
    assert pending.take().get("latest", {}) == at_once
    assert not pending


Entries = st.dictionaries(st.sampled_from("abcd"), st.fixed_dictionaries({"v": st.integers(0, 2)}))


@given(Entries, Entries, st.none() | st.sets(st.sampled_from("abcd")))
def test_a_difference_turns_what_was_known_into_what_is(
    known: dict[str, Any], truth: dict[str, Any], asked: set[str] | None
) -> None:
    found = truth if asked is None else {key: entry for key, entry in truth.items() if key in asked}
    delta = difference(known, found, asked)
    after = {key: entry for key, entry in (known | delta).items() if entry is not None}
    for key in "abcd" if asked is None else asked:
        assert after.get(key) == truth.get(key)
    assert all(known.get(key) != entry for key, entry in delta.items()), "only what differs is told"


def test_a_town_is_told_of_its_own_and_of_what_belongs_to_no_area() -> None:
    delta: dict[str, dict[str, Any]] = {
        "alarms": {"1": {"area": "east"}, "2": {"area": "west"}, "3": {"area": None}, "4": None},
        "typhoons": {"2611": {"name": "x"}},
        "orders": {"9": {"area": "west"}},
    }
    assert visible(delta, frozenset({"east"})) == {
        "alarms": {"1": {"area": "east"}, "4": None},
        "typhoons": {"2611": {"name": "x"}},
    }
    assert visible(delta, None) == delta


def _subscription() -> Subscription:
    return Subscription(
        Scope(), None, "s", lambda: datetime(2026, 7, 1, tzinfo=UTC), lambda: {"latest": {"1": {"v": 0}}}
    )


def test_pushes_are_numbered_and_begin_with_a_snapshot() -> None:
    async def run() -> list[dict[str, Any]]:
        page = _subscription()
        page.tell({"latest": {"1": {"v": 1}}})
        first = await anext(page)
        page.tell({"latest": {"1": {"v": 2}}})
        page.tell({"latest": {"1": {"v": 3}, "2": {"v": 1}}})
        second = await anext(page)
        page.tell({"latest": {"1": {"v": 4}}})
        page.resync()
        third = await anext(page)
        page.beat({"database": "ok"})
        fourth = await anext(page)
        page.dismiss()
        return [first, second, third, fourth, *[push async for push in page]]

    pushes = asyncio.run(run())
    assert [push["n"] for push in pushes] == [1, 2, 3, 4, 5]
    assert [push["kind"] for push in pushes] == ["snapshot", "delta", "snapshot", "delta", "signed_out"]
    assert pushes[1]["latest"] == {"1": {"v": 3}, "2": {"v": 1}}, "the latest wins"
    assert "latest" not in pushes[3] and pushes[3]["health"] == {"database": "ok"}
    assert len({push["stream"] for push in pushes}) == 1


def test_a_page_is_told_at_most_five_times_a_second_and_the_first_change_at_once() -> None:
    async def run() -> tuple[float, float]:
        page = _subscription()
        began = time.monotonic()
        await anext(page)
        first = time.monotonic() - began
        for value in range(4):
            page.tell({"latest": {"1": {"v": value}}})
            await anext(page)
        return first, time.monotonic() - began

    first, all_five = asyncio.run(run())
    assert first < INTERVAL_S / 2
    assert all_five >= 4 * INTERVAL_S
