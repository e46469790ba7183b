"""Suppressed by design over a real database: hidden while it is explained, called when it is not any more."""

from __future__ import annotations

import pytest
from psycopg import errors

from alerts.alarms.suppress import suppress
from alerts.annunciation import flush
from core.alarms import AlarmState
from store import alarms
from store.alarms import lock
from store.exercises import start_exercise
from store.heartbeats import beat
from tests.integration.equipment import WORDING, Watch
from tests.integration.levels import minute

VALUE = "S1/water_level/1/0"


def ingest_lives(watch: Watch, at: float) -> None:
    beat(watch.county.connection, "ingest", "1", minute(at), {})


def round_(watch: Watch, at: float) -> int:
    with watch.county.connection.transaction():
        moved = suppress(watch.county.connection, WORDING, minute(at))
        flush(watch.county.connection, WORDING, minute(at))
    return moved


def states(watch: Watch, exercise: str | None = None) -> dict[str, AlarmState]:
    return {one.rule: one.state for one in watch.alarms(exercise=exercise) if one.closed_at is None}


def calls(watch: Watch, rule: str) -> int:
    """Notices for alarms of a rule."""
    found = watch.county.connection.execute(
        "select count(*) from alarm_event join alarm on alarm.id = alarm where rule = %s and kind = 'called'",
        (rule,),
    ).fetchone()
    assert found is not None
    return int(found[0])


def test_a_silent_station_hides_the_silence_of_its_values_from_the_first_moment(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    watch.look(16, "silence")
    assert states(watch) == {
        "silence_station": AlarmState.UNACKNOWLEDGED,
        "silence_value": AlarmState.SUPPRESSED,
    }
    station, value = watch.alarms(rule="silence_station")[0], watch.alarms(rule="silence_value")[0]
    assert value.suppressed_by == f"alarm:{station.id}"
    assert watch.story(value) == ["raised"]
    assert round_(watch, 16.1) == 0


def test_what_the_receiver_explains_calls_nobody_and_is_listed(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    ingest_lives(watch, 0)
    for at in (1, 16):
        watch.look(at, "link", "silence")
        round_(watch, at)
    assert states(watch) == {
        "link_ingest": AlarmState.UNACKNOWLEDGED,
        "silence_station": AlarmState.SUPPRESSED,
        "silence_value": AlarmState.SUPPRESSED,
    }
    assert len(watch.standing()) == 3


def test_an_alarm_that_people_heard_is_hidden_when_it_is_explained_and_shown_when_not(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    ingest_lives(watch, 16)
    watch.look(16, "link", "silence")
    assert states(watch)["silence_station"] is AlarmState.UNACKNOWLEDGED
    watch.look(17, "link")
    assert round_(watch, 17) == 1
    assert states(watch)["silence_station"] is AlarmState.SUPPRESSED
    (alarm,) = watch.alarms(rule="silence_station")
    link = watch.alarms(rule="link_ingest")[0]
    assert alarm.suppressed_by == f"alarm:{link.id}"
    event = alarms.events(watch.county.connection, alarm.id)[-1]
    assert (event.kind, event.actor, event.detail) == ("suppressed", "inhibition", {"by": f"alarm:{link.id}"})


def test_when_the_source_is_over_what_still_stands_calls_once_it_had_time_to_be_heard(watch: Watch) -> None:
    watch.county.station("S2", {}, area="T")
    for code in ("S1", "S2"):
        watch.county.send(code, [(0, 3.0)])
    ingest_lives(watch, 0)
    for at in (1, 16):
        watch.look(at, "link", "silence")
    before = calls(watch, "silence_station")
    ingest_lives(watch, 20)
    watch.look(20, "link", "silence")
    assert round_(watch, 20) == 0  # over, and everybody has a quarter of an hour to be heard again
    for at in (21, 26):
        watch.county.send("S2", [(at, 3.0)])
        watch.look(at + 0.5, "silence")
        round_(watch, at + 0.5)
    ingest_lives(watch, 35.1)
    watch.look(35.1, "link", "silence")
    round_(watch, 35.1)
    still = {one.subject: one for one in watch.alarms(rule="silence_station")}
    assert still["S1"].state is AlarmState.UNACKNOWLEDGED
    assert still["S1"].suppressed_by is None
    assert watch.story(still["S1"]) == ["raised", "released"]
    assert watch.story(still["S2"]) == ["raised", "returned", "released", "closed"]
    assert calls(watch, "silence_station") == before + 1
    value = {one.subject: one for one in watch.alarms(rule="silence_value")}[VALUE]
    assert value.state is AlarmState.SUPPRESSED  # now its station explains it


def test_an_hourly_series_has_its_own_time_to_be_heard_again(watch: Watch) -> None:
    watch.execute("update station set period_s = 3600")
    watch.county.send("S1", [(-120, 3.0), (-60, 3.0), (0, 3.0)])
    ingest_lives(watch, 0)
    watch.look(200, "link", "silence")
    ingest_lives(watch, 210)
    watch.look(210, "link", "silence")
    assert (round_(watch, 230), states(watch)["silence_station"]) == (0, AlarmState.SUPPRESSED)
    assert round_(watch, 391) >= 1
    assert states(watch)["silence_station"] is AlarmState.UNACKNOWLEDGED


def test_a_shelved_alarm_is_left_on_its_shelf(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    ingest_lives(watch, 16)
    watch.look(16, "link", "silence")
    watch.execute(
        "update alarm set state = 'shelved', shelved_until = %s where rule = 'silence_station'", minute(90)
    )
    watch.look(17, "link")
    assert round_(watch, 17) == 0
    assert states(watch)["silence_station"] is AlarmState.SHELVED


def test_a_real_link_explains_the_silence_of_a_drill(watch: Watch) -> None:
    with watch.county.connection.transaction():
        start_exercise(watch.county.connection, "EX", "演练", None, "test")
    watch.county.send("S1", [(0, 3.0)], exercise="EX")
    ingest_lives(watch, 0)
    watch.look(16, "link", "silence")
    assert states(watch, "EX") == {
        "silence_station": AlarmState.SUPPRESSED,
        "silence_value": AlarmState.SUPPRESSED,
    }


def test_isolation_is_heard_whatever_else_is_down(watch: Watch) -> None:
    """The backbone explains the silence of every part; that nobody hears the town is told all the same."""
    for code in ("S2", "S3"):
        watch.county.station(code, {}, area="T")
    for code in ("S1", "S2", "S3"):
        watch.county.send(code, [(0, 3.0)])
    watch.execute(
        "insert into camera (code, name, name_en, area, lon, lat) values ('C1', '一号', 'One', 'T', 121.9, 29.5)"
    )
    watch.execute(
        "insert into camera_state (camera, online, time, received_at, since, settled) values ('C1', true, %s, %s, %s, true)",
        *[minute(0)] * 3,
    )
    ingest_lives(watch, 0)
    for at in (1, 16):
        watch.look(at)
        round_(watch, at)
    assert states(watch) == {
        "link_ingest": AlarmState.UNACKNOWLEDGED,
        "link_telemetry": AlarmState.SUPPRESSED,
        "silence_station": AlarmState.SUPPRESSED,
        "silence_value": AlarmState.SUPPRESSED,
        "camera": AlarmState.SUPPRESSED,
        "isolation": AlarmState.UNACKNOWLEDGED,
    }
    (alarm,) = watch.alarms(rule="isolation")
    assert alarm.subject == "T"
    text = watch.county.connection.execute(
        "select text from orders join order_alarm on order_id = orders.id where alarm = %s", (alarm.id,)
    ).fetchone()
    assert text is not None
    assert "卫星电话" in text[0]
    assert "请先查中心" in text[0]


@pytest.mark.parametrize(
    ("source", "target", "equal"),
    [
        ("river_level", "tide_level", "none"),
        ("river_level", "river_level", "station"),
        ("link_broker", "river_level", "none"),
        ("silence_station", "reservoir_level", "station"),
        ("link_broker", "isolation", "none"),
        ("silence_value", "silence_station", "station"),  # a circle
        ("camera", "link_ingest", "none"),  # a circle of three
        ("link_broker", "nothing", "none"),
        ("nothing", "camera", "none"),
        ("link_sms", "camera", "everything"),
    ],
)
def test_the_table_refuses_what_would_hide_danger(watch: Watch, source: str, target: str, equal: str) -> None:
    with pytest.raises((errors.CheckViolation, errors.ForeignKeyViolation)):
        watch.execute(
            "insert into inhibition (source, target, equal, reason) values (%s, %s, %s, 'test')",
            source,
            target,
            equal,
        )


def test_a_muted_rule_cannot_become_one_of_water(watch: Watch) -> None:
    with pytest.raises(errors.CheckViolation):
        watch.execute(
            "insert into rule (code, version, kind, class, source)"
            " values ('silence_value', 2, 'silence', 'water', 'test')"
        )


def test_a_person_who_was_quicker_wins(watch: Watch) -> None:
    watch.county.send("S1", [(0, 3.0)])
    ingest_lives(watch, 0)
    watch.look(16, "link", "silence")
    (value,) = watch.alarms(rule="silence_value")
    watch.execute("update alarm set state = 'out_of_service' where id = %s", value.id)
    round_(watch, 17)
    with watch.county.connection.transaction():
        assert lock(watch.county.connection, value.id).state is AlarmState.OUT_OF_SERVICE
