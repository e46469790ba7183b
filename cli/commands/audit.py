"""`anlan audit`: who did what, and whether the chain of hashes is whole."""

from __future__ import annotations

import argparse

HELP = "verify or list the audit chain"


def configure(parser: argparse.ArgumentParser) -> None:
    """`verify` recomputes every hash; `list` shows the newest lines."""
    acts = parser.add_subparsers(dest="act", required=True)
    verify = acts.add_parser("verify", help="recompute the chain; 1 if a line is broken")
    verify.add_argument(
        "--head",
        metavar="HASH",
        help="the last hash noted at an earlier check: it must still be in the chain",
    )
    listing = acts.add_parser("list", help="the newest lines first, one JSON object a line")
    listing.add_argument("--actor")
    listing.add_argument("--action")
    listing.add_argument("--subject")
    listing.add_argument("--limit", type=int, default=100)


def run(args: argparse.Namespace) -> int:
    """Prints what was found. Raises UnavailableError without a database."""
    import json

    from core.settings import load_settings
    from store import audit
    from store.connection import connect

    with connect(load_settings().need_database(), name="anlan-audit") as connection:
        if args.act == "list":
            chosen = {"actor": args.actor, "action": args.action, "subject": args.subject}
            for line in audit.lines(connection, **chosen, limit=args.limit):
                entry = {
                    "id": line.id,
                    "at": line.at.isoformat(),
                    "actor": line.actor,
                    "action": line.action,
                    "subject": line.subject,
                    "detail": line.detail,
                }
                print(json.dumps(entry, ensure_ascii=False))
            return 0
        verdict = audit.verify(connection)
        if verdict.broken is None and args.head and not audit.contains(connection, args.head):
            print(f"broken: no line has the hash {args.head}: lines were cut off or written anew")
            return 1
    if verdict.broken is not None:
        print(
            f"broken at line {verdict.broken}: {verdict.reason} ({verdict.lines} lines before it are whole)"
        )
        return 1
    print(f"whole: {verdict.lines} lines, head {verdict.head or 'none'}")
    return 0
