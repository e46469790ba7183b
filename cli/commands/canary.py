"""`anlan canary`: the gauge that proves every minute that MQTT, evaluator, orders and dispatch live."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by, name_instance

HELP = "cross a limit every minute, so that a chain that is broken is noticed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    name_instance(parser)


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C."""
    from alerts.watching.gauge import ROLE, Canary
    from core.clock import system_clock

    bird = Canary(begin(ROLE), system_clock, instance=args.instance)
    end_by(bird.stop.set)
    bird.run()
    return 0
