"""`anlan derive`: roll-ups, derived values and retention; one leads, others stand by."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by, name_instance

HELP = "compute roll-ups and derived values, and let go what is too old"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    name_instance(parser)


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then ends after the transaction in hand."""
    import threading

    from ingest.derive.process import ROLE, Deriver

    stopping = threading.Event()
    end_by(stopping.set)
    Deriver(begin(ROLE), stopping, instance=args.instance).run()
    return 0
