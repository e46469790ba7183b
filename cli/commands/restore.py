"""`anlan restore FILE`: the saved rows into an empty database, all or nothing."""

import argparse
import time
from pathlib import Path

from cli import backup
from core.errors import ConflictError
from core.settings import load_settings

HELP = "fills an empty database from a backup, and verifies every row"

_WORDS = "replace everything"


def configure(parser: argparse.ArgumentParser) -> None:
    """Where from."""
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--force", metavar=f"'{_WORDS}'", help="empty a database which has rows, first")


def run(arguments: argparse.Namespace) -> int:
    """Roles must be stopped: they would write between the lines."""
    if arguments.force not in (None, _WORDS):
        raise ConflictError(f"to replace a database that has rows, type: --force '{_WORDS}'")
    begun = time.monotonic()
    url = load_settings().need_database()
    manifest = backup.restore(url, arguments.file, replace=arguments.force is not None)
    print(
        f"restored and verified: {manifest.rows} rows of {len(manifest.tables)} tables,"
        f" saved {manifest.written_at}, {time.monotonic() - begun:.1f} s"
    )
    return 0
