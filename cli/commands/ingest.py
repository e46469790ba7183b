"""`anlan ingest`: receives telemetry by MQTT and from stations that dial in, and stores it."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by

HELP = "receive telemetry by MQTT, and from SL 651 stations by TCP, and store it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything else is in the settings."""
    parser.add_argument(
        "--sl651-port",
        type=int,
        metavar="PORT",
        help="hear SL 651 stations that dial in (default ANLAN_INGEST__SL651_PORT; none: by the broker only)",
    )


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or SIGINT; 1 where the supervisor should start a new process."""
    import threading

    import structlog

    from core.errors import UnavailableError
    from ingest.process import ROLE
    from ingest.process import run as run_ingest

    settings = begin(ROLE)
    if args.sl651_port is not None:
        settings.ingest.sl651_port = args.sl651_port
    stopping = threading.Event()
    end_by(stopping.set)
    try:
        run_ingest(settings, stopping)
    except UnavailableError as error:
        structlog.get_logger("anlan.ingest").error("ending", error=str(error))
        return 1
    return 0
