"""Scenarios: what can be played, kept as folders of data beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFoundError

FOLDER = Path(__file__).parent / "scenarios"

READINGS = "readings"
"""A past flood: readings with their own times, for `anlan replay`."""
STORM = "storm"
"""An invented storm over the invented county, for `anlan demo` and `anlan field`."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One folder with its `scenario.toml`; `settings` are the kind's own."""

    code: str
    name: str
    name_en: str
    kind: str
    folder: Path
    settings: dict[str, object]

    @property
    def origin(self) -> str:
        """How rows that stem from this scenario are marked in the database."""
        return f"scenario:{self.code}"


def names(kind: str | None = None) -> list[str]:
    """Codes of the scenarios in the house, of one kind or all."""
    return sorted(
        path.parent.name
        for path in FOLDER.glob("*/scenario.toml")
        if kind is None or _read(path)["kind"] == kind
    )


def scenario(code: str, kind: str | None = None) -> Scenario:
    """Opens a scenario. Raises NotFoundError that names those there are (of the wanted kind)."""
    path = FOLDER / code / "scenario.toml"
    if code not in names(kind):
        known = ", ".join(names(kind)) or "none"
        raise NotFoundError(f"there is no scenario {code!r} to play here; there are: {known}")
    entries = _read(path)
    return Scenario(
        code=code,
        name=str(entries.pop("name")),
        name_en=str(entries.pop("name_en")),
        kind=str(entries.pop("kind")),
        folder=path.parent,
        settings=entries,
    )


def _read(path: Path) -> dict[str, object]:
    with path.open("rb") as source:
        return tomllib.load(source)
