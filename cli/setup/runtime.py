"""The private runtime: PostgreSQL with TimescaleDB, mosquitto and Kannel in a folder of ours.

Built once on a machine for all checkouts, in a folder named by its recipe: a changed recipe makes
a new one. It is put together under another name and renamed when whole.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.setup import marks, state, system, timescale
from cli.setup.steps import SetupError, Shell, step

_RECIPE = "2"
"""Raise it when what is built below changes."""


@dataclass(frozen=True)
class Runtime:
    """Where the programs of the embedded services are."""

    root: Path
    postgresql: int

    @property
    def postgresql_bin(self) -> Path:
        """PostgreSQL's programs: server, client, dump."""
        return self.root / "usr/lib/postgresql" / str(self.postgresql) / "bin"

    @property
    def mosquitto(self) -> Path:
        """The MQTT broker."""
        return self.root / "usr/sbin/mosquitto"

    @property
    def bearerbox(self) -> Path:
        """Kannel's core: SMS centres on one side, smsbox on the other."""
        return self.root / "usr/sbin/bearerbox"

    @property
    def smsbox(self) -> Path:
        """Kannel's HTTP side."""
        return self.root / "usr/sbin/smsbox"


def find() -> Runtime | None:
    """The whole runtime of this machine, if there is one."""
    debian = system.release()
    for place in state.runtime_roots():
        root = place / _key(debian)
        if (root / "whole").exists():
            return Runtime(root, debian.postgresql)
    return None


def required() -> Runtime:
    """The runtime, or a `SetupError` that says how to get it."""
    if found := find():
        return found
    raise SetupError(
        "the embedded services are not set up on this machine",
        "PostgreSQL, mosquitto and Kannel have not been fetched yet",
        "./anlan services start",
    )


def ensure(shell: Shell, apt: system.Apt) -> Runtime:
    """Finds the runtime, or builds it while other checkouts wait."""
    if found := find():
        return found
    debian = system.release()
    place = state.runtime_roots()[0]
    with marks.locked(place / "lock"):
        if found := find():
            return found
        root = place / _key(debian)
        building = root.with_name(root.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        if os.geteuid() == 0:
            # The services' own user must come through; whatever else the folders allow stays.
            for folder in (place.parent, place):
                folder.chmod(folder.stat().st_mode | 0o055)
        runtime = Runtime(building, debian.postgresql)
        _build(runtime, shell, apt, debian)
        (building / "whole").touch()
        building.replace(root)
    return Runtime(root, debian.postgresql)


def _key(debian: system.Release) -> str:
    return f"{debian.codename}-{system.architecture()}-{_RECIPE}-{timescale.RECIPE}"


def _build(runtime: Runtime, shell: Shell, apt: system.Apt, debian: system.Release) -> None:
    number = debian.postgresql
    work = runtime.root / "work"
    daemons = [f"postgresql-{number}", f"postgresql-client-{number}"]
    daemons += ["mosquitto", "kannel", "kannel-extras"]
    headers = [f"postgresql-server-dev-{number}", "libpq-dev"]
    with step(f"PostgreSQL {number}, mosquitto and Kannel fetched into {runtime.root.parent}"):
        apt.update()
        files = apt.download([*daemons, *headers], work / "packages")
        for file in files:
            shell.run(["dpkg-deb", "--extract", file, runtime.root], what=f"cannot unpack {file}")
    with step("their libraries and the build tools"):
        programs = [file for file in files if not file.name.startswith("postgresql-server-dev")]
        libraries = system.library_dependencies(programs)
        apt.install(
            [*libraries, "tzdata", *timescale.BUILD_PACKAGES],
            what="libraries of the embedded services cannot be installed",
        )
    with step(f"TimescaleDB built for PostgreSQL {number}"):
        timescale.build(apt, shell, work / "timescaledb", runtime.postgresql_bin, debian.timescaledb_suite)
    shutil.rmtree(work)
    if os.geteuid() == 0:
        subprocess.run(["chmod", "-R", "a+rX", runtime.root], check=True)
