"""`anlan user`: who may sign in, with which role, for which area."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.roles import Role

if TYPE_CHECKING:
    from psycopg import Connection

HELP = "add, disable, enable, list users, or set a password"


def configure(parser: argparse.ArgumentParser) -> None:
    """One act on one user; the password always comes on stdin, so that no list of processes shows it."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|disable|enable|list|password")
    add = acts.add_parser("add", help="create a user; the password comes on stdin")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--area", help="code of the area the role is held for; without it the whole county")
    add.add_argument("--person", help="code of the responsible person that this user is")
    add.add_argument("--language", choices=["zh", "en"], default="zh")
    for name, told in (
        ("disable", "end all sessions and let nobody in"),
        ("enable", "let the user in again"),
        ("password", "set a new password, which comes on stdin; ends all sessions"),
    ):
        acts.add_parser(name, help=told).add_argument("name")
    acts.add_parser("list", help="all users")


def run(args: argparse.Namespace) -> int:
    """Raises InputError for a weak password or an impossible name, ConflictError, NotFoundError."""
    from core.settings import load_settings
    from store.connection import connect

    with connect(load_settings().need_database(), name="anlan-user") as connection:
        if args.act == "list":
            return _list(connection)
        return _act(connection, args)


def _act(connection: Connection[Any], args: argparse.Namespace) -> int:
    from core.clock import system_clock
    from store import audit, sessions, users

    detail: dict[str, object] = {}
    if args.act == "add":
        detail = {"role": args.role, "area": args.area, "person": args.person}
        users.add_user(
            connection, args.name, _new_password(args.name), Role(args.role), area=args.area,
            person=args.person, language=args.language,
        )  # fmt: skip
    elif args.act == "password":
        users.set_password(connection, args.name, _new_password(args.name))
        sessions.end_sessions_of(connection, args.name, system_clock())
    else:
        users.set_disabled(connection, args.name, args.act == "disable")
        if args.act == "disable":
            sessions.end_sessions_of(connection, args.name, system_clock())
    audit.append(
        connection, actor=operator(), action=f"user.{args.act}", subject=f"user:{args.name}", detail=detail
    )
    connection.commit()
    done = {"add": "created", "disable": "disabled", "enable": "enabled", "password": "has a new password"}
    print(f"{args.name}: {done[args.act]}")
    return 0


def _list(connection: Connection[Any]) -> int:
    from store import users

    for user in users.users(connection):
        state = f"disabled {user.disabled_at:%F}" if user.disabled_at else "active"
        print(f"{user.name}\t{user.role}\t{user.area or 'whole county'}\t{user.person or '-'}\t{state}")
    return 0


def _new_password(name: str) -> str:
    import getpass
    import re
    import sys

    from app.auth.passwords import check_strength, hash_password
    from core.errors import InputError

    if not re.fullmatch(r"[^\s<>&\"']{1,64}", name):
        raise InputError("user_name", "a user's name has 1 to 64 characters, without blanks and < > & \" '")
    asked = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    check_strength(asked, name)
    return hash_password(asked)


def operator() -> str:
    import getpass

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
