"""Times as stations write them: RFC 3339 with a zone, or milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from core.faults import Fault, FaultReason, quoted

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


def read_rfc3339(text: str) -> datetime | Fault:
    """The moment in UTC, or what is wrong with the text (RFC 3339 §5.6; a zone is required)."""
    if len(text) == 20 and text[10] == "T" and text[19] == "Z" and text[4] == text[7] == "-":
        # What nearly all stations write, without the general expression; whatever is odd goes the long way.
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    match = _RFC3339.fullmatch(text)
    if match is None:
        return Fault(
            FaultReason.TIME_UNREADABLE,
            f"time {quoted(text)} is not RFC 3339; write 2026-07-01T00:05:00Z or epoch milliseconds.",
        )
    if match["zone"] is None:
        return Fault(
            FaultReason.TIME_WITHOUT_ZONE,
            f"time {quoted(text)} has no zone; add Z for UTC or an offset as +08:00.",
        )
    fraction = match[1]
    if fraction and len(fraction) > 7:
        text = text.replace(fraction, fraction[:7], 1)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return Fault(FaultReason.TIME_UNREADABLE, f"time {quoted(text)} names no real moment.")


def read_epoch_ms(number: int | float) -> datetime | Fault:
    """The moment `number` milliseconds after 1970 in UTC."""
    if not 0 <= number <= _LARGEST_MS:
        return Fault(
            FaultReason.TIME_UNREADABLE, f"time {quoted(number)} is not a number of milliseconds since 1970."
        )
    return _EPOCH + timedelta(milliseconds=number)


def read_time(value: object) -> datetime | Fault:
    """Either of the two forms as JSON gives them; anything else is a fault."""
    if value is None:
        return Fault(FaultReason.TIME_MISSING, "there is no time; nothing can be stored without one.")
    if isinstance(value, str):
        return read_rfc3339(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_epoch_ms(value)
    return Fault(
        FaultReason.TIME_UNREADABLE, f"time {quoted(value)} is neither text nor a number of milliseconds."
    )
