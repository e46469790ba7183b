"""`anlan import KIND FILE`: lists of areas, stations, limits, people and devices from CSV or Excel."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "import a list (CSV or Excel): all rows or none, every bad row named"


def configure(parser: argparse.ArgumentParser) -> None:
    """What the file lists, and where it is."""
    from cli.imports import KINDS

    parser.add_argument("kind", choices=list(KINDS), help="what the file lists")
    parser.add_argument(
        "file", type=Path, help="CSV (UTF-8 or GBK) or .xlsx; the first row names the columns"
    )


def run(args: argparse.Namespace) -> int:
    """Imports in one transaction. Raises InputError that names every bad row."""
    import getpass

    from cli.imports import import_file
    from core.language import translator
    from core.settings import load_settings
    from store.connection import connect

    settings = load_settings()
    with connect(settings.need_database(), name="anlan-import") as connection:
        done = import_file(
            connection,
            args.kind,
            args.file,
            actor=f"cli:{getpass.getuser()}",
            zone=settings.time_zone,
            language=settings.language,
        )
    translate = translator("cli", settings.language)
    print(translate("{rows} rows read, {changed} new or changed", rows=done.rows, changed=done.changed))
    return 0
