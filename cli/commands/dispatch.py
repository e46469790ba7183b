"""`anlan dispatch`: sends what is due and hears the answers; one leads, others stand by."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by, name_instance

HELP = "send notices and orders, hear receipts and answers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    name_instance(parser)


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then finishes what was handed to the gateway."""
    from alerts.dispatch import ROLE, Dispatcher
    from core.clock import system_clock

    dispatcher = Dispatcher(begin(ROLE), system_clock, instance=args.instance)
    end_by(dispatcher.stop.set)
    dispatcher.run()
    return 0
