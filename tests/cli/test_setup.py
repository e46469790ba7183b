"""The set-up does once what is needed, again what is half done, and says what failed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cli.setup import __main__, marks, packages, peers, runtime, state, system
from cli.setup.steps import SetupError, Shell, step


def test_a_mark_holds_for_exactly_what_it_was_made_of(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("one")
    key = marks.key_of("3.11", lock)
    marks.set_done(tmp_path / "deep" / "mark", key)

    assert marks.is_done(tmp_path / "deep" / "mark", marks.key_of("3.11", lock))
    lock.write_text("two")
    assert not marks.is_done(tmp_path / "deep" / "mark", marks.key_of("3.11", lock))
    assert not marks.is_done(tmp_path / "never", key)


def test_two_set_ups_at_once_take_turns(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cli.setup import marks\n"
        "with marks.locked(Path(sys.argv[1]) / 'lock'):\n"
        "    with open(Path(sys.argv[1]) / 'log', 'a') as log:\n"
        "        log.write('in\\n'); log.flush(); time.sleep(0.2); log.write('out\\n')\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=state.checkout()) for _ in range(3)]

    assert [run.wait(20) for run in runs] == [0, 0, 0]
    assert (tmp_path / "log").read_text().split() == ["in", "out"] * 3


def test_a_failure_says_what_why_what_to_type_and_where_to_read(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "log" / "setup.log")

    with pytest.raises(SetupError) as failure:
        shell.run(["sh", "-c", "echo no room left; exit 3"], what="it cannot be unpacked", do="make room")

    told = str(failure.value)
    assert "it cannot be unpacked" in told
    assert "no room left" in told
    assert "make room" in told
    assert str(shell.log) in told
    assert "no room left" in shell.log.read_text()


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be built") as failure:
        Shell(tmp_path / "log").run(["no-such-compiler"], what="it cannot be built")

    assert "no-such-compiler is not installed" in str(failure.value)


def test_a_step_says_its_name_and_time_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with step("something"):
        pass
    with pytest.raises(ValueError), step("something else"):
        raise ValueError

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "✓ something (0.0 s)" in printed.err
    assert "✗ something else" in printed.err


@pytest.mark.parametrize(("system_id", "version"), [("ubuntu", "24.04"), ("debian", "11"), ("alpine", "3")])
def test_another_system_is_shown_the_containers(
    system_id: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"ID": system_id, "VERSION_ID": version, "PRETTY_NAME": f"{system_id} {version}"}
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: facts)

    with pytest.raises(SetupError) as failure:
        system.release()

    assert "docker compose up" in str(failure.value)
    assert f"{system_id} {version}" in str(failure.value)


@pytest.mark.parametrize(("version", "postgresql"), [("12", 15), ("13", 17)])
def test_each_debian_has_its_own_postgresql(
    version: str, postgresql: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"ID": "debian", "VERSION_ID": version}
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: facts)

    assert system.release().postgresql == postgresql


def test_a_folder_that_others_cannot_enter_is_seen() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "inside").mkdir(mode=0o755)
        folder.chmod(0o711)
        assert state.others_can_enter(folder / "inside")

        folder.chmod(0o700)
        assert not state.others_can_enter(folder / "inside")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run the services")
def test_roots_closed_checkout_keeps_its_state_where_the_database_user_can_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.delenv("ANLAN_HOME", raising=False)
    monkeypatch.setattr(state, "checkout", lambda: tmp_path)

    assert state.home().parent == Path("/var/lib/anlan")


def test_the_named_state_folder_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_HOME", str(tmp_path / "elsewhere"))

    assert state.home() == tmp_path / "elsewhere"


def test_the_runtime_is_whole_and_finds_its_own_folders() -> None:
    found = runtime.required()

    for program in (found.mosquitto, found.bearerbox, found.smsbox, found.postgresql_bin / "initdb"):
        assert program.exists(), program
    told = subprocess.run(
        [found.postgresql_bin / "pg_config", "--pkglibdir"], capture_output=True, text=True, check=True
    )
    assert Path(told.stdout.strip(), "timescaledb.so").is_relative_to(found.root)
    assert Path(told.stdout.strip(), "timescaledb.so").exists()


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-test.lock", "package-lock.json", ".npmrc"]
)
def test_no_lock_names_a_server(name: str) -> None:
    lines = (state.checkout() / name).read_text().splitlines()
    text = "\n".join(line for line in lines if '"url":' not in line)  # where a package asks for funds

    for word in ("http://", "https://", "--index-url", "--extra-index-url", "--find-links", 'resolved":'):
        assert word not in text


def test_every_locked_package_has_hashes() -> None:
    lines = (state.checkout() / "requirements-test.lock").read_text().replace("\\\n", " ").splitlines()

    pinned = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert len(pinned) > 50
    assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_browser_libraries_are_where_the_pages_look() -> None:
    assert (packages.NODE_MODULES / "leaflet/dist/leaflet.js").exists()


def test_where_the_others_cannot_be_fetched_it_is_said_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "find", lambda: None)
    monkeypatch.setattr(state, "runtime_roots", lambda: [tmp_path])
    apt = system.Apt(Shell(tmp_path / "log"))
    monkeypatch.setattr(apt, "update", lambda: None)

    def nothing_within_reach(packages: list[str], into: Path) -> list[Path]:
        raise SetupError(f"cannot fetch {' '.join(packages)}", "no mirror answers", "look into the log")

    monkeypatch.setattr(apt, "download", nothing_within_reach)
    __main__._ensure_peers(Shell(tmp_path / "log"), apt)

    assert "cannot fetch prometheus prometheus-alertmanager" in capsys.readouterr().err
    with pytest.raises(SetupError, match="Prometheus and Alertmanager are not on this machine") as failure:
        peers.required()
    assert "./anlan bench alarms" in str(failure.value)


_MAY_MOUNT = subprocess.run(
    ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "true"],
    capture_output=True,
    check=False,
)


@pytest.mark.skipif(_MAY_MOUNT.returncode != 0, reason="this machine allows no mounts of one's own")
@pytest.mark.skipif(peers._TEMPLATE.exists(), reason="Alertmanager is installed")
def test_the_others_see_their_files_without_being_installed(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/share/prometheus/alertmanager").mkdir(parents=True)
    (tmp_path / "usr/share/prometheus/alertmanager/default.tmpl").write_text("of a package")
    program = tmp_path / "usr/bin/prometheus-alertmanager"
    program.write_text(
        "#!/bin/sh\ncat /usr/share/prometheus/alertmanager/default.tmpl; ls /usr/share/zoneinfo/UTC"
    )
    program.chmod(0o755)

    done = subprocess.run(
        peers.Peers(tmp_path).alertmanager(), capture_output=True, text=True, check=True, timeout=10
    )
    assert done.stdout.splitlines() == ["of a package/usr/share/zoneinfo/UTC"]
    assert not Path("/usr/share/prometheus/alertmanager/default.tmpl").exists()
