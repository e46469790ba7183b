"""Who has an account on the machine learns no number, text or secret from the state folder."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from cli.services import Services
from cli.services.ports import ports


def test_what_the_gateway_logs_of_a_reply_is_for_its_owner_alone(services: Services) -> None:
    """While dispatch is away Kannel logs the call-back whole: sender, text and the secret of the path."""
    log = services.home / "log" / "kannel.log"
    with socket.create_connection(("127.0.0.1", ports(services.home)["smsc"])) as phone:
        phone.sendall(b"13800000001 1069 text hello\n")
        until = time.monotonic() + 20
        while services.env()["ANLAN_SMS__CALLBACK_SECRET"] not in log.read_text():
            assert time.monotonic() < until, "Kannel no longer logs it: this test proves nothing"
            time.sleep(0.2)
    assert log.stat().st_mode & 0o077 == 0


def test_every_file_that_holds_secrets_or_messages_is_private(services: Services) -> None:
    home = services.home
    private = ["secrets.json", "signing-key.pem", "mqtt/accounts.json", "mqtt/passwords", "mqtt/data"]
    private += ["kannel/kannel.conf", "kannel/spool", "postgresql/data", "log/postgresql.log"]
    assert [name for name in private if (home / name).stat().st_mode & 0o077] == []


def test_no_secret_stands_in_the_list_of_processes(services: Services) -> None:
    words = [
        word
        for process in services.processes().values()
        for word in Path(f"/proc/{process.pid}/cmdline").read_bytes().decode().split("\0")
    ]
    secrets = [*services.broker.accounts().values(), *services.env().values()]
    assert words and not {*words} & {secret for secret in secrets if "/" not in secret}
    assert not any(secret in word for word in words for secret in services.broker.accounts().values())
