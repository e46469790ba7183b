"""The private mosquitto: accounts, who may read and write what, and how much it keeps.

The broker alone promises nothing after `kill -9`: with these settings what it took in the last three seconds
goes (it saves every other second, whatever waits: saving after so many changes instead brings it down to
1,500 messages a second once 200,000 wait, for it writes all of them each time). The promise is end to end, by
the centre's acknowledgement after its commit.
"""

import base64
import hashlib
import json
import os
import pwd
import re
import secrets
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from cli.processes import Process
from cli.services import ports
from cli.services.record import Record
from cli.services.secrets import write_private
from cli.setup import runtime as runtimes
from cli.setup import state
from cli.setup.runtime import Runtime
from cli.supervise import Program

LARGEST_PAYLOAD = 4 * 2**20
"""Bytes: a 2 MB payload reaches the quarantine, 20 MB does not reach us at all."""

ROLES = ("centre", "ingest", "dispatch", "gateway", "canary")
"""Accounts with rules of their own; every other account is a station, device or camera."""

_NAME = re.compile(r"[^\s+#/:]{1,64}")
_HASH_ITERATIONS = 101
"""mosquitto_passwd's own number; the passwords are 128 random bits."""

_TOPICS = {
    "centre": ["readwrite anlan/#"],
    "ingest": ["read anlan/#", "read frigate/#"],
    "dispatch": [],
    "gateway": ["write frigate/#", "deny anlan/drill/canary/#"],
    "canary": ["write anlan/drill/canary/obs/canary"],
}
_TOPICS_REAL_AND_DRILL = {
    "ingest": ["write {base}/ack/#", "write {base}/sl651/+/down"],
    "dispatch": [
        "write {base}/device/+/command",
        "read {base}/device/+/receipt",
        "read {base}/device/+/status",
    ],
    "gateway": [
        *(f"write {{base}}/{kind}/#" for kind in ("obs", "weather", "camera", "frigate", "gb28181")),
        *(f"write {{base}}/{kind}/#" for kind in ("sl651", "senml", "tts", "chirpstack", "thingsboard")),
        "read {base}/ack/#",
        "read {base}/sl651/+/down",
    ],
}
_PATTERNS = [
    "write {base}/obs/%u",
    "read {base}/ack/%u",
    "write {base}/sl651/%u",
    "read {base}/sl651/%u/down",
    "write {base}/senml/%u",
    "write {base}/tts/%u",
    "write {base}/camera/%u/status",
    "write {base}/camera/%u/snapshot",
    "read {base}/device/%u/command",
    "write {base}/device/%u/status",
    "write {base}/device/%u/receipt",
]
"""What a station, device or camera may: its own topics, by the name it logs in with."""


@dataclass(frozen=True)
class Broker:
    """Where the broker's files lie and who runs it."""

    runtime: Runtime
    folder: Path
    log: Path
    port: int
    user: str | None

    @classmethod
    def of(cls, home: Path) -> "Broker":
        """The broker of a state folder. Raises `SetupError` when the runtime is missing."""
        return cls(
            runtimes.required(),
            home / "mqtt",
            home / "log" / "mosquitto.log",
            ports.ports(home)["mqtt"],
            state.service_user(),
        )

    @property
    def _accounts_file(self) -> Path:
        return self.folder / "accounts.json"

    def accounts(self) -> dict[str, str]:
        """Every account with its password."""
        if not self._accounts_file.exists():
            return {}
        kept: dict[str, str] = json.loads(self._accounts_file.read_text())
        return kept

    def prepare(self) -> None:
        """Writes configuration, rules and passwords; what it keeps on disk stays."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
        if self.user:
            os.chown(data, *_ids(self.user))
        self.add(ROLES)
        write_private(self.folder / "acl", access_rules().encode(), owner=self.user)
        (self.folder / "mosquitto.conf").write_text(self._configuration())

    def add(self, names: Iterable[str]) -> bool:
        """Gives each new name an account with a generated password; False if none was new."""
        known = self.accounts()
        new = [name for name in dict.fromkeys(names) if name not in known]
        for name in new:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot be an MQTT account: no blanks, + # / or colon")
            known[name] = secrets.token_urlsafe(16)
        if new:
            write_private(self._accounts_file, json.dumps(known, indent=0).encode())
        hashes = self.folder / "passwords"
        if new or not hashes.exists():
            text = "".join(f"{name}:{_hashed(password)}\n" for name, password in known.items())
            write_private(hashes, text.encode(), owner=self.user)
        return bool(new)

    def program(self) -> Program:
        """The broker as a direct child."""
        return Program(
            "mosquitto",
            [self.runtime.mosquitto, "-c", self.folder / "mosquitto.conf"],
            user=self.user,
            log=self.log,
            is_ready=lambda: ports.is_open(self.port),
        )

    def url(self, account: str) -> str:
        """`mqtt://account:password@host:port`."""
        return f"mqtt://{account}:{self.accounts()[account]}@127.0.0.1:{self.port}"

    def reload(self, process: Process | None, *, probe: str) -> None:
        """Lets a running broker read the accounts; returns when it accepts the `probe`."""
        if process is None or not process.is_alive():
            return
        process.send(signal.SIGHUP)
        until = time.monotonic() + 5
        while not self.accepts(probe):
            if time.monotonic() > until:
                raise TimeoutError(f"the broker does not accept the new account {probe}")
            time.sleep(0.05)

    def accepts(self, account: str) -> bool:
        """Whether the running broker lets this account in."""
        answers: list[bool] = []
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        client.username_pw_set(account, self.accounts()[account])
        client.on_connect = lambda *answer: answers.append(not answer[3].is_failure)
        try:
            client.connect("127.0.0.1", self.port)
            until = time.monotonic() + 2
            while not answers and time.monotonic() < until:
                client.loop(0.1)
            client.disconnect()
        except OSError:
            return False
        return any(answers)

    def _configuration(self) -> str:
        return f"""\
listener {self.port} 127.0.0.1
allow_anonymous false
password_file {self.folder}/passwords
acl_file {self.folder}/acl
persistence true
persistence_location {self.folder}/data/
autosave_on_changes false
autosave_interval 2
max_inflight_messages 1000
max_queued_messages 0
max_queued_bytes 0
max_packet_size {LARGEST_PAYLOAD + 65536}
set_tcp_nodelay true
connection_messages false
log_type error
log_type warning
log_type notice
log_dest stdout
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


def access_rules() -> str:
    """The rules file: roles by name, everything else by its own name, real and drill alike."""
    bases = ("anlan", "anlan/drill/+")
    lines: list[str] = []
    for role in ROLES:
        lines.append(f"user {role}")
        lines += [f"topic {rule}" for rule in _TOPICS[role]]
        for rule in _TOPICS_REAL_AND_DRILL.get(role, []):
            lines += [f"topic {rule.format(base=base)}" for base in bases]
        lines.append("")
    for rule in _PATTERNS:
        lines += [f"pattern {rule.format(base=base)}" for base in bases]
    return "\n".join(lines) + "\n"


def ensure_accounts(names: Iterable[str], home: Path | None = None) -> dict[str, str]:
    """Gives each name an account of the running broker; returns all asked for, with passwords.

    Returns once the broker has read them. Raises `ValueError` for a name that cannot be one.
    """
    place = home or state.home()
    broker = Broker.of(place)
    asked = list(names)
    if reserved := sorted({*asked} & {*ROLES}):
        raise ValueError(
            f"{reserved[0]!r} is an account of the centre; a station or device of that name would have its"
            " password and its rights: give it another code"
        )
    if broker.add(asked):
        broker.reload(Record.read(place).processes.get("mosquitto"), probe=asked[-1])
    known = broker.accounts()
    return {name: known[name] for name in asked}


def _hashed(password: str) -> str:
    """mosquitto's own form: `$7$iterations$salt$hash`, PBKDF2 with SHA-512."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _HASH_ITERATIONS)
    encoded = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"$7${_HASH_ITERATIONS}${'$'.join(encoded)}"


def _ids(user: str) -> tuple[int, int]:
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
