"""`anlan migrate`: creates or upgrades the schema; safe twice and by two at once."""

from __future__ import annotations

import argparse

HELP = "create or upgrade the database schema"


def configure(parser: argparse.ArgumentParser) -> None:
    """`--check` changes nothing and answers by its exit code, for scripts that wait for an upgrade."""
    parser.add_argument("--check", action="store_true", help="only say what would be applied; 1 if anything")


def run(args: argparse.Namespace) -> int:
    """Applies what is missing and names each file. Raises UnavailableError without a database."""
    from core.settings import load_settings
    from store.migrate import migrate, pending

    url = load_settings().need_database()
    found = pending(url) if args.check else migrate(url)
    for migration in found:
        print(f"{'missing' if args.check else 'applied'} {migration.version:04d} {migration.name}")
    if not found:
        print("the schema is up to date")
    return 1 if args.check and found else 0
