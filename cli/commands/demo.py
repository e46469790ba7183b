"""`anlan demo`: the whole system with data flowing, ready to be looked at."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from cli import roles
from cli.demo.users import ensure_users
from cli.services import Services
from cli.services.ports import is_open
from cli.setup import state
from cli.setup.steps import SetupError, step
from cli.supervise import Program, Supervisor

HELP = "the whole system on embedded services, with an invented county under a typhoon"

_FIELD = "field"
_LIVE_TIMEOUT_S = 60
_OK = 200


def configure(parser: argparse.ArgumentParser) -> None:
    """What plays, how fast, and where it is seen."""
    parser.add_argument(
        "--scenario", metavar="NAME", help="what happens in the county (default: the typhoon)"
    )
    parser.add_argument("--speed", metavar="N", help="how many times faster than life")
    parser.add_argument("--port", type=int, default=8050, help="port of the pages (default 8050)")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    parser.add_argument("--exit-after", type=float, metavar="SECONDS", help="end by itself")


def run(arguments: argparse.Namespace) -> int:
    """Runs until Ctrl-C, SIGTERM or `--exit-after`; leaves running only services that ran before."""
    from drill.field.warnings import TRUSTED

    begun = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if is_open(arguments.port):
        raise SetupError(
            f"the demo's pages cannot have port {arguments.port}",
            "another program listens there",
            f"./anlan demo --port {arguments.port + 1}",
        )
    services = Services(state.home())
    ran_before = services.is_running()
    with step("services: database, broker, SMS gateway"):
        services.start()
    try:
        env = roles.environment(
            {
                **os.environ,
                **services.env(),
                **services.listener_env(),
                "ANLAN_WEB__PORT": str(arguments.port),
                "ANLAN_INGEST__WARNING_SENDERS": json.dumps(TRUSTED),
            }
        )
        _prepare(env, arguments.scenario)
        with step("users"):
            passwords = ensure_users(services.postgres.url, services.home)
        stage = _Stage(arguments, passwords, begun)
        programs = _programs(env, services.home / "log", arguments)
        supervisor = Supervisor(programs, on_turn=stage.turn)
        stage.end = supervisor.stop
        supervisor.run()
    finally:
        if not ran_before:
            services.stop()
    print("  the demo has ended; nothing of it is left running", file=sys.stderr)
    return stage.result


def _prepare(env: Mapping[str, str], scenario: str | None) -> None:
    chosen = ["--scenario", scenario] if scenario else []
    for name, words in (
        ("schema", ["migrate"]),
        ("the invented county", [_FIELD, "prepare", *chosen]),
    ):
        with step(name):
            done = subprocess.run(
                roles.command(*words), env=dict(env), capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SetupError(
                    f"anlan {' '.join(words)} did not succeed",
                    (done.stderr or done.stdout).strip()[-600:] or f"exit code {done.returncode}",
                    "mend the cause, then: ./anlan demo",
                )


def _programs(env: Mapping[str, str], logs: Path, arguments: argparse.Namespace) -> list[Program]:
    words = ["run"]
    for option in ("scenario", "speed"):
        if (value := getattr(arguments, option)) is not None:
            words += [f"--{option}", value]
    ours = [roles.program(name, env=env, log=logs / f"{name}.log") for name in roles.ROLES]
    return [*ours, roles.program(_FIELD, *words, env=env, log=logs / f"{_FIELD}.log")]


class _Stage:
    """What the demo says once its pages live, and when it ends."""

    def __init__(self, arguments: argparse.Namespace, passwords: dict[str, str], begun: float) -> None:
        self._url = f"http://127.0.0.1:{arguments.port}"
        self._headless: bool = arguments.headless
        self._exit_after: float | None = arguments.exit_after
        self._passwords = passwords
        self._begun = begun
        self._waited_since = time.monotonic()
        self._live_at: float | None = None
        self.result = 0
        self.end: Callable[[], None] = lambda: None

    def turn(self) -> None:
        """Called several times a second."""
        now = time.monotonic()
        if self._live_at is None:
            if self._is_live():
                self._live_at = now
                self._announce()
            elif now > self._waited_since + _LIVE_TIMEOUT_S:
                log = state.home() / "log" / "web.log"
                print(f"anlan: no page at {self._url} within {_LIVE_TIMEOUT_S} s; see {log}", file=sys.stderr)
                self.result = 2
                self.end()
        elif self._exit_after is not None and now > self._live_at + self._exit_after:
            self.end()

    def _is_live(self) -> bool:
        try:
            answer = httpx.get(f"{self._url}/readyz", timeout=1, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == _OK

    def _announce(self) -> None:
        took = time.monotonic() - self._begun
        width = max(map(len, self._passwords))
        lines = [f"  {name:<{width}}  {password}" for name, password in self._passwords.items()]
        print(f"\n  Anlan is live after {took:.1f} s:  {self._url}\n", *lines, sep="\n")
        print(f"\n  an invented county (演示县). Logs: {state.home() / 'log'}. Ctrl-C ends it.", flush=True)
        if not self._headless and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            webbrowser.open(self._url)
