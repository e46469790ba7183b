"""The virtual environment and the browser libraries, each brought to its lock file."""

import shutil
import sys
from pathlib import Path

from cli.setup import marks, state, system
from cli.setup.steps import Shell, step

NODE_MODULES = state.checkout() / "node_modules"
"""Where `npm ci` puts the browser libraries; the container has the same folder."""

SPEECH = {"espeak-ng": Path("/usr/bin/espeak-ng")}
BROWSER = {
    "chromium-headless-shell": Path("/usr/lib/chromium/chromium-headless-shell"),
    "fonts-noto-cjk": Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
}
DEPLOYMENT = {"mosquitto-clients": Path("/usr/bin/mosquitto_sub")}
"""Debian packages, each with a file that proves it is there: asking dpkg costs every start 50 ms."""


def ensure_programs(apt: system.Apt, what: str, proofs: dict[str, Path]) -> None:
    """Installs the Debian packages whose file is missing."""
    absent = [package for package, proof in proofs.items() if not proof.exists()]
    if absent:
        with step(f"{what}: {', '.join(absent)}"):
            apt.install(absent, what=f"{', '.join(absent)} cannot be installed")


def venv_python(home: Path) -> Path:
    """The interpreter which runs everything but the set-up."""
    return home / "venv" / "bin" / "python"


def ensure_venv(home: Path, shell: Shell, apt: system.Apt, *, tests: bool) -> None:
    """Installs exactly what the lock holds, every file checked by its hash.

    A checkout that was tested once keeps the tools of the test run. A changed lock is installed
    over what is there; only another Python makes the environment anew.
    """
    folder = home / "marks"
    tested = folder / "tested"
    tests = tests or tested.exists()
    lock = state.checkout() / ("requirements-test.lock" if tests else "requirements.lock")
    python_key = marks.key_of(sys.executable, "{}.{}".format(*sys.version_info))
    key = marks.key_of(python_key, lock)
    if marks.is_done(folder / "packages", key) and venv_python(home).exists():
        return
    venv = home / "venv"
    what = "the Python packages cannot be installed"
    with step("Python packages" + (" of the test run" if tests else "")):
        if not (marks.is_done(folder / "python", python_key) and venv_python(home).exists()):
            shutil.rmtree(venv, ignore_errors=True)
            _create(venv, shell, apt)
            marks.set_done(folder / "python", python_key)
        python = venv_python(home)
        options = ["--disable-pip-version-check", "--no-input", "--no-compile", "--require-hashes"]
        shell.run([python, "-m", "pip", "install", *options, "-r", lock], what=what)
        shell.run([python, "-m", "compileall", "-q", "-j", "2", venv / "lib"], what=what)
    if tests:
        tested.touch()
    marks.set_done(folder / "packages", key)


def _create(venv: Path, shell: Shell, apt: system.Apt) -> None:
    """Makes the environment; Debian keeps what `venv` needs in a package of its own."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        apt.install(["python3-venv"], what="python3-venv cannot be installed")
    shell.run([sys.executable, "-m", "venv", venv], what="no virtual environment can be made")


def ensure_node_modules(shell: Shell, apt: system.Apt) -> None:
    """Installs the browser libraries; pages ask no other host for anything."""
    root = state.checkout()
    key = marks.key_of(root / "package.json", root / "package-lock.json")
    mark = NODE_MODULES / ".anlan"
    if marks.is_done(mark, key):
        return
    with step("browser libraries"):
        if shutil.which("npm") is None:
            apt.install(["npm"], what="npm cannot be installed")
        shell.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            what="the browser libraries cannot be installed",
            cwd=root,
        )
    marks.set_done(mark, key)
