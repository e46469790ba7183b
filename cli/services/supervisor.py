"""The process which holds the embedded services: `python -m cli.services.supervisor HOME`."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from cli.processes import Process
from cli.services import Services
from cli.services.record import SUPERVISOR, Record
from cli.supervise import Supervisor


def main(home: Path) -> None:
    """Runs until SIGTERM, and keeps the record of what runs."""
    me = Process.of(os.getpid())

    def note(running: dict[str, Process]) -> None:
        Record({SUPERVISOR: me, **running}).write(home)

    note({})
    Supervisor(Services(home).programs(), on_change=note, say=_say).run()
    Record({}).write(home)


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
