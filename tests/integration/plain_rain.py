"""Sums, events and areal means once more, from the rows of a station, with loops and nothing else.

Written from docs/derived.md, not from the code that it checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

DAY = 86_400
WINDOWS = (600, 1800, 3600, 10800, 21600, 43200, 86400)


@dataclass
class Row:
    """One held reading; `period` 0 is the counter."""

    period: int
    at: int
    value: float | None
    quality: int

    @property
    def usable(self) -> bool:
        return self.value is not None and self.quality in (1, 2)

    @property
    def suspect(self) -> bool:
        return self.value is not None and self.quality == 3


@dataclass
class Piece:
    at: int
    span: int
    said: int
    rain: float
    doubt: float


def pieces(rows: list[Row]) -> list[Piece]:
    """The base rain."""
    periods = sorted({row.period for row in rows if row.period})
    found: list[Piece] = []
    for number, period in enumerate(periods):
        new = []
        for row in rows:
            if row.period != period or row.value is None:
                continue
            inner = [one for one in found if row.at - period < one.at <= row.at]
            gap = period - sum(one.said for one in inner)
            beyond = max(0.0, row.value - sum(one.rain for one in inner))
            doubt = sum(one.doubt for one in inner)
            if row.usable and gap > 0:
                new.append((Piece(row.at, period, gap, beyond, 0.0), inner))
            elif row.suspect and gap > 0 and beyond > doubt and row.value > 0:
                new.append((Piece(row.at, period, 0, 0.0, beyond - doubt), []))
        for one, inner in new:
            if number:
                for settled in inner:
                    settled.doubt = 0.0
            found.append(one)
    return found + _counter(rows)


def _counter(rows: list[Row]) -> list[Piece]:
    counter = sorted((row for row in rows if not row.period), key=lambda row: row.at)
    totals = [row.at for row in rows if row.period and (row.usable or row.suspect)]
    found = []
    for row in counter:
        if any(row.at - DAY < at <= row.at for at in totals):
            continue
        before = [one for one in counter if one.usable and row.at - DAY <= one.at < row.at]
        if not before:
            continue
        last = before[-1]
        assert row.value is None or last.value is not None
        if row.usable and row.value is not None and last.value is not None:
            rise = row.value - last.value
            if rise < 0 and last.value > 99_000 and row.value < 1_000:
                rise += 100_000
            if rise > 500:
                found.append(Piece(row.at, row.at - last.at, 0, 0.0, rise))
            elif rise >= 0:
                found.append(Piece(row.at, row.at - last.at, row.at - last.at, rise, 0.0))
        elif row.suspect and row.value is not None and last.value is not None:
            later = [one for one in counter if one.usable and row.at < one.at <= last.at + DAY]
            between = [one.value - last.value for one in counter
                       if one.suspect and last.at < one.at < row.at and one.value is not None]  # fmt: skip
            rise = row.value - last.value - max([0.0, *between])
            if not later and rise > 0:
                found.append(Piece(row.at, row.at - last.at, 0, 0.0, rise))
    return found


def spoken(rows: list[Row]) -> dict[int, int]:
    """Labels at which a sum stands, and the shortest span said there."""
    found: dict[int, int] = {}
    totals = [row.at for row in rows if row.period and (row.usable or row.suspect)]
    for row in rows:
        if row.period:
            found[row.at] = min(row.period, found.get(row.at, row.period))
    counter = sorted(row.at for row in rows if not row.period)
    for before, at in pairwise(counter):
        if not any(at - DAY < total <= at for total in totals):
            found[at] = min(at - before, found.get(at, at - before))
    return found


def sums(rows: list[Row], *, day: bool = False) -> dict[tuple[int, int], tuple[float | None, int, str]]:
    """(window, label) → value, quality, reason; of the hydrological day with window 86,400."""
    base = pieces(rows)
    found = {}
    for at, span in spoken(rows).items():
        for window in (DAY,) if day else WINDOWS:
            if span > window:
                continue
            start = (at - 1) // DAY * DAY if day else at - window
            inside = [one for one in base if start < one.at <= at and one.span <= window]
            found[window, at] = judged(inside, at - start)
    return found


def judged(inside: list[Piece], width: int) -> tuple[float | None, int, str]:
    """Value, quality and reason of one sum."""
    if not inside:
        return None, 9, "missing"
    rain = round(sum(one.rain for one in inside), 3)
    doubt = round(sum(one.doubt for one in inside), 3)
    share = min(1.0, sum(one.said for one in inside) / width)
    gaps = "" if share >= 0.9999 else f"at_least:{int(share * 100 + 1e-6)}"
    if doubt:
        return round(rain + doubt, 3), 3, f"with_suspect:{rain:g}" + (f",{gaps}" if gaps else "")
    return rain, 2 if gaps else 1, gaps


def events(rows: list[Row], dry: int) -> list[tuple[int, int, float, float]]:
    """Start, end, verified and suspect rain."""
    wet = sorted(
        (one for one in pieces(rows) if one.rain + one.doubt > 0 and one.span <= dry), key=lambda one: one.at
    )
    found: list[list[Piece]] = []
    for one in wet:
        if found and one.at - one.span - found[-1][-1].at < dry:
            found[-1].append(one)
        else:
            found.append([one])
    return [
        (
            part[0].at - part[0].span,
            part[-1].at,
            round(sum(one.rain for one in part), 3),
            round(sum(one.doubt for one in part), 3),
        )
        for part in found
    ]
