"""The audit chain: whole, and broken at the first line that was touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cli.services import Services
from store import audit
from store.connection import connect


@pytest.fixture
def lines(database: str, services: Services) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection to a database with five audit lines."""
    name = database.rpartition("/")[2]
    with psycopg.connect(services.postgres.superuser_url(name), autocommit=True) as superuser:
        superuser.execute("alter table audit disable trigger append_only")
        superuser.execute("delete from audit")
        superuser.execute("alter table audit enable trigger append_only")
        with connect(database, name="test-audit") as connection:
            for number in range(1, 6):
                audit.append(
                    connection, actor="王值班", action="alarm.acknowledge", subject=f"alarm/{number}",
                    detail={"note": "已通知", "value": 4.96},
                )  # fmt: skip
            connection.commit()
        yield superuser


def verify(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "cli.main", "audit", "verify", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_a_whole_chain_is_whole(lines: object, environment: dict[str, str]) -> None:
    result = verify(environment)
    assert result.returncode == 0 and result.stdout.startswith("whole: 5 lines, head ")


@pytest.mark.parametrize(
    ("act", "broken", "reason"),
    [
        ("update audit set actor = '别人' where id = 3", 3, "content"),
        ("update audit set detail = '{}' where id = 1", 1, "content"),
        ("update audit set at = at + interval '1 second' where id = 5", 5, "content"),
        ("delete from audit where id = 2", 3, "line 2 is missing"),
        ("update audit set hash = '\\x01' where id = 4", 4, "content"),
        ("update audit set previous = '\\x01' where id = 4", 4, "continue"),
    ],
)
def test_a_line_that_a_superuser_touched_is_found(
    lines: psycopg.Connection[Any], environment: dict[str, str], act: Any, broken: int, reason: str
) -> None:
    lines.execute("alter table audit disable trigger append_only")
    lines.execute(act)
    lines.execute("alter table audit enable trigger append_only")
    result = verify(environment)
    assert result.returncode == 1
    assert result.stdout.startswith(f"broken at line {broken}: ") and reason in result.stdout


def test_a_line_forged_with_a_fitting_hash_breaks_the_next(
    lines: psycopg.Connection[Any], environment: dict[str, str]
) -> None:
    lines.execute("alter table audit disable trigger append_only")
    lines.execute(
        "update audit set actor = '别人', hash = sha256(previous ||"
        " convert_to(audit_text(id, at, '别人', action, subject, detail), 'UTF8')) where id = 3"
    )
    lines.execute("alter table audit enable trigger append_only")
    assert "broken at line 4" in verify(environment).stdout


def test_a_chain_that_was_cut_off_is_found_by_its_noted_head(
    lines: psycopg.Connection[Any], environment: dict[str, str]
) -> None:
    head = verify(environment).stdout.split()[-1]
    assert verify(environment, "--head", head).returncode == 0
    lines.execute("alter table audit disable trigger append_only")
    lines.execute("delete from audit where id = 5")
    lines.execute("alter table audit enable trigger append_only")
    assert verify(environment).returncode == 0
    result = verify(environment, "--head", head)
    assert result.returncode == 1 and "cut off" in result.stdout


def test_the_list_shows_the_newest_first(lines: object, environment: dict[str, str]) -> None:
    argv = [sys.executable, "-m", "cli.main", "audit", "list", "--limit", "2", "--actor", "王值班"]
    result = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30, check=True)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["subject"] for line in found] == ["alarm/5", "alarm/4"]
    assert found[0]["detail"]["note"] == "已通知"
