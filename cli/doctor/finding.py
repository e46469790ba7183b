"""One line of the doctor's report."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`warning` does not stop the chain from gauge to village; `bad` does."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and for anything but good what to type."""

    subject: str
    state: State
    text: str
    mend: str = ""


def good(subject: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, State.GOOD, text)


def warning(subject: str, text: str, mend: str) -> Finding:
    """Works, but should be mended."""
    return Finding(subject, State.WARNING, text, mend)


def bad(subject: str, text: str, mend: str) -> Finding:
    """Does not work."""
    return Finding(subject, State.BAD, text, mend)
