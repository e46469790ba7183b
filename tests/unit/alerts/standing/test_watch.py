"""What of ourselves is late becomes an alarm with a sentence in both languages, and stays the same sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.standing.watch import findings_of
from core.watching import Check, Condition, Part

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CHAIN = ("canary", "ingest", "evaluator", "dispatch")
REST = ("derive", "clock", "watcher")
SINCE = NOW - timedelta(minutes=5)

ALARMS = [
    *(Check(Part.CANARY, Condition.LATE, "stuck", 300, 180, SINCE, True, {"stage": stage})
      for stage in ("received", "raised", "ordered", "sent", "delivered", "answered")),
    *(Check(part, Condition.LATE, "silent", 300, 60, SINCE, True)
      for part in (Part.INGEST, Part.EVALUATOR, Part.DISPATCH, Part.DERIVE)),
    *(Check(part, Condition.LATE, "behind", 90, 60, SINCE, True)
      for part in (Part.INGEST, Part.EVALUATOR, Part.DISPATCH)),
    Check(Part.CLOCK, Condition.LATE, "apart", 3, 2, None, True, {"role": "ingest", "host": "a"}),
    Check(Part.CLOCK, Condition.LATE, "unsynchronised", 999, 900, SINCE, True, {"role": "ingest", "host": "a"}),
    Check(Part.CLOCK, Condition.UNKNOWN, "unknown", 999, 900, SINCE, True, {"role": "ingest", "host": "a"}),
    Check(Part.WATCHER, Condition.LATE, "silent", 400, 300, SINCE, True, {"name": "watch"}),
    Check(Part.WATCHER, Condition.LATE, "mute", 4, 300, SINCE, True, {"name": "watch"}),
]  # fmt: skip


@pytest.mark.parametrize("check", ALARMS, ids=lambda one: f"{one.part}-{one.reason}")
def test_every_alarm_has_a_sentence_in_both_languages(check: Check) -> None:
    (finding,) = findings_of([check], CHAIN + REST, NOW, ZONE)

    for language in ("zh", "en"):
        said = finding.facts["what"][language]
        assert said and "watch." not in said and "{" not in said
    assert finding.severity is None and (finding.subject_kind, finding.subject) == ("link", check.part)


def test_the_stage_and_the_local_time_are_told() -> None:
    (finding,) = findings_of([ALARMS[1]], CHAIN, NOW, ZONE)

    assert finding.facts["what"] == {
        "zh": "自检信号自 07-01 15:55 起没有走通，停在“告警判断”",
        "en": "the canary has not come through since 07-01 15:55; it stands still at “raised”",
    }


def test_a_rule_tells_of_its_own_parts_and_only_of_what_shall_be_told() -> None:
    quiet = Check(Part.INGEST, Condition.UNKNOWN, "never")

    assert [one.subject for one in findings_of([*ALARMS[-1:], quiet], REST, NOW, ZONE)] == ["watcher"]
    assert findings_of(ALARMS, (), NOW, ZONE) == ()


def test_nothing_in_it_changes_from_look_to_look() -> None:
    later = Check(Part.INGEST, Condition.LATE, "behind", 95, 60, SINCE, True)
    now = Check(Part.INGEST, Condition.LATE, "behind", 90, 60, SINCE, True)

    assert findings_of([now], CHAIN, NOW, ZONE) == findings_of([later], CHAIN, NOW, ZONE)
