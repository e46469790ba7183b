"""Every table that can be exported is documented with its columns, and no other."""

from __future__ import annotations

from pathlib import Path

from store.exports import KINDS

_GUIDE = Path(__file__).resolve().parents[3] / "docs" / "export.md"


def test_the_guide_lists_every_table_and_column() -> None:
    rows = [line for line in _GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected = [
        f"| `{name.replace('rollups-', 'rollups --step ')}` | {', '.join(f'`{column}`' for column in kind.columns)} |"
        for name, kind in KINDS.items()
    ]
    assert rows == expected
