"""Colours are one set, and can be read (WCAG 2.1, 1.4.3 and 1.4.11)."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from app.charts.palette import DARK, LIGHT, Palette

ROOT = Path(__file__).resolve().parents[4]
TOKENS = (ROOT / "app" / "assets" / "10_tokens.css").read_text(encoding="utf-8")
NAMES = {"background": "bg"}


def tokens(theme: str) -> dict[str, str]:
    """The custom properties of a theme; what the light one does not name is that of the dark one."""
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS)
    found: dict[str, str] = {}
    for selector, body in blocks:
        if theme == "light" or "light" not in selector:
            found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "palette"), [("dark", DARK), ("light", LIGHT)])
def test_pictures_and_pages_have_the_same_colours(theme: str, palette: Palette) -> None:
    css = tokens(theme)
    assert {name: css[NAMES.get(name, name)] for name in asdict(palette)} == asdict(palette)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("ground", ["bg", "panel", "inset"])
@pytest.mark.parametrize("ink", ["text", "muted", "red", "orange", "yellow", "blue", "ok", "accent"])
def test_text_can_be_read_on_every_ground(theme: str, ground: str, ink: str) -> None:
    css = tokens(theme)
    assert contrast(css[ink], css[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("ground", ["red", "orange", "yellow", "blue", "accent"])
def test_text_on_a_warning_colour_can_be_read(theme: str, ground: str) -> None:
    css = tokens(theme)
    assert contrast(css["on-colour"], css[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("stripe", ["drill", "drill-2"])
def test_the_exercise_band_can_be_read(theme: str, stripe: str) -> None:
    css = tokens(theme)
    assert contrast(css["on-drill"], css[stripe]) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_normal_mark_can_be_seen(theme: str) -> None:
    css = tokens(theme)
    assert contrast(css["normal"], css["panel"]) >= 3


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_hours_that_came_and_hours_that_are_missing_differ_in_brightness_alone(theme: str) -> None:
    css = tokens(theme)
    assert contrast(css["strip-full"], css["panel"]) >= 3
    assert contrast(css["strip-none"], css["strip-full"]) >= 3
