"""Which kinds of rules can be back-tested, and why the others cannot. Pure."""

from __future__ import annotations

from enum import StrEnum

from store.rules import STREAM_KINDS


class Untested(StrEnum):
    """Why there is no back-test of a rule.

    `UNKEPT`: only how it is now is stored, not how it was (links, devices, cameras, clocks, people). `JUDGED`: others
    decided (warnings, typhoon tracks, reports, other alarms); the history of alarms is the record. `UNBUILT`: of what it
    needs only a part is stored (the rain of areas but not the soil of the past; forecasts for 30 days), and nothing
    reads that.
    """

    UNKEPT = "unkept"
    JUDGED = "judged"
    UNBUILT = "unbuilt"


_JUDGED = frozenset({"weather", "typhoon", "report", "combined"})
STANDING_KINDS = frozenset({"silence", "battery"})
"""Kinds that are looked at rather than streamed, and whose past is stored: receipts, battery readings."""
_UNBUILT = {
    "rain_area": "how wet the soil was is not stored, and its limits go by that",
    "projection": "forecasts are kept for 30 days",
}
_SAID = {
    Untested.UNKEPT: "only how it is now is stored, not how it was",
    Untested.JUDGED: "it follows what others decided; the history of alarms shows what it did",
}


def untested(kind: str) -> Untested | None:
    """Why a rule of this kind cannot be back-tested; None: it can."""
    if kind in STREAM_KINDS or kind in STANDING_KINDS:
        return None
    if kind in _JUDGED:
        return Untested.JUDGED
    return Untested.UNBUILT if kind in _UNBUILT else Untested.UNKEPT


def said(why: Untested, kind: str) -> str:
    """The reason in English, as errors give it."""
    return _UNBUILT[kind] if why is Untested.UNBUILT else _SAID[why]
