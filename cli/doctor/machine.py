"""This machine: programs, keys, disk, clock."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cli.doctor.finding import Finding, bad, good, warning
from cli.setup import packages
from core.settings import Settings
from store.machine_clock import is_synchronised

_DISK_BAD_GB = 1.0
_DISK_LOW_GB = 5.0
_VOICE = "cmn-latn-pinyin"


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Programs and files that the roles need here."""
    yield _speech()
    yield _browser_libraries()
    yield _signing_key(settings.dispatch.signing_key_file)
    yield _disk(settings.home)
    yield _clock()


def _speech() -> Finding:
    """Asks for the one voice that speaks Hanzi: `cmn` reads most of them in English."""
    if shutil.which("espeak-ng") is None:
        return bad(
            "speech", "espeak-ng is not installed: no loudspeaker will speak", "apt-get install espeak-ng"
        )
    done = subprocess.run(
        ["espeak-ng", "-v", _VOICE, "-q", "ni3 hao3"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return bad("speech", f"espeak-ng has no voice {_VOICE}", "apt-get install --reinstall espeak-ng-data")
    return good("speech", f"espeak-ng with voice {_VOICE}")


def _browser_libraries() -> Finding:
    if not (packages.NODE_MODULES / "leaflet").is_dir():
        return bad("maps", f"no browser libraries in {packages.NODE_MODULES}", "npm ci, or ./anlan run")
    return good("maps", "browser libraries are here")


def _signing_key(path: Path | None) -> Finding:
    if path is None:
        return bad(
            "signing key",
            "none is set: no device command can be signed",
            "set ANLAN_DISPATCH__SIGNING_KEY_FILE; openssl genpkey -algorithm ed25519 makes one",
        )
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        return bad("signing key", f"{path} cannot be read ({error})", "check the path, its owner and content")
    if not isinstance(key, Ed25519PrivateKey):
        return bad("signing key", f"{path} is no Ed25519 key", "openssl genpkey -algorithm ed25519")
    if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.stat().st_uid == os.geteuid():
        return warning("signing key", f"others on this machine can read {path}", f"chmod 600 {path}")
    return good("signing key", f"{path}")


def _disk(home: Path) -> Finding:
    place = next(folder for folder in (home, *home.resolve().parents) if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    text = f"{free_gb:.1f} GB free in {place}"
    if free_gb < _DISK_BAD_GB:
        return bad("disk", text, "make room: the database stops when the disk is full")
    if free_gb < _DISK_LOW_GB:
        return warning("disk", text, "make room soon")
    return good("disk", text)


def _clock() -> Finding:
    """Whether the clock is kept by the network: observation times are judged by it."""
    synchronised = is_synchronised()
    mend = "set up chrony or systemd-timesyncd with the county's time server"
    if synchronised is None:
        return warning("clock", "the kernel does not tell whether it is synchronised", mend)
    if not synchronised:
        return warning("clock", "not synchronised with a time server", mend)
    return good("clock", "synchronised")
