"""Every state, event and reason has a word in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.devices import DeviceReport
from core.language import LANGUAGES, ROOMS, translator
from core.orders import DeliveryState

CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOMS / "alerts" / "orders").glob("*.py"))
EVENTS = re.findall(r'add_event\(\s*connection,\s*[a-z_.]+,\s*"([a-z_]+)"', CODE)
REASONS = re.findall(r'Verdict\(Step\.[A-Z]+, "([a-z_]+)"', CODE)


def test_the_code_is_read() -> None:
    assert {"superseded", "escalated", "nobody_left", "refused"} <= set(EVENTS)
    assert {"unanswered", "no_drill_phone", "not_cleared"} <= set(REASONS)
    assert Path(ROOMS / "alerts" / "locale").is_dir()


@pytest.mark.parametrize("language", LANGUAGES)
def test_words(language: str) -> None:
    words = translator("alerts", language)
    wanted = [f"delivery.{state}" for state in DeliveryState]
    wanted += [f"event.{kind}" for kind in EVENTS]
    wanted += [f"event.device_{report}" for report in DeviceReport if report is not DeviceReport.CANCELLED]
    wanted += [f"reason.{reason}" for reason in REASONS]
    assert [name for name in wanted if words(name) == name] == []
