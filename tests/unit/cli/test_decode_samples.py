"""`anlan decode FORMAT FILE` on every sample, and on the collections that they stand in, gives what they mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.unit.formats.networks import SAMPLES
from tests.unit.formats.sl651.vectors import VECTORS

FRAMES = Path(__file__).parents[1] / "formats" / "sl651" / "data" / "vectors.json"
LETTERS = {"Z": "39", "PJ": "20", "VT": "38"}
PROPERTIES = {
    "20": "rainfall_today", "26": "rainfall_cumulative", "39": "water_level", "45": "station_status",
    "38": "battery_voltage", "F4": "rainfall", "F5_rel": "water_level", "3B": "water_level", "3A": "water_level",
    "0C": "gates_open", "09": "gate_opening", "FF22": "FF22", "22": "rainfall",
}  # fmt: skip
OW = "10e2073a01080063"
MEANT: dict[str, dict[str, list[tuple[str | None, str, str, float]]]] = {
    "tts": {
        "uplink": [
            ("dev1", "signal_strength", "2020-02-12T15:15:45.789585Z", -35.0),
            ("dev1", "temperature", "2020-02-12T15:15:45.789585Z", 1.0),
            ("dev1", "luminosity", "2020-02-12T15:15:45.789585Z", 0.64),
        ]
    },
    "chirpstack": {
        "up": [("Test device", "signal_strength", "2022-07-18T09:34:15.775023Z", -36.0)],
        "status": [("Test device", "battery_level", "2022-07-18T09:35:06.927172Z", 88.3)],
        "join": [],
        "log": [],
        "location": [],
    },
    "thingsboard": {
        "device_simple": [(None, "humidity", "now", 61.0), (None, "temperature", "now", 22.5)],
        "device_client_ts": [
            (None, "humidity", "2016-01-01T12:00:00.512000Z", 61.0),
            (None, "temperature", "2016-01-01T12:00:00.512000Z", 22.5),
        ],
        "device_array": [
            (None, "humidity", "2016-01-01T12:00:00Z", 61.0),
            (None, "humidity", "2016-01-01T12:00:01Z", 60.0),
            (None, "temperature", "2016-01-01T12:00:00Z", 22.5),
            (None, "temperature", "2016-01-01T12:00:01Z", 22.7),
        ],
        "gateway": [
            ("Device A", "humidity", "2017-01-01T00:00:00Z", 80.0),
            ("Device A", "humidity", "2017-01-01T00:00:01Z", 82.0),
            ("Device B", "humidity", "2017-01-01T00:00:00Z", 80.0),
            ("Device A", "temperature", "2017-01-01T00:00:00Z", 42.0),
            ("Device A", "temperature", "2017-01-01T00:00:01Z", 43.0),
            ("Device B", "temperature", "2017-01-01T00:00:00Z", 42.0),
        ],
    },
    "senml": {
        "single": [(OW, "Cel", "now", 23.1)],
        "two_base_time_draft": [
            (OW, "Cel", "2010-06-08T18:01:16.305000Z", 23.5),
            (OW, "Cel", "2010-06-08T18:01:31.305000Z", 23.6),
        ],
        "rfc_5_1_mobile": [
            (OW, "%RH", "2011-10-31T13:24:24Z", 20.0), (OW, "lon", "2011-10-31T13:24:24Z", 24.30621),
            (OW, "lat", "2011-10-31T13:24:24Z", 60.07965), (OW, "%RH", "2011-10-31T13:25:24Z", 20.3),
            (OW, "lon", "2011-10-31T13:25:24Z", 24.30622), (OW, "lat", "2011-10-31T13:25:24Z", 60.07965),
            (OW, "%RH", "2011-10-31T13:26:24Z", 20.7), (OW, "lon", "2011-10-31T13:26:24Z", 24.30623),
            (OW, "lat", "2011-10-31T13:26:24Z", 60.07966), (OW, "%EL", "2011-10-31T13:26:54Z", 98.0),
            (OW, "%RH", "2011-10-31T13:27:24Z", 21.2), (OW, "lon", "2011-10-31T13:27:24Z", 24.30628),
            (OW, "lat", "2011-10-31T13:27:24Z", 60.07967),
        ],
        "rfc_base_relative": [
            ("10e2073a0108006", "voltage", "2010-06-08T18:01:16.001000Z", 120.1),
            *(
                ("10e2073a0108006", "current", f"2010-06-08T18:01:{second}.001000Z", value)
                for second, value in zip(range(11, 17), (1.2, 1.3, 1.4, 1.5, 1.6, 1.7), strict=True)
            ),
        ],
        "old_e_style_not_rfc8428": [],
        "invalid_bad_char": [],
    },
}  # fmt: skip
WRONG = {"up": "empty", "old_e_style_not_rfc8428": "wrong_shape", "invalid_bad_char": "bad_code"}
"""Samples of which nothing, or not all, can be read, and why."""

Printed = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def printed(capsys: pytest.CaptureFixture[str], format_: str, *words: str) -> Printed:
    """What the command prints, readings and faults; its exit code says whether there were any."""
    code = main(["decode", format_, *words])
    out, err = capsys.readouterr()
    faults = [json.loads(line) for line in err.splitlines()]
    assert code == bool(faults)
    return [json.loads(line) for line in out.splitlines()], faults


def brief(lines: list[dict[str, Any]]) -> list[tuple[str | None, str, str, float]]:
    """Station, property, time and value; a time of this minute is "now"."""
    found = []
    for line in lines:
        age = datetime.now(UTC) - datetime.fromisoformat(line["time"])
        time = "now" if timedelta(0) <= age < timedelta(minutes=1) else line["time"]
        found.append((line["station"], line["property"], time, line["value"]))
    return found


@pytest.mark.parametrize(("format_", "name"), [(f, name) for f, names in MEANT.items() for name in names])
def test_a_sample_gives_its_values(capsys: pytest.CaptureFixture[str], format_: str, name: str) -> None:
    lines, faults = printed(capsys, format_, str(SAMPLES / format_ / f"{name}.json"))
    assert brief(lines) == MEANT[format_][name]
    assert [fault["reason"] for fault in faults] == ([WRONG[name]] if name in WRONG else [])


def test_no_sample_is_left_out() -> None:
    for format_, names in MEANT.items():
        assert {path.stem for path in (SAMPLES / format_).glob("*.json")} == set(names)


@pytest.fixture(params=sorted(MEANT))
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """All samples of a format in one file, with the words that stand beside them there."""
    samples = {
        name: json.loads((SAMPLES / request.param / f"{name}.json").read_bytes())
        for name in MEANT[request.param]
    }
    file = tmp_path / "samples.json"
    told = {"_source": "documentation", "_topic": "a/b", "topics": ["a", "b"], "expect": {"single": "one"}}
    file.write_text(json.dumps(told | samples))
    return request.param, file


def test_a_collection_gives_the_values_of_all_its_samples(
    capsys: pytest.CaptureFixture[str], collection: tuple[str, Path]
) -> None:
    format_, file = collection
    lines, faults = printed(capsys, format_, str(file))
    assert brief(lines) == [meant for sample in MEANT[format_].values() for meant in sample]
    assert {fault["sample"]: fault["reason"] for fault in faults} == {
        name: reason for name, reason in WRONG.items() if name in MEANT[format_]
    }


def test_one_sample_of_a_collection(capsys: pytest.CaptureFixture[str], collection: tuple[str, Path]) -> None:
    format_, file = collection
    name = list(MEANT[format_])[-1]
    assert brief(printed(capsys, format_, "--sample", name, str(file))[0]) == MEANT[format_][name]
    assert main(["decode", format_, str(file), "--sample", "nothing"]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name, one in VECTORS.items() if one.get("elements")])
def test_a_frame_gives_its_elements(capsys: pytest.CaptureFixture[str], name: str) -> None:
    lines, faults = printed(capsys, "sl651", "--base-level-m", "20", "--sample", name, str(FRAMES))
    assert faults == []
    found = [(line["property"], line["value"]) for line in lines]
    assert found == expected_of(VECTORS[name])


def expected_of(frame: dict[str, Any]) -> list[tuple[str, float | None]]:
    """Property and value of each element, slots and steps one by one, over a base level of 20 m."""
    listed = []
    for code, value in [*frame["elements"].items(), *frame.get("second_elements", {}).items()]:
        property = PROPERTIES[LETTERS.get(code, code)]
        if frame.get("class") == "T" and property == "water_level":
            property = "tide_level"
        for one in value if isinstance(value, list) else [value]:
            number = float(int(one, 16)) if code == "45" else one
            listed.append((property, number + 20 if code == "F5_rel" and number is not None else number))
    return listed


def test_all_frames_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines, faults = printed(capsys, "sl651", str(FRAMES))
    assert len(lines) == 54
    assert [fault["reason"] for fault in faults] == ["bad_checksum"]
    relative = [line["reason"] for line in lines if line["property"] == "relative_level"]
    assert relative == ["base_unknown"] * 10 + ["missing", "base_unknown"]


def test_json_may_stand_one_document_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    document = '{"time": "2026-07-01T00:00:00Z", "values": {"flow": %s}}\n'
    file.write_text(document % 1 + "\n" + document % '"x"' + document % 3)
    lines, faults = printed(capsys, "obs", "--station", "ST1", str(file))
    assert [line["value"] for line in lines] == [1.0, 3.0]
    assert [(fault["sample"], fault["reason"]) for fault in faults] == [("line 2", "wrong_type")]
    file.write_text('{"time": "2026-07-01T00:00:00Z",\n "values": {"flow": 1}}\n')
    assert brief(printed(capsys, "obs", "--station", "ST1", str(file))[0]) == [
        ("ST1", "flow", "2026-07-01T00:00:00Z", 1.0)
    ]


def test_warnings_and_tracks(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = printed(capsys, "cap", str(SAMPLES / "cap" / "weather.cap"))
    assert [(line["event"], line["expires"], line["status"]) for line in lines] == [
        ("Flash Flood Watch", "2010-08-30T18:00:00Z", "Actual")
    ]
    lines, faults = printed(capsys, "cap", str(SAMPLES / "cap" / "wmo_wis2box_cap_example.xml"))
    assert [(line["event"], line["language"], line["severity"]) for line in lines] == [
        ("Strong Winds", "en", "Moderate")
    ]
    assert faults == []
    lines, faults = printed(capsys, "typhoon", str(SAMPLES / "typhoon" / "jma-best-track.txt"))
    assert {line["typhoon"] for line in lines} == {"1323", "1509", "1909", "2106"}
    deepest = min(
        (line for line in lines if line["typhoon"] == "1909"), key=lambda line: line["pressure_hpa"]
    )
    assert (deepest["pressure_hpa"], deepest["time"], faults) == (925.0, "2019-08-08T12:00:00Z", [])
