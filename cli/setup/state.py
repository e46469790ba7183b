"""Where everything mutable of a checkout lives, decided in this one place."""

import hashlib
import os
import stat
from pathlib import Path

SERVICE_USER = "anlan"
"""The unprivileged system user of the embedded services when root starts them."""

_SYSTEM_STATE = Path("/var/lib/anlan")


def checkout() -> Path:
    """The folder which holds our packages."""
    return Path(__file__).resolve().parents[2]


def home() -> Path:
    """The state folder: virtual environment, services' data, secrets, logs.

    `ANLAN_HOME` names it; else `.anlan/` in the checkout. PostgreSQL refuses to run as root, so
    when root's checkout cannot be entered by the service user (below `/root`, say) the folder is
    one below `/var/lib/anlan`, named by the checkout's path.
    """
    if named := os.environ.get("ANLAN_HOME"):
        return Path(named).resolve()
    inside = checkout() / ".anlan"
    writable = os.access(inside if inside.exists() else checkout(), os.W_OK)
    if writable and (os.geteuid() != 0 or others_can_enter(checkout())):
        return inside
    key = hashlib.sha256(str(checkout()).encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        return _SYSTEM_STATE / key
    return Path.home() / ".local" / "state" / "anlan" / key


def others_can_enter(folder: Path) -> bool:
    """Whether any user may pass through this folder and all above it."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents) if place.exists())


def runtime_roots() -> list[Path]:
    """Folders of shared runtimes: the first is where this user builds, the rest are looked into."""
    shared = _SYSTEM_STATE / "runtime"
    if os.geteuid() == 0:
        return [shared]
    return [Path.home() / ".local" / "share" / "anlan" / "runtime", shared]


def service_user() -> str | None:
    """Who runs the embedded services: nobody but ourselves unless we are root."""
    return SERVICE_USER if os.geteuid() == 0 else None
