"""`anlan services start|stop|status|env`: the embedded database, broker and SMS gateway alone."""

import argparse
import shlex
import sys
import time
from collections.abc import Mapping

from cli.processes import Process
from cli.services import Services
from cli.setup import state
from cli.setup.steps import SetupError

HELP = "the embedded database, broker and SMS gateway: start, stop, status, env"


def configure(parser: argparse.ArgumentParser) -> None:
    """One positional word says what to do."""
    parser.add_argument("action", choices=["start", "stop", "status", "env"])


def run(arguments: argparse.Namespace) -> int:
    """`status` is 0 when all answer and 3 when not, as of system services."""
    services = Services(state.home())
    match arguments.action:
        case "start":
            begun = time.monotonic()
            services.start()
            print(f"  ✓ services run ({time.monotonic() - begun:.1f} s)", file=sys.stderr)
            print('  to use them: eval "$(./anlan services env)"', file=sys.stderr)
        case "stop":
            services.stop()
        case "status":
            return _status(services)
        case "env":
            if not services.broker.accounts():
                raise SetupError(
                    "the embedded services have no addresses yet",
                    f"they were never started in {services.home}",
                    "./anlan services start",
                )
            for name, value in (services.env() | services.listener_env()).items():
                print(f"export {name}={shlex.quote(value)}")
    return 0


def _status(services: Services) -> int:
    running = services.processes()
    ready = services.ready()
    print(f"{'supervisor':<12} {_pid(running, 'supervisor')}")
    for name, answers in ready.items():
        print(f"{name:<12} {_pid(running, name)}  {'answers' if answers else 'no answer'}")
    return 0 if all(ready.values()) and services.is_running() else 3


def _pid(running: Mapping[str, Process], name: str) -> str:
    process = running.get(name)
    return f"pid {process.pid:<8}" if process else "not running "
