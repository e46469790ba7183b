"""The private PostgreSQL cluster: made once, with TimescaleDB in its one database."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from cli.services.ports import is_open
from cli.services.secrets import write_private
from cli.setup.runtime import Runtime
from cli.setup.steps import SetupError
from cli.supervise import Program

_SOCKET_PATH_LIMIT = 107
_SUPERUSER = "postgres"
_ROLE = "anlan"


@dataclass(frozen=True)
class Postgres:
    """Where the cluster lies and how it is reached."""

    runtime: Runtime
    folder: Path
    log: Path
    port: int
    password: str
    superuser_password: str
    user: str | None

    @property
    def url(self) -> str:
        """The application's database, as the role that owns it."""
        return f"postgresql://{_ROLE}:{self.password}@127.0.0.1:{self.port}/anlan"

    def superuser_url(self, database: str = "postgres") -> str:
        """For what only a superuser may: set-up, and the template databases of tests."""
        return f"postgresql://{_SUPERUSER}:{self.superuser_password}@127.0.0.1:{self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        """Makes the cluster unless it is there, and writes its configuration anew."""
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        elif (made := (self._data / "PG_VERSION").read_text().strip()) != str(self.runtime.postgresql):
            raise SetupError(
                f"the cluster in {self._data} was made by PostgreSQL {made}",
                f"this machine has PostgreSQL {self.runtime.postgresql}",
                "anlan backup on the old machine, anlan restore here in a new state folder",
            )
        (self._data / "anlan.conf").write_text(self._configuration())

    def program(self) -> Program:
        """The server as a direct child; SIGINT is its fast, clean stop."""
        return Program(
            "postgresql",
            [self.runtime.postgresql_bin / "postgres", "-D", self._data],
            env={**_environment(), "LC_ALL": "C.UTF-8"},
            user=self.user,
            log=self.log,
            stop_signal=signal.SIGINT,
            stop_timeout_s=30,
            is_ready=self.is_ready,
        )

    def is_ready(self) -> bool:
        """Whether connections are accepted, by the server's own lock file (line 8).

        A killed server leaves the file behind; one that recovers listens but does not serve.
        """
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and is_open(self.port)

    def complete(self) -> None:
        """Makes role, database and extension; each only if it is missing."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_ROLE,)).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(_ROLE), sql.Literal(self.password)
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'anlan'").fetchone():
                connection.execute("CREATE DATABASE anlan OWNER anlan")
        with psycopg.connect(self.superuser_url("anlan"), autocommit=True) as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")

    def _make_cluster(self) -> None:
        making = self.folder / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        password = self.folder / "password"
        write_private(password, self.superuser_password.encode(), owner=self.user)
        identity = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        try:
            subprocess.run(
                [
                    *[self.runtime.postgresql_bin / "initdb", "-D", making, "-U", _SUPERUSER],
                    *[f"--pwfile={password}", "--auth=scram-sha-256", "--data-checksums"],
                    *["-E", "UTF8", "--locale=C.UTF-8"],
                ],
                check=True,
                capture_output=True,
                text=True,
                env=_environment(),
                cwd="/",
                **identity,  # type: ignore[call-overload]
            )
        except subprocess.CalledProcessError as error:
            raise SetupError(
                "the database cluster cannot be made",
                error.stderr.strip().splitlines()[-1] if error.stderr else str(error),
                f"check that {self.folder} can be entered by {self.user or 'you'}, and try again",
            ) from None
        finally:
            password.unlink(missing_ok=True)
        with (making / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'anlan.conf'\n")
        making.replace(self._data)

    def _configuration(self) -> str:
        """Durable by default: nothing here weakens fsync or synchronous_commit."""
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._socket_folder(),
            "shared_preload_libraries": "timescaledb",
            "timescaledb.telemetry_level": "off",
            "timescaledb.max_background_workers": 4,
            "max_connections": 200,
            "shared_buffers": f"{max(64, min(512, memory_mb // 8))}MB",
            "effective_cache_size": f"{memory_mb // 2}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "autovacuum_naptime": "5s",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            "log_min_duration_statement": "1s",
        }
        return "".join(f"{name} = '{value}'\n" for name, value in settings.items())

    def _socket_folder(self) -> str:
        """The cluster's folder, or none when the path is longer than a socket's may be."""
        path = f"{self.folder}/.s.PGSQL.{self.port}"
        return str(self.folder) if len(path) <= _SOCKET_PATH_LIMIT else ""


def _environment() -> dict[str, str]:
    """Without the caller's PG… variables: they would point our programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
