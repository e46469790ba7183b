"""`anlan test`: lint, types, import contracts, then every test against real services."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from cli.setup import state

HELP = "the whole test run; --full with the large counts; pytest arguments run only pytest"

PASSES_ON = True
"""Unknown arguments are not errors: they are pytest's."""

_CHECKS = {
    "lint": ["ruff", "check", "--quiet", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "types": ["mypy"],
    "import contracts": ["lint-imports"],
}

_TOGETHER = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
"""Two files at a time, each worker with services of its own: most of a run is waiting."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything that is not ours goes to pytest."""
    parser.epilog = "All other arguments are pytest's: anlan test tests/unit -k alarm"
    parser.add_argument("--full", action="store_true", help="large counts: kills, mutations, weeks")


def run(arguments: argparse.Namespace) -> int:
    """0 when all is well. A failed check does not keep the tests from running."""
    chosen: list[str] = arguments.rest
    full = ["--full"] if arguments.full else []
    failed = [] if chosen else [name for name, words in _CHECKS.items() if not _check(name, words)]
    words = chosen or [*_TOGETHER, "--durations=8", "--durations-min=5"]
    tests = _run([sys.executable, "-m", "pytest", *full, *words]).returncode
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", flush=True)
    return tests or (1 if failed else 0)


def _check(name: str, words: list[str]) -> bool:
    begun = time.monotonic()
    program = Path(sys.executable).parent / words[0]
    done = _run([str(program), *words[1:]], captured=True)
    took = time.monotonic() - begun
    print(f"  {'✗' if done.returncode else '✓'} {name} ({took:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return not done.returncode


def _run(words: list[str], *, captured: bool = False) -> "subprocess.CompletedProcess[str]":
    """Without our own settings: tests bring theirs, and must not reach a configured installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    return subprocess.run(
        words,
        cwd=state.checkout(),
        env={**kept, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1", "PYTHONPATH": str(state.checkout())},
        stdout=subprocess.PIPE if captured else None,
        stderr=subprocess.STDOUT if captured else None,
        text=True,
        check=False,
    )
