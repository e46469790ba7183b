"""Prometheus and Alertmanager of Debian, which `anlan bench alarms` measures beside ours; nothing else uses them.

Unpacked into a folder of ours and never installed: their packages would start daemons of the machine.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.setup import marks, state, system
from cli.setup.steps import SetupError, Shell, step

PACKAGES = ["prometheus", "prometheus-alertmanager"]
_RECIPE = "1"
_TEMPLATE = Path("/usr/share/prometheus/alertmanager/default.tmpl")
"""Debian's Alertmanager reads it from this very path, wherever its program is."""


@dataclass(frozen=True)
class Peers:
    """Where the two programs are; `root` is what stands before `/usr`."""

    root: Path

    def prometheus(self) -> list[str]:
        """The first words of a command line."""
        return [str(self.root / "usr/bin/prometheus")]

    def alertmanager(self) -> list[str]:
        """The first words of a command line: with its files laid over `/usr/share`, seen by it alone."""
        program = str(self.root / "usr/bin/prometheus-alertmanager")
        if _TEMPLATE.exists():
            return [program]
        mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
        script = 'mount -t overlay overlay -o "lowerdir=$0:/usr/share" /usr/share && exec "$@"'
        return ["unshare", "--mount", *mapped, "sh", "-c", script, str(self.root / "usr/share"), program]


def find() -> Peers | None:
    """The programs of this machine: its own, or those that were unpacked."""
    if _TEMPLATE.exists() and all(Path("/usr/bin", name).exists() for name in PACKAGES):
        return Peers(Path("/"))
    for place in state.runtime_roots():
        root = place / _key()
        if (root / "whole").exists():
            return Peers(root)
    return None


def required() -> Peers:
    """The programs, or a `SetupError` that says how to get them."""
    if found := find():
        return found
    raise SetupError(
        "Prometheus and Alertmanager are not on this machine",
        f"the packages {' and '.join(PACKAGES)} have not been fetched yet",
        "./anlan bench alarms   (with Debian's mirror within reach)",
    )


def ensure(shell: Shell, apt: system.Apt) -> Peers:
    """Finds the programs, or fetches them while other checkouts wait."""
    if found := find():
        return found
    place = state.runtime_roots()[0]
    with marks.locked(place / "lock"):
        if found := find():
            return found
        root = place / _key()
        building = root.with_name(root.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        with step(f"Prometheus and Alertmanager fetched into {place}, to be measured beside ours"):
            apt.update()
            for file in apt.download(PACKAGES, building / "packages"):
                shell.run(["dpkg-deb", "--extract", file, building], what=f"cannot unpack {file}")
        shutil.rmtree(building / "packages")
        if os.geteuid() == 0:
            subprocess.run(["chmod", "-R", "a+rX", building], check=True)
        (building / "whole").touch()
        building.replace(root)
    return Peers(root)


def _key() -> str:
    return f"peers-{system.release().codename}-{system.architecture()}-{_RECIPE}"
