"""What can be set, called, published or measured is documented, or this fails."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

import cli.commands
from core import topics
from core.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"


def settings(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[tuple[str, str, str]]:
    """Every variable with its default and its meaning."""
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, variable + "__")
        else:
            default = "" if field.default is None else str(field.default)
            yield variable, default, field.description or ""


def test_every_setting_stands_in_the_configuration_table() -> None:
    table = (DOCS / "configuration.md").read_text(encoding="utf-8")
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {text} |" for name, default, text in settings()
    ]
    missing = [row for row in rows if row not in table]
    assert not missing, "add to docs/configuration.md:\n" + "\n".join(missing)


def test_the_configuration_table_names_no_setting_that_is_gone() -> None:
    table = (DOCS / "configuration.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(ANLAN_\w+)`", table, re.MULTILINE))
    assert named == {name for name, _, _ in settings()}


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, _, text in settings() if len(text) < 5] == []


def test_every_command_stands_in_the_contract() -> None:
    contract = (DOCS / "architecture.md").read_text(encoding="utf-8")
    commands = [module.name.rstrip("_") for module in pkgutil.iter_modules(cli.commands.__path__)]
    assert commands
    assert [name for name in commands if f"`anlan {name}`" not in contract] == []


def test_every_topic_stands_in_the_contract() -> None:
    contract = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert [topic for topic in topics.CONTRACT if f"`{topic}`" not in contract] == []


def test_topics_in_the_code_are_in_the_contract() -> None:
    """A literal topic anywhere in the code must match one of the contract's patterns."""
    patterns = [
        re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(topic)).replace("…", ".+"))
        for topic in topics.CONTRACT
    ]
    literal = re.compile(r"\"(anlan/[a-z0-9/{}+_.-]+)\"")
    unknown = []
    for room in ("formats", "ingest", "alerts", "app", "maps", "drill"):
        for path in (ROOT / room).rglob("*.py"):
            for topic in literal.findall(path.read_text(encoding="utf-8")):
                if not any(pattern.fullmatch(topic) for pattern in patterns):
                    unknown.append(f"{path.relative_to(ROOT)}: {topic}")
    assert unknown == []


def test_pictures_and_pages_that_the_documents_name_exist() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
