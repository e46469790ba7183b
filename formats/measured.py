"""What a network's device measured, on its way through the mapping to readings: the same for all networks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.faults import Fault, FaultReason, quoted
from core.networks import DeviceRule, FieldRule
from core.observations import Reading
from core.properties import PROPERTIES
from core.quality import Quality
from formats.decoded import Context, Decoded
from formats.json_reading import Repeated
from formats.mapping import Device, convert, field_rule, ignored, station_of

MOST_FAULTS = 20
"""Faults told of one message."""
_DEEPEST = 4
"""Levels of objects within a decoded payload; a field below is named `probe.level`."""
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,128}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One field of a device at a time. `unit` only where the payload says it.

    `ours`: the codec itself vouches for name and unit (signal, battery), so no mapping need name it.
    """

    device: Device
    field: str
    value: Any
    time: datetime
    unit: str | None = None
    ours: bool = False


def fields_of(
    content: Mapping[str, Any] | Sequence[Any], faults: list[Fault], above: str = "", depth: int = 1
) -> Iterator[tuple[str, Any]]:
    """The single values of a decoded payload by their names; objects within and lists by dotted names."""
    for key, value in content.items() if isinstance(content, Mapping) else enumerate(content):
        name = f"{above}{key}"
        if not isinstance(value, dict | list):
            yield name, value
        elif depth < _DEEPEST:
            yield from fields_of(value, faults, f"{name}.", depth + 1)
        else:
            faults.append(
                Fault(FaultReason.WRONG_SHAPE, f"field {quoted(name)} is nested too deeply; it was left out.")
            )


def readings_of(
    format_: str, measured: Iterable[Measured], context: Context, faults: list[Fault], *, empty: str = ""
) -> Decoded:
    """The readings of what was measured, and `faults` (which `measured` may fill) with those of the mapping.

    What has no mapping stands in `unmapped`. More values than allowed are none at all, and what is behind
    them is not looked at. `empty` is said where nothing was measured, and nothing else is wrong.
    """
    decoded = Decoded()
    told: dict[Fault, None] = {}
    count = 0
    rules: dict[Device, tuple[DeviceRule | None, str]] = {}
    for count, one in enumerate(measured, 1):
        if count > context.max_values:
            faults.insert(0, too_many(context.max_values))
            decoded.readings.clear()
            decoded.unmapped.clear()
            break
        if one.device not in rules:
            rule = context.mappings.rule(format_, one.device)
            rules[one.device] = rule, station_of(rule, one.device)
        rule, station = rules[one.device]
        # Decoded by hand, the topic that would name the station may not be known.
        nameless = not station and not context.station
        if not (nameless or _NAME.fullmatch(station)) or not _NAME.fullmatch(one.field):
            told[_bad_name(station, one.field)] = None
        elif not ignored(rule, one.field):
            _take(decoded, told, one, rule, station, context)
    if empty and not (count or faults):
        faults.append(Fault(FaultReason.EMPTY, empty))
    decoded.faults = list(dict.fromkeys([*faults, *told]))[:MOST_FAULTS]
    return decoded


def _take(
    decoded: Decoded,
    told: dict[Fault, None],
    one: Measured,
    rule: DeviceRule | None,
    station: str,
    context: Context,
) -> None:
    found = field_rule(rule, one.field)
    if found is None and one.ours:
        found = field_rule(None, one.field)
    number = _number(one, named=found is not None)
    if isinstance(number, Fault):
        told[number] = None
    elif number is _NO_NUMBER:
        return
    elif found is None:
        unknown = number if isinstance(number, float) else None
        decoded.unmapped.append(
            Reading(station, one.field, one.time, unknown, reason=str(FaultReason.UNMAPPED_FIELD))
        )
    else:
        value = convert(found, number, one.unit, station) if isinstance(number, float) else None
        if isinstance(value, Fault):
            told[Fault(value.reason, f"field {quoted(one.field)}: {value.detail}")] = None
            return
        if value is not None and not math.isfinite(value):
            told[_not_finite(one.field)] = None
            return
        decoded.readings.append(
            Reading(
                station,
                found.property,
                one.time,
                value,
                found.sensor,
                _period_s(found, rule, context),
                Quality.MISSING if value is None else Quality.NOT_EVALUATED,
                str(FaultReason.MISSING) if value is None else "",
            )
        )


def _period_s(found: FieldRule, rule: DeviceRule | None, context: Context) -> int:
    if not PROPERTIES[found.property].total:
        return 0
    return found.period_s or (rule.period_s if rule else None) or context.total_period_s


class _NoNumber:
    """A text or the like in a field that nobody asked for."""


_NO_NUMBER = _NoNumber()


def _number(one: Measured, *, named: bool) -> float | _NoNumber | Fault | None:
    """The value as a number; None is missing. Only what a mapping names must be a number."""
    value = one.value
    if value is None:
        return None
    if isinstance(value, Repeated):
        return Fault(
            FaultReason.DUPLICATE_KEY, f"field {quoted(one.field)} is given twice; none is believed."
        )
    if not isinstance(value, int | float | Decimal):
        if not named:
            return _NO_NUMBER
        return Fault(
            FaultReason.WRONG_TYPE, f"field {quoted(one.field)} is a number or null, not {quoted(value)}."
        )
    try:
        number = float(value)
    except (OverflowError, ValueError):
        number = math.inf
    return number if math.isfinite(number) else _not_finite(one.field)


def _not_finite(field: str) -> Fault:
    return Fault(FaultReason.NOT_FINITE, f"field {quoted(field)} is not a finite number.")


def _bad_name(station: str, field: str) -> Fault:
    return Fault(
        FaultReason.BAD_CODE,
        f"field {quoted(field)} of device {quoted(station)}: names have 1 to 128 characters that can be seen.",
    )


def too_many(allowed: int) -> Fault:
    """The fault of a message that holds more than it may."""
    return Fault(
        FaultReason.TOO_MANY_VALUES,
        f"more than {allowed} values in one message are not allowed; send several messages.",
    )


def table(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """The text, or an empty one where there is none."""
    return value if isinstance(value, str) else ""


def of_uplink(
    device: Device,
    time: datetime,
    payload: Any,
    receptions: Any,
    battery: Any,
    faults: list[Fault],
    *,
    undecoded: str = "",
) -> Iterator[Measured]:
    """What an uplink of LoRaWAN brings: the fields of its decoded payload, the best signal, and the battery.

    `undecoded` is said where there are bytes of a payload that nobody has decoded.
    """
    if isinstance(payload, dict):
        for name, value in fields_of(payload, faults):
            yield Measured(device, name, value, time)
    elif payload is not None:
        faults.append(
            Fault(
                FaultReason.WRONG_SHAPE, f"a decoded payload is an object of fields, not {quoted(payload)}."
            )
        )
    elif undecoded:
        faults.append(Fault(FaultReason.EMPTY, undecoded))
    signal = _best_signal(receptions)
    if signal is not None:
        yield Measured(device, "signal_strength", signal, time, "dBm", ours=True)
    if battery is not None:
        yield Measured(device, "battery_level", battery, time, "%", ours=True)


def _best_signal(receptions: Any) -> float | None:
    """The strongest signal in dBm at which gateways received an uplink (`rssi` of each)."""
    if not isinstance(receptions, list):
        return None
    levels = [
        level
        for level in (table(one).get("rssi") for one in receptions)
        if isinstance(level, int | float) and not isinstance(level, bool) and math.isfinite(level)
    ]
    return float(max(levels)) if levels else None
