"""docs/imports.md names every column and every list that can be imported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.imports import KINDS
from core.thresholds import THRESHOLD_SEVERITY

TEXT = (Path(__file__).parents[3] / "docs" / "imports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_column_is_told_and_the_required_ones_are_bold(kind: str) -> None:
    row = re.search(rf"^\| {kind} \| (.*) \|$", TEXT, re.MULTILINE)
    assert row is not None
    for column in KINDS[kind].columns:
        assert re.search(rf"\b{column.name}\b", row[1]), column.name
        assert (f"**{column.name}**" in row[1]) == column.required, column.name
    told = set(re.findall(r"[一-鿿]{2,}|[起止]", row[1]))
    known = {alias for column in KINDS[kind].columns for alias in column.aliases}
    assert told <= known


def test_the_limits_that_bring_their_own_severity_are_told() -> None:
    ours = {"alert", "minor_flood", "major_flood", "tide_yellow", "tide_orange"}
    for name in set(THRESHOLD_SEVERITY) - ours:
        assert f"`{name}`" in TEXT
