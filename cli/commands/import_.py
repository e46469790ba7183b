"""`anlan import KIND FILE`: lists of areas, stations, limits, people and devices from CSV or Excel."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "import a list (CSV or Excel) or typhoon tracks: all or nothing, every bad row named"


def configure(parser: argparse.ArgumentParser) -> None:
    """What the file lists, and where it is."""
    from cli.imports import KINDS

    parser.add_argument("kind", choices=[*KINDS, "tracks"], help="what the file lists")
    parser.add_argument(
        "file",
        type=Path,
        help="CSV (UTF-8 or GBK) or .xlsx, the first row names the columns; tracks as JMA or CMA publish them",
    )
    parser.add_argument(
        "--second",
        metavar="USER",
        help="another user, leader or commander, who stands for limits that the list relaxes (thresholds only)",
    )


def run(args: argparse.Namespace) -> int:
    """Imports in one transaction. Raises InputError that names every bad row."""
    import getpass

    from cli.imports import import_file
    from cli.imports.tracks import import_tracks
    from core.language import translator
    from core.settings import load_settings
    from store.connection import connect

    settings = load_settings()
    actor = f"cli:{getpass.getuser()}"
    translate = translator("cli", settings.language)
    with connect(settings.need_database(), name="anlan-import") as connection:
        if args.kind == "tracks":
            tracks = import_tracks(connection, args.file, actor=actor, translate=translate)
            print(translate("{typhoons} typhoons, {positions} positions kept", **tracks))
            return 0
        done = import_file(
            connection,
            args.kind,
            args.file,
            actor=actor,
            zone=settings.time_zone,
            language=settings.language,
            second=args.second,
        )
    print(translate("{rows} rows read, {changed} new or changed", rows=done.rows, changed=done.changed))
    return 0
