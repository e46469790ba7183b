"""What may hide what: never in a circle, never what is new danger, more only by two."""

from __future__ import annotations

import pytest

from alerts.limits.inhibition_changes import calls_less, hides_more, may_be_hidden, on_circles
from core.alarms import AlarmClass
from core.inhibition import Equal, Inhibition
from core.rule_versions import Rule
from core.severity import Severity


def row(source: str, target: str, equal: Equal = Equal.NONE, release_s: int = 0) -> Inhibition:
    return Inhibition(source, target, equal, release_s, "test")


def rule(of: AlarmClass, kind: str, priority: Severity | None = None) -> Rule:
    return Rule(
        code="x", alarm_class=of, kind=kind, property=None, kinds=(), priority=priority, terms={}, requires=None,
        card={}, source="test", active=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a", "b"), ("b", "c"), ("a", "c")], set()),
        ([("a", "a")], {("a", "a")}),
        ([("a", "b"), ("b", "a"), ("c", "a")], {("a", "b"), ("b", "a")}),
        ([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")], {("a", "b"), ("b", "c"), ("c", "a")}),
    ],
)
def test_circles_are_found_however_far_around(
    rows: list[tuple[str, str]], expected: set[tuple[str, str]]
) -> None:
    assert on_circles([row(*pair) for pair in rows]) == expected


@pytest.mark.parametrize(
    ("of", "kind", "may"),
    [
        (AlarmClass.EQUIPMENT, "silence", True),
        (AlarmClass.EQUIPMENT, "isolation", False),
        (AlarmClass.WATER, "level", False),
        (AlarmClass.REPORT, "report", False),
    ],
)
def test_only_equipment_may_be_hidden_and_never_an_area_that_nobody_hears(
    of: AlarmClass, kind: str, may: bool
) -> None:
    assert may_be_hidden(rule(of, kind)) is may


@pytest.mark.parametrize(
    ("of", "source", "target", "quieter"),
    [
        (AlarmClass.EQUIPMENT, Severity.BLUE, Severity.YELLOW, True),
        (AlarmClass.EQUIPMENT, None, Severity.BLUE, True),
        (AlarmClass.EQUIPMENT, Severity.BLUE, Severity.BLUE, False),
        (AlarmClass.EQUIPMENT, Severity.RED, Severity.YELLOW, False),
        (AlarmClass.EQUIPMENT, None, None, False),
        (AlarmClass.WATER, None, Severity.RED, False),
    ],
)
def test_equipment_that_calls_more_quietly_never_hides_what_calls_louder(
    of: AlarmClass, source: Severity | None, target: Severity | None, quieter: bool
) -> None:
    assert calls_less(rule(of, "a", source), rule(AlarmClass.EQUIPMENT, "b", target)) is quieter


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (None, row("a", "b"), True),
        (row("a", "b"), row("a", "b"), False),
        (row("a", "b", Equal.STATION), row("a", "b", Equal.NONE), True),
        (row("a", "b", release_s=60), row("a", "b", release_s=61), True),
        (row("a", "b", release_s=60), row("a", "b", release_s=0), False),
    ],
)
def test_what_hides_more_needs_two(old: Inhibition | None, new: Inhibition, more: bool) -> None:
    assert hides_more(old, new) is more
