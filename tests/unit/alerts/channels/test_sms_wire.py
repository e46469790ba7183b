"""What Kannel says and how it is understood."""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest

from alerts.channels.callbacks import DeliveryReport, Message, decode_text, understand
from alerts.channels.devices import SHARE_BURST, Share
from alerts.channels.outbox import Pace
from alerts.channels.sms import Outcome, is_reachable, understood
from alerts.orders.replies import domestic
from core.settings import Sms


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (202, "0: Accepted for delivery", Outcome.SENT),
        (202, "3: Queued for later delivery", Outcome.SENT),
        (503, "Temporal failure, try again later.", Outcome.UNREACHABLE),
        (403, "Authorization failed for sendsms", Outcome.REFUSED),
        (400, "Missing receiver", Outcome.REFUSED),
    ],
)
def test_answers_of_the_gateway(status: int, body: str, outcome: Outcome) -> None:
    assert understood(status, body).outcome is outcome


@pytest.mark.parametrize("text", ["1", "收到", "收到，已转移 12 人\n第二行", "🌊", "a+b & c=d %"])
def test_a_message_comes_through_as_raw_utf_16(text: str) -> None:
    raw = quote(text.encode("utf-16-be"))
    path = f"/sms/mo/s3cret?from=%2B8613800000000&to=1069&raw={raw}&charset=UTF-16BE&coding=2&id=m-1"
    assert understand(path, "s3cret") == Message("+8613800000000", text, "m-1")


@pytest.mark.parametrize(
    ("raw", "coding", "charset", "text"),
    [
        (b"1", "0", "", "1"), ("收到".encode(), "0", "UTF-8", "收到"), ("é".encode("latin-1"), "0", "ISO-8859-1", "é"),
        (b"\xff", "0", "nonsense", "ÿ"), (b"\x00", "2", "", "�"),
    ],
)  # fmt: skip
def test_other_codings(raw: bytes, coding: str, charset: str, text: str) -> None:
    assert decode_text(raw, coding, charset) == text


@pytest.mark.parametrize("charset", ["utf-8%00", "hex", "punycode", "unicode_escape", "utf-7", "rot13"])
@pytest.mark.parametrize("raw", ["1%00", "%ff", "%FC%5Cud800", "%00%00"])
def test_any_message_can_be_stored(raw: str, charset: str) -> None:
    said = understand(f"/sms/mo/s3cret?from=138&raw={raw}&charset={charset}&coding=0", "s3cret")
    assert isinstance(said, Message)
    assert "\0" not in said.text
    assert said.text.encode().decode() == said.text
    if raw == "1%00":
        assert said.text == "1"


def test_any_sender_and_id_can_be_stored() -> None:
    said = understand("/sms/mo/s3cret?from=1%0038&raw=1&id=m%00-1", "s3cret")
    assert said == Message("1�38", "1", "m�-1")


def test_ids_too_long_to_index_stay_apart() -> None:
    ids = set()
    for end in "ab":
        said = understand(f"/sms/mo/s3cret?from=138&raw=1&id={'x' * 3000}{end}", "s3cret")
        assert isinstance(said, Message)
        assert said.message_id
        assert len(said.message_id) == 64
        ids.add(said.message_id)
    assert len(ids) == 2


def test_any_delivery_report_can_be_stored() -> None:
    assert understand("/sms/dlr/s3cret?ref=s1%00-1&code=1&answer=DELIV%00RD", "s3cret") == DeliveryReport(
        "s1�-1", 1, "DELIV�RD"
    )


def test_a_delivery_report() -> None:
    assert understand("/sms/dlr/s3cret?ref=s1-1-ab&code=1&answer=DELIVRD", "s3cret") == DeliveryReport(
        "s1-1-ab", 1, "DELIVRD"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/", "/sms/mo/", "/sms/mo/other?from=1&raw=1", "/sms/dlr/s3cret", "/sms/dlr/s3cret?ref=a&code=x", "/sms/x/s3cret",
        "/sms/mo/s3cret?raw=1", "/sms/dlr/s3cret/more?ref=a&code=1", "/sms/dlr/s3cret?ref=a&code=²",
    ],
)  # fmt: skip
def test_anything_else_is_not_understood(path: str) -> None:
    assert understand(path, "s3cret") is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13800000000", "13800000000"), ("+8613800000000", "13800000000"), ("008613800000000", "13800000000"),
        ("8613800000000", "13800000000"), ("138 0000-0000", "13800000000"), ("1069", "1069"), ("8612345", "8612345"),
    ],
)  # fmt: skip
def test_numbers_as_the_list_has_them(given: str, kept: str) -> None:
    assert domestic(given) == kept


def test_parts_leave_no_faster_than_the_gateway_takes_them() -> None:
    pace = Pace(10, clock=lambda: 100.0)
    assert [round(pace.wait_s(parts), 3) for parts in (1, 1, 3, 1)] == [0.0, 0.1, 0.2, 0.5]


def test_a_babbling_device_uses_up_its_own_share_only() -> None:
    share = Share(clock=lambda: 0.0)
    taken = sum(share.take("LED1") for _ in range(1000))
    assert taken == SHARE_BURST
    assert share.take("LED2")
    assert share.dropped("LED1") == 1000 - SHARE_BURST
    assert share.dropped("LED1") == 0


def test_a_gateway_that_takes_connections_is_reachable_and_one_that_is_gone_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gateway:
        there = Sms(url=f"http://127.0.0.1:{gateway.getsockname()[1]}/cgi-bin/sendsms")
        assert is_reachable(there)
    assert not is_reachable(there)
    assert not is_reachable(Sms())
