"""Debian as we find it: which release, what is installed, packages fetched without installing."""

import platform
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cli.setup.steps import SetupError, Shell


@dataclass(frozen=True)
class Release:
    """A Debian release, and what its packages are called.

    `timescaledb_suite` is where TimescaleDB's source is taken from: Debian has it since 13.
    """

    codename: str
    postgresql: int
    timescaledb_suite: str = "trixie"


RELEASES = {
    "12": Release("bookworm", postgresql=15),
    "13": Release("trixie", postgresql=17),
}


def release() -> Release:
    """This machine's release; other systems are sent to the containers."""
    facts = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if facts.get("ID") == "debian" and (known := RELEASES.get(facts.get("VERSION_ID", ""))):
        return known
    raise SetupError(
        "the embedded services are set up on Debian 12 and 13 only",
        f"this is {facts.get('PRETTY_NAME', platform.platform())}",
        "deploy/secrets.sh && docker compose up   (the same system in containers)",
    )


@cache
def architecture() -> str:
    """Debian's word for this machine, `amd64` for instance."""
    done = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def missing(packages: list[str]) -> list[str]:
    """Those of the packages which are not installed; of `a | b` any one suffices."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n"],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split() for line in done.stdout.splitlines())
    installed = {words[1] for words in lines if words[0] == "installed"}
    return [name for name in packages if name not in installed]


class Apt:
    """The machine's package manager, asked so that it starts and reconfigures nothing.

    Daemons are fetched and unpacked into a folder of ours; only libraries and tools are installed.
    """

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._updated = False

    def install(self, packages: list[str], *, what: str) -> None:
        """Installs those which are missing, without recommended packages."""
        absent = missing(packages)
        if not absent:
            return
        self.update()
        frontend = ["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1"]
        options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
        self._shell.as_root([*frontend, "apt-get", "install", *options, *absent], what=what)

    def update(self) -> None:
        """Renews the machine's package lists, once a run."""
        if not self._updated:
            self._shell.as_root(
                ["apt-get", "update", "-q", "-o", "DPkg::Lock::Timeout=300"],
                what="the package lists cannot be renewed",
            )
            self._updated = True

    def download(self, packages: list[str], into: Path) -> list[Path]:
        """Fetches packages as files, checked against the signed lists."""
        into.mkdir(parents=True, exist_ok=True)
        self._shell.run(
            ["apt-get", "download", "-q", *packages],
            what=f"cannot fetch {', '.join(packages)}",
            cwd=into,
        )
        return sorted(into.glob("*.deb"))

    def source(self, package: str, suite: str, into: Path) -> Path:
        """Fetches a source package of any suite; returns its `.dsc`.

        The list is the machine's own with the suite replaced, kept in `into`: the machine's lists
        are left alone, and no server's name is written anywhere else.
        """
        (into / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (into / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
        sources = into / f"{suite}.sources"
        sources.write_text(
            f"Types: deb-src\nURIs: {self._mirror()}\nSuites: {suite}\nComponents: main\n"
            + (f"Signed-By: {keys}\n" if keys.exists() else "")
        )
        options = [
            f"Dir::Etc::sourcelist={sources}",
            "Dir::Etc::sourceparts=/dev/null",
            f"Dir::State::Lists={into}/lists",
            f"Dir::Cache={into}/cache",
            "APT::Get::List-Cleanup=0",
        ]
        flags = [word for option in options for word in ("-o", option)]
        what = f"cannot fetch the source of {package} from {suite}"
        self._shell.run(["apt-get", *flags, "update", "-q"], what=what)
        self._shell.run(["apt-get", *flags, "source", "-q", "--download-only", package], what=what, cwd=into)
        return next(into.glob(f"{package}_*.dsc"))

    def _mirror(self) -> str:
        """Where this machine takes its release from, by apt's own account of its configuration."""
        self.update()
        wanted = ["$(REPO_URI)", "$(RELEASE)", "$(COMPONENT)"]
        done = subprocess.run(
            ["apt-get", "indextargets", "--format", "|".join(wanted), "Created-By: Packages"],
            capture_output=True,
            text=True,
            check=True,
        )
        codename = release().codename
        for line in done.stdout.splitlines():
            uri, suite, component = line.split("|")
            if suite in (codename, "stable", "oldstable") and component == "main":
                return uri
        raise SetupError(
            "no Debian mirror found in this machine's apt configuration",
            f"no source of {codename} main is listed",
            "add Debian's own mirror to /etc/apt/sources.list.d and run the command again",
        )


def library_dependencies(packages: list[Path]) -> list[str]:
    """The libraries which the given package files need, without LLVM (only for `jit`, kept off)."""
    found: set[str] = set()
    for package in packages:
        done = subprocess.run(
            ["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True
        )
        for clause in done.stdout.split(","):
            name = re.split(r"[\s(:|]", clause.strip(), maxsplit=1)[0]
            if name.startswith(("lib", "zlib")) and not name.startswith("libllvm"):
                found.add(name)
    return sorted(found)
