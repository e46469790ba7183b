"""`anlan quarantine list|show|retry`: what could not be read, and reading it again."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from store.quarantine import Filter

HELP = "list, show and retry messages that could not be read"
_SHOWN = 2_000


def configure(parser: argparse.ArgumentParser) -> None:
    """`list`, `show` and `retry`."""
    acts = parser.add_subparsers(dest="act", required=True)
    listing = acts.add_parser("list", help="what is not resolved, newest first")
    _narrow(listing)
    listing.add_argument("--limit", type=int, default=50, help="at most so many lines (default 50)")
    show = acts.add_parser("show", help="one message whole, with everything that is wrong with it")
    show.add_argument("id", type=int)
    show.add_argument("--raw", action="store_true", help="only the payload, byte for byte")
    again = acts.add_parser("retry", help="read them again, after a station or a mapping was added")
    _narrow(again)
    again.add_argument("--id", type=int, dest="number", help="only this entry")


def _narrow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", help="only this reason, such as unknown_station")
    parser.add_argument("--format", help="only this format, such as obs; '' for what no format reads")
    parser.add_argument("--topic", help="only this topic; * stands for anything")
    parser.add_argument("--exercise", help="only this exercise; '' for the real world alone")


def run(args: argparse.Namespace) -> int:
    """0; `retry` answers 1 if something still cannot be read. Raises NotFoundError, UnavailableError."""
    return {"list": _list, "show": _show, "retry": _retry}[args.act](args)


def _wanted(args: argparse.Namespace) -> Filter:
    from store.quarantine import Filter

    return Filter(
        number=getattr(args, "number", None),
        reason=args.reason,
        format=args.format,
        topic=args.topic,
        exercise=args.exercise or None,
        every_exercise=args.exercise is None,
    )


def _list(args: argparse.Namespace) -> int:
    from core.language import translator
    from core.settings import load_settings
    from store import quarantine
    from store.connection import connect

    settings = load_settings()
    text = translator("ingest", settings.language)
    with connect(settings.need_database(), name="anlan-quarantine") as connection:
        for entry in quarantine.entries(connection, _wanted(args), limit=args.limit):
            when = entry.received_at.astimezone(ZoneInfo(settings.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
            print(f"{entry.id}\t{when}\t{entry.reason}\t{text(entry.reason)}\t{_safe(entry.topic)}")
        counts = quarantine.counts(connection, _wanted(args))
    total = sum(counts.values())
    if total:
        print(
            text("{count} not resolved", count=total)
            + ": "
            + ", ".join(f"{r} {n}" for r, n in counts.items())
        )
    else:
        print(text("the quarantine is empty"))
    return 0


def _show(args: argparse.Namespace) -> int:
    from core.language import translator
    from core.settings import load_settings
    from store import quarantine
    from store.connection import connect

    settings = load_settings()
    text = translator("ingest", settings.language)
    with connect(settings.need_database(), name="anlan-quarantine") as connection:
        entry = quarantine.entry(connection, args.id)
    if args.raw:
        sys.stdout.buffer.write(entry.payload)
        return 0
    zone = ZoneInfo(settings.time_zone)
    print(f"{text('received')}: {entry.received_at.astimezone(zone).isoformat(sep=' ', timespec='seconds')}")
    print(f"{text('topic')}: {_safe(entry.topic)}")
    print(f"{text('reason')}: {entry.reason} ({text(entry.reason)})")
    print(f"{text('detail')}: {entry.detail}")
    if entry.retried_at:
        print(
            f"{text('retried')}: {entry.retried_at.astimezone(zone).isoformat(sep=' ', timespec='seconds')}"
        )
    if entry.resolved_at:
        print(text("resolved"))
    if entry.closed_at:
        print(f"{text('given up')}: {entry.closed_by}, {entry.closed_reason}")
    print(f"{text('payload')} ({len(entry.payload)} B):")
    print(_safe(entry.payload[:_SHOWN].decode("utf-8", "backslashreplace")))
    if len(entry.payload) > _SHOWN:
        print(text("… the rest by: anlan quarantine show {id} --raw", id=entry.id))
    return 0


def _retry(args: argparse.Namespace) -> int:
    from core.clock import system_clock
    from core.language import translator
    from core.settings import load_settings
    from ingest.retry import retry
    from store import quarantine
    from store.connection import connect

    settings = load_settings()
    text = translator("ingest", settings.language)
    with connect(settings.need_database(), name="anlan-quarantine", autocommit=True) as connection:
        numbers = quarantine.open_numbers(connection, _wanted(args))
        done = retry(connection, settings.ingest, system_clock, numbers)
    print(
        text(
            "resolved {resolved}, remaining {remaining}, readings stored {readings}",
            resolved=done.resolved,
            remaining=done.remaining,
            readings=done.readings,
        )
    )
    return 1 if done.remaining else 0


def _safe(text: str) -> str:
    """Foreign text for a terminal: control characters, which could steer it, are shown as escapes."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()
        for letter in text
    )
