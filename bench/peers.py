"""Prometheus and Alertmanager beside ours: they scrape the levels that the publisher sends, and call a webhook.

Everything that a choice leaves open is chosen in their favour: no `for`, a group per station (so that none waits for
another's interval), webhook and exporter on loopback in the publisher's process.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.services.ports import free_ports
from cli.setup.peers import Peers

_READY_S = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often Prometheus scrapes and evaluates, and how long Alertmanager lets a group wait."""

    every: str
    group_wait: str
    group_interval: str


FAST = Pace("1s", "0s", "1s")
DEFAULT = Pace("15s", "30s", "5m")
"""As Debian's own configuration files set them; Prometheus without a file takes a minute."""


class Exporter:
    """The levels and limits of all stations as gauges; `levels` is what the publisher last sent."""

    def __init__(self, limits: Mapping[str, Mapping[str, float]]) -> None:
        self.levels: dict[str, float] = {}
        self._limits = "".join(
            f'station_limit{{station="{code}",severity="{severity}"}} {value}\n'
            for code, own in limits.items()
            for severity, value in own.items()
        )
        self.server = _server(self._answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()

    @property
    def port(self) -> int:
        """Where it is scraped."""
        return self.server.server_port

    def _answer(self, body: bytes) -> bytes:
        levels = "".join(
            f'station_level{{station="{code}"}} {value}\n' for code, value in self.levels.copy().items()
        )
        return (levels + self._limits).encode()


class Peer:
    """One Prometheus and one Alertmanager; `told` is when each station's first notification arrived."""

    def __init__(self, programs: Peers, home: Path, exporter: Exporter, pace: Pace) -> None:
        self.told: dict[str, float] = {}
        self._programs = programs
        self._home = home
        self._exporter = exporter
        self._pace = pace
        self._running: list[subprocess.Popen[bytes]] = []
        self._webhook = _server(self._hear)

    def __enter__(self) -> Self:
        prometheus, alertmanager = free_ports(2)
        self._home.mkdir()
        self._configure(alertmanager)
        self._start(
            [
                *self._programs.alertmanager(),
                f"--config.file={self._home}/alertmanager.yml",
                f"--storage.path={self._home}/alertmanager",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
            ]
        )
        self._start(
            [
                *self._programs.prometheus(),
                f"--config.file={self._home}/prometheus.yml",
                f"--storage.tsdb.path={self._home}/prometheus",
                f"--web.listen-address=127.0.0.1:{prometheus}",
            ]
        )
        try:
            for port in (alertmanager, prometheus):
                self._await(port)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(30)
        self._webhook.shutdown()

    def _start(self, words: list[str]) -> None:
        with (self._home / "log").open("ab") as log:
            self._running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _await(self, port: int) -> None:
        until = time.monotonic() + _READY_S
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > until or any(one.poll() is not None for one in self._running):
                    raise RuntimeError(f"not ready: {(self._home / 'log').read_text()[-800:]}") from None
                time.sleep(0.1)

    def _configure(self, alertmanager: int) -> None:
        pace = self._pace
        rule = {
            "alert": "LevelReached",
            "expr": "station_level >= on(station) group_right() station_limit",
        }
        _write(self._home / "rules.yml", {"groups": [{"name": "levels", "rules": [rule]}]})
        _write(
            self._home / "prometheus.yml",
            {
                "global": {
                    "scrape_interval": pace.every,
                    "evaluation_interval": pace.every,
                    "scrape_timeout": "1s",
                },
                "alerting": {
                    "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]
                },
                "rule_files": [f"{self._home}/rules.yml"],
                "scrape_configs": [
                    {
                        "job_name": "stations",
                        "static_configs": [{"targets": [f"127.0.0.1:{self._exporter.port}"]}],
                    }
                ],
            },
        )
        _write(
            self._home / "alertmanager.yml",
            {
                "route": {
                    "receiver": "desk",
                    "group_by": ["station"],
                    "group_wait": pace.group_wait,
                    "group_interval": pace.group_interval,
                },
                "receivers": [
                    {
                        "name": "desk",
                        "webhook_configs": [{"url": f"http://127.0.0.1:{self._webhook.server_port}/"}],
                    }
                ],
            },
        )

    def _hear(self, body: bytes) -> bytes:
        came = time.monotonic()
        notice = json.loads(body)
        if notice["status"] == "firing":
            for alert in notice["alerts"]:
                self.told.setdefault(alert["labels"]["station"], came)
        return b""


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """As JSON, which is YAML too."""
    path.write_text(json.dumps(content), encoding="utf-8")


def _server(answer: Any) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply(answer(b""))

        def do_POST(self) -> None:
            self._reply(answer(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A line a request would be a thousand lines."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
