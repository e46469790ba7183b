"""What every command that runs until it is told to end has in common."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings


def name_instance(parser: argparse.ArgumentParser) -> None:
    """Of one role several may run: each has a name."""
    parser.add_argument("--instance", default="1", help="name of this process in heartbeats (default 1)")


def begin(role: str) -> Settings:
    """The settings, with the logs of this role set up. Raises ConfigurationError."""
    from core.logs import configure_logs
    from core.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, role)
    return settings


def end_by(stop: Callable[[], object]) -> None:
    """SIGTERM and Ctrl-C end the role in its own time."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
