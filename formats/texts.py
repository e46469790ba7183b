"""Short texts from outside (names): bounded, without markup and control characters."""

from __future__ import annotations

import re
from typing import Any

from core.faults import Fault, FaultReason, quoted

_LONGEST = 100
_FORBIDDEN = re.compile(r"[<>&\"\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Markup, control characters, lone surrogates, and marks that turn the direction of writing."""


def read_text(value: Any, name: str, instead: str, faults: list[Fault]) -> str:
    """The text, or `instead` and a fault where it is missing, too long, or holds what no name holds."""
    if value is None:
        return instead
    if not isinstance(value, str):
        faults.append(Fault(FaultReason.WRONG_TYPE, f"{name} is text, not {quoted(value)}."))
    elif _FORBIDDEN.search(value):
        faults.append(
            Fault(FaultReason.MARKUP_IN_TEXT, f"{name} {quoted(value)} holds markup or control characters.")
        )
    elif not 0 < len(value.strip()) <= _LONGEST:
        faults.append(
            Fault(FaultReason.OUT_OF_RANGE, f"{name} has 1 to {_LONGEST} characters, not {len(value)}.")
        )
    else:
        return value.strip()
    return instead
