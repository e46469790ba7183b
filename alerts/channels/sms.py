"""SMS through Kannel's sendsms interface: one message, one request, an honest outcome."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

import httpx

from core.errors import ConfigurationError
from core.settings import Sms

TIMEOUT_S = 10.0
_PROBE_S = 0.5
_DLR_MASK = 31
"""Delivered, failed, queued, accepted and rejected: every report (Kannel user guide)."""


class Outcome(StrEnum):
    """`unreachable` surely did not leave; `unknown` may have; `refused` was heard and turned down."""

    SENT = "sent"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the gateway said of one message."""

    outcome: Outcome
    detail: str = ""


class Gateway:
    """One keep-alive connection to Kannel; one per sending thread."""

    def __init__(self, settings: Sms) -> None:
        if settings.url is None or settings.password is None or settings.callback_secret is None:
            raise ConfigurationError(
                "the SMS gateway is not set: ANLAN_SMS__URL, ANLAN_SMS__PASSWORD and ANLAN_SMS__CALLBACK_SECRET"
            )
        self._url = settings.url
        self._login = {"username": settings.user, "password": settings.password.get_secret_value()}
        self._sender = settings.sender
        self._callback = callback_base(settings)
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def send(self, number: str, text: str, reference: str) -> Sent:
        """Hands one message over. Never raises: what is not known is said to be unknown."""
        query = {
            **self._login,
            "from": self._sender,
            "to": number,
            "text": text,
            "coding": "2",
            "charset": "UTF-8",
            "dlr-mask": str(_DLR_MASK),
            "dlr-url": f"{self._callback}?ref={quote(reference)}&code=%d&answer=%A",
        }
        try:
            answer = self._client.get(self._url, params=query)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Sent(Outcome.UNREACHABLE, str(error))
        except httpx.HTTPError as error:
            return Sent(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")
        return understood(answer.status_code, answer.text)


def is_reachable(settings: Sms) -> bool:
    """True if the gateway's sendsms interface takes connections now; says nothing of the carrier behind."""
    if settings.url is None:
        return False
    address = urlsplit(settings.url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), timeout=_PROBE_S).close()
    except OSError:
        return False
    return True


def understood(status: int, body: str) -> Sent:
    """Kannel's answer: 202 with `0: Accepted` or `3: Queued` is success; 503 is 'try again later'."""
    said = body.strip()[:200]
    if status == 202:
        return Sent(Outcome.SENT, said)
    if status in (502, 503, 504):
        return Sent(Outcome.UNREACHABLE, said)
    return Sent(Outcome.REFUSED, f"{status} {said}")


def callback_base(settings: Sms) -> str:
    """The address, up to its query, at which delivery reports arrive."""
    secret = settings.callback_secret.get_secret_value() if settings.callback_secret else ""
    base = settings.callback_url or f"http://{settings.callback_listen}"
    return f"{base.rstrip('/')}/sms/dlr/{secret}"
