"""One user of each kind, with random passwords that are kept in the state folder."""

import json
import secrets
from pathlib import Path

from app.auth.passwords import hash_password
from cli.services.secrets import write_private
from core.roles import Role
from store import audit, users
from store.connection import connect

NAMES = (Role.COMMANDER, Role.LEADER, Role.DUTY, Role.VIEWER, Role.ADMINISTRATOR)
"""A demo user is named like the role."""


def ensure_users(url: str, home: Path) -> dict[str, str]:
    """Makes the demo's users in this database; name → password.

    A second demo has the same passwords, so that whoever signed in stays signed in. A user whose
    password is not known here gets a new one.
    """
    file = home / "demo-users.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    with connect(url, name="anlan-demo") as connection:
        existing = {user.name for user in users.users(connection)}
        for role in NAMES:
            name = role.value
            if name in existing and name in known:
                continue
            known[name] = secrets.token_urlsafe(9)
            hashed = hash_password(known[name])
            if name in existing:
                users.set_password(connection, name, hashed)
            else:
                users.add_user(connection, name, hashed, role)
            audit.append(
                connection,
                actor="demo",
                action="user.add",
                subject=f"user:{name}",
                detail={"role": name, "demo": True},
            )
        write_private(file, json.dumps(known, indent=1).encode())
        connection.commit()
    return {role.value: known[role.value] for role in NAMES}
