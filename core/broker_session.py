"""The name of a role's session at the broker: known to the role, not to anybody else who may connect."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import unquote, urlsplit


def session_name(role: str, instance: str, url: str, number: int = 0) -> str:
    """`anlan-ROLE-INSTANCE-…`, the same for every process with this instance name and login.

    A role that has several sessions one after the other numbers them from 1.

    A broker gives a session, with everything queued in it, to whoever connects under its name: a station
    that knew ours would throw ingest out and what was queued would be lost (mosquitto drops what the
    newcomer may not read; tried). So the name ends in 64 bits that only who has the password can make.
    A new password is a new session. A login without a password guards nothing, and adds nothing.
    """
    plain = f"anlan-{role}-{instance}~{number}" if number else f"anlan-{role}-{instance}"
    password = unquote(urlsplit(url).password or "")
    if not password:
        return plain
    return f"{plain}-{hmac.new(password.encode(), plain.encode(), hashlib.sha256).hexdigest()[:16]}"


def broker_fingerprint(role: str, url: str) -> str:
    """Which broker, and which login there, in 16 digits that tell neither: who has the same may use a session."""
    parts = urlsplit(url)
    place = f"{role} {parts.hostname}:{parts.port} {session_name(role, '', url)}"
    return hashlib.sha256(place.encode()).hexdigest()[:16]
