"""Out of service: by two, for hours, ended by itself; hidden meanwhile and judged all the same."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from alerts import service
from alerts.acknowledge import acknowledge
from alerts.alarms.acts import act
from alerts.alarms.happenings import Observed
from alerts.annunciation import flush
from alerts.orders import Actor
from alerts.reset import reset
from alerts.second_person import Proposal, approve, present, propose
from alerts.unacknowledge import unacknowledge
from alerts.upkeep import tend
from core.alarms import AlarmState
from core.errors import ConflictError, InputError, NotFoundError
from core.requests import RequestKind
from core.roles import Role
from core.settings import Settings
from core.stations import Station, StationKind
from store import alarms, audit, requests
from store import service as absences
from store.stations import save_station
from tests.integration.equipment import WORDING, Watch
from tests.integration.levels import Field, minute

LEADER, SECOND = Actor("leader", Role.LEADER), Actor("leader2", Role.LEADER)


@pytest.fixture
def watch(another_database: str) -> Iterator[Watch]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        county = Field(connection)
        county.county()
        for name in ("leader", "leader2"):
            connection.execute(
                "insert into app_user (name, password_hash, role) values (%s, 'x', 'leader')", (name,)
            )
        county.station("S1", area="T")
        yield Watch(county)


def ask(watch: Watch, subject: str = "station/S1", at: float = 10, until: float = 130) -> int:
    proposal = Proposal(RequestKind.OUT_OF_SERVICE, subject, "更换水位计", minute(until))
    with watch.county.connection.transaction():
        return propose(watch.county.connection, proposal, LEADER, at=minute(at))


def take_out(watch: Watch, subject: str = "station/S1", at: float = 10, until: float = 130) -> int:
    """Through both persons; the absence's id."""
    connection = watch.county.connection
    number = ask(watch, subject, at, until)
    with connection.transaction():
        seen = present(connection, requests.get(connection, number), minute(at))[1]
        approve(connection, number, SECOND, content_hash=seen, at=minute(at), wording=WORDING)
    (entry,) = [one for one in absences.absences(connection) if one.request == number]
    return entry.id


def upkeep(watch: Watch, at: float, **settings: int) -> int:
    how = Settings()
    if settings:
        how = how.model_copy(update={"alerts": how.alerts.model_copy(update=settings)})
    return tend(watch.county.connection, how, WORDING, minute(at))


def test_two_persons_take_a_station_out_and_its_alarms_are_hidden(watch: Watch) -> None:
    watch.county.play("S1", [(0, 4.2)])
    before = watch.county.alarm("S1")
    number = ask(watch)
    shown = requests.get(watch.county.connection, number).silences
    assert [one["id"] for one in shown.alarms] == [before.id]
    assert [one["code"] for one in shown.stations] == ["S1"]
    assert watch.county.alarm("S1").state is AlarmState.UNACKNOWLEDGED, "proposed is not done"
    with watch.county.connection.transaction():
        seen = present(watch.county.connection, requests.get(watch.county.connection, number), minute(11))[1]
        approve(watch.county.connection, number, SECOND, content_hash=seen, at=minute(11), wording=WORDING)
    alarm = watch.county.alarm("S1")
    assert (alarm.state, alarm.service_until) == (AlarmState.OUT_OF_SERVICE, minute(130))
    (entry,) = absences.absences(watch.county.connection, within="X")
    assert (entry.by_user, entry.second, entry.reason, entry.until, entry.name) == (
        "leader", "leader2", "更换水位计", minute(130), "S1站",
    )  # fmt: skip
    (line,) = audit.lines(watch.county.connection, action="service.take_out")
    assert (line.actor, line.subject, line.detail["second"]) == ("leader", "station/S1", "leader2")


def test_it_is_judged_meanwhile_and_its_new_alarms_are_born_hidden(watch: Watch) -> None:
    watch.county.play("S1", [(0, 3.0)])
    take_out(watch)
    orders = len(watch.county.orders("S1"))
    watch.county.play("S1", [(15, 6.5), (20, 6.5)])
    alarm = watch.county.alarm("S1")
    assert (alarm.state, alarm.severity) == (AlarmState.OUT_OF_SERVICE, "red")
    assert alarm.service_until == minute(130), "the page says until when it is hidden"
    watch.look(60, "silence")
    assert {one.state for one in watch.alarms() if one.rule.startswith("silence")} == {
        AlarmState.OUT_OF_SERVICE
    }
    assert watch.alarms(rule="silence_value")[0].service_until == minute(130)
    assert len(watch.county.orders("S1")) == orders


def test_it_ends_by_itself_and_what_stands_calls(watch: Watch) -> None:
    watch.county.play("S1", [(0, 4.2)])
    called = len(watch.county.orders("S1"))
    take_out(watch)
    assert upkeep(watch, 129) == 0
    assert upkeep(watch, 130) == 1
    alarm = watch.county.alarm("S1")
    assert (alarm.state, alarm.service_until) == (AlarmState.UNACKNOWLEDGED, None)
    kinds = [event.kind.value for event in watch.county.events("S1")]
    assert [kind for kind in kinds if kind not in ("called", "uncalled")] == [
        "raised",
        "taken_out",
        "put_back",
    ]
    assert len(watch.county.orders("S1")) == called + 1
    (entry,) = absences.absences(watch.county.connection, running=False)
    assert (entry.ended_at, entry.ended_by) == (minute(130), "by itself")
    assert not watch.county.connection.execute("select out_of_service from station").fetchone()[0]  # type: ignore[index]


def test_one_person_puts_it_back_and_what_is_over_is_closed(watch: Watch) -> None:
    watch.county.play("S1", [(0, 4.2)])
    number = take_out(watch)
    watch.county.play("S1", [(15, 3.0), (50, 3.0), (60, 3.0)])
    with watch.county.connection.transaction():
        service.put_back(watch.county.connection, number, actor="duty", at=minute(70), wording=WORDING)
    alarm = watch.county.alarm("S1")
    assert (alarm.state, alarm.closed_at) == (AlarmState.NORMAL, minute(70))
    with pytest.raises(ConflictError, match="in service again"), watch.county.connection.transaction():
        service.put_back(watch.county.connection, number, actor="duty", at=minute(71), wording=WORDING)
    assert [line.actor for line in audit.lines(watch.county.connection, action="service.put_back")] == [
        "duty"
    ]


def test_what_is_out_cannot_be_taken_out_again_nor_what_is_unknown(watch: Watch) -> None:
    take_out(watch)
    with pytest.raises(ConflictError, match="already"):
        ask(watch)
    with pytest.raises(NotFoundError):
        ask(watch, "station/NOBODY")
    for wrong in ("county/X", "station/", "alarm/1", ""):
        with pytest.raises(InputError):
            ask(watch, wrong)
    with pytest.raises(InputError):
        ask(watch, "station/S1", until=10 + 12 * 60 + 1)


def test_an_import_does_not_end_it_and_a_new_code_takes_it_along(watch: Watch) -> None:
    take_out(watch)
    connection = watch.county.connection
    save_station(connection, Station("S1", "S1站", "S1", StationKind.RIVER_LEVEL, "T", 121.8, 29.4))
    assert ("station", "S1") in absences.out_of_service(connection)
    assert connection.execute("select out_of_service from station").fetchone() == (True,)
    watch.execute("update station set code = 'S9'")
    assert upkeep(watch, 131) == 1
    assert connection.execute("select code, out_of_service from station").fetchone() == ("S9", False)


def test_a_camera_and_a_device_are_taken_out_alike(watch: Watch) -> None:
    watch.execute(
        "insert into camera (code, name, name_en, area, lon, lat) values ('C1', '一号', 'One', 'T', 121.9, 29.5)"
    )
    watch.execute(
        "insert into camera_state (camera, online, time, received_at, since, settled) values ('C1', true, %s, %s, %s, true)",
        *[minute(0)] * 3,
    )
    watch.execute(
        "insert into device (code, kind, name, name_en, area, lon, lat) values ('L1', 'led', '屏', 'Screen', 'T', 121.9, 29.5)"
    )
    watch.execute(
        "insert into device_state (device, online, received_at) values ('L1', false, %s)", minute(0)
    )
    watch.look(20)
    assert {one.rule: one.state for one in watch.alarms()} == {
        "camera": AlarmState.UNACKNOWLEDGED, "device": AlarmState.UNACKNOWLEDGED,
    }  # fmt: skip
    take_out(watch, "camera/C1", at=21)
    take_out(watch, "device/L1", at=21)
    assert {one.state for one in watch.alarms()} == {AlarmState.OUT_OF_SERVICE}
    assert upkeep(watch, 130) == 2
    assert {one.state for one in watch.alarms()} == {AlarmState.UNACKNOWLEDGED}


def test_an_acknowledgement_is_taken_back_with_a_reason_and_calls_again(watch: Watch) -> None:
    watch.county.play("S1", [(0, 4.2)])
    connection, alarm = watch.county.connection, watch.county.alarm("S1")
    with pytest.raises(ConflictError), connection.transaction():
        unacknowledge(connection, alarm.id, actor="duty", at=minute(1), reason="误点", wording=WORDING)
    with connection.transaction():
        acknowledge(connection, alarm.id, actor="duty", at=minute(2))
    called = len(watch.county.orders("S1"))
    with pytest.raises(InputError), connection.transaction():
        unacknowledge(connection, alarm.id, actor="duty", at=minute(3), reason=" ", wording=WORDING)
    with connection.transaction():
        unacknowledge(connection, alarm.id, actor="duty", at=minute(3), reason="误点", wording=WORDING)
        flush(connection, WORDING, minute(3))
    after = watch.county.alarm("S1")
    assert (after.state, after.acknowledged_by) == (AlarmState.UNACKNOWLEDGED, None)
    assert len(watch.county.orders("S1")) == called + 1
    (line,) = audit.lines(connection, action="alarm.unacknowledge")
    assert line.detail == {"reason": "误点", "acknowledged_by": "duty"}


def test_only_what_is_latched_is_reset(watch: Watch) -> None:
    watch.county.play("S1", [(0, 4.2)])
    connection, alarm = watch.county.connection, watch.county.alarm("S1")
    with pytest.raises(ConflictError, match="not latched"), connection.transaction():
        reset(connection, alarm.id, actor="leader", at=minute(1), reason="已处置")
    watch.execute("update alarm set latches = true where id = %s", alarm.id)
    with connection.transaction():
        acknowledge(connection, alarm.id, actor="duty", at=minute(2))
        moved, _ = act(
            connection,
            alarms.lock(connection, alarm.id),
            Observed(None, None),
            actor="test",
            at=minute(3),
            detail={},
        )
        alarms.save(connection, moved)
    assert watch.county.alarm("S1").state is AlarmState.LATCHED
    with pytest.raises(InputError), connection.transaction():
        reset(connection, alarm.id, actor="leader", at=minute(4), reason="")
    with connection.transaction():
        reset(connection, alarm.id, actor="leader", at=minute(4), reason="渗漏已封堵")
    after = watch.county.alarm("S1")
    assert (after.state, after.closed_at) == (AlarmState.NORMAL, minute(4))


@pytest.mark.parametrize(
    ("peak", "after_s", "closed"),
    [(3.6, 600, True), (3.6, 0, False), (3.6, 86_400, False), (4.2, 600, False), (5.5, 600, False)],
)
def test_what_returned_and_never_was_worse_than_blue_is_acknowledged_by_itself_if_that_is_set(
    watch: Watch, peak: float, after_s: int, closed: bool
) -> None:
    """field.md §1.2: of blue only, after a set time; what was yellow or worse waits for a person."""
    watch.county.play("S1", [(0, peak), (5, peak), (10, 3.0), (45, 3.0), (50, 3.0)])
    assert watch.county.alarm("S1").state is AlarmState.RETURNED_UNACKNOWLEDGED
    upkeep(watch, 65, acknowledge_blue_after_s=after_s)
    alarm = watch.county.alarm("S1")
    assert (alarm.closed_at is not None) is closed
    if closed:
        assert alarm.acknowledged_by == "at rest"
