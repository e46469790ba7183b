"""Which warnings are in force: a pure function of all messages that came, in whatever order.

A message takes the place of those it refers to. Because only the set counts, a cancellation that comes before
its warning is believed as soon as the warning comes, and a copy changes nothing. Rules:

- a message is taken over only by a later one (CAP: an update is sent after what it updates), so messages that
  refer to each other cannot hide each other;
- a message that begins only later takes over only then: between the two nothing is left without a warning;
- one sender does not take over another's warning unless it is on the list of trusted senders;
- a warning without an end ends `DEFAULT_LIFE` after it was sent (CAP 1.2 leaves this to the recipient);
- an update that says AllClear in all of its infos ends what it refers to, and warns of nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.severity import Severity, worse
from core.warnings import MessageType, Reference, WarningInfo, WarningMessage

DEFAULT_LIFE = timedelta(hours=24)


class Standing(StrEnum):
    """How a message stands at a moment."""

    IN_FORCE = "in_force"
    AHEAD = "ahead"
    EXPIRED = "expired"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    WITHOUT_WARNING = "without_warning"
    """Cancellations, acknowledgements, errors, and messages that say that all is clear."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message and its number with us; `trusted` says that its sender is on the list of trusted senders."""

    id: int
    message: WarningMessage
    trusted: bool


@dataclass(frozen=True, slots=True)
class Stands:
    """How a message stands; `by` is the number of the one that took it over, `chain` that of its chain's first.

    `begins` and `ends` are the time in which it is in force unless another takes it over. `unknown` are
    references to messages that never came.
    """

    standing: Standing
    chain: int
    begins: datetime
    ends: datetime
    by: int | None = None
    unknown: tuple[Reference, ...] = ()


def standings(messages: Iterable[Received], now: datetime) -> dict[int, Stands]:
    """How each message stands at `now`, by its number."""
    known = sorted(messages, key=lambda one: (one.message.sent, one.id))
    by_name: dict[tuple[str, str], list[Received]] = defaultdict(list)
    for one in known:
        by_name[one.message.sender, one.message.identifier].append(one)
    taken_by: dict[int, Received] = {}
    chain = {one.id: one.id for one in known}
    unknown: dict[int, tuple[Reference, ...]] = {}
    for one in known:
        missing = []
        for reference in one.message.references:
            found = _referred(one, reference, by_name)
            if not found:
                missing.append(reference)
            for earlier in found:
                _join(chain, earlier.id, one.id)
                if _may_take_over(one, earlier):
                    taken_by.setdefault(earlier.id, one)
        unknown[one.id] = tuple(missing)
    return {
        one.id: _stands(one, taken_by.get(one.id), _first(chain, one.id), unknown[one.id], now)
        for one in known
    }


def window(message: WarningMessage) -> tuple[datetime, datetime]:
    """From when until when a message's infos are in force, if nothing takes it over."""
    begins = min((info.effective or message.sent for info in message.infos), default=message.sent)
    ends = max((info.expires or message.sent + DEFAULT_LIFE for info in message.infos), default=message.sent)
    return begins, ends


def colour_of(message: WarningMessage) -> Severity | None:
    """The worst colour of a message's infos; None where none is known."""
    found: Severity | None = None
    for info in message.infos:
        found = worse(found, info.colour)
    return found


def info_for(message: WarningMessage, language: str) -> WarningInfo | None:
    """The info in the reader's language (`zh` or `en`), else the first; None where there is none."""
    for info in message.infos:
        if info.language.lower().partition("-")[0] == language:
            return info
    return message.infos[0] if message.infos else None


def _referred(
    one: Received, reference: Reference, by_name: dict[tuple[str, str], list[Received]]
) -> Sequence[Received]:
    sender = reference.sender or one.message.sender
    return [
        found
        for found in by_name.get((sender, reference.identifier), ())
        if found.id != one.id and reference.sent in (None, found.message.sent)
    ]


def _may_take_over(one: Received, earlier: Received) -> bool:
    kind = one.message.message_type
    if kind not in (MessageType.UPDATE, MessageType.CANCEL):
        return False
    if one.message.sender != earlier.message.sender and not one.trusted:
        return False
    if kind is MessageType.CANCEL:
        return one.message.sent >= earlier.message.sent
    return one.message.sent > earlier.message.sent


def _join(chain: dict[int, int], one: int, other: int) -> None:
    first, second = _first(chain, one), _first(chain, other)
    chain[max(first, second)] = min(first, second)


def _first(chain: dict[int, int], id: int) -> int:
    while chain[id] != id:
        id = chain[id]
    return id


def _is_warning(message: WarningMessage) -> bool:
    return message.message_type in (MessageType.ALERT, MessageType.UPDATE) and any(
        "AllClear" not in info.response_types for info in message.infos
    )


def _stands(
    one: Received, by: Received | None, chain: int, unknown: tuple[Reference, ...], now: datetime
) -> Stands:
    begins, ends = window(one.message)
    if by is not None and by.message.message_type is MessageType.UPDATE and window(by.message)[0] > now:
        by = None
    if not _is_warning(one.message):
        standing = Standing.WITHOUT_WARNING
    elif by is not None and by.message.message_type is MessageType.CANCEL:
        standing = Standing.CANCELLED
    elif by is not None:
        standing = Standing.REPLACED if _is_warning(by.message) else Standing.CANCELLED
    elif ends <= now:
        standing = Standing.EXPIRED
    elif begins > now:
        standing = Standing.AHEAD
    else:
        standing = Standing.IN_FORCE
    return Stands(standing, chain, begins, ends, by.id if by else None, unknown)
