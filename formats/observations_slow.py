"""The careful pass over an `anlan/obs` message: names each fault, keeps what is valid beside it."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from core.faults import Fault, FaultReason, quoted
from core.observations import Reading
from core.properties import PROPERTIES
from core.quality import Quality
from formats.decoded import Context, Decoded
from formats.json_reading import Repeated, read_json
from formats.times import read_time

LARGEST_PERIOD_S = 366 * 86_400
LARGEST_SEQUENCE = 2**63 - 1
_MOST_FAULTS = 20
"""Faults told of one message; a message of ten thousand wrong values needs no ten thousand sentences."""
_FIELDS = frozenset({"time", "values", "period_s", "seq"})
_UNIT_FIELDS = frozenset({"unit", "units"})


def decode_slowly(payload: bytes, context: Context) -> Decoded:
    """Readings, faults and sequences of one payload; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return Decoded(faults=[content])
    decoded = Decoded()
    items = content if isinstance(content, list) else [content]
    if not items:
        decoded.faults.append(Fault(FaultReason.EMPTY, "the list holds no message."))
    count = sum(len(item["values"]) for item in items if _has_values(item))
    for place, item in enumerate(items):
        where = f"item {place}: " if isinstance(content, list) else ""
        if not isinstance(item, dict):
            decoded.faults.append(
                Fault(FaultReason.WRONG_SHAPE, f"{where}a message is an object, not {_kind(item)}.")
            )
            continue
        _take_sequence(item.get("seq"), where, decoded)
        if count <= context.max_values:
            _take_message(item, where, context, decoded)
    if count > context.max_values:
        decoded.faults.insert(
            0,
            Fault(
                FaultReason.TOO_MANY_VALUES,
                f"{count} values in one message, {context.max_values} are allowed; send several messages.",
            ),
        )
    if len(decoded.faults) > _MOST_FAULTS:
        del decoded.faults[_MOST_FAULTS:]
    return decoded


def _has_values(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("values"), dict)


def _take_message(item: dict[str, Any], where: str, context: Context, decoded: Decoded) -> None:
    faults = decoded.faults
    for name, value in item.items():
        if isinstance(value, Repeated) and name != "seq":
            faults.append(
                Fault(
                    FaultReason.DUPLICATE_KEY, f"{where}key {quoted(name)} is given twice; none is believed."
                )
            )
        if name in _UNIT_FIELDS:
            faults.append(
                Fault(
                    FaultReason.WRONG_UNIT,
                    f"{where}field {quoted(name)} names a unit {quoted(value)}; values are always in the "
                    "property's own SI unit. Nothing of this message was stored.",
                )
            )
            return
        if name not in _FIELDS:
            faults.append(
                Fault(FaultReason.UNKNOWN_FIELD, f"{where}field {quoted(name)} is not of the contract.")
            )
    time = item.get("time")
    if isinstance(time, Repeated) or isinstance(item.get("values"), Repeated):
        return
    moment = read_time(time)
    if isinstance(moment, Fault):
        faults.append(Fault(moment.reason, where + moment.detail))
        return
    values = item.get("values")
    if not isinstance(values, dict):
        faults.append(Fault(FaultReason.WRONG_SHAPE, f"{where}values is an object, not {_kind(values)}."))
        return
    if not values:
        faults.append(Fault(FaultReason.EMPTY, f"{where}values is empty."))
    period_s = _period(item.get("period_s"), where, context, faults)
    for name, value in values.items():
        reading = _reading(name, value, where, context.station, moment, period_s)
        if isinstance(reading, Fault):
            faults.append(reading)
        else:
            decoded.readings.append(reading)


def _take_sequence(value: Any, where: str, decoded: Decoded) -> None:
    if value is None:
        return
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_SEQUENCE:
        decoded.sequences.append(value)
        return
    decoded.faults.append(
        Fault(
            FaultReason.DUPLICATE_KEY if isinstance(value, Repeated) else FaultReason.BAD_SEQUENCE,
            f"{where}seq is one whole number from 0 on, not {_kind(value)}; it cannot be acknowledged.",
        )
    )


def _period(value: Any, where: str, context: Context, faults: list[Fault]) -> int | None:
    """The period of totals; None if it is wrong (then totals are not stored)."""
    if value is None:
        return context.total_period_s
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_PERIOD_S:
        return value
    if not isinstance(value, Repeated):
        faults.append(
            Fault(FaultReason.BAD_PERIOD, f"{where}period_s is whole seconds from 1 on, not {quoted(value)}.")
        )
    return None


def _reading(
    name: str, value: Any, where: str, station: str, time: datetime, period_s: int | None
) -> Reading | Fault:
    known = PROPERTIES.get(name)
    if known is None:
        return Fault(
            FaultReason.UNKNOWN_PROPERTY,
            f"{where}property {quoted(name)} is not known; known are {', '.join(PROPERTIES)}.",
        )
    if isinstance(value, Repeated):
        return Fault(FaultReason.DUPLICATE_KEY, f"{where}{name} is given twice; none is believed.")
    if known.total and period_s is None:
        return Fault(FaultReason.BAD_PERIOD, f"{where}{name} is a total and needs a right period_s.")
    applied_s = period_s if known.total and period_s is not None else 0
    if value is None:
        return Reading(station, name, time, None, 1, applied_s, Quality.MISSING, FaultReason.MISSING)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Fault(FaultReason.WRONG_TYPE, f"{where}{name} is a number or null, not {_kind(value)}.")
    number = float(value)
    if not math.isfinite(number):
        return Fault(FaultReason.NOT_FINITE, f"{where}{name} is not a finite number.")
    return Reading(station, name, time, number, 1, applied_s)


def _kind(value: Any) -> str:
    if isinstance(value, Repeated):
        return "several values"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "missing" if value is None else quoted(value)
