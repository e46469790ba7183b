"""Passwords: Argon2id (RFC 9106, second recommended option), and which ones are refused."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import InputError

MINIMUM_LENGTH = 10

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_at_once = threading.BoundedSemaphore(2)
"""Each check takes 64 MiB: a flood of logins must queue, not eat the memory of the alarms' pages."""
_nobody = _hasher.hash("no user has this hash")

# fmt: off
_COMMON = frozenset({
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "123456", "12345678", "123456789", "1234567890",
    "qwerty", "qwertyuiop", "1q2w3e4r", "1qaz2wsx", "admin", "administrator", "root", "letmein",
    "welcome", "iloveyou", "abc123", "abcd1234", "a123456", "asdfghjkl", "zxcvbnm", "111111", "000000",
    "88888888", "66666666", "5201314", "woaini", "huawei", "anlan", "anlan123", "fangxun", "fangxun123",
    "changeme", "secret", "default", "test", "guest", "xiangshan",
})
# fmt: on
_SEQUENCES = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with its own salt and parameters."""
    return _hasher.hash(password)


def verify_password(hashed: str | None, password: str) -> bool:
    """True if the password fits. Without a hash (unknown user) it takes just as long, and is False."""
    with _at_once:
        try:
            fits = _hasher.verify(hashed or _nobody, password)
        except (VerificationError, InvalidHashError):
            return False
    return fits and hashed is not None


def check_strength(password: str, name: str) -> None:
    """Raises InputError that says what a usable password is.

    At least ten characters of five different ones, not a known common one or a run on the keyboard (with
    digits or signs around it), and not built on the user's name (after NIST SP 800-63B 5.1.1.2).
    """
    if len(password) < MINIMUM_LENGTH:
        raise InputError("password_short", f"the password needs at least {MINIMUM_LENGTH} characters")
    if len(password) > 256:
        raise InputError("password_long", "the password may have 256 characters at most")
    bare = password.casefold()
    core = bare.strip("0123456789!@#$%^&*()-_=+.,?~ ")
    if bare in _COMMON or core in _COMMON or len(set(bare)) < 5:
        raise InputError("password_common", "this password is among the first that are tried: choose another")
    if any(core and (core in run or core in run[::-1]) for run in _SEQUENCES) or bare.isdigit():
        raise InputError("password_common", "a run of keys or digits is no password: choose another")
    if len(name) >= 3 and name.casefold() in bare:
        raise InputError("password_name", "the password must not contain the user's name")
