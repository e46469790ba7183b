"""Marks of what is done, keyed by a hash of what it depends on, and the lock around doing it.

A set-up that was cut off leaves no mark, so the next run does the step again from its start.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def key_of(*parts: str | Path) -> str:
    """A short hash over texts and the contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def is_done(mark: Path, key: str) -> bool:
    """Whether the step was finished for exactly this key."""
    try:
        return mark.read_text() == key
    except (FileNotFoundError, NotADirectoryError):
        return False


def set_done(mark: Path, key: str) -> None:
    """Records the step as finished; call it last."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    new = mark.with_name(mark.name + ".new")
    new.write_text(key)
    new.replace(mark)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lets one process at a time through; a lock dies with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
