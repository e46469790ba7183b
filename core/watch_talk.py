"""What the watcher asks of the centre and how both sign it. Pure.

Both share one secret. The watcher signs its question, so that nobody else can pretend that somebody watches; the
centre signs its answer over the watcher's nonce, so that nobody else, and no old answer, can pretend that it lives.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

PATH = "/api/v1/heartbeat"
SIGNATURE = "x-anlan-signature"
LONGEST_SKEW_S = 300
"""A question that is older or newer than this by the centre's clock is a replay, or a clock that is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """One look of a watcher; `at_ms` by its own clock, `can_call` says whether its own path stands."""

    name: str
    at_ms: int
    nonce: str
    can_call: bool

    def query(self) -> dict[str, str]:
        """As it stands in the address."""
        return {
            "name": self.name,
            "at": str(self.at_ms),
            "nonce": self.nonce,
            "can_call": "yes" if self.can_call else "no",
        }

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Question | None:
        """None for what is no question."""
        try:
            return cls(query["name"], int(query["at"]), query["nonce"], query["can_call"] == "yes")
        except (KeyError, ValueError):
            return None


def sign_question(secret: str, question: Question) -> str:
    """HMAC-SHA256 in hexadecimal digits."""
    parts = question.query()
    return _sign(secret, "question", "\n".join(f"{name}={parts[name]}" for name in sorted(parts)).encode())


def sign_answer(secret: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 over the question's nonce and the whole body."""
    return _sign(secret, "answer", nonce.encode() + b"\n" + body)


def is_signed(expected: str, given: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(expected.encode(), given.encode())


def _sign(secret: str, side: str, message: bytes) -> str:
    return hmac.new(secret.encode(), side.encode() + b"\n" + message, hashlib.sha256).hexdigest()
