"""Brings what the asked command needs, then becomes that command."""

import os
import subprocess
import sys
import time
from pathlib import Path

from cli.setup import marks, packages, peers, runtime, state, system
from cli.setup.steps import SetupError, Shell

_EMBEDDED = {"bench", "demo", "doctor", "services", "test"}
"""Commands which run on the embedded services."""

_SPEAKING = {"bench", "demo", "dispatch", "doctor", "run", "test"}
"""Commands which make speech."""


def main() -> None:
    """Exit code 2 with a readable message when something cannot be had."""
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        home = prepare(command)
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["ANLAN_HOME"] = str(home)
    python = str(packages.venv_python(home))
    os.execv(python, [python, "-m", "cli.main", *sys.argv[1:]])


def prepare(command: str) -> Path:
    """Sets up what is missing for a command; quick when nothing is. Returns the state folder."""
    home = state.home()
    begun = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    shell = Shell(home / "log" / "setup.log")
    apt = system.Apt(shell)
    with marks.locked(home / "setup.lock"):
        packages.ensure_venv(home, shell, apt, tests=command == "test")
        packages.ensure_node_modules(shell, apt)
        if command in _EMBEDDED:
            runtime.ensure(shell, apt)
            _ensure_service_user(shell)
        if command in _SPEAKING:
            packages.ensure_programs(apt, "speech", packages.SPEECH)
        if command == "test":
            packages.ensure_programs(apt, "the browser of the test run", packages.BROWSER)
            packages.ensure_programs(apt, "health checks of the containers", packages.DEPLOYMENT)
        if command == "bench" and "alarms" in sys.argv:
            _ensure_peers(shell, apt)
    if (took := time.monotonic() - begun) > 1:
        print(f"  set up in {took:.0f} s", file=sys.stderr)
    return home


def _ensure_peers(shell: Shell, apt: system.Apt) -> None:
    """Without them the benchmark measures ours alone, and says so: no reason to measure nothing."""
    try:
        peers.ensure(shell, apt)
    except SetupError as error:
        print(error, file=sys.stderr)


def _ensure_service_user(shell: Shell) -> None:
    """PostgreSQL refuses to run as root: a system user without home or shell runs the services."""
    user = state.service_user()
    if user is None:
        return
    known = subprocess.run(["getent", "passwd", user], capture_output=True, check=False)
    if known.returncode:
        shell.run(
            [
                *["useradd", "--system", "--user-group", "--no-create-home"],
                *["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", user],
            ],
            what=f"the system user {user} cannot be made",
        )


if __name__ == "__main__":
    main()
