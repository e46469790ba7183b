"""A payload may be raw or hexadecimal, with several frames; the command prints what it means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from core.faults import FaultReason
from formats.sl651 import Frame, Noise, read_frames
from tests.unit.formats.sl651.vectors import VECTORS, vector


@pytest.mark.parametrize(
    "payload",
    [
        vector("S2"),
        b"\x00\r\n" + vector("S2") + b"\x7e\n",
        vector("S2").hex().encode(),
        b"  " + vector("S2").hex(" ").upper().encode() + b" \r\n\r\n",
    ],
    ids=["raw", "raw with noise", "hex", "hex with blanks"],
)
def test_one_frame_in_any_dress(payload: bytes) -> None:
    assert [one.raw for one in read_frames(payload)] == [vector("S2")]


def test_a_line_that_is_no_hex_costs_only_itself() -> None:
    text = vector("S2").hex() + "\nnot a frame\nABC\n" + vector("S3").hex()
    found = read_frames(text.encode())
    assert [type(one) for one in found] == [Frame, Noise, Noise, Frame]


@pytest.mark.parametrize("payload", [b"", b" \r\n"])
def test_an_empty_payload_holds_no_frame(payload: bytes) -> None:
    assert read_frames(payload) == []


def printed(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[dict[str, object]], list[dict[str, object]]]:
    code = main(["decode", "sl651", *arguments])
    out, err = capsys.readouterr()
    return (
        code,
        [json.loads(line) for line in out.splitlines()],
        [json.loads(line) for line in err.splitlines()],
    )


def test_the_command_prints_all_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "frames.hex"
    file.write_text("\n".join(one["hex"] for one in VECTORS.values()))
    code, readings, faults = printed(capsys, str(file))
    assert code == 1
    assert [fault["reason"] for fault in faults] == [FaultReason.BAD_CHECKSUM]
    assert len(readings) == 54
    assert readings[2] == {
        "station": "60412301",
        "property": "water_level",
        "sensor": 1,
        "period_s": 0,
        "time": "2026-07-15T00:00:00Z",
        "value": 45.678,
        "quality": 1,
        "reason": "",
    }


def test_the_command_adds_a_base_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "frame.bin"
    file.write_bytes(vector("S5"))
    code, readings, faults = printed(capsys, str(file), "--base-level-m", "20")
    assert (code, faults) == (0, [])
    levels = [one["value"] for one in readings if one["property"] == "water_level"]
    assert levels == [46.0] * 10 + [None, 46.1, 46.1]
