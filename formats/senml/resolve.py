"""From records with base fields to records that stand alone (RFC 8428 §4.6)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.faults import Fault, FaultReason, quoted
from formats.json_reading import Repeated

VERSION = 10
"""The version of RFC 8428; a pack of a later one means something else (§4.4)."""
_RELATIVE_BELOW_S = 2**28
"""Times below are seconds from now (§4.5.3)."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_;]*", re.ASCII)
"""§4.5.1; the semicolon is of the drafts, and there are examples with it."""
_LONGEST_NAME = 255
_TEXTS = ("bn", "bu", "n", "u")
_NUMBERS = ("bt", "bv", "bs", "bver", "v", "s", "t", "ut")
_VALUES = ("v", "vs", "vb", "vd")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resolved:
    """One record: `base` and `name` as they were given (the full name is both together), time in UTC.

    `value` is a number, a truth, or a text; None where the record has a sum only.
    """

    base: str
    name: str
    unit: str | None
    time: datetime
    value: float | bool | str | None
    sum: float | None = None


@dataclass(slots=True)
class _Base:
    name: str = ""
    time_s: float = 0.0
    unit: str | None = None
    value: float | None = None
    sum: float | None = None
    version: float = field(default=VERSION)


def resolve(records: Sequence[Any], now: datetime | None) -> Iterator[Resolved | Fault]:
    """The records of a pack, each whole or with what is wrong with it.

    `now` is when the pack came, for times that are missing or relative; without it they are faults. A
    field whose name ends in `_` must be understood or the pack refused (§4.4): refused it is.
    """
    refused = _refused(records)
    if refused is not None:
        yield refused
        return
    base = _Base()
    for place, record in enumerate(records):
        fault = _base_fields(record, base) if isinstance(record, Mapping) else _no_record(record)
        if fault is None:
            if not any(name in record for name in ("n", "u", "t", "s", *_VALUES)):
                continue
            found = _record(record, base, now)
        else:
            found = fault
        yield Fault(found.reason, f"record {place}: {found.detail}") if isinstance(found, Fault) else found


def _refused(records: Sequence[Any]) -> Fault | None:
    for record in records:
        if not isinstance(record, Mapping):
            continue
        for name in record:
            if isinstance(name, str) and name.endswith("_"):
                return Fault(
                    FaultReason.UNKNOWN_FIELD,
                    f"the pack has the field {quoted(name)}, which must be understood and is not.",
                )
        version = record.get("bver", VERSION)
        if not isinstance(version, int) or isinstance(version, bool) or not 0 < version <= VERSION:
            return Fault(
                FaultReason.WRONG_SHAPE,
                f"the pack is of SenML version {quoted(version)}; versions to {VERSION} are read.",
            )
    return None


def _base_fields(record: Mapping[str, Any], base: _Base) -> Fault | None:
    """Takes over the base fields; they hold for the records behind, too, even of a broken record."""
    for name in (*_TEXTS, *_NUMBERS):
        value = record.get(name)
        if value is None and name not in record:
            continue
        if isinstance(value, Repeated):
            return Fault(FaultReason.DUPLICATE_KEY, f"{name} is given twice; none is believed.")
        right = str if name in _TEXTS else int | float | Decimal
        if not isinstance(value, right) or isinstance(value, bool):
            return Fault(
                FaultReason.WRONG_TYPE,
                f"{name} is {'text' if name in _TEXTS else 'a number'}, not {quoted(value)}.",
            )
        number = 0.0
        if name in _NUMBERS:
            number = _float(value)
            if not math.isfinite(number):
                return Fault(FaultReason.NOT_FINITE, f"{name} is not a finite number.")
        match name:
            case "bn":
                base.name = str(value)
            case "bu":
                base.unit = str(value)
            case "bt":
                base.time_s = number
            case "bv":
                base.value = number
            case "bs":
                base.sum = number
    return None


def _record(record: Mapping[str, Any], base: _Base, now: datetime | None) -> Resolved | Fault:
    name = record.get("n", "")
    full = base.name + name
    if len(full) > _LONGEST_NAME or not _NAME.fullmatch(full):
        return Fault(
            FaultReason.BAD_CODE,
            f"name {quoted(full)} is no name: it begins with a letter or digit, then letters, digits, - : . / _",
        )
    time = _time(base.time_s + _float(record.get("t", 0)), now)
    if isinstance(time, Fault):
        return time
    values = [key for key in _VALUES if key in record]
    has_sum = "s" in record or base.sum is not None
    if len(values) > 1 or not (values or has_sum or base.value is not None):
        return Fault(FaultReason.WRONG_SHAPE, f"a record has one of {', '.join(_VALUES)}, not {len(values)}.")
    value = _value(record, values[0] if values else "", base)
    if isinstance(value, Fault):
        return value
    total = _float(record.get("s", 0)) + (base.sum or 0.0) if has_sum else None
    return Resolved(base.name, name, record.get("u", base.unit), time, value, total)


def _value(record: Mapping[str, Any], key: str, base: _Base) -> float | bool | str | Fault | None:
    if key == "v":
        return _float(record["v"]) + (base.value or 0.0)
    if not key:
        return base.value
    value = record[key]
    if isinstance(value, bool) if key == "vb" else isinstance(value, str | bytes):
        return value if isinstance(value, bool | str) else "…"
    return Fault(
        FaultReason.WRONG_TYPE, f"{key} is {'true or false' if key == 'vb' else 'text'}, not {quoted(value)}."
    )


def _time(seconds: float, now: datetime | None) -> datetime | Fault:
    start = _EPOCH
    if seconds < _RELATIVE_BELOW_S:
        if now is None:
            return Fault(FaultReason.TIME_MISSING, "the time is relative, and nobody says to when.")
        start = now
    try:
        # A double holds the present to a quarter of a microsecond; what is below is noise.
        return start + timedelta(microseconds=round(seconds * 1e6, -1))
    except (OverflowError, ValueError):
        return Fault(FaultReason.TIME_UNREADABLE, f"time {quoted(seconds)} names no real moment.")


def _float(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return math.inf


def _no_record(record: Any) -> Fault:
    return Fault(FaultReason.WRONG_SHAPE, f"a record is an object, not {quoted(record)}.")
