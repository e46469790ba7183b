"""`anlan web` as a process: says where it is, ends in time although pages are open, and they come back."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from app.auth.passwords import hash_password
from core.roles import Role
from store.users import add_user
from tests.integration.serving import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(environment: dict[str, str], port: int = 0) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process and the address that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "web", "--port", str(port)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url), url
        _wait_ready(url)
        yield process, url
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait_ready(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(httpx.HTTPError):
            if httpx.get(url + "/readyz", trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    pytest.fail("the server did not become ready")


@pytest.fixture(scope="module")
def user(database: str) -> str:
    """A user of the module's database."""
    with psycopg.connect(database) as connection:
        add_user(connection, "王工", hash_password(PASSWORD), Role.DUTY)
    return "王工"


@contextmanager
def _open(url: str, client: httpx.Client) -> Iterator[ClientConnection]:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(
        url.replace("http", "ws", 1) + "/_dash-ws-callback",
        origin=Origin(url),
        additional_headers={"Cookie": cookies},
        max_size=None,
        proxy=None,
    ) as socket:
        yield socket


def _ask(output: str) -> str:
    """What Dash's page sends to start its persistent callback, on the first connection and on every later."""
    payload = {"output": output, "outputs": [], "inputs": [], "state": [], "changedPropIds": []}
    return json.dumps({"type": "callback_request", "requestId": "1", "rendererId": "r", "payload": payload})


def test_it_ends_in_time_and_an_open_page_is_live_again(environment: dict[str, str], user: str) -> None:
    with httpx.Client(trust_env=False, timeout=20) as client:
        with running(environment) as (process, url):
            client.headers["Origin"] = url
            signed = client.post(url + "/login", data={"name": user, "password": PASSWORD})
            assert signed.status_code == 303
            dependencies = client.get(url + "/_dash-dependencies").json()
            output = next(entry["output"] for entry in dependencies if entry["persistent"])
            with _open(url, client) as page:
                page.send(_ask(output))
                assert json.loads(page.recv(timeout=10))
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=10) == 0
                lasted = time.monotonic() - began
                with pytest.raises(ConnectionClosed) as closed:
                    while True:
                        page.recv(timeout=5)
        assert lasted < 5, f"ended after {lasted:.1f} s"
        assert closed.value.rcvd is not None and closed.value.rcvd.code not in (1000, 4001), (
            "Dash's page connects again after any other code"
        )
        port = int(url.rpartition(":")[2])
        with running(environment, port) as (_, again), _open(again, client) as page:
            # No page was loaded from this process: the open one only reconnects its socket.
            page.send(_ask(output))
            answered = json.loads(page.recv(timeout=10))
            first = answered[0] if isinstance(answered, list) else answered
            assert first["type"] in ("set_props", "get_props_request"), first
    print(f"ended {lasted:.2f} s after SIGTERM with an open page")


def test_a_taken_port_is_said_in_one_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "cli.main", "web", "--port", str(port)],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode != 0
    assert f"127.0.0.1:{port}" in ended.stderr and "Traceback" not in ended.stderr


def _anlan(environment: dict[str, str], *words: str, told: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        input=told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_users_and_tokens_by_command(environment: dict[str, str], database: str) -> None:
    for weak in ("short", "password123!", "1234567890123", "aaaaaaaaaaaa", "my-li-gong-is-one"):
        refused = _anlan(environment, "user", "add", "li-gong", "--role", "duty", told=weak + "\n")
        assert refused.returncode != 0 and "password" in refused.stderr, weak
    added = _anlan(environment, "user", "add", "li-gong", "--role", "duty", told=PASSWORD + "\n")
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout + added.stderr
    assert (
        "already"
        in _anlan(environment, "user", "add", "li-gong", "--role", "duty", told=PASSWORD + "\n").stderr
    )
    assert _anlan(environment, "user", "disable", "li-gong").returncode == 0
    listed = _anlan(environment, "user", "list").stdout
    assert "li-gong\tduty\twhole county" in listed and "disabled" in listed
    secret = _anlan(environment, "token", "create", "wall-1", "--role", "viewer").stdout.strip()
    assert re.fullmatch(r"anlan_[\w-]{43}", secret)
    assert secret not in _anlan(environment, "token", "list").stdout
    assert _anlan(environment, "token", "revoke", "wall-1").returncode == 0
    with psycopg.connect(database) as connection:
        acts = [
            row[0]
            for row in connection.execute("select action from audit where actor like 'cli:%' order by id")
        ]
        kept = connection.execute("select password_hash from app_user where name = 'li-gong'").fetchone()
    assert acts == ["user.add", "user.disable", "token.create", "token.revoke"]
    assert kept is not None and kept[0].startswith("$argon2id$")
