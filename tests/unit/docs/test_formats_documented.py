"""The checklist of formats names every format, and what it calls done is there."""

from __future__ import annotations

import importlib
import itertools
import re
from pathlib import Path

import pytest

from cli.documents import DOCUMENTS
from formats import FORMATS

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "tests" / "unit" / "formats"
COLUMNS = [
    "format",
    "decode",
    "encode for drills",
    "samples with expected values",
    "mutated inputs",
    "round trip",
    "documented",
]
CODE: dict[str, tuple[str, str, str, str]] = {
    "obs": ("formats.observations", "decode", "encode", "test_spoilt_payloads.py"),
    "sl651": ("formats.sl651", "decode_payload", "encode_report", "sl651/test_mutations.py"),
    "senml": ("formats.senml", "decode", "encode_json", "test_senml.py"),
    "tts": ("formats.things_stack", "decode", "encode", "test_things_stack.py"),
    "chirpstack": ("formats.chirpstack", "decode", "encode", "test_chirpstack.py"),
    "thingsboard": ("formats.thingsboard", "decode", "encode_gateway", "test_thingsboard.py"),
    "cap": ("formats.cap", "decode", "encode", "cap/test_hostile.py"),
    "typhoon": ("formats.typhoon", "decode_tracks", "encode", "test_best_track.py"),
    "weather_image": ("formats.weather_image", "decode", "write_png", "test_weather_image.py"),
    "camera_status": ("formats.camera", "decode_status", "encode_status", "test_camera.py"),
    "camera_snapshot": ("formats.camera", "decode_snapshot", "", "test_camera.py"),
    "frigate": ("formats.frigate", "decode", "encode_status", "test_frigate.py"),
    "gb28181": ("formats.gb28181", "decode", "encode_keepalive", "test_gb28181.py"),
}
"""Where each format is: its module, what decodes, what encodes, and the test that spoils its payloads."""
WRITERS = {"sl651": "formats.sl651.encode"}
"""Modules that encode, where another does than the one that decodes."""


def checklist() -> dict[str, dict[str, str]]:
    """The rows of the table in docs/formats.md by the name of the format."""
    lines = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").splitlines()
    table = itertools.takewhile(
        lambda line: line.startswith("|"), lines[lines.index("| " + " | ".join(COLUMNS) + " |") :]
    )
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table][2:]
    return {re.findall(r"^`(\w+)`", row[0])[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}


def test_every_format_stands_in_the_checklist_and_none_that_is_gone() -> None:
    assert set(checklist()) == {*FORMATS, *DOCUMENTS} == set(CODE)


def test_nothing_is_left_to_do_and_what_is_exempt_says_why() -> None:
    unfinished = [
        (name, column, cell)
        for name, row in checklist().items()
        for column, cell in row.items()
        if not cell or "todo" in cell.lower() or re.fullmatch(r"exempt[:. ]*", cell)
    ]
    assert unfinished == []


@pytest.mark.parametrize("name", CODE)
def test_what_is_called_done_is_there(name: str) -> None:
    module, decode, encode, spoiling = CODE[name]
    code = importlib.import_module(module)
    writer = importlib.import_module(WRITERS.get(name, module))
    assert callable(getattr(code, decode))
    if "exempt" in checklist()[name]["encode for drills"]:
        assert encode == ""
    else:
        assert callable(getattr(writer, encode))
    test = (TESTS / spoiling).read_text(encoding="utf-8")
    assert "2_000" in test and "100_000" in test and "pytest.mark.full" in test
