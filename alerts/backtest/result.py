"""What a back-test gives back, how it tells of its progress, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Progress = Callable[[float, int], bool]
"""Told the part that is done (0 to 1) and the readings so far; answers False to stop."""


class StoppedError(Exception):
    """Somebody has stopped the back-test."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and the result as the interface gives it."""

    readings: int
    result: dict[str, Any]
