"""`anlan dispatch`: sends what is due and hears the answers; one leads, others stand by."""

from __future__ import annotations

import argparse

HELP = "send notices and orders, hear receipts and answers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    parser.add_argument("--instance", default="1", help="name of this process in heartbeats (default 1)")


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then finishes what was handed to the gateway."""
    import signal

    from alerts.dispatch import ROLE, Dispatcher
    from core.clock import system_clock
    from core.logs import configure_logs
    from core.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, ROLE)
    dispatcher = Dispatcher(settings, system_clock, instance=args.instance)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: dispatcher.stop.set())
    dispatcher.run()
    return 0
