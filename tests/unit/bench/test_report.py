"""The figures of one benchmark are renewed in the documents, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.crossings import at
from bench.report import renew
from cli.setup import state

PAGE = "# Figures\n<!-- ingest: begin -->\nold\n<!-- ingest: end -->\nkept\n<!-- alarms: begin -->\n<!-- alarms: end -->\n"


def test_only_the_section_of_the_benchmark_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(PAGE, encoding="utf-8")
    renew(page, "alarms", {"p50_ms": 31.5, "alertmanager_default_p50_ms": None})
    text = page.read_text(encoding="utf-8")
    assert text.startswith(PAGE.partition("<!-- alarms: begin -->")[0])
    assert "| `p50_ms` | 31.5 | ≤ 100 |" in text
    assert "| `alertmanager_default_p50_ms` | not measured |" in text
    renew(page, "alarms", {"p50_ms": 30.0})
    assert "31.5" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["alarms", "ingest"])
def test_the_documents_have_a_place_for_every_benchmark(name: str) -> None:
    text = (state.checkout() / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    begin, end = text.index(f"<!-- {name}: begin -->"), text.index(f"<!-- {name}: end -->")
    assert begin < end


@pytest.mark.parametrize(("share", "delay"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_share_of_the_delays_lies_within_the_one_that_is_told(share: float, delay: float) -> None:
    assert at([float(number) for number in range(1, 101)], share) == delay
