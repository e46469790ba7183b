"""What ingest takes from a network's message, without broker and database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.networks import DeviceRule
from core.settings import Ingest
from formats import FORMATS, Context, Decoded, things_stack, thingsboard
from formats.senml import encode_json
from ingest.messages import Inbound
from ingest.routes import Route, route
from ingest.understanding import named_stations, understand
from ingest.understood import Known, Limits, Understood

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
KNOWN = Known({"ST1": 600, "ST2": 900}, {"C1"}, {"EX1"}, devices={"LED1"})


def read(topic: str, payload: bytes, **rules: DeviceRule) -> Understood:
    found = route(topic)
    assert isinstance(found, Route)
    return understand(Inbound(topic, payload, NOW), found, KNOWN, Limits.of(Ingest(mapping=rules)))


def reasons(one: Understood) -> list[str]:
    return [str(fault.reason) for fault in one.faults]


def test_totals_have_the_period_of_the_station_that_the_payload_names() -> None:
    items = [(NOW, {"rainfall": 1.0, "water_level": 3.0})]
    one = read("anlan/thingsboard/gw", thingsboard.encode_gateway({"ST1": items, "ST2": items}))
    assert [(r.station, r.property, r.period_s) for r in one.readings] == [
        ("ST1", "rainfall", 600), ("ST1", "water_level", 0), ("ST2", "rainfall", 900), ("ST2", "water_level", 0),
    ]  # fmt: skip
    assert one.faults == []


def test_unknown_stations_cost_themselves_alone() -> None:
    items = [(NOW, {"water_level": 3.0}), (NOW, {"flow": 3.0})]
    one = read("anlan/thingsboard/gw", thingsboard.encode_gateway({"Device A": items, "ST1": items}))
    assert {r.station for r in one.readings} == {"ST1"}
    assert reasons(one) == ["unknown_station"]
    assert "'Device A'" in one.faults[0].detail


@pytest.mark.parametrize("speaker", ["ST2", "C1", "LED1"])
def test_who_has_a_login_of_its_own_cannot_speak_for_a_station(speaker: str) -> None:
    one = read(f"anlan/senml/{speaker}", encode_json("ST1", [(NOW, {"water_level": (9.9, "m")})]))
    assert one.readings == []
    assert reasons(one) == ["foreign_station"]


def test_a_station_speaks_for_itself() -> None:
    one = read("anlan/senml/ST1", encode_json("ST1", [(NOW, {"water_level": (9.9, "m")})]))
    assert [(r.station, r.value) for r in one.readings] == [("ST1", 9.9)]
    assert one.faults == []


def test_what_nobody_mapped_is_named_once_and_not_stored() -> None:
    values = {"water_level": 3.0, "level": [1.0, 2.0], "temp": 4}
    one = read("anlan/tts/gw", things_stack.encode("ST1", NOW, values))
    assert [r.property for r in one.readings] == ["water_level"]
    assert reasons(one) == ["unmapped_field"]
    assert all(name in one.faults[0].detail for name in ("'level.0'", "'level.1'", "'temp'", "'ST1'"))


def test_a_mapping_of_the_settings_is_used() -> None:
    rule = DeviceRule.model_validate(
        {
            "stations": {"dev1": "ST1"},
            "fields": {"d": {"property": "water_level", "unit": "mm", "factor": -1, "offset": 10}},
        }
    )
    one = read("anlan/tts/gw", things_stack.encode("dev1", NOW, {"d": 1500}), radar=rule)
    assert [(r.station, r.property, r.value) for r in one.readings] == [("ST1", "water_level", 8.5)]
    assert one.faults == []


def test_times_are_judged() -> None:
    late = NOW + timedelta(hours=1)
    items = [(NOW, {"tide_level": 99.0}), (late, {"tide_level": 1.0}), (None, {"flow": 1.0})]
    one = read("anlan/thingsboard/ST1", thingsboard.encode_device(items))
    assert [(r.property, r.time) for r in one.readings] == [("tide_level", NOW), ("flow", NOW)]
    assert reasons(one) == ["time_in_future"]


def test_of_an_exercise_that_nobody_started_nothing_is_stored() -> None:
    one = read("anlan/drill/EX9/tts/gw", things_stack.encode("ST1", NOW, {"flow": 1.0}))
    assert (one.readings, reasons(one)) == ([], ["unknown_exercise"])


def test_a_decoder_that_fails_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(payload: bytes, context: Context) -> Decoded:
        raise ZeroDivisionError

    monkeypatch.setitem(FORMATS, "tts", broken)
    found = route("anlan/tts/gw")
    assert isinstance(found, Route)
    message, limits = Inbound("anlan/tts/gw", b"{}", NOW), Limits.of(Ingest())
    assert named_stations(message, found, limits) == set()
    assert reasons(understand(message, found, KNOWN, limits)) == ["decoder_failed"]


def test_a_payload_too_large_is_not_even_looked_through_for_stations() -> None:
    found = route("anlan/tts/gw")
    assert isinstance(found, Route)
    limits = Limits.of(Ingest(max_payload_bytes=1000))
    payload = things_stack.encode("ST1", NOW, {"flow": 1.0})
    assert named_stations(Inbound("anlan/tts/gw", payload, NOW), found, limits) == {"ST1"}
    assert named_stations(Inbound("anlan/tts/gw", payload + b" " * 1000, NOW), found, limits) == set()
