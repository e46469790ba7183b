"""Whether this machine's clock is kept by the network, as its own kernel says."""

from __future__ import annotations

import ctypes
import platform
import threading
from collections.abc import Callable
from datetime import datetime

_NOT_KEPT_US = 16_000_000
"""The kernel's largest error: nobody has disciplined the clock lately (systemd judges by the same; the flag
STA_UNSYNC may be set only to keep the kernel from writing the hardware clock)."""


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2), up to what is read here; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def is_synchronised() -> bool | None:
    """True if a time service keeps the clock, False if none does, None where the kernel does not tell."""
    if platform.system() != "Linux":
        return None
    try:
        asked = _Timex()
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else asked.maxerror < _NOT_KEPT_US


class MachineClock:
    """Remembers since when the answer is what it is; for all threads of a process."""

    def __init__(self, ask: Callable[[], bool | None] = is_synchronised) -> None:
        self._ask = ask
        self._gate = threading.Lock()
        self._known: tuple[bool | None, datetime] | None = None

    def now(self, at: datetime) -> tuple[bool | None, datetime]:
        """(whether synchronised, since when that is so as far as this process knows)."""
        answer = self._ask()
        with self._gate:
            if self._known is None or self._known[0] is not answer:
                self._known = (answer, at)
            return self._known
