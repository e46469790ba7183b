"""Private ports, chosen free once and kept: several checkouts run side by side."""

import json
import random
import socket
from pathlib import Path

_NAMES = (
    "postgresql",
    "mqtt",
    "kannel_admin",
    "kannel_smsbox",
    "sendsms",
    "smsc",
    "sms_callback",
    "sl651",
)
_OF_ROLES = ("sms_callback", "sl651")
_FILE = "ports.json"
_RANGE = range(20000, 32000)
"""Below Linux's range of ephemeral ports: no outgoing connection takes one while we are down."""


def ports(home: Path) -> dict[str, int]:
    """The ports of this state folder, by name."""
    kept = home / _FILE
    chosen: dict[str, int] = json.loads(kept.read_text()) if kept.exists() else {}
    absent = [name for name in _NAMES if name not in chosen]
    if absent:
        for name in absent:
            chosen[name] = _free(set(chosen.values()))
        kept.write_text(json.dumps(chosen, indent=1))
    return chosen


def renew_taken(home: Path) -> None:
    """Gives up ports on which another program listens by now; call it while ours are down.

    Ports of roles are left alone: dispatch and ingest may be listening there.
    """
    chosen = ports(home)
    kept = {name: port for name, port in chosen.items() if name in _OF_ROLES or not is_open(port)}
    if kept != chosen:
        (home / _FILE).write_text(json.dumps(kept, indent=1))


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """That many different ports on which nobody listens now."""
    found: set[int] = set()
    while len(found) < count:
        found.add(_free(found))
    return list(found)


def _free(taken: set[int]) -> int:
    for port in random.sample(_RANGE, len(_RANGE)):
        if port in taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"no free port between {_RANGE.start} and {_RANGE.stop}")
