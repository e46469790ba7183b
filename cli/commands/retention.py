"""`anlan retention`: how long things are kept, what would go, and a round out of turn."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

HELP = "how long things are kept, and what would go"


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing is deleted here: the role derive does it, at night or when ordered."""
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument(
        "--dry-run", action="store_true", help="count what would go now (reads much, deletes nothing)"
    )
    acts.add_argument(
        "--now", action="store_true", help="order a round; the running role derive begins at once"
    )


def run(args: argparse.Namespace) -> int:
    """Prints the classes. Raises UnavailableError without a database, ConflictError while a round runs."""
    from zoneinfo import ZoneInfo

    from core.clock import system_clock
    from core.settings import load_settings
    from ingest.derive.retention import prospects, terms
    from store import retention
    from store.connection import connect

    settings, now = load_settings(), system_clock()
    with connect(settings.need_database(), name="anlan-retention") as connection:
        if args.now:
            return _order(connection, now.astimezone(ZoneInfo(settings.time_zone)).date(), now)
        if args.dry_run:
            for one in prospects(connection, settings, now):
                oldest = f", the oldest of {one.old.oldest:%Y-%m-%d}" if one.old.oldest else ""
                print(f"{one.term.name:<15} {_kept(one.term.days):<10} {one.old.count} would go{oldest}")
            return 0
        for term in terms(settings, now):
            print(f"{term.name:<15} {_kept(term.days)}")
        last = retention.newest_run(connection)
    if last is None:
        print(
            f"no round yet; one begins every day from {settings.retention.hour:02d}:00 ({settings.time_zone})"
        )
    elif last.ended_at is None:
        print(f"the round of {last.day} is in hand: {_told(last.removed)} so far")
    else:
        print(f"the round of {last.day} ended {last.ended_at:%Y-%m-%d %H:%M}Z: {_told(last.removed)}")
    return 0


def _kept(days: int) -> str:
    return f"{days} days" if days else "for ever"


def _told(removed: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in removed.items()) or "nothing"


def _order(connection: Connection[Any], day: date, now: datetime) -> int:
    from getpass import getuser

    from core.errors import ConflictError
    from store import audit, retention

    actor = f"cli:{getuser()}"
    if not retention.begin_run(connection, day, now, ordered_by=actor):
        raise ConflictError("a round is in hand already: anlan retention tells how far it is")
    audit.append(connection, actor=actor, action="retention.ordered", subject=f"retention/{day}")
    print("ordered; anlan retention tells how far it is (the role derive must run)")
    return 0
