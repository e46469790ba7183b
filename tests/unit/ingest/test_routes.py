"""Which topic goes where."""

from __future__ import annotations

import pytest

from core.faults import Fault, FaultReason
from ingest.routes import Format, Route, route


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("anlan/obs/ST1", Route(Format.OBSERVATIONS, None, "ST1")),
        ("anlan/drill/EX1/obs/ST1", Route(Format.OBSERVATIONS, "EX1", "ST1")),
        ("anlan/sl651/GW1", Route(Format.SL651, None, "GW1")),
        ("anlan/drill/EX1/sl651/ST1", Route(Format.SL651, "EX1", "ST1")),
        ("tcp:sl651:10.0.0.1", Route(Format.SL651, None, "", "10.0.0.1")),
        ("anlan/weather/typhoon", Route(Format.TYPHOON, None, "")),
        ("anlan/weather/warning", Route(Format.WEATHER_WARNING, None, "")),
        ("anlan/drill/EX1/weather/image/radar", Route(Format.WEATHER_IMAGE, "EX1", "radar")),
        ("anlan/camera/C1/status", Route(Format.CAMERA_STATUS, None, "C1")),
        ("anlan/drill/EX1/camera/C1/snapshot", Route(Format.CAMERA_SNAPSHOT, "EX1", "C1")),
    ],
)
def test_our_topics_have_a_route(topic: str, expected: Route) -> None:
    assert route(topic) == expected


@pytest.mark.parametrize(
    "topic",
    [
        "anlan/device/LED1/status",
        "anlan/drill/EX1/device/LED1/receipt",
        "anlan/ack/ST1",
        "anlan/drill/EX1/ack/ST1",
        "anlan/sl651/ST1/down",
    ],
)
def test_topics_of_others_are_left_alone(topic: str) -> None:
    assert route(topic) is None


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("anlan", FaultReason.NO_ROUTE),
        ("other/obs/ST1", FaultReason.NO_ROUTE),
        ("anlan/obs", FaultReason.NO_ROUTE),
        ("anlan/obs/ST1/more", FaultReason.NO_ROUTE),
        ("anlan/drill/EX1", FaultReason.NO_ROUTE),
        ("anlan/drill/../obs/ST1", FaultReason.NO_ROUTE),
        ("anlan/sl651/ST1/up", FaultReason.NO_ROUTE),
        ("anlan/weather/other", FaultReason.NO_ROUTE),
        ("anlan/weather/image/a b", FaultReason.BAD_CODE),
        ("anlan/obs/", FaultReason.BAD_CODE),
        ("anlan/obs/测站", FaultReason.BAD_CODE),
        ("anlan/obs/<script>", FaultReason.BAD_CODE),
        ("anlan/camera/ c/status", FaultReason.BAD_CODE),
    ],
)
def test_all_others_have_a_reason(topic: str, reason: FaultReason) -> None:
    found = route(topic)
    assert isinstance(found, Fault)
    assert found.reason is reason


@pytest.mark.parametrize("network", ["senml", "tts", "chirpstack", "thingsboard"])
def test_every_network_has_its_topic_in_earnest_and_in_an_exercise(network: str) -> None:
    assert route(f"anlan/{network}/gw-1") == Route(Format(network), None, "gw-1")
    assert route(f"anlan/drill/EX1/{network}/gw-1") == Route(Format(network), "EX1", "gw-1")
    spoilt = route(f"anlan/{network}/<b>")
    assert isinstance(spoilt, Fault)
    assert spoilt.reason is FaultReason.BAD_CODE
