"""What a downlink asks for, as a station reads it: for simulated stations and for tests."""

from __future__ import annotations

from datetime import timedelta

from core.faults import Fault, FaultReason
from formats.sl651.bcd import read_time
from formats.sl651.body import Body, PeriodQuery
from formats.sl651.elements import BY_LETTERS
from formats.sl651.frame import Frame
from formats.sl651.functions import Function
from formats.sl651.steps import STEP_LETTERS, read_step_digits, read_step_letters

_HEAD_BYTES, _PERIOD_BYTES = 8, 8
_WRITING = frozenset({Function.WRITE_BASICS, Function.WRITE_SETTINGS})


def read_hex_question(frame: Frame, body: Body) -> None:
    """The identifiers behind serial and time, and of 38H the period."""
    data = frame.body
    at = _HEAD_BYTES
    hours: list[str] = []
    if frame.function == Function.QUERY_PERIOD and len(data) > at:
        hours = [data[at : at + 4].hex(), data[at + 4 : at + _PERIOD_BYTES].hex()]
        at += _PERIOD_BYTES
    step = timedelta(0)
    asked: list[str] = []
    while at + 1 < len(data):
        if data[at] == 0x04 and hours:
            step = read_step_digits(data[at + 2 : at + 5].hex()) or timedelta(0)
            at += 5
            continue
        wide = data[at] == 0xFF
        asked.append(data[at : at + 1 + wide].hex().upper())
        size = data[at + 1 + wide] >> 3 if at + 1 + wide < len(data) else 0
        at += 2 + wide + (size if frame.function in _WRITING else 0)
    _keep(body, hours, step, asked)


def read_ascii_question(frame: Frame, words: list[str], body: Body) -> None:
    """The same in words."""
    hours: list[str] = []
    if frame.function == Function.QUERY_PERIOD and words:
        hours, words = words[:2], words[2:]
    step = timedelta(0)
    asked: list[str] = []
    for word in words:
        if STEP_LETTERS.fullmatch(word):
            step = read_step_letters(word)
        else:
            element = BY_LETTERS.get(word.upper())
            asked.append(element.code if element is not None else word.upper())
    _keep(body, hours, step, asked)


def _keep(body: Body, hours: list[str], step: timedelta, asked: list[str]) -> None:
    body.asked = tuple(asked)
    if not hours:
        return
    start, end = read_time(hours[0] + "00"), read_time(hours[-1] + "00")
    if start is None or end is None:
        body.faults.append(
            Fault(FaultReason.TIME_UNREADABLE, "the period that is asked for names no real hours.")
        )
        return
    body.query = PeriodQuery(start, end, step, body.asked)
