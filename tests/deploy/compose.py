"""docker-compose.yml and the Dockerfile as data."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def load() -> dict[str, Any]:
    """The compose file with its anchors merged."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def schema() -> dict[str, Any]:
    """The Compose Specification's own schema."""
    loaded: dict[str, Any] = json.loads((HERE / "compose-spec.json").read_text())
    return loaded


def shell_text(text: str) -> str:
    """Compose's `$$` is a literal dollar for the container."""
    return text.replace("$$", "$")


def interpolated(text: str) -> str:
    """Compose's `${NAME:-default}` with nothing set."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text)


def copies(stage: str) -> dict[str, str]:
    """What a stage of the Dockerfile copies from the checkout: source → target."""
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    section = re.search(rf"^FROM \S+ AS {stage}$(.*?)(?=^FROM|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, stage
    return dict(re.findall(r"^COPY (?!--from)(\S+) (\S+)$", section[1], re.MULTILINE))
