"""Strict JSON for the slow ways: repeated keys, NaN and absurd numbers are noticed, never fatal."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from core.faults import Fault, FaultReason, quoted

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Repeated:
    """The values that one key was given in one object, in their order."""

    values: tuple[Any, ...] = field(default_factory=tuple)


def read_json(payload: bytes) -> Any | Fault:
    """The parsed value, where a repeated key's value is a `Repeated`; or why the text is no JSON.

    NaN and ±Infinity come through as floats, to be named at their place; a float stands for integers
    of more than 18 digits.
    """
    try:
        return json.loads(
            payload.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer, parse_constant=float
        )
    except UnicodeDecodeError as error:
        return Fault(FaultReason.BROKEN_JSON, f"byte {error.start} is not UTF-8; send JSON as UTF-8.")
    except RecursionError:
        return Fault(FaultReason.BROKEN_JSON, "the JSON is nested too deeply.")
    except ValueError as error:
        return Fault(FaultReason.BROKEN_JSON, f"the payload is not JSON: {quoted(str(error), 120)}.")


def _integer(digits: str) -> int | float:
    if len(digits) <= _MOST_DIGITS:
        return int(digits)
    return float(digits) if len(digits) < 400 else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = dict(pairs)
    if len(found) < len(pairs):
        values: dict[str, list[Any]] = {}
        for key, value in pairs:
            values.setdefault(key, []).append(value)
        for key, several in values.items():
            if len(several) > 1:
                found[key] = Repeated(tuple(several))
    return found
