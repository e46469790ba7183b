"""`anlan derive`: roll-ups, derived values and retention; one leads, others stand by."""

from __future__ import annotations

import argparse

HELP = "compute roll-ups and derived values, and let go what is too old"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    parser.add_argument("--instance", default="1", help="name of this process in heartbeats (default 1)")


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then ends after the transaction in hand."""
    import signal
    import threading

    from core.logs import configure_logs
    from core.settings import load_settings
    from ingest.derive.process import ROLE, Deriver

    settings = load_settings()
    configure_logs(settings.log_level, ROLE)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    Deriver(settings, stopping, instance=args.instance).run()
    return 0
