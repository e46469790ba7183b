"""Best tracks of typhoons as Tokyo and Shanghai publish them."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.faults import FaultReason
from core.typhoons import GRADES, Typhoon, TyphoonFix, WindCircle, grade_of
from formats.typhoon import decode, decode_tracks, encode
from tests.unit.formats.networks import HOSTILE, JSON_TOKENS, mutate

SAMPLES = Path(__file__).parents[2] / "samples" / "typhoon"
TOKYO = (SAMPLES / "jma-best-track.txt").read_bytes()
SHANGHAI = (SAMPLES / "cma-best-track.txt").read_bytes()
KNOT, MILE = 0.514444, 1.852


def storms() -> dict[str, Typhoon]:
    found, faults = decode_tracks(TOKYO)
    assert faults == []
    return {one.name: one for one in found}


@pytest.mark.parametrize(
    ("name", "code", "fixes", "first", "last", "strongest", "knots", "lowest"),
    [
        ("FITOW", "1323", 39, (2013, 9, 29, 6), (2013, 10, 7, 6), (2013, 10, 4, 18), 75, 960),
        ("CHAN-HOM", "1509", 62, (2015, 6, 29, 6), (2015, 7, 13, 0), (2015, 7, 9, 18), 90, 935),
        ("LEKIMA", "1909", 56, (2019, 8, 2, 6), (2019, 8, 14, 18), (2019, 8, 8, 12), 105, 925),
        ("IN-FA", "2106", 81, (2021, 7, 15, 18), (2021, 7, 31, 6), (2021, 7, 21, 18), 85, 950),
    ],
)
def test_the_four_storms_near_the_county(
    name: str, code: str, fixes: int, first: tuple[int, ...], last: tuple[int, ...], strongest: tuple[int, ...],
    knots: int, lowest: int,
) -> None:  # fmt: skip
    storm = storms()[name]
    assert (storm.code, storm.name_en, len(storm.fixes)) == (code, name, fixes)
    assert storm.fixes[0].time == datetime(*first, tzinfo=UTC)  # type: ignore[misc,arg-type]
    assert storm.fixes[-1].time == datetime(*last, tzinfo=UTC)  # type: ignore[misc,arg-type]
    peak = max(storm.fixes, key=lambda fix: fix.wind_ms or 0)
    assert peak.time == datetime(*strongest, tzinfo=UTC)  # type: ignore[misc,arg-type]
    assert peak.wind_ms == pytest.approx(knots * KNOT)
    assert min(fix.pressure_hpa or 9999 for fix in storm.fixes) == lowest
    assert all(fix.issued is None for fix in storm.fixes)
    assert {fix.grade for fix in storm.fixes} <= set(GRADES)


def test_one_fix_with_its_wind_circles() -> None:
    """`15070912 002 5 …`: the line of Chan-hom's strongest hours, radii in nautical miles."""
    fix = next(one for one in storms()["CHAN-HOM"].fixes if one.time == datetime(2015, 7, 9, 18, tzinfo=UTC))
    line = next(line for line in TOKYO.decode().splitlines() if line.startswith("15070918"))
    words = line.split()
    assert (fix.lat, fix.lon, fix.pressure_hpa, fix.grade) == (25.1, 126.5, 935.0, "TY")
    assert words[7:11] == ["90150", "0150", "20350", "0270"]
    assert fix.circles == (
        WindCircle(10, round(150 * MILE, 1), round(150 * MILE, 1), None),
        WindCircle(7, round(350 * MILE, 1), round(270 * MILE, 1), 90.0),
    )
    assert (fix.radius10_km, fix.radius7_km) == (fix.circles[0].longest_km, fix.circles[1].longest_km)


def test_a_depression_has_neither_wind_nor_circles() -> None:
    first = storms()["LEKIMA"].fixes[0]
    assert (first.grade, first.wind_ms, first.circles, first.radius7_km) == ("TD", None, (), None)


def test_the_format_of_shanghai() -> None:
    found, faults = decode_tracks(SHANGHAI)
    assert faults == []
    nameless, demo = found
    assert (nameless.code, len(nameless.fixes), nameless.fixes[0].grade) == ("2026-0001", 4, None)
    assert (demo.code, demo.name, [fix.grade for fix in demo.fixes]) == (
        "2699", "DEMO", ["TD", "TS", "STS", "TY", "STY", "SUPER", "L"],
    )  # fmt: skip
    assert demo.fixes[5] == TyphoonFix(
        datetime(2026, 8, 9, 6, tzinfo=UTC), 125.0, 25.5, pressure_hpa=920.0, wind_ms=60.0, grade="SUPER"
    )
    assert demo.fixes[6].lon == -145.0, "longitudes run to 360 there"


def test_our_json_is_told_apart_and_keeps_circles_and_grades() -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    circles = (
        WindCircle(7, 400.0, 200.0, None, (400.0, 350.0, 200.0, 250.0)),
        WindCircle(10, 100.0, 60.0, 45.0),
        WindCircle(12, 40.0, 40.0),
    )
    fix = TyphoonFix(
        moment,
        123.0,
        27.0,
        radius7_km=400.0,
        radius10_km=100.0,
        radius12_km=40.0,
        grade="STY",
        circles=circles,
    )
    sent = Typhoon("2421", "康妮", "Kong-rey", (fix,))
    assert decode(encode(sent)) == (sent, [])
    assert decode_tracks(encode(sent)) == ([sent], [])


@pytest.mark.parametrize(
    ("circle", "reason"),
    [
        ('{"force": 7}', FaultReason.WRONG_SHAPE),
        ('{"force": 8, "longest_km": 3}', FaultReason.WRONG_SHAPE),
        ('{"force": 7, "longest_km": 9000}', FaultReason.OUT_OF_RANGE),
        ('{"force": 7, "longest_km": 30, "shortest_km": 40}', FaultReason.OUT_OF_RANGE),
        ('{"force": 7, "quadrants_km": [1, 2, 3]}', FaultReason.WRONG_SHAPE),
        ('{"force": 7, "quadrants_km": [1, 2, 3, "x"]}', FaultReason.WRONG_TYPE),
        ('{"force": 7, "longest_km": 30, "colour": 1}', FaultReason.UNKNOWN_FIELD),
        ("3", FaultReason.WRONG_SHAPE),
    ],
)
def test_a_wrong_circle_is_named_and_the_fix_is_kept(circle: str, reason: FaultReason) -> None:
    payload = '{"code": "1", "fixes": [{"time": "2026-07-01T00:00:00Z", "lon": 1, "lat": 2, "grade": "X", "circles": [%s]}]}'
    found, faults = decode((payload % circle).encode())
    assert found is not None and len(found.fixes) == 1
    assert {reason, FaultReason.OUT_OF_RANGE} <= {fault.reason for fault in faults}


def test_grades_by_wind() -> None:
    limits = {10.7: None, 10.8: "TD", 17.2: "TS", 24.5: "STS", 32.7: "TY", 41.5: "STY", 51.0: "SUPER"}
    assert {wind: grade_of(wind) for wind in limits} == limits


HEAD = b"66666 1909    1 0011 1909 0 6               LEKIMA              20191003\n"


@pytest.mark.parametrize(
    ("payload", "storms"),
    [
        (b"66666", 0),
        (HEAD, 0),
        (HEAD + b"19080206 002 2 145 1343\n", 0),
        (HEAD + b"19080206 001 2 145 1343 1002 000\n", 0),
        (HEAD + b"19138206 002 2 145 1343 1002 000\n", 0),
        (HEAD + b"19080206 002 2 945 1343 1002 000\n", 0),
        (HEAD + b"19080206 002 2 145 1343 10O2 000\n", 0),
        (HEAD + b"19080206 002 2 145 1343 1002 000 9x150 0150\n", 0),
        (HEAD + b"yesterday 002 2 145 1343 1002 000\n", 0),
        (HEAD + b"19080206 002 2 145 1343 1002 000\n19080212 002 2 145 1343 1002 000\n", 1),
        (HEAD.replace(b"    1 ", b"    x ") + b"19080206 002 2 145 1343 1002 000\n", 0),
    ],
)  # fmt: skip
def test_each_wrong_line_is_named(payload: bytes, storms: int) -> None:
    found, faults = decode_tracks(payload)
    assert len(found) == storms
    assert faults
    assert "line" in faults[0].detail or faults[0].reason is FaultReason.EMPTY


def test_too_many_positions_are_refused() -> None:
    found, faults = decode_tracks(TOKYO, most_fixes=100)
    assert [one.name for one in found] == ["CHAN-HOM"]
    assert [fault.reason for fault in faults] == [FaultReason.TOO_MANY_VALUES]


@pytest.mark.parametrize("payload", [*HOSTILE, b"66666" * 200_000, b"66666 1 1 1 1\n" * 60_000])
def test_payloads_of_other_formats_are_faults(payload: bytes) -> None:
    began = time.perf_counter()
    found, faults = decode_tracks(payload)
    assert time.perf_counter() - began < 5
    assert found == [] and faults


def survive(count: int, seed: int) -> None:
    chance = random.Random(seed)
    originals = [b"".join(TOKYO.splitlines(keepends=True)[200:215]), SHANGHAI,
                 encode(Typhoon("1", "a", "a", (TyphoonFix(datetime(2026, 7, 1, tzinfo=UTC), 1.0, 2.0, grade="TY",
                                                           circles=(WindCircle(7, 9.0, 5.0, 45.0),)),)))]  # fmt: skip
    originals[0] = TOKYO[TOKYO.index(b"66666 1323") :][:1200]
    told = read = 0
    slowest = 0.0
    for _ in range(count):
        spoilt = mutate(
            chance, chance.choice(originals), [*JSON_TOKENS, b"\n", b" ", b"66666 ", b"-", b"99999"]
        )
        began = time.perf_counter()
        found, faults = decode_tracks(spoilt)
        slowest = max(slowest, time.perf_counter() - began)
        told += bool(faults)
        read += bool(found)
        for storm in found:
            assert "\x00" not in storm.code + storm.name
            for fix in storm.fixes:
                assert -180 <= fix.lon <= 180 and -90 <= fix.lat <= 90 and fix.time.utcoffset() is not None
                assert fix.grade is None or fix.grade in GRADES
    assert slowest < 5
    assert told > count / 10 and read > count / 10


def test_two_thousand_mutations() -> None:
    survive(2_000, seed=1)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_mutations() -> None:
    survive(100_000, seed=2)
