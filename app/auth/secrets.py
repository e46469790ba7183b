"""Opaque secrets of sessions and tokens: random, shown once, stored as SHA-256."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "anlan_"
"""Begins every API token, so that scanners of leaked secrets can know one."""


def new_session() -> str:
    """256 random bits for a session cookie."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """256 random bits for an API token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What the database keeps. A plain hash is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
