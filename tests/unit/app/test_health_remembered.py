"""Answers that are remembered for a while: questions without end do not fill the memory."""

from __future__ import annotations

from typing import Any

import pytest

from app.api import station_health


def test_questions_that_somebody_makes_up_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Any = object()
    monkeypatch.setattr(station_health, "_read", lambda *_: found)
    remembered = station_health._Remembered()
    context: Any = None
    for number in range(500):
        assert remembered.get(context, f"EX{number}", None, station_health.Window.DAY) is found
    assert len(remembered._locks) <= station_health._MOST_QUESTIONS + 1
    assert len(remembered._found) <= station_health._MOST_QUESTIONS + 1
