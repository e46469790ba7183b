"""Terms that a finder could not read are refused before they stand."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.standing import FINDERS
from alerts.standing.terms import unreadable

GOOD = {"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3, "wait_min": 20}


@pytest.mark.parametrize("kind", ["battery", "camera", "clock", "device", "isolation", "silence"])
def test_kinds_whose_terms_all_have_defaults_read_none(kind: str) -> None:
    assert unreadable(kind, {}) is None
    assert kind in {finder.kind for finder in FINDERS}


@pytest.mark.parametrize(
    ("kind", "terms", "said"),
    [
        ("projection", GOOD, None),
        ("projection", {**GOOD, "severity": "pink"}, "'pink' is not a valid Severity"),
        ("projection", {**GOOD, "of": 9}, "terms of a projection"),
        ("projection", {**GOOD, "ahead_h": float("nan")}, "terms of a projection"),
        ("projection", {**GOOD, "least": None}, "int()"),
        ("projection", {"severity": "blue"}, "least is missing"),
        ("link", {}, "what is missing"),
        ("duty", {"what": "handover"}, None),
        ("duty", {"what": "tea"}, "tea"),
        ("duty", {"what": "empty", "after_s": -1}, "at most a week"),
        ("link", {"what": "moon"}, "'moon'"),
        ("typhoon", {"distance": []}, "distance_ahead_h is missing"),
        ("silence", {"missed": "often"}, "often"),
        ("level", {"anything": 1}, None),
        ("no kind", {}, None),
    ],
)
def test_what_is_wrong_is_said(kind: str, terms: dict[str, Any], said: str | None) -> None:
    found = unreadable(kind, terms)
    assert (found is None) == (said is None)
    assert said is None or said in (found or "")
