"""Forecasts beside what was read."""

from __future__ import annotations

import random

import pytest

from hydrology.forecasts.skill import Said, score

READ = ([0.0, 3600.0, 7200.0, 36_000.0], [3.0, 4.0, 4.0, 4.0])


def said(issued_s: float, lead_s: float, value: float, half: float = 0.1, source: str = "trend") -> Said:
    return Said(source, issued_s, issued_s + lead_s, value, value - half, value + half, 3.0)


def test_error_bias_range_and_the_word_that_nothing_changes() -> None:
    one, other = score([said(0, 3600, 4.05), said(3600, 3600, 3.5), said(0, 1800, 3.5)], *READ, gap_s=5400)
    assert (one.source, one.lead_s, one.count) == ("trend", 1800, 1)
    assert (other.lead_s, other.count, other.within) == (3600, 2, 1)
    assert other.sum_error == pytest.approx(0.05 - 0.5)
    assert other.sum_absolute == pytest.approx(0.55)
    assert other.sum_square == pytest.approx(0.0025 + 0.25)
    assert other.sum_unchanged == pytest.approx(2.0)


def test_what_was_not_observed_is_not_scored() -> None:
    assert score([said(7200, 10_800, 4.0)], *READ, gap_s=5400) == []
    assert score([said(36_000, 1800, 4.0)], *READ, gap_s=5400) == []
    assert score([said(0, 1800, 4.0)], [], [], gap_s=5400) == []


def test_other_leads_than_the_four_are_left_out() -> None:
    assert score([said(0, 900, 3.2), said(0, 0, 3.0)], *READ, gap_s=5400) == []


def test_sources_are_scored_apart_and_the_order_of_forecasts_does_not_matter() -> None:
    chance = random.Random(7)
    all_said = [
        said(float(at), lead, 3 + chance.random(), source=source)
        for at in range(0, 5400, 300)
        for lead in (1800, 3600)
        for source in ("trend", "upstream")
    ]
    in_order = score(all_said, *READ, gap_s=5400)
    chance.shuffle(all_said)
    assert [(one.source, one.lead_s) for one in in_order] == [
        ("trend", 1800), ("trend", 3600), ("upstream", 1800), ("upstream", 3600),
    ]  # fmt: skip
    for one, other in zip(in_order, score(all_said, *READ, gap_s=5400), strict=True):
        assert one.count == other.count
        assert one.sum_absolute == pytest.approx(other.sum_absolute)
