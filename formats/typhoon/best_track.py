"""Best tracks as text: a header line that begins with 66666, then a line for each fix.

Tokyo (RSMC, Japan Meteorological Agency), columns of
https://www.jma.go.jp/jma/jma-eng/jma-center/rsmc-hp-pub-eg/Besttracks/e_format_bst.html :

    66666 1909  056 0011 1909 0 6               LEKIMA              20191003
    yymmddhh 002 grade lat lon hPa kt H5555 6666 H3333 4444 #

grade 2 TD, 3 TS, 4 STS, 5 TY, 6 L; H the direction of the longest radius (1 NE … 8 N, 9 round about); radii of
50 kt and 30 kt winds, longest and shortest, in nautical miles; the 10-minute mean wind in knots.

Shanghai (CMA tropical cyclone best-track data set; Ying et al. 2014, Lu et al. 2021):

    66666 0000   17 0001 2401 0 6 EWINIAR             20250301
    yyyymmddhh grade lat lon hPa m/s [m/s of the outer wind]

grade 0 weaker or unknown, 1 TD, 2 TS, 3 STS, 4 TY, 5 STY, 6 SUPER, 9 extratropical; the 2-minute mean wind in
m/s; longitudes may run to 360. All times are UTC, places in tenths of a degree. Whose file it is shows by the
first word of a fix: eight digits or ten.

30 kt winds count as force 7, 50 kt as force 10, the forces that the field asks for; both are at its lower edge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from core.faults import Fault, FaultReason, quoted
from core.typhoons import Typhoon, TyphoonFix, WindCircle

KNOT_MS = 0.514444
NAUTICAL_MILE_KM = 1.852
LARGEST_BYTES = 32_000_000
"""Shanghai's whole archive since 1949 has about 3 MB."""
MOST_FAULTS = 20

_HEADER = "66666"
_TOKYO_GRADES = {"2": "TD", "3": "TS", "4": "STS", "5": "TY", "6": "L"}
_SHANGHAI_GRADES = {"1": "TD", "2": "TS", "3": "STS", "4": "TY", "5": "STY", "6": "SUPER", "9": "L"}
_NUMBER = re.compile(r"-?\d{1,5}", re.ASCII)


class _BadLine(Exception):
    """What is wrong with a line."""


def is_best_track(payload: bytes) -> bool:
    """Whether the text begins as best tracks do."""
    return payload.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_HEADER.encode())


def decode_best_tracks(payload: bytes, most_fixes: int = 200_000) -> tuple[list[Typhoon], list[Fault]]:
    """All typhoons with at least one fix that can be read, in the order of the file; never raises."""
    if len(payload) > LARGEST_BYTES:
        return [], [Fault(FaultReason.TOO_LARGE, f"{len(payload)} bytes, {LARGEST_BYTES} are allowed.")]
    faults: list[Fault] = []
    found: list[Typhoon] = []
    fixes = 0
    text = payload.decode("utf-8-sig", errors="replace")
    for header, number, lines in _storms(text):
        typhoon = _typhoon(header, number, lines, faults)
        fixes += len(lines)
        if fixes > most_fixes:
            _note(faults, FaultReason.TOO_MANY_VALUES, f"line {number}: more than {most_fixes} positions.")
            break
        if typhoon is not None:
            found.append(typhoon)
    if not found:
        _note(faults, FaultReason.EMPTY, "no position of a typhoon can be used.")
    return found, faults


def _storms(text: str) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """Header, its line number, and the numbered lines below it."""
    header, begun = "", 0
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_HEADER):
            if header:
                yield header, begun, lines
            header, begun, lines = line, number, []
        elif line.strip() and header:
            lines.append((number, line))
    if header:
        yield header, begun, lines


def _typhoon(header: str, number: int, lines: list[tuple[int, str]], faults: list[Fault]) -> Typhoon | None:
    words = header.split()
    if len(words) < 5 or not all(re.fullmatch(r"\d{1,4}", word, re.ASCII) for word in words[1:5]):
        _note(
            faults, FaultReason.WRONG_SHAPE, f"line {number}: {quoted(header)} is no header of a best track."
        )
        return None
    if int(words[2]) != len(lines):
        _note(
            faults,
            FaultReason.WRONG_SHAPE,
            f"line {number}: the header tells of {int(words[2])} lines, {len(lines)} follow; is the file whole?",
        )
    fixes = []
    for at, line in lines:
        try:
            fixes.append(_fix(line.split()))
        except _BadLine as error:
            _note(faults, FaultReason.WRONG_SHAPE, f"line {at}: {error}")
    if not fixes:
        return None
    name = next((word for word in words[7:] if re.fullmatch(r"[A-Za-z(][A-Za-z()'-]{0,30}", word)), "")
    code = words[1] if words[1] != "0000" else f"{fixes[0].time.year}-{words[3]}"
    return Typhoon(code, name or code, name or code, tuple(fixes))


def _fix(words: list[str]) -> TyphoonFix:
    first = words[0]
    if len(first) == 8 and first.isdecimal():
        return _tokyo(words)
    if len(first) == 10 and first.isdecimal():
        return _shanghai(words)
    raise _BadLine(f"{quoted(first)} is no time, yymmddhh or yyyymmddhh.")


def _tokyo(words: list[str]) -> TyphoonFix:
    if len(words) < 6 or words[1] != "002":
        raise _BadLine("a fix has time, 002, grade, latitude, longitude and pressure.")
    year = int(words[0][:2])
    wind = _number(words[6], 0, 300) * KNOT_MS if len(words) > 6 else 0.0
    circles = []
    for force, place in ((10, 7), (7, 9)):
        if len(words) > place + 1:
            circle = _circle(force, words[place], words[place + 1])
            if circle is not None:
                circles.append(circle)
    reach = {circle.force: circle.longest_km for circle in circles}
    return TyphoonFix(
        time=_moment(f"{1900 + year if year > 50 else 2000 + year}{words[0][2:]}"),
        lat=_number(words[3], -900, 900) / 10,
        lon=_east(words[4]),
        pressure_hpa=_number(words[5], 800, 1100),
        wind_ms=wind or None,
        radius7_km=reach.get(7),
        radius10_km=reach.get(10),
        grade=_TOKYO_GRADES.get(words[2]),
        circles=tuple(circles),
    )


def _circle(force: int, longest: str, shortest: str) -> WindCircle | None:
    """`HRRRR` and `RRRR`; no circle where the radius is 0."""
    if not re.fullmatch(r"[0-9]\d{4}", longest, re.ASCII):
        raise _BadLine(f"{quoted(longest)} is no direction with a radius.")
    direction, far = int(longest[0]), int(longest[1:]) * NAUTICAL_MILE_KM
    if far == 0:
        return None
    near = _number(shortest, 0, 9999) * NAUTICAL_MILE_KM
    towards = 45.0 * direction % 360 if 1 <= direction <= 8 else None
    return WindCircle(force, round(far, 1), round(min(near, far), 1), towards)


def _shanghai(words: list[str]) -> TyphoonFix:
    if len(words) < 6:
        raise _BadLine("a fix has time, grade, latitude, longitude, pressure and wind.")
    wind = _number(words[5], -9, 150)
    return TyphoonFix(
        time=_moment(words[0]),
        lat=_number(words[2], -900, 900) / 10,
        lon=_east(words[3]),
        pressure_hpa=_number(words[4], 800, 1100),
        wind_ms=wind if wind > 0 else None,
        grade=_SHANGHAI_GRADES.get(words[1]),
    )


def _east(word: str) -> float:
    lon = _number(word, -1800, 3600) / 10
    return round(lon - 360, 1) if lon > 180 else lon


def _moment(digits: str) -> datetime:
    try:
        return datetime.strptime(digits, "%Y%m%d%H").replace(tzinfo=UTC)
    except ValueError as error:
        raise _BadLine(f"{quoted(digits)} is no date and hour.") from error


def _number(word: str, low: int, high: int) -> float:
    if not _NUMBER.fullmatch(word) or not low <= int(word) <= high:
        raise _BadLine(f"{quoted(word)} is no number from {low} to {high}.")
    return float(word)


def _note(faults: list[Fault], reason: FaultReason, detail: str) -> None:
    if len(faults) < MOST_FAULTS:
        faults.append(Fault(reason, detail))
