"""What a person does to a value, and what the value is after it. Pure.

The machine's word is never lost: an act puts the person's value in its place, the replaced one stays as a
revision, and `RESTORE` takes every person's act back.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import InputError
from core.observations import Observation
from core.properties import PROPERTIES
from core.quality import Quality

SOURCE = "person"
"""`source` of a value that a person has set or vouched for."""
CORRECTED, CONFIRMED, VOIDED = "corrected", "confirmed", "voided"
"""`reason` of such a value: set anew (更正), said to be true (属实), said to be false (作废)."""


class CorrectionAct(StrEnum):
    """Correct 更正, confirm 属实, void 作废, restore 恢复."""

    CORRECT = "correct"
    CONFIRM = "confirm"
    VOID = "void"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Correction:
    """One act on values of one series; of a `CORRECT` either the new `value` or what is added (`shift`)."""

    act: CorrectionAct
    value: float | None = None
    shift: float | None = None


def voided(observation: Observation) -> bool:
    """True if a person has said that the value is false."""
    return observation.by is not None and observation.quality is Quality.BAD


def check(correction: Correction, property_name: str) -> None:
    """Raises InputError where the act and its values do not fit, or a value cannot exist."""
    if correction.act is not CorrectionAct.CORRECT:
        if correction.value is not None or correction.shift is not None:
            raise InputError(
                "value_not_asked", f"{correction.act} takes no value: leave out `value` and `shift`"
            )
        return
    given = correction.value if correction.value is not None else correction.shift
    if given is None or (correction.value is not None and correction.shift is not None):
        raise InputError(
            "value_missing", "a correction needs either the right `value`, or a `shift` to be added"
        )
    if not math.isfinite(given):
        raise InputError("not_finite", "the value must be a finite number")
    if correction.value is not None:
        _within(property_name, correction.value)


def outcome(
    correction: Correction, held: Observation, machine: Observation | None, by: str, property_name: str
) -> Observation | None:
    """The observation after the act; None if the act changes nothing at it.

    `machine` is what the machine last said (None if it never spoke: then there is nothing to restore).
    Raises InputError where a shifted value cannot exist.
    """
    match correction.act:
        case CorrectionAct.CORRECT:
            value = correction.value
            if value is None:
                if held.value is None:
                    return None
                value = round(held.value + (correction.shift or 0.0), 6)
                _within(property_name, value)
            return _changed(held, value, Quality.GOOD, CORRECTED, by)
        case CorrectionAct.CONFIRM:
            if held.value is None or held.quality is Quality.GOOD:
                return None
            return _changed(held, held.value, Quality.GOOD, CONFIRMED, by)
        case CorrectionAct.VOID:
            return None if held.value is None else _changed(held, held.value, Quality.BAD, VOIDED, by)
        case CorrectionAct.RESTORE:
            return machine if held.by is not None else None


def stamp(held: Sequence[Observation], acts: int) -> str:
    """A fingerprint of values as a person saw them; with the number of acts on them, so that a value that
    came back to what it was is not taken for one that never changed."""
    text = "\n".join(
        f"{entry.time.timestamp()!r} {entry.value!r} {int(entry.quality)} {entry.reason} {entry.by}"
        for entry in held
    )
    return hashlib.sha256(f"{acts}\n{text}".encode()).hexdigest()[:32]


def _changed(held: Observation, value: float, quality: Quality, reason: str, by: str) -> Observation | None:
    if (held.value, held.quality) == (value, quality) and held.by is not None:
        return None
    return replace(held, value=value, quality=quality, reason=reason, source=SOURCE, by=by)


def _within(property_name: str, value: float) -> None:
    if not math.isfinite(value):
        raise InputError("not_finite", "the shifted value would be no number")
    known = PROPERTIES.get(property_name)
    if known is not None and not known.low <= value <= known.high:
        raise InputError(
            "out_of_range",
            f"{value:g} {known.unit} cannot be: {property_name} lies between {known.low:g} and {known.high:g} {known.unit}",
        )
