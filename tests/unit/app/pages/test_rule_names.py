"""Every rule that the migrations bring has a name that people read."""

import re
from pathlib import Path

import pytest

from app.pages.words import words_of

MIGRATIONS = Path(__file__).resolve().parents[4] / "store" / "migrations"
INSERT = re.compile(r"insert into rule \(code,.*?;\n", re.DOTALL)
CODE = re.compile(r"^ *\('([a-z_0-9]+)', '(?:water|rain|tide|weather|report|equipment)'", re.MULTILINE)


def codes() -> set[str]:
    """Codes of all rules that a migration inserts by name."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))
    return {code for text in texts for found in INSERT.findall(text) for code in CODE.findall(found)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_has_a_name(language: str) -> None:
    known = words_of(language).all()

    assert len(codes()) >= 10
    assert sorted(code for code in codes() if f"rule {code}" not in known) == []
