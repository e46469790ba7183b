"""docs/judgement.md tells every reason, every limit and every default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.judgement_limits import LIMIT_NAMES
from hydrology.judgement import Reason
from hydrology.judgement.defaults import DEFAULTS, Default

TEXT = (Path(__file__).parents[3] / "docs" / "judgement.md").read_text(encoding="utf-8")
REASONS = TEXT.split("## Reasons")[1].split("## ")[0]
LIMITS = TEXT.split("## Limits")[1].split("Where nobody set any")[0]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_row(reason: Reason) -> None:
    assert re.search(rf"^\|[^|]*`{reason}`", REASONS, re.MULTILINE)


def test_no_reason_is_told_that_is_gone() -> None:
    told = {
        code
        for row in re.findall(r"^\|([^|]*)\|", REASONS, re.MULTILINE)
        for code in re.findall(r"`(\w+)`", row)
    }
    assert told == set(Reason)


@pytest.mark.parametrize("name", LIMIT_NAMES)
def test_every_limit_says_what_it_means(name: str) -> None:
    assert re.search(rf"^\|[^|]*`{name}`", LIMITS, re.MULTILINE)


@pytest.mark.parametrize(
    "default", DEFAULTS, ids=lambda one: f"{one.property}-{one.name}-{one.kind or 'all'}"
)
def test_every_default_stands_in_the_table(default: Default) -> None:
    kind = default.kind.value if default.kind else ""
    assert f"| `{default.property}` | {kind} | `{default.name}` | {default.value:g} |" in TEXT
    assert default.source
