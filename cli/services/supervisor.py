"""The process which holds the embedded services: `python -m cli.services.supervisor HOME [PID]`."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from cli.processes import Process
from cli.services import Services
from cli.services.record import SUPERVISOR, Record
from cli.supervise import Supervisor


def main(home: Path, master: Process | None) -> None:
    """Runs until SIGTERM, or while the master lives if there is one; keeps the record of what runs."""
    me = Process.of(os.getpid())

    def note(running: dict[str, Process]) -> None:
        Record({SUPERVISOR: me, **running}).write(home)

    note({})
    supervisor = Supervisor(Services(home).programs(), on_change=note, say=_say)
    if master:
        supervisor.on_turn = lambda: None if master.is_alive() else supervisor.stop()
    supervisor.run()
    Record({}).write(home)


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Process.of(int(sys.argv[2])) if len(sys.argv) > 2 else None)
