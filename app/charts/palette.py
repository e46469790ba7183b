"""The colours of the pages for what is drawn outside CSS; `assets/10_tokens.css` holds the same values."""

from __future__ import annotations

from dataclasses import dataclass

from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme. Only the four warning colours mean an alarm; `water` and `text` mean nothing."""

    background: str
    panel: str
    line: str
    text: str
    muted: str
    accent: str
    water: str
    red: str
    orange: str
    yellow: str
    blue: str

    def of(self, severity: Severity) -> str:
        """The warning colour of a severity."""
        return {
            Severity.RED: self.red,
            Severity.ORANGE: self.orange,
            Severity.YELLOW: self.yellow,
            Severity.BLUE: self.blue,
        }[severity]


DARK = Palette(
    background="#0a1017",
    panel="#111a24",
    line="#1d2a38",
    text="#dbe3ec",
    muted="#8494a6",
    accent="#58a6ff",
    water="#3f7fb5",
    red="#ff5a5f",
    orange="#ff9142",
    yellow="#f5cf4f",
    blue="#4c9aff",
)

LIGHT = Palette(
    background="#f4f6f8",
    panel="#ffffff",
    line="#d9e0e7",
    text="#16202a",
    muted="#566573",
    accent="#0b63c4",
    water="#3f7fb5",
    red="#c8242b",
    orange="#a84d00",
    yellow="#8a6500",
    blue="#0b63c4",
)
