"""The named errors of Anlan. A message says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AnlanError(Exception):
    """Base of every error that a person may read; `str(error)` is a whole sentence."""


class ConfigurationError(AnlanError):
    """A setting is missing or contradicts another; the message names the setting."""


class InputError(AnlanError):
    """Input that cannot be used; `reason` is a short stable code for lists and metrics."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class NotFoundError(AnlanError):
    """The thing that was named does not exist, or not for this person."""


class ForbiddenError(AnlanError):
    """The person is known, but the role or the area does not allow this act."""


class ConflictError(AnlanError):
    """The act does not fit the present state; the message tells the state."""


class ChangedError(ConflictError):
    """What the person saw does not hold any more; `present` is what does, as plain JSON."""

    def __init__(self, message: str, present: Sequence[Mapping[str, object]] = ()) -> None:
        super().__init__(message)
        self.present = [dict(one) for one in present]


class UnavailableError(AnlanError):
    """A service that is needed does not answer; the message says which, and what to type."""
