"""TimescaleDB from Debian's source, built against the private PostgreSQL.

Debian 12 has no package of it and Debian 13's is for the system's own server, so both build the
source of Debian 13. It is the Apache-2 edition: Debian removes the other half from the source.
"""

from pathlib import Path

from cli.setup.steps import Shell
from cli.setup.system import Apt

RECIPE = "1"
"""Raise it when the build below changes."""

BUILD_PACKAGES = ["cmake", "dpkg-dev", "gcc", "libc6-dev", "libkrb5-dev", "libssl-dev", "make"]

_OPTIONS = {
    "CMAKE_BUILD_TYPE": "RelWithDebInfo",
    "APACHE_ONLY": "1",
    "SEND_TELEMETRY_DEFAULT": "OFF",
    "USE_TELEMETRY": "OFF",
    "REGRESS_CHECKS": "OFF",
    "TAP_CHECKS": "OFF",
}


def build(apt: Apt, shell: Shell, work: Path, postgresql_bin: Path, suite: str) -> None:
    """Builds in `work` and installs into the PostgreSQL whose programs are in `postgresql_bin`.

    PostgreSQL finds its folders from where its programs lie, and its `pg_config` says so.
    """
    work.mkdir(parents=True, exist_ok=True)
    description = apt.source("timescaledb", suite, work)
    source = work / "source"
    what = "TimescaleDB cannot be built"
    shell.run(["dpkg-source", "--no-check", "-x", description, source], what=what)
    options = {**_OPTIONS, "PG_CONFIG": str(postgresql_bin / "pg_config")}
    flags = [f"-D{name}={value}" for name, value in options.items()]
    target = work / "build"
    shell.run(["cmake", "-S", source, "-B", target, *flags], what=what)
    shell.run(["make", "-C", target, "-j2"], what=what)
    shell.run(["make", "-C", target, "install"], what=what)
