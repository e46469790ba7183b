"""The invented county 演示县: its lists, as files that `anlan import` reads, and the model behind them.

Everything in it is invented and marked 演示; outline and towns are schematic. `data/` is written by
`python -m drill.county.generate`, always the same; a test holds the files to the generator.
"""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"

CODE = "330299"
NAME = "演示县"
NAME_EN = "Yanshi County (demo)"
CENTRE = (121.85, 29.40)
"""Longitude and latitude of the county's middle."""

LISTS = ("areas", "stations", "thresholds", "hamlet-limits", "people", "devices", "cameras")
"""The lists in the order of their import; the roster is made for the day (`drill.county.roster`)."""


def list_file(kind: str) -> Path:
    """The CSV file of one list."""
    return DATA / f"{kind}.csv"
