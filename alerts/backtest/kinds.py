"""Which kinds of rules can be back-tested, and why the others cannot. Pure."""

from __future__ import annotations

from enum import StrEnum

from store.rules import STREAM_KINDS


class Untested(StrEnum):
    """Why there is no back-test of a rule.

    `UNKEPT`: only how it is now is stored, not how it was (links, devices, cameras, clocks, people). `JUDGED`: others
    decided (warnings, typhoon tracks, reports, other alarms); the history of alarms is the record. `UNBUILT`: what it
    needs is stored (receipts, battery readings, sums of rain, forecasts for as long as they are kept), but nothing
    reads it yet.
    """

    UNKEPT = "unkept"
    JUDGED = "judged"
    UNBUILT = "unbuilt"


_JUDGED = frozenset({"weather", "typhoon", "report", "combined"})
_UNBUILT = frozenset({"silence", "battery", "rain_area", "projection"})
_SAID = {
    Untested.UNKEPT: "only how it is now is stored, not how it was",
    Untested.JUDGED: "it follows what others decided; the history of alarms shows what it did",
    Untested.UNBUILT: "back-tests read levels, rates and sliding rain of stations; the history of alarms shows what it did",
}


def untested(kind: str) -> Untested | None:
    """Why a rule of this kind cannot be back-tested; None: it can."""
    if kind in STREAM_KINDS:
        return None
    if kind in _JUDGED:
        return Untested.JUDGED
    return Untested.UNBUILT if kind in _UNBUILT else Untested.UNKEPT


def said(why: Untested) -> str:
    """The reason in English, as errors give it."""
    return _SAID[why]
