"""The doctor finds what is broken, says how to mend it, and does no harm by asking."""

import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from cli import roles
from cli.services import Services


def _doctor(environment: dict[str, str], tmp_path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        roles.command("doctor", *words),
        env=roles.environment(environment),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_whole_services_are_found_good(environment: dict[str, str], tmp_path: Path) -> None:
    told = _doctor(environment, tmp_path).stdout

    for good in ("speech", "maps", "signing key", "durability", "schema", "broker login of dispatch", "SMS"):
        assert f"✓ {good}:" in told
    assert "Apache-2 edition" in told


def test_roles_that_never_ran_are_said_and_make_it_fail(environment: dict[str, str], tmp_path: Path) -> None:
    done = _doctor(environment, tmp_path)

    assert done.returncode == 1
    assert "✗ dispatch: has never run on this database" in done.stdout
    assert "→ anlan dispatch, or anlan run" in done.stdout


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "ANLAN_DATABASE_URL",
            "postgresql://anlan@127.0.0.1:1/anlan",
            "✗ database: the database does not answer",
        ),
        ("ANLAN_MQTT_URL", "mqtt://centre:wrong@127.0.0.1:{mqtt}", "✗ broker login: "),
        ("ANLAN_MQTT_URL", "mqtt://centre:x@127.0.0.1:1", "✗ broker login: no broker at 127.0.0.1:1"),
        ("ANLAN_SMS__PASSWORD", "wrong", "✗ SMS: the gateway refuses our login"),
        ("ANLAN_SMS__URL", "http://127.0.0.1:1/", "✗ SMS: no gateway at http://127.0.0.1:1/"),
        ("ANLAN_DISPATCH__SIGNING_KEY_FILE", "/nowhere.pem", "✗ signing key: /nowhere.pem cannot be read"),
    ],
)
def test_each_fault_is_named(
    environment: dict[str, str], services: Services, tmp_path: Path, variable: str, value: str, told: str
) -> None:
    value = value.replace("{mqtt}", str(services.broker.port))

    done = _doctor({**environment, variable: value}, tmp_path)

    assert done.returncode == 1
    assert told in done.stdout


def test_a_key_that_others_can_read_is_a_warning(
    environment: dict[str, str], services: Services, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(services.signing_key.read_bytes())
    key.chmod(stat.S_IRUSR | stat.S_IROTH)

    told = _doctor({**environment, "ANLAN_DISPATCH__SIGNING_KEY_FILE": str(key)}, tmp_path).stdout

    assert f"! signing key: others on this machine can read {key}" in told
    assert f"→ chmod 600 {key}" in told


def test_a_role_alone_is_judged_by_its_heartbeat(
    environment: dict[str, str], database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("insert into heartbeat (role, instance, at) values ('ingest', '1', now())")
        connection.execute(
            "insert into heartbeat (role, instance, at) values ('alerts', '1', now() - interval '5 minutes')"
        )

    assert _doctor(environment, tmp_path, "--role", "ingest").returncode == 0
    late = _doctor(environment, tmp_path, "--role", "alerts")
    assert late.returncode == 1
    assert "silent for 0:05:0" in late.stdout


def test_who_is_behind_is_said(environment: dict[str, str], database: str, tmp_path: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "insert into mark (consumer, series, from_time, to_time, at) values"
            " ('evaluator', 1, now(), now(), now() - interval '10 minutes'),"
            " ('rollup', 1, now(), now(), now() - interval '2 hours'),"
            " ('derived', 1, now(), now(), now())"
        )
    told = _doctor(environment, tmp_path).stdout

    assert "✗ alarms: 1 changes wait, the oldest for 0:10:0" in told
    assert "! roll-ups: 1 changes wait, the oldest for 2:00:0" in told
    assert "→ anlan derive must run" in told
    assert "✓ derived values: 1 changes in hand" in told
