"""Finders of equipment alarms over a real database: what is silent, low, wrong, away or down, and when it is back."""

from __future__ import annotations

from datetime import timedelta

from psycopg import Connection

from core.areas import Area
from core.devices import Camera, Device, DeviceKind
from core.people import Person
from core.quality import Quality
from store.areas import save_area
from store.camera_reports import CameraState, save_state
from store.cameras import save_camera
from store.devices import DeviceState, save_device, save_device_state
from store.exercises import start_exercise
from store.heartbeats import beat
from store.people import save_person
from store.station_talk import save_clock
from tests.integration.equipment import Watch
from tests.integration.levels import minute

VALUE = "S1/water_level/1/0"


def connection(watch: Watch) -> Connection[tuple[object, ...]]:
    return watch.county.connection


def test_a_series_is_silent_after_three_periods_and_back_after_two_samples(watch: Watch) -> None:
    watch.county.send("S1", [(n * 5, 3.0) for n in range(5)])
    watch.county.send("S1", [(20, 12.5)], property="air_temperature")
    watch.look(34.9, "silence")
    assert watch.standing() == []
    watch.county.send("S1", [(30, 12.5)], property="air_temperature")
    watch.look(35.2, "silence")
    assert watch.standing() == [("silence_value", VALUE)]
    (alarm,) = watch.alarms()
    assert (alarm.subject_kind, alarm.station, alarm.property, alarm.area) == (
        "series", "S1", "water_level", "T",
    )  # fmt: skip
    assert alarm.title == {"zh": "S1站水位无数据", "en": "S1 water level: no data"}
    assert alarm.detail["limit_s"] == 900
    watch.county.send("S1", [(36, 3.0)])
    watch.look(36.5, "silence")
    assert watch.standing() == [("silence_value", VALUE)]
    watch.county.send("S1", [(41, 3.0)])
    watch.look(41.5, "silence")
    assert watch.standing() == []
    assert watch.story(alarm) == ["raised", "returned"]


def test_one_sample_and_silence_again_is_one_alarm(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.look(16, "silence")
    watch.county.send("S1", [(20, 3.0)])
    watch.look(21, "silence")
    watch.look(40, "silence")
    (alarm,) = watch.alarms(rule="silence_value")
    assert watch.story(alarm) == ["raised"]


def test_a_backlog_that_comes_at_one_moment_is_one_sample(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.look(16, "silence")
    watch.county.send("S1", [(5 * n, 3.0) for n in range(1, 8)], received_at=minute(40))
    watch.look(40.1, "silence")
    assert ("silence_value", VALUE) in watch.standing()
    watch.county.send("S1", [(45, 3.0)])
    watch.look(45.2, "silence")
    assert watch.standing() == []


def test_a_silent_station_is_told_once_beside_its_values(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.county.send("S1", [(0, 12.0)], property="battery_voltage")
    watch.look(15.2, "silence")
    assert watch.standing() == [("silence_station", "S1"), ("silence_value", VALUE)]
    for at in (16, 21):
        watch.county.send("S1", [(at, 3.0)])
        watch.look(at + 0.5, "silence")
    assert watch.standing() == []


def test_a_value_told_as_missing_is_silence_of_that_value(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0), (5, 3.0)])
    for at in (10, 15, 20, 25):
        watch.county.send("S1", [(at, None, Quality.MISSING)])
    watch.look(19, "silence")
    assert watch.standing() == []
    watch.look(25.5, "silence")
    (alarm,) = watch.alarms()
    assert alarm.title is not None
    assert alarm.title["zh"] == "S1站水位缺测"
    for at in (30, 35):
        watch.county.send("S1", [(at, 3.0)])
        watch.look(at + 0.5, "silence")
    assert watch.standing() == []


def test_a_station_that_sends_once_an_hour_is_not_silent_in_between(watch: Watch) -> None:
    for hour in range(4):
        values = [(hour * 60 - 5 * n, 3.0) for n in range(12)]
        watch.county.send("S1", values[::-1], received_at=minute(hour * 60))
    watch.look(3 * 60 + 59, "silence")
    assert watch.standing() == []
    watch.look(6 * 60 + 1, "silence")
    assert watch.standing() == [("silence_station", "S1"), ("silence_value", VALUE)]


def test_what_is_derived_or_told_once_a_day_is_never_silent(watch: Watch) -> None:
    watch.county.send("S1", [(0, 30.0)], property="rainfall_sliding")
    watch.county.send("S1", [(0, 12.0)], property="battery_voltage")
    watch.county.send("S1", [(n * 5, 3.0) for n in range(30)])
    watch.look(150, "silence")
    assert watch.standing() == []


def test_late_values_are_signs_of_life(watch: Watch) -> None:
    """Liveness goes by receive time: a replayed or late reading is heard now."""
    watch.county.send("S1", [(-600, 3.0)], received_at=minute(0))
    watch.look(14, "silence")
    assert watch.standing() == []


def test_an_exercise_is_silent_by_itself(watch: Watch) -> None:
    with connection(watch).transaction():
        start_exercise(connection(watch), "EX", "演练", None, "test")
    watch.county.send("S1", [(0, 3.0)], exercise="EX")
    watch.county.send("S1", [(5 * n, 3.0) for n in range(4)])
    watch.look(16, "silence")
    assert watch.standing() == []
    assert watch.standing("EX") == [("silence_station", "S1"), ("silence_value", VALUE)]


def test_a_renamed_station_keeps_its_silence(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.look(16, "silence")
    watch.execute("update station set code = 'S9' where code = 'S1'")
    watch.look(17, "silence")
    assert watch.standing() == [("silence_station", "S9"), ("silence_value", "S9/water_level/1/0")]
    assert len(watch.alarms()) == 2


def test_a_station_out_of_service_for_good_is_not_waited_for(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.execute("update station set out_of_service = true")
    watch.look(30, "silence")
    assert watch.standing() == []


def test_a_low_battery_is_raised_by_two_values_and_cleared_by_a_charged_one(watch: Watch) -> None:
    watch.county.send("S1", [(0, 12.4), (5, 10.8)], property="battery_voltage")
    watch.look(5.5, "battery")
    assert watch.standing() == []
    watch.county.send("S1", [(10, 10.7)], property="battery_voltage")
    watch.look(10.5, "battery")
    (alarm,) = watch.alarms()
    assert (alarm.rule, alarm.subject, alarm.value, alarm.threshold) == ("battery", "S1", 10.7, 11.0)
    watch.county.send("S1", [(15, 11.3)], property="battery_voltage")
    watch.look(15.5, "battery")
    assert watch.standing() == [("battery", "S1")]
    watch.county.send("S1", [(20, 12.6)], property="battery_voltage")
    watch.look(20.5, "battery")
    assert watch.standing() == []


def test_the_status_word_tells_of_the_battery(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)], property="station_status")
    watch.look(1, "battery")
    (alarm,) = watch.alarms()
    assert alarm.title == {"zh": "S1站电量不足", "en": "S1: battery low"}
    watch.county.send("S1", [(5, 0.0)], property="station_status")
    watch.look(6, "battery")
    assert watch.standing() == []


def test_a_wrong_clock_is_raised_and_returns_when_it_is_set(watch: Watch) -> None:
    save_clock(connection(watch), "S1", None, timedelta(seconds=700.0), minute(0))
    watch.look(1, "clock")
    assert watch.standing() == [("clock", "S1")]
    save_clock(connection(watch), "S1", None, timedelta(seconds=300.0), minute(2))
    watch.look(3, "clock")
    assert watch.standing() == [("clock", "S1")]
    save_clock(connection(watch), "S1", None, timedelta(seconds=1.0), minute(4))
    watch.look(5, "clock")
    assert watch.standing() == []


def test_times_in_the_future_betray_a_clock(watch: Watch) -> None:
    watch.execute(
        "insert into quarantine (received_at, topic, code, payload, reason)"
        " values (%s, 'anlan/obs/S1', 'S1', '', 'time_in_future')",
        minute(0),
    )
    watch.look(1, "clock")
    assert watch.standing() == [("clock", "S1")]
    watch.look(62, "clock")
    assert watch.standing() == []


def test_a_camera_is_away_after_a_quarter_of_an_hour_of_silence(watch: Watch) -> None:
    save_camera(connection(watch), Camera("C1", "一号", "One", "T", 121.8, 29.4))
    watch.look(0, "camera")
    save_state(connection(watch), ["C1"], CameraState(True, minute(0), minute(0), "camera"), None)
    watch.look(14, "camera")
    assert watch.standing() == []
    watch.look(15.1, "camera")
    assert watch.standing() == [("camera", "C1")]
    save_state(connection(watch), ["C1"], CameraState(True, minute(16), minute(16), "camera"), None)
    watch.look(16.1, "camera")
    assert watch.standing() == [("camera", "C1")]  # it has to hold for half a minute
    watch.look(16.6, "camera")
    assert watch.standing() == []


def test_a_device_that_went_away_or_fails_is_told(watch: Watch) -> None:
    save_device(connection(watch), Device("L1", DeviceKind.LED, "一号屏", "Screen", "T", 121.8, 29.4, 12, 4))
    state = DeviceState("L1", None, False, None, None, minute(0), False, {})
    save_device_state(connection(watch), state)
    watch.look(4, "device")
    assert watch.standing() == []
    watch.look(5.1, "device")
    (alarm,) = watch.alarms()
    assert alarm.title == {"zh": "一号屏离线", "en": "Screen: offline"}
    save_device_state(connection(watch), DeviceState("L1", None, True, None, None, minute(6), False, {}))
    watch.look(6.1, "device")
    assert watch.standing() == []


def links(watch: Watch, at: float, *, sms: str = "ok", broker: bool = True) -> None:
    beat(connection(watch), "ingest", "1", minute(at), {})
    beat(connection(watch), "dispatch", "1", minute(at), {"leads": True, "sms": sms, "broker": broker})


def test_links_of_the_centre_are_told_when_they_are_down_for_a_while(watch: Watch) -> None:
    watch.look(0, "link")
    assert watch.standing() == []  # nothing was ever there
    links(watch, 1)
    watch.look(1.1, "link")
    assert watch.standing() == []
    links(watch, 2, sms="lost", broker=False)
    watch.look(2.1, "link")
    assert watch.standing() == []
    links(watch, 3.1, sms="lost", broker=False)
    watch.look(3.15, "link")
    assert watch.standing() == [("link_broker", "broker"), ("link_sms", "sms")]
    watch.look(3.7, "link")
    assert watch.standing() == [("link_broker", "broker"), ("link_ingest", "ingest"), ("link_sms", "sms")]
    links(watch, 4)
    watch.look(4.1, "link")
    assert watch.standing() == []


def test_no_telemetry_from_many_that_were_due_is_one_alarm_of_the_link(watch: Watch) -> None:
    for number in range(2, 12):
        watch.county.station(f"S{number}", {}, area="T")
        for at in (0, 5, 10):
            watch.county.send(f"S{number}", [(at + number / 3, 3.0)])
    watch.look(14, "link")
    assert watch.standing() == []
    watch.look(18, "link")
    assert watch.standing() == [("link_telemetry", "telemetry")]
    for number in range(2, 12):
        watch.county.send(f"S{number}", [(20, 3.0)])
    watch.look(20.5, "link")
    assert watch.standing() == []


def test_a_town_that_falls_silent_with_its_cameras_and_people_is_out_of_contact(watch: Watch) -> None:
    """Stations, a camera and the village head who was called; the towns around are heard."""
    connection_ = connection(watch)
    for code in ("U", "V"):
        save_area(connection_, Area(code, f"{code}镇", f"{code} town", "town", parent="X"))
        watch.county.station(f"{code}1", {}, area=code)
    save_area(connection_, Area("H", "山村", "Hamlet", "hamlet", parent="U"))
    save_person(connection_, Person("PH", "村长", "13900000000", "H", "村主任"))
    save_camera(connection_, Camera("C1", "一号", "One", "U", 121.8, 29.4))
    for number in (2, 3):
        watch.county.station(f"U{number}", {}, area="U")
    for at in (0, 5):
        for code in ("S1", "U1", "U2", "U3", "V1"):
            watch.county.send(code, [(at, 3.0)])
        save_state(connection_, ["C1"], CameraState(True, minute(at), minute(at), "camera"), None)
    for at in (10, 15, 20):
        for code in ("S1", "V1"):
            watch.county.send(code, [(at, 3.0)])
    watch.execute(
        "insert into orders (number, kind, state, area, title, text, created_by, ends_at, content_hash)"
        " values ('N1', 'notice', 'issued', 'U', '', '', 'test', now(), '')"
    )
    watch.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, state, attempts, submitted_at)"
        " select id, 'person', 'PH', 'sms', 'delivered', 1, %s from orders",
        minute(12),
    )
    watch.look(16, "silence", "camera", "isolation")
    assert not [one for one in watch.standing() if one[0] == "isolation"]
    watch.look(20.5, "silence", "camera", "isolation")
    assert [one for one in watch.standing() if one[0] == "isolation"] == [("isolation", "U")]
    (alarm,) = watch.alarms(rule="isolation")
    assert (alarm.subject_kind, alarm.priority, alarm.area) == ("town", "red", "U")
    assert alarm.detail["counts"] == {"camera": [1, 1], "person": [1, 1], "station": [3, 3]}
    assert {one["code"] for one in alarm.detail["silent"]} == {"U1", "U2", "U3", "C1", "PH"}
    assert alarm.title == {"zh": "U镇失联", "en": "U town: contact lost"}
    watch.execute("update delivery set answered_at = %s", minute(21))
    for at in (21, 26):
        for code in ("U1", "U2", "U3"):
            watch.county.send(code, [(at, 3.0)])
        watch.look(at + 0.5, "silence", "isolation")
    assert not [one for one in watch.standing() if one[0] == "isolation"]
