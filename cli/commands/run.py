"""`anlan run`: all roles on this machine, restarted when they die, stopped in order."""

import argparse

from cli.roles import ROLES, program
from cli.supervise import Supervisor
from core.errors import InputError
from core.settings import load_settings

HELP = "ingest, derive, alerts, dispatch, canary and web together, supervised"


def configure(parser: argparse.ArgumentParser) -> None:
    """Which roles; the rest may run on other machines."""
    parser.add_argument(
        "--only", metavar="ROLE,…", default=",".join(ROLES), help=f"some of {','.join(ROLES)}"
    )


def run(arguments: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C."""
    chosen = arguments.only.split(",")
    if unknown := [name for name in chosen if name not in ROLES]:
        raise InputError("role", f"no such role: {', '.join(unknown)}; there are {', '.join(ROLES)}")
    settings = load_settings()
    settings.need_database()
    settings.need_mqtt()
    Supervisor([program(name) for name in ROLES if name in chosen]).run()
    return 0
