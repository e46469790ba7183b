"""A wrong word at the keyboard is answered with what to do, never with a traceback."""

import subprocess
from pathlib import Path

import pytest

from cli import roles
from cli.main import command_names

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["flood"], {}, "unknown command 'flood'; anlan --help lists the commands"),
        (["run"], {}, "ANLAN_DATABASE_URL is not set"),
        (["migrate"], {"ANLAN_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "the database does not answer"),
        (["services", "env"], {}, "type: ./anlan services start"),
        (["run", "--only", "cook"], {}, "no such role: cook"),
        (["backup", "x.zip"], {"ANLAN_WEB__PORT": "high"}, "ANLAN_WEB__PORT"),
        (["restore", "nowhere.zip"], {"ANLAN_DATABASE_URL": "x"}, "there is no file nowhere.zip"),
    ],
)
def test_says_in_a_line_what_to_do(
    words: list[str], environment: dict[str, str], told: str, tmp_path: Path
) -> None:
    done = _anlan(words, environment, tmp_path)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_help_has_a_line_for_every_command(tmp_path: Path) -> None:
    done = _anlan(["--help"], {}, tmp_path)

    assert done.returncode == 0
    for name in command_names():
        assert f"\n  {name} " in done.stdout


def test_the_commands_that_begin_everything_do_not_load_the_pages(tmp_path: Path) -> None:
    """`anlan services` starts fast: heavy libraries are loaded by who needs them."""
    code = (
        "import sys, cli.commands.services, cli.main;"
        "print([name for name in ('dash', 'plotly', 'fastapi') if name in sys.modules])"
    )
    python = roles.command()[0]

    done = subprocess.run(
        [python, "-c", code],
        env=roles.environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def _anlan(words: list[str], environment: dict[str, str], home: Path) -> "subprocess.CompletedProcess[str]":
    """With a state folder in which nothing runs and nothing is configured."""
    env = roles.environment({"PATH": "/usr/bin:/bin", "ANLAN_HOME": str(home), **environment})
    return subprocess.run(
        roles.command(*words), env=env, cwd=home, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_checkout_runs_itself_wherever_its_command_is_typed(tmp_path: Path) -> None:
    """Not the folder `cli` of another checkout in which somebody stands."""
    (tmp_path / "cli" / "setup").mkdir(parents=True)
    for name in ("cli/__init__.py", "cli/setup/__init__.py"):
        (tmp_path / name).touch()
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$1" = -m ] || exec python3 "$@"\n'
        "exec python3 -c 'import importlib.util as found; print(found.find_spec(\"cli.setup\").origin)'\n"
    )
    python.chmod(0o755)
    done = subprocess.run(
        [ROOT / "anlan", "--help"], env={"PATH": "/usr/bin:/bin", "ANLAN_PYTHON": str(python)}, cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == str(ROOT / "cli" / "setup" / "__init__.py"), done.stderr
