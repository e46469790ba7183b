"""What a simulated device keeps through a restart, in a file of its own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from drill.field.device import Memory


def recall(path: Path) -> Memory:
    """The memory of a device; a new or broken file is an empty one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.MsgspecError, ValueError):
        return Memory()


def keep(path: Path, memory: Memory) -> None:
    """Writes the file whole or not at all, before the device acts upon it."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(memory))
    fresh.replace(path)
