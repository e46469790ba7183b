"""The sentence that a duty officer gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.notices import Reached, Wording, cause_of, text, title
from alerts.orders.texts import check_sms, sms_parts
from core.alarms import Alarm, AlarmClass, AlarmState
from core.language import translator
from core.severity import Severity
from core.thresholds import THRESHOLD_SEVERITY

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 1, 6, 7, tzinfo=UTC)
REACHED = Reached(
    station_name="南大河中游站",
    property="water_level",
    observed_at=datetime(2026, 7, 1, 6, 5, tzinfo=UTC),
    value=4.96,
    severity=Severity.ORANGE,
    limit_name="guarantee",
    limit_value=4.65,
)


def test_it_says_where_when_how_much_and_over_what() -> None:
    said = text(REACHED, translator("alerts", "zh"), ZONE, NOW)
    assert said == "南大河中游站 14:05 水位 4.96 m，超保证水位 0.31 m（橙色）。"
    assert title(REACHED, translator("alerts", "zh")) == "南大河中游站保证水位橙色告警"


def test_english_is_complete() -> None:
    said = text(REACHED, translator("alerts", "en"), ZONE, NOW)
    assert said == "南大河中游站 14:05: water level 4.96 m, 0.31 m over guarantee level (orange)."


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        (replace(REACHED, value=4.65), "达到保证水位"),
        (replace(REACHED, value=4.651), "达到保证水位"),
        (replace(REACHED, value=4.62), "4.62 m，仍处保证水位 4.65 m 回差内"),
        (replace(REACHED, to_verify=True), "该值待核实"),
        (replace(REACHED, off_shelf=True), "搁置到期"),
        (replace(REACHED, limit_name="老桥桥面"), "超老桥桥面 0.31 m"),
        (replace(REACHED, observed_at=datetime(2026, 6, 30, 15, 59, tzinfo=UTC)), "2026-06-30 23:59"),
    ],
)
def test_special_cases_are_said(facts: Reached, part: str) -> None:
    assert part in text(facts, translator("alerts", "zh"), ZONE, NOW)


@pytest.mark.parametrize("value", [1e308, 1.7976931348623157e308, 1e9, 999_999_999.0])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_value_that_no_gauge_reads_still_fits_into_a_message(value: float, language: str) -> None:
    """Else nobody would be called for it, nor for the true flood while that alarm stands."""
    said = text(replace(REACHED, value=value, to_verify=True), translator("alerts", language), ZONE, NOW)
    assert sms_parts(said) <= 4
    check_sms(said)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_limit_of_the_field_has_its_name(language: str) -> None:
    words = translator("alerts", language)
    for name in THRESHOLD_SEVERITY:
        assert words(f"limit.{name}") != f"limit.{name}"


@pytest.mark.parametrize("rule", ["typhoon_near", "a_rule_of_the_county"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_heard_again_speaks_in_the_words_of_its_kind_where_its_rule_has_none(
    rule: str, language: str
) -> None:
    both = {"zh": "测试", "en": "Test"}
    facts = {"name": both, "colour": both, "typhoon": "2612", "distance_km": 80, "why": both}
    alarm = Alarm(
        1, AlarmClass.WEATHER, "typhoon", "2612", None, None, "X", rule, 1, None, Severity.RED, Severity.RED,
        AlarmState.UNACKNOWLEDGED, NOW, NOW, None, None, None, None, None, None, None, None, title=both, detail=facts,
    )  # fmt: skip
    cause = cause_of(alarm, "2612", "typhoon", Wording(language, "Asia/Shanghai"), at=NOW, off_shelf=True)
    assert cause is not None and both[language] in cause.text
    assert "standing." not in cause.text
