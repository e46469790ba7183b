"""Which station a device is and which property a field is: the rules of the configuration, made ready.

Without a rule for a device, a field that bears the name of one of our properties is that property, in the
property's unit (or in the unit that the payload names): who writes the network's decoder may simply speak
our words. With a rule, the rule alone counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from core.errors import ConfigurationError
from core.faults import Fault, FaultReason, quoted
from core.networks import DeviceRule, FieldRule
from core.properties import PROPERTIES
from core.topics import CODE
from formats.units import conversion

_OWN = {name: FieldRule(property=name) for name in PROPERTIES}
_NAMES = ("{device}", "{id}", "{topic}")


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its network names it: `name`, another identifier (EUI, URN), the last part of the topic."""

    name: str
    identifier: str
    topic: str


@dataclass(frozen=True, slots=True)
class Mappings:
    """The rules by their names, in the order of the configuration; the first that fits a device counts."""

    rules: Mapping[str, DeviceRule] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Mapping[str, DeviceRule]) -> Mappings:
        """Checked rules. Raises ConfigurationError that names the rule where one cannot work."""
        for name, rule in rules.items():
            _check(f"ingest.mapping.{name}", rule)
        return cls(dict(rules))

    def rule(self, format_: str, device: Device) -> DeviceRule | None:
        """The first rule for this device."""
        for rule in self.rules.values():
            if (
                rule.format in (None, format_)
                and any(fnmatchcase(device.topic, pattern) for pattern in rule.topics)
                and any(
                    fnmatchcase(name, pattern)
                    for pattern in rule.devices
                    for name in (device.name, device.identifier)
                )
            ):
                return rule
        return None


NO_MAPPINGS = Mappings()


def station_of(rule: DeviceRule | None, device: Device) -> str:
    """The code of the device's station; without a rule its name, which may be no code at all."""
    if rule is None:
        return device.name
    given = rule.stations.get(device.name) or rule.stations.get(device.identifier)
    if given is not None:
        return given
    short = device.identifier.rsplit(":", 1)[-1]
    code = rule.station
    for name, value in zip(_NAMES, (device.name, short, device.topic), strict=True):
        # One pass for each name, and no second for what a device wrote into its own name.
        code = code.replace(name, value.replace("{", "").replace("}", ""))
    return code


def field_rule(rule: DeviceRule | None, name: str) -> FieldRule | None:
    """What a field means; None if nobody said so."""
    return _OWN.get(name) if rule is None else rule.fields.get(name)


def ignored(rule: DeviceRule | None, name: str) -> bool:
    """True of a field that is left out on purpose."""
    return rule is not None and any(fnmatchcase(name, pattern) for pattern in rule.ignore)


def convert(rule: FieldRule, value: float, unit: str | None, station: str) -> float | Fault:
    """The value in the property's unit and over its zero.

    A unit in the payload and another one in the rule are a contradiction, which is a fault.
    """
    own = PROPERTIES[rule.property].unit
    source = unit if unit is not None else rule.unit
    factor, shift = 1.0, 0.0
    if source is not None and source != own:
        found = conversion(source, own)
        if isinstance(found, Fault):
            return found
        factor, shift = found
    if unit is not None and rule.unit is not None and unit != rule.unit:
        same = conversion(unit, rule.unit)
        if same != (1.0, 0.0):
            return Fault(
                FaultReason.WRONG_UNIT,
                f"the payload says {quoted(unit)}, the mapping {quoted(rule.unit)}; none is believed.",
            )
    offset = rule.offsets.get(station, rule.offset)
    if offset is None:
        if rule.offsets:
            return Fault(
                FaultReason.OFFSET_UNKNOWN,
                f"the mapping gives offsets for {rule.property}, but none for {quoted(station)}; add it.",
            )
        offset = 0.0
    if (factor, shift, rule.factor, offset) == (1.0, 0.0, 1.0, 0.0):
        return value
    # Twelve digits: 12.34 m − 3456 mm is 8.884 m, not 8.884000000000001 m.
    return float(f"{rule.factor * (value * factor + shift) + offset:.12g}")


def _check(where: str, rule: DeviceRule) -> None:
    for name, one in rule.fields.items():
        known = PROPERTIES.get(one.property)
        if known is None:
            raise ConfigurationError(
                f"{where}.fields.{name}: property {one.property!r} is not known; known are"
                f" {', '.join(PROPERTIES)}"
            )
        found = conversion(one.unit, known.unit) if one.unit is not None else None
        if isinstance(found, Fault):
            raise ConfigurationError(f"{where}.fields.{name}.unit: {found.detail}")
    plain = rule.station
    for name in _NAMES:
        plain = plain.replace(name, "x")
    for code in (plain, *rule.stations.values()):
        if not CODE.fullmatch(code):
            raise ConfigurationError(
                f"{where}: station {code!r} is no code: letters, digits and _ . - only, with"
                f" {', '.join(_NAMES)} in `station`"
            )
