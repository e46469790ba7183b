"""Security headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import re

_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.S | re.I
)

_POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)

PLAIN_POLICY = _POLICY.format(hashes="")

FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(self), microphone=()"),
)


def policy_for(page: str) -> str:
    """The content security policy of one HTML page: its own inline scripts by hash, no other.

    Style stays open to inline, since React components and Leaflet set it; scripts do not, so a name
    with a tag in it executes nothing even where a page forgot to escape it after it was made.
    """
    hashes = {
        " 'sha256-" + base64.b64encode(hashlib.sha256(found["body"].encode()).digest()).decode() + "'"
        for found in _INLINE_SCRIPT.finditer(page)
        if found["body"] and "application/json" not in found["attributes"]
    }
    return _POLICY.format(hashes="".join(sorted(hashes)))
