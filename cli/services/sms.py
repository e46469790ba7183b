"""The private Kannel: a real SMS gateway whose SMS centre is a socket for simulated phones."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from cli.services import ports
from cli.services.secrets import write_private
from cli.setup.runtime import Runtime
from cli.supervise import Program


@dataclass(frozen=True)
class Kannel:
    """Where the gateway's files lie and which ports and secrets it has."""

    runtime: Runtime
    folder: Path
    log: Path
    ports: dict[str, int]
    password: str
    admin_password: str
    callback_secret: str
    user: str | None

    USER = "anlan"
    """The account of the dispatch role at the sendsms interface."""

    @property
    def url(self) -> str:
        """Where a message is handed in."""
        return f"http://127.0.0.1:{self.ports['sendsms']}/cgi-bin/sendsms"

    def prepare(self) -> None:
        """Writes the configuration; spooled messages stay."""
        spool = self.folder / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        spool.chmod(0o700)
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(spool, entry.pw_uid, entry.pw_gid)
        write_private(self._file, self._configuration().encode(), owner=self.user)

    def programs(self) -> list[Program]:
        """bearerbox, and smsbox which falls and rises with it."""
        return [
            self._program("bearerbox", self.runtime.bearerbox, self.ports["kannel_smsbox"]),
            self._program("smsbox", self.runtime.smsbox, self.ports["sendsms"]),
        ]

    def _program(self, name: str, path: Path, port: int) -> Program:
        return Program(
            name,
            [path, "-v", "2", self._file],
            user=self.user,
            log=self.log,
            cwd=Path("/"),
            falls_with="bearerbox" if name == "smsbox" else None,
            is_ready=lambda: ports.is_open(port),
        )

    @property
    def _file(self) -> Path:
        return self.folder / "kannel.conf"

    def _configuration(self) -> str:
        """Replies and delivery reports are retried until the dispatch role takes them.

        A reply's text comes raw (`%b` with its charset `%C`): the decoded form spoils UCS-2.
        """
        secret = self.callback_secret
        callback = f"http://127.0.0.1:{self.ports['sms_callback']}/sms/mo/{secret}"
        query = "from=%p&to=%P&raw=%b&charset=%C&coding=%c&id=%I&ts=%T&smsc=%i"
        return f"""\
group = core
admin-port = {self.ports["kannel_admin"]}
admin-interface = 127.0.0.1
admin-password = {self.admin_password}
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {self.ports["kannel_smsbox"]}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
store-type = spool
store-location = {self.folder}/spool
dlr-storage = internal
sms-resend-freq = 5
log-level = 2

group = smsc
smsc = fake
smsc-id = FAKE
host = 127.0.0.1
port = {self.ports["smsc"]}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-interface = 127.0.0.1
sendsms-port = {self.ports["sendsms"]}
http-request-retry = 1800
http-queue-delay = 2
log-level = 2

group = sendsms-user
username = {self.USER}
password = {self.password}
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = yes
max-messages = 0
omit-empty = true
get-url = "{callback}?{query}"
"""
