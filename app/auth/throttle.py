"""How long the next login attempt has to wait. Guessing gets slow; the desk is never locked out.

Failures count in separate buckets: a browser or an address from which this user has signed in before
answers only for its own failures. So strangers can make the door slow for strangers, and for nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

COUNTED = timedelta(hours=1)
"""Older failures are forgotten."""
KNOWN_FOR = timedelta(days=30)
"""An address stays known for this long after a successful login."""


class Bucket(StrEnum):
    """Whose failures count: of a browser that was signed in before, of a known address, of strangers."""

    BROWSER = "browser"
    ADDRESS = "address"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Pace:
    """`free` failures cost nothing; then 1 s, doubling up to `longest_s`."""

    free: int
    longest_s: float


PACES = {
    Bucket.BROWSER: Pace(free=5, longest_s=15),
    Bucket.ADDRESS: Pace(free=5, longest_s=60),
    Bucket.STRANGER: Pace(free=3, longest_s=900),
}


def wait_s(bucket: Bucket, failures: int, last: datetime | None, now: datetime) -> float:
    """Seconds until the next attempt is looked at; 0 is at once."""
    pace = PACES[bucket]
    if failures < pace.free or last is None:
        return 0.0
    delay = min(2.0 ** min(failures - pace.free, 20), pace.longest_s)
    return max(0.0, delay - (now - last).total_seconds())
