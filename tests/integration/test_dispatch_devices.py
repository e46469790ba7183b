"""Public orders to screens and loudspeakers: signed commands, signed receipts, what each proves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from alerts.acknowledge import acknowledge
from alerts.orders import Selection, approve, create_draft, create_notice, end, withdraw
from alerts.speech import audio_folder
from cli.services import Services
from core.devices import DeviceReport
from core.errors import InputError
from core.orders import Channel, Recipient
from core.settings import Settings
from core.severity import Severity
from formats import envelope
from formats.envelope import Command, CommandKind
from store.devices import set_public_key
from store.order_views import delivery_lines, order_line
from tests.integration.order_world import (
    COMMANDER,
    DUTY,
    LEADER,
    Dispatch,
    TestDevice,
    add_alarm,
    build_county,
    connected,
    draft,
    environment,
    eventually,
    found,
    now,
    settings_from,
)


@dataclass
class World:
    """A running dispatch, three devices that are online, and a connection to look."""

    connection: Connection[Any]
    settings: Settings
    services: Services
    dispatch: Dispatch
    led1: TestDevice
    led2: TestDevice
    speaker: TestDevice

    def issue(self, **changes: Any) -> int:
        """Drafted by one, checked by another, issued by a third."""
        selection = changes.pop("selection", Selection(areas=("T1",), sms=False, led=True, loudspeakers=True))
        with self.connection.transaction():
            order = create_draft(
                self.connection, draft(selection=selection, **changes), DUTY, at=now(), settings=self.settings
            )
            content = found(self.connection, "select content_hash from orders where id = %s", order)
            for signer in (LEADER, COMMANDER):
                approve(
                    self.connection, order, signer, content_hash=content, at=now(), settings=self.settings
                )
        return order

    def state(self, order: int, device: str) -> Any:
        return found(
            self.connection,
            "select state from delivery where order_id = %s and recipient = %s",
            order,
            device,
        )

    def reason(self, order: int, device: str) -> Any:
        return found(
            self.connection,
            "select reason from delivery where order_id = %s and recipient = %s",
            order,
            device,
        )

    def told(self, device: TestDevice, order: int) -> list[Command]:
        """What the device was told of this order: others may be repeated to it meanwhile."""
        delivery = "select id from delivery where order_id = %s and recipient = %s"
        mine = f"d{found(self.connection, delivery, order, device.code)}-"
        return [one for one in device.commands if one.id.startswith(mine)]


@pytest.fixture(scope="module")
def world(services: Services, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    variables = environment(services, database, home)
    services.ensure_accounts(["LED1", "LED2", "SPK1"])
    trusted = envelope.load_verify_key(Path(variables["ANLAN_FIELD__VERIFY_KEY_FILE"]).read_bytes())
    with connected(database) as connection, settings_from(variables) as settings:
        build_county(connection)
        devices = [TestDevice(code, services.broker.url(code), trusted) for code in ("LED1", "LED2", "SPK1")]
        devices[2].reports = (DeviceReport.ACCEPTED, DeviceReport.PLAYING, DeviceReport.DONE)
        for device in devices:
            set_public_key(connection, device.code, envelope.public_key_text(device.key.public_key()))
            device.connect()
        role = Dispatch(variables, home / "dispatch.log")
        role.start()
        online = "select count(*) from device_state where online and verified"
        eventually(lambda: found(connection, online) == 3, why="devices never came online")
        yield World(connection, settings, services, role, *devices)
        for device in devices:
            device.close()
        assert role.stop() == 0
        text = role.log.read_text()
        assert "Traceback" not in text and '"exception"' not in text, text


def test_an_order_shows_speaks_and_is_taken_off_again(world: World) -> None:
    order = world.issue()
    eventually(
        lambda: (
            [world.state(order, one) for one in ("LED1", "LED2", "SPK1")] == ["showing", "showing", "done"]
        )
    )
    led, speaker = world.told(world.led1, order)[-1], world.told(world.speaker, order)[-1]
    assert led.text == "水位 3.42 米，请\n立即转移到塔山小\f学"
    assert (led.kind, speaker.kind) == (CommandKind.SHOW, CommandKind.PLAY)
    assert speaker.audio_url is not None
    assert speaker.audio_url.endswith(f"/{speaker.audio_sha256}.wav")
    line = order_line(world.connection, order)
    assert (line.screens, line.loudspeakers, line.shown, line.failed) == (2, 1, 3, 0)
    assert all(one.verified for one in delivery_lines(world.connection, order))
    with world.connection.transaction():
        end(world.connection, order, COMMANDER, reason="水位回落", at=now(), settings=world.settings)
    eventually(lambda: [world.state(order, one) for one in ("LED1", "LED2")] == ["cleared", "cleared"])
    assert not world.led1.shown
    assert world.state(order, "SPK1") == "done"


def test_sequences_only_rise(world: World) -> None:
    sequences = [one.sequence for one in world.led1.commands]
    assert sequences == sorted(set(sequences))
    assert all(abs(one.issued.timestamp() * 1000 - one.sequence) < 60_000 for one in world.led1.commands)


def test_an_offline_screen_is_shown_as_offline_and_gets_the_text_when_it_returns(world: World) -> None:
    world.led2.vanish()
    eventually(
        lambda: found(world.connection, "select online from device_state where device = 'LED2'") is False, 20
    )
    order = world.issue()
    eventually(lambda: world.state(order, "LED2") == "failed", 20)
    assert world.reason(order, "LED2") == "offline"
    assert (
        found(
            world.connection,
            "select attempts from delivery where order_id = %s and recipient = 'LED2'",
            order,
        )
        == 3
    )
    assert world.state(order, "LED1") == "showing"
    world.led2.connect()
    eventually(lambda: world.state(order, "LED2") == "showing", 20)
    with world.connection.transaction():
        withdraw(world.connection, order, COMMANDER, reason="误发", at=now(), settings=world.settings)
    eventually(lambda: world.state(order, "LED2") == "cleared")


def test_a_device_that_refuses_gives_its_reason_and_is_not_asked_again(world: World) -> None:
    before = world.led1.reports
    world.led1.reports = (DeviceReport.REJECTED,)
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    eventually(lambda: world.state(order, "LED1") == "rejected")
    world.led1.reports = before
    assert found(world.connection, "select due_at from delivery where order_id = %s", order) is None


def test_a_wrong_signature_is_kept_but_proves_nothing(world: World) -> None:
    world.led1.sign_with = Ed25519PrivateKey.generate()
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    eventually(lambda: world.state(order, "LED1") == "failed", 20)
    line = delivery_lines(world.connection, order)[0]
    assert (line.state, line.reason, line.last_receipt, line.receipt_verified) == (
        "failed", "no_receipt", "showing", False,
    )  # fmt: skip
    world.led1.sign_with = world.led1.key
    world.led1.say(world.told(world.led1, order)[-1], DeviceReport.SHOWING)  # late, but its own
    eventually(lambda: world.state(order, "LED1") == "showing")
    assert delivery_lines(world.connection, order)[0].verified


def test_a_device_without_a_key_is_believed_but_not_verified(world: World) -> None:
    world.connection.execute("update device set public_key = null where code = 'LED2'")
    order = world.issue(selection=Selection(devices=("LED2",), sms=False))
    eventually(lambda: world.state(order, "LED2") == "showing")
    assert not delivery_lines(world.connection, order)[0].verified
    set_public_key(world.connection, "LED2", envelope.public_key_text(world.led2.key.public_key()))


def test_an_old_receipt_proves_nothing_about_another_command(world: World) -> None:
    world.speaker.reports = ()
    order = world.issue(selection=Selection(devices=("SPK1",), sms=False))
    command = eventually(lambda: [one for one in world.speaker.commands if one.id in world.speaker.shown])[-1]
    world.speaker.say(replace(command, id="d1-00000000"), DeviceReport.DONE)
    world.speaker.say(replace(command, sequence=command.sequence - 1), DeviceReport.DONE)
    eventually(lambda: world.state(order, "SPK1") == "failed", 20)
    assert world.reason(order, "SPK1") == "no_receipt"
    world.speaker.reports = (DeviceReport.ACCEPTED, DeviceReport.PLAYING, DeviceReport.DONE)


def test_a_babbling_device_hurts_nobody_and_is_marked(world: World) -> None:
    junk = f"{world.led2.branch}/device/LED2/receipt"
    for _ in range(3000):
        world.led2.client.publish(junk, b"x" * 200, qos=0)
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    eventually(lambda: world.state(order, "LED1") == "showing", 5, "others wait behind the babble")
    noted = "select (detail ->> 'babbled')::int from device_state where device = 'LED2'"
    eventually(lambda: (world.led2.client.publish(junk, b"x", qos=1), found(world.connection, noted))[1], 20)
    kept = found(
        world.connection,
        "select count(*) from receipt where source = 'device/LED2' and state = 'bad_envelope'",
    )
    assert 0 < kept < 300


def test_an_exercise_has_its_own_topics_and_marks(world: World) -> None:
    trusted = world.led1.trusted
    drill = TestDevice("LED1", world.services.broker.url("LED1"), trusted, exercise="ex-1")
    drill.key = drill.sign_with = world.led1.key
    drill.connect()
    before = len(world.led1.commands)
    order = world.issue(exercise="ex-1", selection=Selection(devices=("LED1",), sms=False))
    assert found(world.connection, "select number from orders where id = %s", order).startswith("演-")
    eventually(lambda: world.state(order, "LED1") == "showing")
    text = drill.commands[-1].text or ""
    assert all(page.replace("\n", "").startswith("【演练】") for page in text.split("\f"))
    assert text.replace("\n", "").endswith("【演练】")
    assert (drill.commands[-1].exercise, len(world.led1.commands)) == ("ex-1", before)
    states = dict(
        world.connection.execute("select exercise, online from device_state where device = 'LED1'").fetchall()
    )
    assert states == {None: True, "ex-1": True}
    drill.close()


def test_a_public_order_without_approvals_never_reaches_a_device(world: World) -> None:
    with world.connection.transaction():
        order = create_draft(
            world.connection, draft(selection=Selection(devices=("LED1",), sms=False)), DUTY, at=now(),
            settings=world.settings,
        )  # fmt: skip
    before = len(world.led1.commands)
    world.connection.execute("update orders set state = 'issued', issued_at = now() where id = %s", (order,))
    world.connection.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " values (%s, 'device', 'LED1', 'led', now())",
        (order,),
    )
    eventually(lambda: world.state(order, "LED1") == "withheld")
    assert world.reason(order, "LED1") == "not_approved"
    assert len(world.led1.commands) == before


def test_a_text_changed_after_the_approvals_never_reaches_a_device(world: World) -> None:
    world.led1.reports = ()
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    eventually(lambda: world.state(order, "LED1") == "sent")
    before = len(world.led1.commands)
    world.connection.execute("update orders set led_text = '可以返回' where id = %s", (order,))
    eventually(lambda: world.reason(order, "LED1") == "changed")
    assert len(world.led1.commands) == before
    world.led1.reports = (DeviceReport.ACCEPTED, DeviceReport.SHOWING)


def test_commands_wait_for_a_broker_that_is_away(world: World) -> None:
    world.services.processes()["mosquitto"].stop()
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    eventually(lambda: world.state(order, "LED1") == "showing", 30)


def test_a_command_that_came_too_late_is_sent_again(world: World) -> None:
    before = world.led1.reports
    world.led1.reports = ()
    order = world.issue(selection=Selection(devices=("LED1",), sms=False))
    late = eventually(lambda: world.told(world.led1, order))[0]
    world.led1.reports = before
    world.led1.say(late, DeviceReport.EXPIRED, "expired")
    eventually(lambda: world.state(order, "LED1") == "showing", 5)
    again = world.told(world.led1, order)
    assert len(again) == 2
    assert again[1].sequence > late.sequence


def tell(world: World, alarm: int | None, *devices: Recipient) -> int:
    with world.connection.transaction():
        return create_notice(
            world.connection, alarms={alarm: Severity.RED} if alarm else {}, severity=Severity.RED, title="红", text="水位 3.42 米", area="T1",
            exercise=None, at=now(), recipients=[Recipient("person", "p1", Channel.SMS), *devices],
        )  # fmt: skip


def test_a_notice_never_reaches_a_public_device(world: World) -> None:
    before = len(world.led2.commands)
    with pytest.raises(InputError, match="never to the public"):
        tell(world, None, Recipient("device", "LED2", Channel.LED))
    order = tell(world, None)
    world.connection.execute("insert into order_recipient values (%s, 'device', 'LED2', 'led')", (order,))
    world.connection.execute(
        "insert into delivery (order_id, recipient_kind, recipient, channel, due_at)"
        " values (%s, 'device', 'LED2', 'led', now())",
        (order,),
    )
    eventually(lambda: world.state(order, "LED2") == "withheld")
    assert world.reason(order, "LED2") == "public_notice"
    assert len(world.led2.commands) == before


def test_the_duty_room_s_own_screen_and_loudspeaker_have_the_notice_until_it_is_heard(world: World) -> None:
    world.connection.execute("update device set internal = true where code in ('LED1', 'SPK1')")
    alarm = add_alarm(world.connection, subject="S-internal")
    order = tell(
        world,
        alarm,
        Recipient("device", "LED1", Channel.LED),
        Recipient("device", "SPK1", Channel.LOUDSPEAKER),
    )
    eventually(lambda: [world.state(order, one) for one in ("LED1", "SPK1")] == ["showing", "done"])
    assert world.told(world.led1, order)[-1].text == "水位 3.42 米"
    spoken = world.told(world.speaker, order)[-1]
    assert spoken.audio_sha256 == found(
        world.connection, "select audio_sha256 from orders where id = %s", order
    )
    assert (audio_folder(world.settings) / f"{spoken.audio_sha256}.wav").is_file()
    with world.connection.transaction():
        acknowledge(world.connection, alarm, actor="chen", at=now())
    eventually(lambda: world.state(order, "LED1") == "cleared")
    assert world.told(world.led1, order)[-1].kind is CommandKind.CANCEL
    world.connection.execute("update device set internal = false")


def test_a_newer_notice_takes_the_older_one_off_the_duty_room_s_screen(world: World) -> None:
    world.connection.execute("update device set internal = true where code = 'LED1'")
    alarm = add_alarm(world.connection, subject="S-newer")
    led = Recipient("device", "LED1", Channel.LED)
    order = tell(world, alarm, led)
    eventually(lambda: world.state(order, "LED1") == "showing")
    newer = tell(world, alarm, led)
    eventually(lambda: (world.state(order, "LED1"), world.state(newer, "LED1")) == ("cleared", "showing"))
    world.connection.execute("update device set internal = false")
