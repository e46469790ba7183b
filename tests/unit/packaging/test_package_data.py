"""What `pip install` brings is all that the code reads, not the code alone."""

import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def tracked() -> list[Path]:
    """Files of the rooms, as the repository has them."""
    rooms = CONFIGURATION["importlinter"]["root_packages"]
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--", *rooms],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(line) for line in listed.stdout.splitlines()]


def test_every_room_is_packed() -> None:
    packed = CONFIGURATION["setuptools"]["packages"]["find"]["include"]
    for room in CONFIGURATION["importlinter"]["root_packages"]:
        assert any(fnmatch(room, pattern) for pattern in packed), room


def test_every_file_beside_the_code_is_packed() -> None:
    files = tracked()
    assert Path("store/migrations/0001_ground.sql") in files
    patterns = CONFIGURATION["setuptools"]["package-data"]["*"]
    left = [
        path
        for path in files
        if path.suffix != ".py" and not any(fnmatch(path.name, pattern) for pattern in patterns)
    ]
    assert left == []
