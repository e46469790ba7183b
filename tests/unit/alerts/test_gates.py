"""Gates: which other alarms open them, for whom, and how long after they returned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.rules.gates import Asker, Gate, Places, ask, gate_of
from core.severity import Severity
from store.alarm_spans import AlarmSpan

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PLACES = Places({"C": None, "T1": "C", "T2": "C", "V1": "T1", "V2": "T1", "H1": "V1", "W": "T2"})


def span(
    rule: str, severity: str | None = "orange", start: float = -10, end: float | None = None, **more: Any
) -> AlarmSpan:
    """Minutes from now."""
    given = {"exercise": None, "subject": "A", "station": "A", "area": "V1"} | more
    return AlarmSpan(
        rule,
        severity=Severity(severity) if severity else None,
        start=NOW + timedelta(minutes=start),
        end=None if end is None else NOW + timedelta(minutes=end),
        **given,
    )


def gate(*rules: Any, least: int | None = None, within_s: int = 3600) -> Gate:
    of = [one if isinstance(one, dict) else {"rule": one, "subject": "same"} for one in rules]
    asked: dict[str, Any] = {"of": of, "within_s": within_s} | ({} if least is None else {"least": least})
    found = gate_of(asked)
    assert found is not None
    return found


ASKER = Asker(None, "A", "A", "V1")


def is_open(one: Gate, *spans: AlarmSpan, asker: Asker = ASKER) -> bool:
    return ask(one, asker, spans, PLACES, NOW).open


@pytest.mark.parametrize(
    ("least", "holding", "is_it"),
    [(None, "", False), (None, "x", False), (None, "xy", False), (None, "xyz", True),
     (2, "x", False), (2, "xz", True), (2, "xyz", True), (1, "y", True), (1, "", False)],
)  # fmt: skip
def test_all_of_them_or_k_of_n(least: int | None, holding: str, is_it: bool) -> None:
    assert is_open(gate("x", "y", "z", least=least), *(span(rule) for rule in holding)) is is_it


def test_one_rule_that_holds_twice_counts_once() -> None:
    assert not is_open(gate("x", "y", least=2), span("x"), span("x", start=-5))


@pytest.mark.parametrize(
    ("start", "end", "is_it"),
    [
        (-600, None, True),
        (-600, -59, True),
        (-600, -60, True),
        (-600, -61, False),
        (-5, -1, True),
        (1, None, False),
    ],
)
def test_what_held_within_the_time_before_counts(start: float, end: float | None, is_it: bool) -> None:
    assert is_open(gate("x"), span("x", start=start, end=end)) is is_it


@pytest.mark.parametrize(
    ("needed", "holds", "is_it"),
    [(None, None, True), (None, "blue", True), ("orange", "yellow", False), ("orange", "orange", True),
     ("orange", "red", True), ("blue", None, False)],
)  # fmt: skip
def test_a_severity_is_met_by_itself_and_by_worse(needed: str | None, holds: str | None, is_it: bool) -> None:
    assert is_open(gate({"rule": "x", "severity": needed}), span("x", holds)) is is_it


def test_what_was_worse_only_before_the_time_does_not_count() -> None:
    worse = span("x", "red", start=-300, end=-200)
    milder = span("x", "yellow", start=-200)
    assert not is_open(gate({"rule": "x", "severity": "orange"}), worse, milder)


@pytest.mark.parametrize(
    ("subject", "other", "is_it"),
    [
        ("same", {}, True),
        ("same", {"subject": "A/water_level", "station": "A"}, True),
        ("same", {"subject": "B", "station": "B"}, False),
        ("same", {"subject": "H1", "station": None}, False),
        ("area", {"subject": "B", "station": "B", "area": "V1"}, True),
        ("area", {"subject": "B", "station": "B", "area": "V2"}, True),
        ("area", {"subject": "H1", "station": None, "area": "H1"}, True),
        ("area", {"subject": "T1", "station": None, "area": "T1"}, True),
        ("area", {"subject": "W", "station": None, "area": "W"}, False),
        ("area", {"subject": "C", "station": None, "area": "C"}, True),
        ("area", {"subject": "x", "station": None, "area": None}, True),
        ("B", {"subject": "B", "station": "B", "area": "W"}, True),
        ("B", {"subject": "A", "station": "A"}, False),
    ],
)
def test_whose_alarm_counts(subject: str, other: dict[str, Any], is_it: bool) -> None:
    assert is_open(gate({"rule": "x", "subject": subject}), span("x", **other)) is is_it


def test_the_county_asks_for_all_its_areas() -> None:
    county = Asker(None, "C", None, "C")
    assert is_open(gate({"rule": "x", "subject": "area"}), span("x", area="W"), asker=county)


def test_an_exercise_and_the_real_world_open_nothing_for_each_other() -> None:
    assert not is_open(gate("x"), span("x", exercise="spring"))
    drilled = Asker("spring", "A", "A", "V1")
    assert is_open(gate("x"), span("x", exercise="spring"), asker=drilled)
    assert not is_open(gate("x"), span("x"), asker=drilled)


def test_the_answer_names_the_worst_that_met_each() -> None:
    found = ask(gate("x", "y"), ASKER, [span("x", "blue"), span("x", "red"), span("y")], PLACES, NOW)
    assert [(one.rule, one.severity) for one in found.by] == [("x", Severity.RED), ("y", Severity.ORANGE)]


@pytest.mark.parametrize("wrong", [{}, {"of": []}, {"of": [{}]}, {"of": [{"rule": "x", "severity": "pink"}]}])
def test_a_gate_that_cannot_be_is_an_error_and_never_open(wrong: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        gate_of(wrong)
    assert gate_of(None) is None
