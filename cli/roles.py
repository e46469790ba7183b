"""The roles as child processes: what `anlan run` and the demo keep running."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cli.setup import state
from cli.supervise import Program

ROLES = ("ingest", "derive", "alerts", "dispatch", "canary", "web")
"""In the order of the data's way; stopped in the reverse order."""

STOP_TIMEOUT_S = 20
"""A role finishes its transaction and acknowledges it; that takes no longer."""


def program(name: str, *words: str, env: Mapping[str, str] | None = None, log: Path | None = None) -> Program:
    """The command `anlan NAME WORDS` as a supervised child."""
    return Program(
        name,
        command(name, *words),
        env=environment(env),
        log=log,
        stop_timeout_s=STOP_TIMEOUT_S,
    )


def command(*words: str) -> list[str]:
    """`anlan WORDS` by this very interpreter."""
    return [sys.executable, "-m", "cli.main", *words]


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment (or `env`), in which the child finds our packages from any folder."""
    base = dict(os.environ if env is None else env)
    places = [str(state.checkout()), *filter(None, [base.get("PYTHONPATH")])]
    return {**base, "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)), "PYTHONUNBUFFERED": "1"}
