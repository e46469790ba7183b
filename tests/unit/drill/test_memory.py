"""A device that restarts knows its last sequence and what it showed."""

from __future__ import annotations

from pathlib import Path

from drill.field.device import Memory
from drill.field.memory import keep, recall
from tests.unit.drill.test_device import SHOW


def test_what_was_kept_is_recalled(tmp_path: Path) -> None:
    keep(tmp_path / "d.json", Memory(7, (SHOW,)))
    assert recall(tmp_path / "d.json") == Memory(7, (SHOW,))
    assert [path.name for path in tmp_path.iterdir()] == ["d.json"]


def test_a_missing_or_broken_file_is_an_empty_memory(tmp_path: Path) -> None:
    assert recall(tmp_path / "none.json") == Memory()
    (tmp_path / "d.json").write_text("{half")
    assert recall(tmp_path / "d.json") == Memory()
