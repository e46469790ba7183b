"""Who may say and hear what, how much is taken, and what a restart keeps."""

import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cli.services import Services

_WAIT_S = 5.0
_NOT_AUTHORISED = 0x87


@pytest.fixture(scope="module")
def accounts(services: Services) -> dict[str, str]:
    return services.ensure_accounts(["S1", "S2", "led-1"])


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        ("S1", "anlan/obs/S1"),
        ("S1", "anlan/sl651/S1"),
        ("S1", "anlan/drill/ex-1/obs/S1"),
        ("led-1", "anlan/device/led-1/status"),
        ("led-1", "anlan/device/led-1/receipt"),
        ("led-1", "anlan/drill/ex-1/device/led-1/receipt"),
        ("led-1", "anlan/camera/led-1/snapshot"),
        ("gateway", "anlan/obs/S1"),
        ("gateway", "anlan/weather/warning"),
        ("gateway", "anlan/drill/ex-1/obs/S1"),
        ("ingest", "anlan/ack/S1"),
        ("ingest", "anlan/drill/ex-1/ack/S1"),
        ("ingest", "anlan/sl651/S1/down"),
        ("dispatch", "anlan/device/led-1/command"),
        ("dispatch", "anlan/drill/ex-1/device/led-1/command"),
        ("centre", "anlan/device/led-1/command"),
        ("canary", "anlan/drill/canary/obs/canary"),
    ],
)
def test_may_publish(services: Services, accounts: dict[str, str], account: str, topic: str) -> None:
    assert _publish(services, account, topic) == 0


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        ("S1", "anlan/obs/S2"),
        ("S1", "anlan/ack/S1"),
        ("S1", "anlan/device/led-1/command"),
        ("S1", "anlan/drill/ex-1/obs/S2"),
        ("S1", "anlan/weather/warning"),
        ("led-1", "anlan/device/led-1/command"),
        ("led-1", "anlan/device/led-2/receipt"),
        ("gateway", "anlan/device/led-1/command"),
        ("gateway", "anlan/drill/ex-1/device/led-1/command"),
        ("gateway", "anlan/device/led-1/receipt"),
        ("gateway", "anlan/ack/S1"),
        ("ingest", "anlan/obs/S1"),
        ("ingest", "anlan/device/led-1/command"),
        ("dispatch", "anlan/obs/S1"),
        ("dispatch", "anlan/device/led-1/receipt"),
        ("gateway", "anlan/drill/canary/obs/canary"),
        ("S1", "anlan/drill/canary/obs/canary"),
        ("canary", "anlan/obs/S1"),
        ("canary", "anlan/drill/canary/obs/S1"),
        ("canary", "anlan/weather/warning"),
        ("canary", "anlan/device/led-1/command"),
        ("canary", "anlan/ack/S1"),
    ],
)
def test_may_not_publish(services: Services, accounts: dict[str, str], account: str, topic: str) -> None:
    assert _publish(services, account, topic) == _NOT_AUTHORISED


@pytest.mark.parametrize(
    ("account", "filter_", "sender", "topic", "heard"),
    [
        ("S1", "anlan/ack/S1", "ingest", "anlan/ack/S1", True),
        ("S2", "anlan/ack/#", "ingest", "anlan/ack/S1", False),
        ("led-1", "anlan/device/led-1/command", "dispatch", "anlan/device/led-1/command", True),
        ("S1", "anlan/#", "dispatch", "anlan/device/led-1/command", False),
        ("S2", "anlan/#", "S1", "anlan/obs/S1", False),
        ("ingest", "$share/ingest/anlan/#", "S1", "anlan/obs/S1", True),
        ("ingest", "anlan/#", "S1", "anlan/drill/ex-1/obs/S1", True),
        ("dispatch", "anlan/device/+/receipt", "led-1", "anlan/device/led-1/receipt", True),
        ("dispatch", "anlan/#", "S1", "anlan/obs/S1", False),
        ("canary", "anlan/#", "S1", "anlan/obs/S1", False),
        ("canary", "anlan/#", "dispatch", "anlan/device/led-1/command", False),
    ],
)
def test_hears_only_what_it_may(
    services: Services,
    accounts: dict[str, str],
    account: str,
    filter_: str,
    sender: str,
    topic: str,
    heard: bool,
) -> None:
    with _connected(services, account) as listener:
        payloads: list[bytes] = []
        listener.on_message = lambda *event: payloads.append(_payload(event[2]))
        _subscribe(listener, filter_)

        mark = uuid.uuid4().bytes
        assert _publish(services, sender, topic, mark) == 0

        until = time.monotonic() + (_WAIT_S if heard else 0.3)
        while mark not in payloads and time.monotonic() < until:
            time.sleep(0.01)
        assert (mark in payloads) is heard


def test_nobody_gets_in_without_a_password(services: Services) -> None:
    for login in (None, ("centre", "centre"), ("stranger", "x")):
        client = _client()
        if login:
            client.username_pw_set(*login)
        with pytest.raises(PermissionError), _running(client, services):
            pass


def test_three_hundred_accounts_are_there_at_once_and_old_sessions_stay(services: Services) -> None:
    with _connected(services, "centre") as before:
        begun = time.monotonic()
        made = services.ensure_accounts([f"many-{number}" for number in range(300)])

        assert time.monotonic() - begun < 5
        assert len(set(made.values())) == 300
        assert services.broker.accepts("many-0")
        assert before.is_connected()
    assert services.ensure_accounts(["many-7"])["many-7"] == made["many-7"]


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a b", "a:b", "x" * 65])
def test_a_name_which_would_widen_the_rules_is_refused(services: Services, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an MQTT account"):
        services.ensure_accounts([name])


@pytest.mark.parametrize("name", ["centre", "ingest", "dispatch", "gateway", "canary"])
def test_no_station_or_device_gets_an_account_of_the_centre(services: Services, name: str) -> None:
    with pytest.raises(ValueError, match="account of the centre"):
        services.ensure_accounts(["led-8", name])
    assert "led-8" not in services.broker.accounts(), "all or nothing"


def test_two_megabytes_arrive_and_twenty_do_not(services: Services, accounts: dict[str, str]) -> None:
    with _connected(services, "ingest") as listener:
        sizes: list[int] = []
        listener.on_message = lambda *event: sizes.append(len(_payload(event[2])))
        _subscribe(listener, "anlan/obs/S1")

        assert _publish(services, "S1", "anlan/obs/S1", b"x" * 2 * 2**20) == 0
        with pytest.raises((TimeoutError, PermissionError)):
            _publish(services, "S1", "anlan/obs/S1", b"x" * 20 * 2**20)
        assert _publish(services, "S1", "anlan/obs/S1", b"after") == 0

        _until_len(sizes, 2)
        assert sizes == [2 * 2**20, 5]


def test_what_waits_for_a_session_outlives_a_restart(services: Services, accounts: dict[str, str]) -> None:
    name = f"keeper-{uuid.uuid4().hex[:6]}"
    with _connected(services, "ingest", name, keep=True) as listener:
        _subscribe(listener, "anlan/obs/S1")
    with _connected(services, "gateway") as sender:
        sent = [sender.publish("anlan/obs/S1", b"%d" % number, qos=1) for number in range(1500)]
        for message in sent:
            message.wait_for_publish(_WAIT_S)

    broker = services.processes()["mosquitto"]
    broker.send(signal.SIGTERM)
    assert broker.wait(_WAIT_S)
    until = time.monotonic() + _WAIT_S
    while not services.ready()["mosquitto"] and time.monotonic() < until:
        time.sleep(0.05)

    client = _client(name)
    heard: list[int] = []
    client.on_message = lambda *event: heard.append(int(_payload(event[2])))
    _log_in(client, services, "ingest")
    with _running(client, services, keep=True):
        _until_len(heard, 1500)
    assert heard == list(range(1500))


def _client(name: str = "") -> Client:
    return Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)


def _log_in(client: Client, services: Services, account: str) -> None:
    place = urlsplit(services.broker.url(account))
    client.username_pw_set(account, place.password)


@contextmanager
def _connected(services: Services, account: str, name: str = "", *, keep: bool = False) -> Iterator[Client]:
    client = _client(name)
    _log_in(client, services, account)
    with _running(client, services, keep=keep):
        yield client


@contextmanager
def _running(client: Client, services: Services, *, keep: bool = False) -> Iterator[None]:
    """Connected while inside; `PermissionError` when the broker refuses."""
    answers: list[bool] = []
    client.on_connect = lambda *event: answers.append(not event[3].is_failure)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 600 if keep else 0
    client.connect("127.0.0.1", services.broker.port, clean_start=not keep, properties=properties)
    client.loop_start()
    try:
        until = time.monotonic() + _WAIT_S
        while not answers and time.monotonic() < until:
            time.sleep(0.01)
        if not any(answers):
            raise PermissionError
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def _subscribe(client: Client, filter_: str) -> None:
    done: list[int] = []
    client.on_subscribe = lambda *event: done.append(1)
    client.subscribe(filter_, qos=1)
    _until_len(done, 1)


def _publish(services: Services, account: str, topic: str, payload: bytes = b"x") -> int:
    """The broker's reason code for one publication: 0, or 16 when nobody listens, is taken."""
    with _connected(services, account) as client:
        codes: list[int] = []
        client.on_publish = lambda *event: codes.append(_code(event[3]))
        client.publish(topic, payload, qos=1)
        _until_len(codes, 1)
    return 0 if codes[0] == 16 else codes[0]


def _code(reason: ReasonCode) -> int:
    return int(reason.value)


def _payload(message: MQTTMessage) -> bytes:
    return bytes(message.payload)


def _until_len(items: list[int], length: int) -> None:
    until = time.monotonic() + _WAIT_S
    while len(items) < length:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(items)} of {length}")
        time.sleep(0.01)
