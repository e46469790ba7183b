"""What devices and fields of networks mean, by the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.faults import Fault
from core.networks import DeviceRule, FieldRule
from core.properties import PROPERTIES
from core.settings import load_settings
from formats import Mappings, things_stack
from formats.mapping import Device, convert, station_of
from formats.units import UNITS, conversion
from tests.unit.formats.networks import NOW, context, reasons


def field(property_: str = "water_level", **more: Any) -> FieldRule:
    return FieldRule.model_validate({"property": property_, **more})


@pytest.mark.parametrize(
    ("rule", "raw", "unit", "expected"),
    [
        (field(), 3.42, None, 3.42),
        (field(unit="mm"), 3420, None, 3.42),
        (field(), 342, "cm", 3.42),
        (field(unit="mm", factor=-1, offset=12.34), 3456, None, 8.884),
        (field("rainfall", factor=0.2), 7, None, 1.4),
        (field("rainfall", unit="m"), 0.0125, None, 12.5),
        (field("rainfall", unit="l/m2"), 12.5, None, 12.5),
        (field("air_temperature", unit="degF"), 50, None, 10.0),
        (field("air_temperature"), 293.15, "K", 20.0),
        (field("air_temperature", unit="Cel"), 20, "°C", 20.0),
        (field("air_pressure"), 101_325, "Pa", 1013.25),
        (field("flow", unit="l/s"), 1500, None, 1.5),
        (field("flow", unit="m3/h"), 3600, None, 1.0),
        (field("storage", unit="m3"), 1_234_567, None, 1.234567),
        (field("storage", unit="万m³"), 250, None, 2.5),
        (field("wind_speed", unit="km/h"), 36, None, 10.0),
        (field("humidity"), 61, "%RH", 61.0),
        (field("humidity"), 0.61, "/", 61.0),
        (field("battery_voltage", unit="mV"), 3600, None, 3.6),
        (field("gates_open"), 3, "count", 3.0),
    ],
)
def test_values_come_in_the_propertys_unit(
    rule: FieldRule, raw: float, unit: str | None, expected: float
) -> None:
    found = convert(rule, raw, unit, "ST1")
    assert not isinstance(found, Fault)
    assert found == pytest.approx(expected, rel=1e-11)


def test_a_radar_has_another_height_at_every_station_and_none_where_nobody_gave_it() -> None:
    rule = field(unit="mm", factor=-1, offsets={"A": 10.0, "B": 20.5})
    assert convert(rule, 1500, None, "A") == 8.5
    assert convert(rule, 1500, None, "B") == 19.0
    found = convert(rule, 1500, None, "C")
    assert isinstance(found, Fault)
    assert found.reason == "offset_unknown"
    assert convert(field(unit="mm", factor=-1, offset=5.0, offsets={"A": 10.0}), 1500, None, "C") == 3.5


@pytest.mark.parametrize(
    ("rule", "unit", "reason"),
    [
        (field(), "furlong", "unknown_unit"),
        (field(), "", "wrong_unit"),
        (field(), "Cel", "wrong_unit"),
        (field("air_temperature"), "C", "wrong_unit"),
        (field(unit="mm"), "cm", "wrong_unit"),
        (field("rainfall"), "mm/h", "wrong_unit"),
    ],
)
def test_a_unit_is_never_guessed(rule: FieldRule, unit: str, reason: str) -> None:
    found = convert(rule, 1.0, unit, "ST1")
    assert isinstance(found, Fault)
    assert found.reason == reason


def test_every_property_has_a_unit_of_the_table() -> None:
    assert [one.name for one in PROPERTIES.values() if one.unit not in UNITS] == []


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)), st.floats(-1e6, 1e6))
def test_there_and_back_is_the_same(one: str, other: str, value: float) -> None:
    there, back = conversion(one, other), conversion(other, one)
    if isinstance(there, Fault) or isinstance(back, Fault):
        assert isinstance(there, Fault) and isinstance(back, Fault)
        assert UNITS[one].kind != UNITS[other].kind
    else:
        between = value * there[0] + there[1]
        assert between * back[0] + back[1] == pytest.approx(value, rel=1e-9, abs=1e-6)


DEVICE = Device("radar-07", "urn:dev:mac:a84041", "gw1")


@pytest.mark.parametrize(
    ("rule", "station"),
    [
        ({}, "radar-07"),
        ({"station": "{id}"}, "a84041"),
        ({"station": "X_{topic}"}, "X_gw1"),
        ({"stations": {"radar-07": "60412301"}}, "60412301"),
        ({"stations": {"urn:dev:mac:a84041": "60412302"}, "station": "{id}"}, "60412302"),
        ({"stations": {"other": "60412301"}}, "radar-07"),
    ],
)
def test_a_device_becomes_a_station(rule: dict[str, Any], station: str) -> None:
    assert station_of(DeviceRule.model_validate(rule), DEVICE) == station


def test_a_device_cannot_name_itself_into_another_rule() -> None:
    rule = DeviceRule(station="{device}")
    assert station_of(rule, Device("{topic}", "", "ST9")) == "topic"


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"format": "tts"}, True),
        ({"format": "senml"}, False),
        ({"devices": ["radar-*"]}, True),
        ({"devices": ["*a84041"]}, True),
        ({"devices": ["RADAR-*"]}, False),
        ({"topics": ["gw?"], "devices": ["rain-*", "radar-*"]}, True),
        ({"topics": ["other"]}, False),
    ],
)
def test_a_rule_is_for_devices_formats_and_topics(rule: dict[str, Any], fits: bool) -> None:
    mappings = Mappings.of({"one": DeviceRule.model_validate(rule)})
    assert (mappings.rule("tts", DEVICE) is not None) is fits


def test_the_first_rule_that_fits_counts() -> None:
    first, second = DeviceRule(devices=["radar-*"]), DeviceRule()
    mappings = Mappings.of({"z": first, "a": second})
    assert mappings.rule("tts", DEVICE) is first
    assert mappings.rule("tts", Device("rain", "", "")) is second


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"fields": {"d": {"property": "depth"}}}, "ingest.mapping.radar.fields.d: property 'depth'"),
        ({"fields": {"d": {"property": "flow", "unit": "gallon"}}}, "ingest.mapping.radar.fields.d.unit"),
        ({"fields": {"d": {"property": "flow", "unit": "mm"}}}, "measures a length"),
        ({"station": "{eui}"}, "ingest.mapping.radar: station"),
        ({"stations": {"x": "水"}}, "is no code"),
    ],
)
def test_a_rule_that_cannot_work_is_named_at_the_start(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named.replace("{", r"\{")):
        Mappings.of({"radar": DeviceRule.model_validate(rule)})


def test_the_example_of_the_documents_is_read_and_means_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = next(part for part in page.split("```") if "[ingest.mapping.radar]" in part)
    (tmp_path / "anlan.toml").write_text(example.removeprefix("toml\n"), encoding="utf-8")
    monkeypatch.setenv("ANLAN_CONFIG", str(tmp_path / "anlan.toml"))
    rules = {name: rule.model_dump() for name, rule in load_settings().ingest.mapping.items()}
    values = {"distance": 3456, "tips": 7, "probe": {"temp": 50}, "f_x": 1, "raw": {"y": 2}, "text": "ok"}
    decoded = things_stack.decode(things_stack.encode("radar-07", NOW, values), context("gw1", **rules))
    assert [(r.station, r.property, r.sensor, r.period_s, r.value) for r in decoded.readings] == [
        ("60412301", "water_level", 1, 0, 8.884),
        ("60412301", "rainfall", 1, 600, 1.4),
        ("60412301", "water_temperature", 2, 0, 10.0),
    ]
    assert (decoded.unmapped, decoded.faults) == ([], [])


def test_a_misspelt_key_of_a_rule_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anlan.toml").write_text("[ingest.mapping.radar]\ndevice = ['x']\n", encoding="utf-8")
    monkeypatch.setenv("ANLAN_CONFIG", str(tmp_path / "anlan.toml"))
    with pytest.raises(ConfigurationError, match="MAPPING__RADAR__DEVICE"):
        load_settings()


RULE = {
    "fields": {
        "level": {"property": "water_level", "unit": "cm"},
        "on": {"property": "pumps_running"},
        "rain": {"property": "rainfall"},
        "huge": {"property": "flow", "factor": 1e308},
    },
    "period_s": 900,
    "ignore": ["debug.*"],
}


@pytest.mark.parametrize(
    ("values", "expected", "faults"),
    [
        ({"level": 342}, [("water_level", 0, 3.42)], []),
        ({"level": None}, [("water_level", 0, None)], []),
        ({"level": "342"}, [], ["wrong_type"]),
        ({"on": True}, [("pumps_running", 0, 1.0)], []),
        ({"rain": 1.5}, [("rainfall", 900, 1.5)], []),
        ({"huge": 1e10}, [], ["not_finite"]),
        ({"debug": {"a": 1}, "level": 100}, [("water_level", 0, 1.0)], []),
        ({"note": "text", "level": 100}, [("water_level", 0, 1.0)], []),
        ({"": 1}, [], ["bad_code"]),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, [], ["wrong_shape"]),
    ],
)
def test_fields_become_readings_or_have_a_reason(
    values: dict[str, Any], expected: list[tuple[str, int, float | None]], faults: list[str]
) -> None:
    decoded = things_stack.decode(things_stack.encode("d", NOW, values), context(rule=RULE))
    assert [(one.property, one.period_s, one.value) for one in decoded.readings] == expected
    assert reasons(decoded) == faults
    assert decoded.unmapped == []


def test_what_nobody_mapped_is_kept_apart_under_its_own_name() -> None:
    values = {"level": 100, "water_level": 3.0, "levels": [1, 2]}
    decoded = things_stack.decode(things_stack.encode("d", NOW, values, rssi_dbm=-80), context(rule=RULE))
    assert [(one.property, one.value) for one in decoded.readings] == [
        ("water_level", 1.0), ("signal_strength", -80.0),
    ]  # fmt: skip
    assert [(one.property, one.value, one.reason) for one in decoded.unmapped] == [
        ("water_level", 3.0, "unmapped_field"),
        ("levels.0", 1.0, "unmapped_field"),
        ("levels.1", 2.0, "unmapped_field"),
    ]


def test_without_a_rule_our_own_words_are_believed() -> None:
    decoded = things_stack.decode(
        things_stack.encode("ST1", NOW, {"water_level": 3.4, "rainfall": 0.5}), context()
    )
    assert [(one.station, one.property, one.period_s, one.value) for one in decoded.readings] == [
        ("ST1", "water_level", 0, 3.4),
        ("ST1", "rainfall", 300, 0.5),
    ]
