"""What the finders of equipment decide: batteries, clocks, cameras, devices, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing import battery, camera, clock, device, link
from alerts.standing.device import Ails
from alerts.standing.link import Answer
from store.equipment import CameraPresence, ClockDoubt, DevicePresence, Heard, Power
from store.heartbeats import Heartbeat

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def power(
    *newest: float, property: str = "battery_voltage", station: str = "S1", exercise: str | None = None
) -> Power:
    return Power(station, exercise, "一号", "One", "T", property, 1, ago(60), ago(59), list(newest))


@pytest.mark.parametrize(
    ("told", "low"),
    [
        (power(11.0, 11.0), True),
        (power(11.1, 10.9), None),  # a dip while it sent
        (power(10.9), None),  # one value says nothing yet
        (power(11.2, 10.9), None),  # between: what held goes on
        (power(11.5, 10.0), False),
        (power(20, 20, property="battery_level"), True),
        (power(21, 20, property="battery_level"), None),
        (power(30, 10, property="battery_level"), False),
        (power(0b0, property="station_status"), False),
        (power(0b10, property="station_status"), True),
        (power(0b01, property="station_status"), False),  # mains off, battery well
        (power(0b1010_0000_0010, property="station_status"), True),
    ],
)
def test_a_battery_is_low_by_two_values_or_by_the_status_word(told: Power, low: bool | None) -> None:
    assert battery.is_low(told, battery.Terms.of({})) is low


def test_a_station_of_24_volts_has_limits_of_its_own() -> None:
    terms = battery.Terms.of({"own": {"S2": {"voltage_v": 22.0, "voltage_clear_v": 23.0}}})
    assert battery.is_low(power(21.9, 21.8, station="S2"), terms) is True
    assert battery.is_low(power(21.9, 21.8, station="S1"), terms) is False
    assert terms.highest == (23.0, 30.0)


def test_one_low_word_makes_the_station_low_and_a_doubt_holds_it() -> None:
    terms = battery.Terms.of({})
    low, unsure = battery.judge([power(11.2, 11.0), power(2.0, property="station_status")], terms)
    assert list(low) == [(None, "station", "S1")]
    assert unsure == set()
    low, unsure = battery.judge([power(11.2, 11.0), power(0.0, property="station_status")], terms)
    assert (low, unsure) == ({}, {(None, "station", "S1")})


def doubt(error_s: float | None, reason: str | None = None) -> ClockDoubt:
    return ClockDoubt("S1", None, "一号", "One", "T", error_s, ago(10), reason)


@pytest.mark.parametrize(
    ("doubts", "wrong", "unsure"),
    [
        ([doubt(600)], True, False),
        ([doubt(-600)], True, False),
        ([doubt(599)], False, True),  # between: what held goes on
        ([doubt(200, "time_ahead")], True, False),
        ([doubt(None, "time_in_future")], True, False),
        ([doubt(130), doubt(None, "time_in_future")], True, False),
        ([], False, False),
    ],
)
def test_a_clock_is_wrong_when_measured_or_betrayed(
    doubts: list[ClockDoubt], wrong: bool, unsure: bool
) -> None:
    found, held = clock.judge(doubts, clock.Terms.of({}))
    assert (bool(found), bool(held)) == (wrong, unsure)


def presence(
    since_s: float, *, online: bool = False, unsteady: bool = False, kind: str = "fixed"
) -> CameraPresence:
    return CameraPresence("C1", None, "一号", "One", "T", kind, online, unsteady, ago(since_s), ago(since_s))


@pytest.mark.parametrize(
    ("seen", "away", "held"),
    [
        (presence(900), True, False),
        (presence(899), False, True),
        (presence(0, online=True), False, False),
        (presence(0, online=True, unsteady=True), False, True),
        (presence(9000, unsteady=True), True, False),
        (presence(9000, kind="patrol"), False, False),
    ],
)
def test_a_camera_is_away_after_a_quarter_of_an_hour(seen: CameraPresence, away: bool, held: bool) -> None:
    found, unsure = camera.judge([seen], camera.Terms.of({}), NOW)
    assert (bool(found), bool(unsure)) == (away, held)


def screen(
    *, online: bool = True, heard_s: float = 10, states: Sequence[str] = (), attempts: int = 1
) -> DevicePresence:
    return DevicePresence(
        "L1", None, "一号屏", "Screen", "T", "led", online, ago(heard_s), list(states),
        [attempts] * len(states), ago(5) if states else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (screen(), None),
        (screen(online=False, heard_s=300), Ails.OFFLINE),
        (screen(online=False, heard_s=299), None),
        (screen(states=["failed", "rejected", "failed"]), Ails.FAILING),
        (screen(states=["failed", "failed"]), None),
        (screen(states=["done", "failed", "failed", "failed"]), None),
        (screen(states=["sent", "unknown", "sent"], attempts=3), Ails.FAILING),
        (screen(states=["sent", "unknown", "sent"], attempts=2), None),
    ],
)
def test_a_device_ails_that_is_offline_or_fails_again_and_again(
    seen: DevicePresence, what: Ails | None
) -> None:
    assert device.ails(seen, device.Terms.of({}), NOW) is what


def heard(*seconds: float, period_s: int = 300) -> list[Heard]:
    return [Heard(f"S{n}", n, period_s, ago(s)) for n, s in enumerate(seconds)]


TELEMETRY = link.Terms.of({"what": "telemetry"})


@pytest.mark.parametrize(
    ("stations", "answer"),
    [
        (heard(*[10] * 10), Answer.WELL),
        (heard(*[370] * 3, *[59] * 7), Answer.UNSURE),  # three of ten are late, the others speak
        (heard(*[370] * 2, *[200] * 8), Answer.UNSURE),  # nobody for 200 s, but only two were due
        (heard(*[370] * 3, *[61] * 7), Answer.DOWN),  # nobody for a minute though three were due
        (heard(*[361] * 10), Answer.DOWN),
        (heard(*[359] * 10), Answer.WELL),  # all at once every five minutes: nobody is due yet
        (heard(*[400] * 9, 5), Answer.DOWN),  # one that still speaks proves no backbone
        (heard(*[400] * 5, *[5] * 5), Answer.UNSURE),
        (heard(*[400] * 2, *[5] * 8), Answer.WELL),
        (heard(400), Answer.UNSURE),  # one gauge alone is silence, not a backbone
        ([], Answer.UNSURE),
    ],
)
def test_telemetry_is_down_when_nobody_comes_who_was_due(stations: list[Heard], answer: Answer) -> None:
    assert link.telemetry(stations, {}, TELEMETRY, NOW)[0] is answer


def test_stations_that_send_once_an_hour_are_not_overdue_in_between() -> None:
    stations = heard(*[1800] * 10)
    assert link.telemetry(stations, dict.fromkeys(range(10), 3600.0), TELEMETRY, NOW)[0] is Answer.WELL
    assert link.telemetry(stations, {}, TELEMETRY, NOW)[0] is Answer.DOWN


def beat(role: str, seconds: float, **detail: object) -> Heartbeat:
    return Heartbeat(role, "1", ago(seconds), dict(detail))


def test_the_sign_of_life_is_that_of_who_leads() -> None:
    beats = [beat("dispatch", 1, leads=False), beat("dispatch", 4, leads=True, sms="ok"), beat("ingest", 2)]
    found = link.freshest(beats, "dispatch")
    assert found is not None
    assert found.detail["sms"] == "ok"
    assert link.freshest(beats, "web") is None
