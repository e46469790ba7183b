"""What the set-up says: one line a step with its time, and a failure that tells what to type."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class SetupError(Exception):
    """A step that could not be done: what, why and what to type."""

    def __init__(self, what: str, why: str, do: str, log: Path | None = None) -> None:
        super().__init__(what)
        self.what, self.why, self.do, self.log = what, why, do, log

    def __str__(self) -> str:
        lines = [f"anlan: {self.what}", f"  why:  {self.why}", f"  type: {self.do}"]
        if self.log:
            lines.append(f"  log:  {self.log}")
        return "\n".join(lines)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints `name` and the seconds it took, on standard error: `services env` is evaluated."""
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print(f"  ✗ {name}", file=sys.stderr, flush=True)
        raise
    print(f"  ✓ {name} ({time.monotonic() - begun:.1f} s)", file=sys.stderr, flush=True)


class Shell:
    """Runs commands with their output in one log file, as root where a command needs it."""

    def __init__(self, log: Path) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        what: str,
        do: str = "look into the log, mend the cause, and type the same command again",
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Runs one command; a failure carries its last lines of output."""
        words = [str(word) for word in argv]
        with self.log.open("ab") as out:
            out.write(f"\n$ {' '.join(words)}\n".encode())
            out.flush()
            at = out.tell()
            try:
                done = subprocess.run(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    check=False,
                )
            except FileNotFoundError:
                raise SetupError(what, f"{words[0]} is not installed", do, self.log) from None
        if done.returncode:
            raise SetupError(what, self._tail(at) or f"exit code {done.returncode}", do, self.log)

    def as_root(self, argv: Sequence[str | Path], *, what: str) -> None:
        """Runs a command that changes the system: directly as root, else through sudo."""
        words = [str(word) for word in argv]
        if os.geteuid() != 0:
            words = ["sudo", *words]
        self.run(words, what=what, do=f"as root: {' '.join(str(w) for w in argv)}")

    def _tail(self, since: int, lines: int = 3) -> str:
        with self.log.open("rb") as written:
            written.seek(since)
            text = written.read().decode(errors="replace").strip()
        return " | ".join(line.strip() for line in text.splitlines()[-lines:])
