"""Generated secrets of a state folder: one file that only its owner reads."""

import json
import os
import pwd
import secrets
from pathlib import Path

_NAMES = ("database", "database_superuser", "sms", "sms_callback", "kannel_admin")


def secrets_of(home: Path) -> dict[str, str]:
    """Every secret by name; what is missing is generated and kept."""
    path = home / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    absent = [name for name in _NAMES if name not in kept]
    if absent:
        kept.update({name: secrets.token_hex(16) for name in absent})
        write_private(path, json.dumps(kept, indent=1).encode())
    return kept


def write_private(path: Path, content: bytes, *, owner: str | None = None) -> None:
    """Writes a file whole or not at all, readable by its owner alone."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if owner:
            entry = pwd.getpwnam(owner)
            os.fchown(descriptor, entry.pw_uid, entry.pw_gid)
    new.replace(path)
