"""What can be a rule, and what of its change needs a second person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.limits.rules import RuleRelaxation, faults_of, merged_terms, rule_relaxations
from core.alarms import AlarmClass
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS, Rule
from core.severity import Severity

CARD = {language: {part: f"{part} {language}" for part in CARD_PARTS} for language in CARD_LANGUAGES}
NEAR = Rule(
    "typhoon_near", AlarmClass.WEATHER, "weather", None, (), Severity.YELLOW,
    {"distance": [{"km": 800, "severity": "blue"}], "hold_h": 12, "strict": True, "place": "county"},
    None, CARD, "plan", version=3,
)  # fmt: skip
LEVEL = Rule(
    "river_level", AlarmClass.WATER, "level", "water_level", ("ZZ", "ZQ"), None, {}, None, CARD, "SL 323"
)
STANDING = [NEAR, LEVEL]


def faults(rule: Rule) -> list[str]:
    return [one.where for one in faults_of(rule, STANDING)]


def test_the_rules_that_stand_have_no_faults() -> None:
    assert faults(NEAR) == [] and faults(LEVEL) == []


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        ({"distance": [], "hold_h": 6, "strict": False, "place": "town"}, []),
        ({"distance": [], "hold_h": "6", "strict": False, "place": "x"}, ["terms.hold_h"]),
        ({"distance": [], "hold_h": -1, "strict": False, "place": "x"}, ["terms.hold_h"]),
        ({"distance": [], "hold_h": float("nan"), "strict": False, "place": "x"}, ["terms.hold_h"]),
        ({"distance": [], "hold_h": True, "strict": False, "place": "x"}, ["terms.hold_h"]),
        ({"distance": {}, "hold_h": 6, "strict": False, "place": "x"}, ["terms.distance"]),
        ({"distance": [{"km": 1}], "hold_h": 6, "strict": 1, "place": "<b>"},
         ["terms.distance[0].severity", "terms.strict", "terms.place"]),
        ({"distance": [{"km": 1, "severity": "pink"}], "hold_h": 6, "strict": True, "place": "x"},
         ["terms.distance[0].severity"]),
        ({"distance": [{}] * 101, "hold_h": 6, "strict": True, "place": "x"}, ["terms.distance"]),
        ({"hold_h": 6, "strict": True, "place": "x", "more": 1}, ["terms.more", "terms.distance"]),
    ],
)  # fmt: skip
def test_terms_have_the_shape_of_those_that_stand(terms: dict[str, Any], where: list[str]) -> None:
    assert faults(replace(NEAR, terms=terms)) == where


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"code": "a b"}, "code"),
        ({"alarm_class": AlarmClass.RAIN}, "kind"),
        ({"kind": "magic", "code": "new"}, "kind"),
        ({"code": "new", "property": "gold"}, "property"),
        ({"kinds": ("ZZ", "XX")}, "kinds"),
        ({"source": " "}, "source"),
        ({"source": "a\u202eb"}, "source"),
        ({"card": {"zh": CARD["zh"]}}, "card.en"),
        ({"card": {**CARD, "en": {**CARD["en"], "action": ""}}}, "card.en.action"),
        ({"card": {**CARD, "zh": {**CARD["zh"], "cause": "<script>"}}}, "card.zh.cause"),
        ({"card": {**CARD, "zh": {**CARD["zh"], "cause": "x" * 1001}}}, "card.zh.cause"),
        ({"card": {**CARD, "zh": {**CARD["zh"], "more": "x"}}}, "card.zh"),
        ({"requires": {}}, "requires"),
        ({"requires": {"of": [{"rule": "nothing"}]}}, "requires.of[0].rule"),
        ({"requires": {"of": [{"rule": "river_level"}]}}, "requires.of[0].rule"),
        ({"requires": {"of": [{"rule": "typhoon_near", "severity": "pink"}]}}, "requires.of[0].severity"),
        ({"requires": {"of": [{"rule": "typhoon_near"}], "least": 2}}, "requires.least"),
        ({"requires": {"of": [{"rule": "typhoon_near"}], "within_s": 0}}, "requires.within_s"),
        ({"requires": {"of": ["typhoon_near"]}}, "requires.of[0]"),
    ],
)
def test_what_cannot_be_a_rule(changes: dict[str, Any], where: str) -> None:
    assert faults(replace(LEVEL, **changes)) == [where]


def test_a_rule_cannot_wait_for_itself_by_a_way_round() -> None:
    waits = {"of": [{"rule": "river_level"}]}
    beside = [replace(NEAR, requires=waits), LEVEL]
    new = replace(LEVEL, requires={"of": [{"rule": "typhoon_near"}]})
    assert [one.where for one in faults_of(new, beside)] == ["requires.of[0].rule"]


def test_what_is_left_out_of_terms_stays() -> None:
    assert merged_terms({"hold_h": 3}, NEAR.terms) == {**NEAR.terms, "hold_h": 3}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ()),
        ({"card": {}, "source": "new"}, ()),
        ({"kinds": ("ZZ", "ZQ", "RR")}, ()),
        ({"priority": Severity.RED}, ()),
        ({"kinds": ("ZZ",)}, (RuleRelaxation.STATIONS_TAKEN_OUT,)),
        ({"active": False}, (RuleRelaxation.SWITCHED_OFF,)),
        ({"terms": {"a": 1}}, (RuleRelaxation.TERMS_CHANGED,)),
        ({"requires": {"of": []}}, (RuleRelaxation.REQUIRES_CHANGED,)),
    ],
)
def test_what_a_change_relaxes(changes: dict[str, Any], found: tuple[RuleRelaxation, ...]) -> None:
    assert rule_relaxations(LEVEL, replace(LEVEL, **changes)) == found


def test_a_new_rule_and_one_that_is_off_relax_nothing_and_a_lower_priority_does() -> None:
    assert rule_relaxations(None, LEVEL) == ()
    assert rule_relaxations(replace(LEVEL, active=False), replace(LEVEL, terms={"a": 1})) == ()
    assert rule_relaxations(NEAR, replace(NEAR, priority=None)) == (RuleRelaxation.PRIORITY_LOWERED,)
