"""`anlan canary`: the gauge that proves every minute that MQTT, evaluator, orders and dispatch live."""

from __future__ import annotations

import argparse

HELP = "cross a limit every minute, so that a chain that is broken is noticed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    parser.add_argument("--instance", default="1", help="name of this process in heartbeats (default 1)")


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C."""
    import signal

    from alerts.watching.gauge import ROLE, Canary
    from core.clock import system_clock
    from core.logs import configure_logs
    from core.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, ROLE)
    bird = Canary(settings, system_clock, instance=args.instance)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: bird.stop.set())
    bird.run()
    return 0
