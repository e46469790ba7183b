"""Where a request comes from, and under which address the browser sees us."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection, trusted_proxies: Sequence[str]) -> str:
    """The asking machine; X-Forwarded-For is believed only from a trusted proxy.

    The right-most address that is no trusted proxy counts: what stands left of it, the client could
    have written itself.
    """
    peer = connection.client.host if connection.client else ""
    if peer not in trusted_proxies:
        return peer
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    for hop in reversed(hops):
        if hop not in trusted_proxies:
            return hop
    return peer


def is_local(connection: HTTPConnection, trusted_proxies: Sequence[str]) -> bool:
    """True for this machine itself. A forwarded request of an unknown proxy is never local."""
    peer = connection.client.host if connection.client else ""
    forwarded = "x-forwarded-for" in connection.headers or "forwarded" in connection.headers
    if forwarded and peer not in trusted_proxies:
        return False
    try:
        return ip_address(client_address(connection, trusted_proxies)).is_loopback
    except ValueError:
        return False


def is_same_origin(connection: HTTPConnection) -> bool:
    """True if the page that asks is ours: Origin (or else Referer) names the host that was asked.

    A browser sends Origin with every state-changing request and with every WebSocket; a request
    without both is refused.
    """
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin") or connection.headers.get("referer") or ""
    return bool(host) and urlsplit(origin).netloc == host


def cookie_name(connection: HTTPConnection) -> str:
    """The session cookie's name; it carries the port, because cookies of one host ignore ports.

    Two installations on one machine would else sign each other out.
    """
    port = connection.headers.get("host", "").rpartition("]")[2].rpartition(":")[2]
    return f"anlan_session_{port}" if port.isdigit() else "anlan_session"
