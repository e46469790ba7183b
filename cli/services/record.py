"""What runs for a state folder: a file that says it, and which a crash leaves behind."""

import json
from dataclasses import dataclass
from pathlib import Path

from cli.processes import Process

SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Record:
    """The processes which were last known, by name; the supervisor is among them."""

    processes: dict[str, Process]

    @classmethod
    def read(cls, home: Path) -> "Record":
        """The record of this state folder; empty when nothing was started."""
        try:
            kept = json.loads(_path(home).read_text())
        except FileNotFoundError:
            return cls({})
        return cls({name: Process(*numbers) for name, numbers in kept.items()})

    def write(self, home: Path) -> None:
        """Replaces the record whole."""
        path = _path(home)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps({name: [it.pid, it.started] for name, it in self.processes.items()}))
        new.replace(path)

    def is_supervised(self) -> bool:
        """Whether the supervisor lives, so that whatever dies comes back."""
        supervisor = self.processes.get(SUPERVISOR)
        return supervisor is not None and supervisor.is_alive()


def _path(home: Path) -> Path:
    return home / "run" / "services.json"
