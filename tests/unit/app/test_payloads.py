"""Payloads as people see them: whole, as text, and without the secrets in them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payloads import MASK, head, shown


def test_json_stands_in_lines_and_its_secrets_are_masked() -> None:
    payload = json.dumps(
        {"station": "桥", "auth": {"accessToken": "s3cret-77", "passWord": "x9"}, "v": [1, 2]}
    )
    found = shown(payload.encode(), "obs")
    assert (found.kind, found.masked) == ("json", True)
    assert "s3cret-77" not in found.text
    assert "x9" not in found.text
    assert json.loads(found.text)["v"] == [1, 2]
    assert "桥" in found.text


@pytest.mark.parametrize(
    "payload",
    [
        b'{"password": "geheim", broken',
        b"user=a&password=geheim&b=1",
        b"token: geheim, level 3",
        b'{"pwd":"geheim"',
    ],
)
def test_secrets_in_broken_texts_are_masked(payload: bytes) -> None:
    found = shown(payload, "obs")
    assert (found.kind, found.masked) == ("text", True)
    assert "geheim" not in found.text
    assert "geheim" not in head(payload, "obs")


@pytest.mark.parametrize(
    "payload",
    [
        b'{"station": "a", "token": "geheim',
        b'{"password": "x\\"geheim", broken',
        b"Authorization: Bearer geheim",
        b'{"url": "rtsp://admin:geheim@10.0.0.1/live", broken',
        json.dumps({"token": ["geheim"], "credentials": {"user": "a", "key": "geheim"}}).encode(),
        json.dumps({"data": json.dumps({"password": "geheim"})}).encode(),
        json.dumps({"stream": "rtsp://admin:p@geheim@10.0.0.1/live"}).encode(),
    ],
)
def test_secrets_that_are_cut_off_or_lie_deeper_are_masked(payload: bytes) -> None:
    found = shown(payload, "obs")
    assert found.masked
    assert "geheim" not in found.text
    if b"[" not in payload and b"\\" not in payload:
        assert "geheim" not in head(payload, "obs")


FRAME = bytes.fromhex("7E7E010012345678ABCD3200080200261115091503")
ASCII_FRAME = b"\x01010012345678ABCD320008\x02data\x03"


@pytest.mark.parametrize("payload", [FRAME, FRAME.hex().encode(), FRAME.hex(" ").upper().encode() + b"\r\n"])
def test_the_password_of_a_frame_is_masked_raw_and_in_digits(payload: bytes) -> None:
    found = shown(payload, "sl651")
    assert (found.kind, found.masked) == ("hex", True)
    digits = found.text.replace(" ", "").replace("\n", "")
    assert "ABCD" not in digits.upper()
    assert digits.upper().startswith("7E7E010012345678" + MASK)
    assert "ABCD" not in head(payload, "sl651").replace(" ", "").upper()


@pytest.mark.parametrize("format_", ["sl651", None, "obs"])
@pytest.mark.parametrize(
    "payload",
    [
        FRAME,
        b"\x7e" + FRAME,
        FRAME + FRAME[:9],
        ASCII_FRAME,
        FRAME.hex().encode(),
        FRAME.hex()[:18].encode() + b"\n" + FRAME.hex()[18:].encode(),
    ],
)
def test_a_frame_is_masked_whatever_its_topic_and_what_stands_before_it(
    payload: bytes, format_: str | None
) -> None:
    for text in (shown(payload, format_).text, head(payload, format_)):
        bare = text.replace(" ", "").replace("\n", "").upper()
        assert "ABCD" not in bare
        assert not bare.endswith("AB")


@pytest.mark.parametrize("payload", [ASCII_FRAME, ASCII_FRAME.hex().encode()])
def test_the_password_of_an_ascii_frame_is_masked(payload: bytes) -> None:
    found = shown(payload, "sl651")
    assert found.masked
    assert "ABCD" not in found.text
    assert b"ABCD".hex().upper() not in found.text.replace(" ", "")


def test_what_is_no_text_stands_in_digits() -> None:
    assert shown(b"\x00\x01\xfe", None).text == "00 01 FE"
    assert shown(b"", "camera_snapshot").kind == "none"


def test_a_head_that_ends_within_a_character_is_text_still() -> None:
    assert shown("水位高".encode()[:-1], "obs").text == "水位"


@pytest.mark.parametrize(
    "piece", ["password", "password ", "token=", '"token":"', "a://b@", "7E7E", "passwort\\", "x_token_"]
)
def test_no_text_takes_long_to_mask(piece: str) -> None:
    begun = time.perf_counter()
    shown((piece * 65_536)[:65_536].encode(), "obs")
    assert time.perf_counter() - begun < 1.5


def test_deep_nesting_is_no_trap() -> None:
    assert shown(b"[" * 5_000 + b"]" * 5_000, "obs").text


@given(st.binary(max_size=300), st.sampled_from(["obs", "sl651", "tts", None]))
def test_any_bytes_can_be_shown(payload: bytes, format_: str | None) -> None:
    shown(payload, format_)
    assert len(head(payload, format_)) <= 120
