"""Suppressed by design: what Alertmanager's documentation promises of inhibition, and where ours is stricter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.alarms.inhibition import Decision, Explanations
from core.alarms import AlarmClass, AlarmState
from core.inhibition import Equal, Inhibition, Muted

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ABOVE = {"H": ("H", "T", "X"), "T": ("T", "X"), "U": ("U", "X"), "X": ("X",)}
LINK = Muted(1, "link", AlarmClass.EQUIPMENT, "link", "telemetry", None, "X", None, AlarmState.UNACKNOWLEDGED)
SERIES = Muted(
    2, "value", AlarmClass.EQUIPMENT, "series", "S1/water_level/1/0", "S1", "T", None,
    AlarmState.UNACKNOWLEDGED,
)  # fmt: skip
STATION = Muted(
    3, "station", AlarmClass.EQUIPMENT, "station", "S1", "S1", "T", None, AlarmState.UNACKNOWLEDGED
)


def explaining(
    target: Muted, *sources: Muted, source: str = "link", equal: Equal = Equal.NONE, release_after_s: int = 0
) -> int | None:
    row = Inhibition(source, target.rule, equal, release_after_s)
    return Explanations([row], sources, ABOVE, NOW).explaining(target)


@pytest.mark.parametrize(
    ("equal", "source", "target", "mutes"),
    [
        (Equal.NONE, {}, {}, True),
        (Equal.STATION, {"station": "S1"}, {}, True),
        (Equal.STATION, {"station": "S2"}, {}, False),
        (Equal.STATION, {"station": None}, {}, False),
        (
            Equal.STATION,
            {"station": None},
            {"station": None},
            False,
        ),  # missing equals nothing, not even missing
        (Equal.AREA, {"area": "T"}, {}, True),
        (Equal.AREA, {"area": "X"}, {}, True),  # the target lies within
        (Equal.AREA, {"area": "T"}, {"area": "X"}, False),  # and not the other way round
        (Equal.AREA, {"area": "U"}, {}, False),
        (Equal.AREA, {"area": None}, {}, False),
        (Equal.AREA, {"area": None}, {"area": None}, False),
        (Equal.AREA, {"area": "unknown"}, {"area": "unknown"}, True),
        (Equal.SUBJECT, {"subject_kind": "series", "subject": SERIES.subject}, {}, True),
        (Equal.SUBJECT, {"subject_kind": "camera", "subject": SERIES.subject}, {}, False),
    ],
)
def test_source_and_target_must_share_what_the_row_says(
    equal: Equal, source: dict[str, Any], target: dict[str, Any], mutes: bool
) -> None:
    found = explaining(replace(SERIES, **target), replace(LINK, **source), equal=equal)
    assert found == (1 if mutes else None)


def test_an_alarm_never_hides_itself() -> None:
    assert explaining(replace(LINK, rule="value"), replace(LINK, rule="value"), source="value") is None


@pytest.mark.parametrize("one", [one for one in AlarmClass if one is not AlarmClass.EQUIPMENT])
def test_new_danger_is_never_hidden(one: AlarmClass) -> None:
    """An alarm upstream never mutes one downstream, whatever the table says."""
    downstream = replace(SERIES, rule="river_level", alarm_class=one, area="X")
    upstream = replace(SERIES, id=1, rule="upstream", alarm_class=one, area="X")
    for equal in Equal:
        assert explaining(downstream, upstream, source="upstream", equal=equal) is None


@pytest.mark.parametrize("state", list(AlarmState))
def test_a_source_counts_as_long_as_it_stands_whoever_heard_it(state: AlarmState) -> None:
    assert explaining(SERIES, replace(LINK, state=state)) == 1


@pytest.mark.parametrize(
    ("source", "target", "mutes"),
    [(None, None, True), (None, "EX", True), ("EX", None, False), ("EX", "EX", True), ("EX", "EY", False)],
)
def test_the_real_world_explains_a_drill_and_never_a_drill_the_real_world(
    source: str | None, target: str | None, mutes: bool
) -> None:
    found = explaining(replace(SERIES, exercise=target), replace(LINK, exercise=source))
    assert (found is not None) is mutes


@pytest.mark.parametrize(
    ("ended_s", "release_after_s", "limit_s", "mutes"),
    [
        (0, 0, 0, False),
        (0, 0, 9000, False),  # at once means at once
        (899, 900, 0, True),
        (900, 900, 0, False),
        (900, 900, 10_800, True),  # a series that is heard once an hour needs longer to be heard again
        (10_800, 900, 10_800, False),
    ],
)
def test_after_the_source_its_targets_have_time_to_be_heard_again(
    ended_s: int, release_after_s: int, limit_s: float, mutes: bool
) -> None:
    over = replace(LINK, ended_at=NOW - timedelta(seconds=ended_s))
    found = explaining(replace(SERIES, limit_s=limit_s), over, release_after_s=release_after_s)
    assert (found is not None) is mutes


def test_of_several_the_oldest_that_stands_explains() -> None:
    over = replace(LINK, id=4, ended_at=NOW)
    assert explaining(SERIES, over, replace(LINK, id=9), replace(LINK, id=7), release_after_s=60) == 7
    assert explaining(SERIES, over, release_after_s=60) == 4


ROWS = [
    Inhibition("link", "value", Equal.NONE, 900),
    Inhibition("link", "station", Equal.NONE, 900),
    Inhibition("station", "value", Equal.STATION),
]


def decided(*open_alarms: Muted) -> Decision:
    return Explanations(ROWS, open_alarms, ABOVE, NOW).decide(
        [one for one in open_alarms if one.rule != "link"]
    )


def hidden(one: Muted, by: int) -> Muted:
    return replace(one, state=AlarmState.SUPPRESSED, suppressed_by=f"alarm:{by}")


def test_what_is_explained_is_hidden_and_what_nothing_explains_any_more_is_shown() -> None:
    assert decided(SERIES) == Decision({}, (), {})
    assert decided(SERIES, STATION) == Decision({2: 3}, (), {})
    assert decided(hidden(SERIES, 3), STATION) == Decision({}, (), {})
    assert decided(hidden(SERIES, 3)) == Decision({}, (2,), {})


def test_what_another_alarm_explains_by_now_stays_hidden_by_that_one() -> None:
    other = replace(STATION, station="S2", subject="S2")
    assert decided(hidden(SERIES, 3), other, LINK) == Decision({3: 1}, (), {2: 1})


def test_a_hidden_alarm_still_explains_what_it_explains() -> None:
    """The link hides the station's silence; that still hides its series when the link is long forgotten."""
    assert decided(hidden(SERIES, 3), hidden(STATION, 1)) == Decision({}, (3,), {})
