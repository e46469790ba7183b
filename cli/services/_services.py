import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.processes import Process
from cli.services import keys
from cli.services.broker import Broker, ensure_accounts
from cli.services.ports import ports, renew_taken
from cli.services.postgres import Postgres
from cli.services.record import SUPERVISOR, Record
from cli.services.secrets import secrets_of
from cli.services.sms import Kannel
from cli.setup import marks, runtime, state
from cli.setup.steps import SetupError
from cli.supervise import Program

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 60
_LOG_LIMIT_BYTES = 20_000_000


class Services:
    """The services of one state folder.

    As a context manager: started, stopped at the end, and gone too when this process is killed.
    Nothing is held in this object: any process may make one and ask, start or stop.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._started: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start(with_us=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, *, with_us: bool = False) -> None:
        """Brings all up and waits until each answers; quick and harmless when they run.

        With `with_us` they end when this process ends, however it does.
        Raises `SetupError` naming the log when one does not come up.
        """
        self._make_home()
        with marks.locked(self.home / "services.lock"):
            if not self.is_running():
                self._stop_all()
                renew_taken(self.home)
                self._set_aside_long_logs()
                for part in (self.postgres, self.broker, self.kannel):
                    part.prepare()
                keys.ensure_keys(self.signing_key, self.verify_key)
                self._spawn_supervisor(with_us)
            self._wait_until_ready()
            self.postgres.complete()

    def stop(self) -> None:
        """Ends all, and whatever a killed supervisor left behind; nothing runs afterwards."""
        if self.home.exists():
            with marks.locked(self.home / "services.lock"):
                self._stop_all()

    def is_running(self) -> bool:
        """Whether the supervisor lives, so that whatever dies comes back."""
        return Record.read(self.home).is_supervised()

    def processes(self) -> dict[str, Process]:
        """The live processes by name: supervisor, postgresql, mosquitto, bearerbox, smsbox."""
        kept = Record.read(self.home).processes
        return {name: process for name, process in kept.items() if process.is_alive()}

    def programs(self) -> list[Program]:
        """What the supervisor keeps running."""
        return [self.postgres.program(), self.broker.program(), *self.kannel.programs()]

    def ready(self) -> dict[str, bool]:
        """Which of the programs answer."""
        return {program.name: program.is_ready() for program in self.programs()}

    def ensure_accounts(self, names: Iterable[str]) -> dict[str, str]:
        """Broker accounts for stations and devices: see `cli.services.broker`."""
        return ensure_accounts(names, self.home)

    def env(self) -> dict[str, str]:
        """The settings which reach these services, as environment variables."""
        port = self._ports
        return {
            "ANLAN_HOME": str(self.home),
            "ANLAN_DATABASE_URL": self.postgres.url,
            "ANLAN_MQTT_URL": self.broker.url("centre"),
            "ANLAN_INGEST__MQTT_URL": self.broker.url("ingest"),
            "ANLAN_WATCH__CANARY_MQTT_URL": self.broker.url("canary"),
            "ANLAN_DISPATCH__MQTT_URL": self.broker.url("dispatch"),
            "ANLAN_DISPATCH__SIGNING_KEY_FILE": str(self.signing_key),
            "ANLAN_FIELD__MQTT_URL": self.broker.url("gateway"),
            "ANLAN_FIELD__ACCOUNTS_FILE": str(self.broker.folder / "accounts.json"),
            "ANLAN_FIELD__VERIFY_KEY_FILE": str(self.verify_key),
            "ANLAN_FIELD__SMSC": f"127.0.0.1:{port['smsc']}",
            "ANLAN_SMS__URL": self.kannel.url,
            "ANLAN_SMS__USER": Kannel.USER,
            "ANLAN_SMS__PASSWORD": self._secrets["sms"],
            "ANLAN_SMS__CALLBACK_LISTEN": f"127.0.0.1:{port['sms_callback']}",
            "ANLAN_SMS__CALLBACK_SECRET": self._secrets["sms_callback"],
        }

    def listener_env(self) -> dict[str, str]:
        """The settings by which ingest hears SL 651 stations on loopback, and the simulated ones dial in there."""
        port = str(self._ports["sl651"])
        return {
            "ANLAN_INGEST__SL651_HOST": "127.0.0.1",
            "ANLAN_INGEST__SL651_PORT": port,
            "ANLAN_FIELD__SL651": f"127.0.0.1:{port}",
        }

    @property
    def signing_key(self) -> Path:
        """The private key that only the dispatch role may read."""
        return self.home / "signing-key.pem"

    @property
    def verify_key(self) -> Path:
        """The public key that every device holds."""
        return self.home / "verify-key.pem"

    @property
    def postgres(self) -> Postgres:
        """The database."""
        return Postgres(
            runtime.required(),
            self.home / "postgresql",
            self._log("postgresql"),
            self._ports["postgresql"],
            self._secrets["database"],
            self._secrets["database_superuser"],
            state.service_user(),
        )

    @property
    def broker(self) -> Broker:
        """The MQTT broker."""
        return Broker.of(self.home)

    @property
    def kannel(self) -> Kannel:
        """The SMS gateway."""
        return Kannel(
            runtime.required(),
            self.home / "kannel",
            self._log("kannel"),
            self._ports,
            self._secrets["sms"],
            self._secrets["kannel_admin"],
            self._secrets["sms_callback"],
            state.service_user(),
        )

    @property
    def _ports(self) -> dict[str, int]:
        return ports(self.home)

    @property
    def _secrets(self) -> dict[str, str]:
        return secrets_of(self.home)

    def _log(self, name: str) -> Path:
        return self.home / "log" / f"{name}.log"

    def _make_home(self) -> None:
        (self.home / "log").mkdir(parents=True, exist_ok=True)
        if state.service_user() and not state.others_can_enter(self.home):
            raise SetupError(
                f"the services cannot live in {self.home}",
                f"the system user {state.SERVICE_USER} may not enter that folder",
                "chmod o+x the folders above it, or set ANLAN_HOME to another",
            )

    def _set_aside_long_logs(self) -> None:
        """One older log of each kind is kept; while a program runs its log cannot be moved."""
        for log in (self.home / "log").glob("*.log"):
            if log.stat().st_size > _LOG_LIMIT_BYTES:
                log.replace(log.with_suffix(".log.old"))

    def _spawn_supervisor(self, with_us: bool) -> None:
        bound = [str(os.getpid())] if with_us else []
        with self._log("supervisor").open("ab") as log:
            self._started = subprocess.Popen(
                [sys.executable, "-m", "cli.services.supervisor", str(self.home), *bound],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=state.checkout(),
            )

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + _START_TIMEOUT_S
        while not all((ready := self.ready()).values()) or not self.is_running():
            dead = self._started is not None and self._started.poll() is not None
            if dead or time.monotonic() > until:
                silent = ", ".join(name for name, answers in ready.items() if not answers)
                self._stop_all()
                raise SetupError(
                    "the embedded services did not come up",
                    "the supervisor ended" if dead else f"no answer from {silent}",
                    "read the last lines of the logs, then: ./anlan services start",
                    self.home / "log",
                )
            time.sleep(0.03)

    def _stop_all(self) -> None:
        kept = dict(Record.read(self.home).processes)
        if supervisor := kept.pop(SUPERVISOR, None):
            supervisor.stop(timeout_s=_STOP_TIMEOUT_S)
        if self._started is not None:
            self._started.wait()
            self._started = None
        for process in reversed(list(Record.read(self.home).processes.values())):
            process.stop()
        for process in kept.values():
            process.stop()
        Record({}).write(self.home)
