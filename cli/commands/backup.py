"""`anlan backup FILE`: everything in the database, in one file."""

import argparse
import time
from pathlib import Path

from cli import backup
from core.settings import load_settings

HELP = "saves the whole database into one file"


def configure(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("file", type=Path, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Roles may go on working: the file shows one moment."""
    begun = time.monotonic()
    manifest = backup.write(load_settings().need_database(), arguments.file)
    size_mb = arguments.file.stat().st_size / 1e6
    print(
        f"{arguments.file}: {manifest.rows} rows of {len(manifest.tables)} tables,"
        f" {size_mb:.1f} MB, {time.monotonic() - begun:.1f} s"
    )
    print("It holds names and telephone numbers; the signing key and the settings are not in it.")
    return 0
