"""The one list of what may be asked for without being signed in. Everything else is behind the door."""

from __future__ import annotations

OPEN = frozenset({"/login", "/login/style.css", "/healthz", "/favicon.ico", "/_favicon.ico"})
"""Exact paths."""

OPEN_BELOW = ("/assets/",)
"""Style sheets, scripts and fonts of the pages; never data."""

OWN_CHECK = frozenset({"/metrics", "/readyz", "/api/v1/heartbeat"})
"""Watched by machines: this machine itself, a token (`app.health`), or a signature (`app.api.heartbeat`)."""

OWN_CHECK_BELOW = ("/audio/",)
"""Loudspeakers fetch the speech of a running order by its hash (`app.audio`); drafts need a person."""

KIOSK = "/wall"
"""`/wall?token=…` exchanges an API token for a wall screen's session."""
KIOSK_SIGN_IN = "/login/kiosk"
"""Where the door hands it to; asked for by this name it is behind the door like everything else."""


def is_open(path: str) -> bool:
    """True if the path is answered to anybody."""
    return path in OPEN or path.startswith(OPEN_BELOW)


def checks_itself(path: str) -> bool:
    """True if the route makes its own decision, whether or not somebody is signed in."""
    return path in OWN_CHECK or path.startswith(OWN_CHECK_BELOW)
