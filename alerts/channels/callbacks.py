"""Where the SMS gateway calls back: delivery reports and messages from phones.

The paths hold a secret and the listener binds to loopback or an inner network. What cannot be stored is
answered with 503, and the gateway repeats it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import structlog

from core.errors import ConfigurationError, UnavailableError
from core.settings import Sms

log = structlog.get_logger("anlan.dispatch")

LONGEST_PATH = 8192
_LONGEST_ID = 200
"""Kannel's own ids have 36 characters; PostgreSQL indexes nothing longer than 2,700 bytes."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL refuses in a text: NUL, and halves of pairs, which UTF-8 cannot carry."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Kannel's %d for one of our references."""

    reference: str
    code: int
    answer: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message from a phone; `message_id` is the gateway's own, None if it gives none."""

    sender: str
    text: str
    message_id: str | None


def decode_text(raw: bytes, coding: str, charset: str) -> str:
    """The text of a message as raw bytes: UCS-2 is UTF-16BE (Kannel's %a would mangle it)."""
    if coding == "2" or charset.upper().replace("-", "") == "UTF16BE":
        return raw.decode("utf-16-be", "replace")
    for encoding in ("utf-8", charset or "latin-1", "latin-1"):
        try:
            return raw.decode(encoding)
        except (ValueError, LookupError):  # a name with NUL, or a codec that is none of texts, too
            continue
    return raw.decode("latin-1")


def understand(path: str, secret: str) -> DeliveryReport | Message | None:
    """What a request says; None for a path without the secret or without its fields.

    Every text can be stored: a refusal by the database would have the gateway repeat it for ever.
    """
    parts = urlsplit(path)
    folders = parts.path.strip("/").split("/")
    if (
        len(folders) != 3
        or folders[0] != "sms"
        or not hmac.compare_digest(folders[2].encode(), secret.encode())
    ):
        return None
    # latin-1 keeps the raw bytes of %b one to one.
    fields = {name: values[0] for name, values in parse_qs(parts.query, True, encoding="latin-1").items()}
    if folders[1] == "dlr":
        reference, code = storable(fields.get("ref", "")), fields.get("code", "")
        if not reference or not code.isascii() or not code.isdigit():
            return None
        return DeliveryReport(reference, int(code[:6]), storable(fields.get("answer", ""))[:200])
    if folders[1] == "mo" and fields.get("from"):
        raw = fields.get("raw", "").encode("latin-1")
        text = decode_text(raw, fields.get("coding", ""), fields.get("charset", ""))
        text = storable(text.replace("\0", ""))  # some phones pad with it: "1" and NUL is still a "1"
        return Message(storable(fields["from"])[:40], text, _message_id(fields.get("id", "")))
    return None


def storable(text: str) -> str:
    """The text with U+FFFD for each character that the database would refuse."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _message_id(given: str) -> str | None:
    """The gateway's id; the digest of one too long to index, so that two never become one."""
    if len(given) > _LONGEST_ID:
        return hashlib.sha256(given.encode()).hexdigest()
    return storable(given) or None


class Listener:
    """The HTTP server, in threads of its own until `close`."""

    def __init__(
        self,
        settings: Sms,
        *,
        on_report: Callable[[DeliveryReport], None],
        on_message: Callable[[Message], None],
    ) -> None:
        if settings.callback_secret is None:
            raise ConfigurationError(
                "ANLAN_SMS__CALLBACK_SECRET is not set: anybody could answer for anybody"
            )
        secret = settings.callback_secret.get_secret_value()
        host, _, port = settings.callback_listen.rpartition(":")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                said = understand(self.path, secret) if len(self.path) <= LONGEST_PATH else None
                if said is None:
                    self._answer(404)
                    return
                try:
                    on_report(said) if isinstance(said, DeliveryReport) else on_message(said)
                except Exception:
                    log.exception("call-back could not be stored; the gateway will repeat it")
                    self._answer(503)
                    return
                self._answer(200)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """The path holds the secret: never logged."""

        try:
            self._server = _Server((host or "127.0.0.1", int(port)), Handler)
        except (OSError, ValueError) as error:
            raise UnavailableError(
                f"{settings.callback_listen} cannot be listened on for the SMS gateway ({error});"
                " set ANLAN_SMS__CALLBACK_LISTEN"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="sms-callbacks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening; requests in hand are finished."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
