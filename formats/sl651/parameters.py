"""Settings of a station (SL 651-2014 appendix D) that the centre makes use of."""

from __future__ import annotations

from collections.abc import Mapping

from formats.sl651.body import Parameter

BINARY_PARAMETERS = frozenset(f"{code:02X}" for code in range(0x01, 0x10))
"""Addresses, channels and passwords (table D.1): bits and digits mixed, no numbers."""

_FIRST_BASE = 0x28
_FIRST_CORRECTION = 0x30
_LEVELS = 8


def base_levels(parameters: Mapping[str, Parameter]) -> dict[int, float]:
    """Base level (水位基值) in metres by number of the level, 1 to 8, of a 41H or 43H answer."""
    return _numbered(parameters, _FIRST_BASE)


def corrections(parameters: Mapping[str, Parameter]) -> dict[int, float]:
    """Correction (水位修正基值) in metres by number of the level; stations have it in their levels already."""
    return _numbered(parameters, _FIRST_CORRECTION)


def _numbered(parameters: Mapping[str, Parameter], first: int) -> dict[int, float]:
    found = {}
    for number in range(1, _LEVELS + 1):
        parameter = parameters.get(f"{first + number - 1:02X}")
        if parameter is not None and parameter.value is not None:
            found[number] = parameter.value
    return found
