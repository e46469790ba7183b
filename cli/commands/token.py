"""`anlan token`: secrets by which programs and wall screens sign in."""

from __future__ import annotations

import argparse

from core.roles import Role

HELP = "create, revoke, list API tokens"


def configure(parser: argparse.ArgumentParser) -> None:
    """One act on one token."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="create|revoke|list")
    create = acts.add_parser("create", help="create a token; it is printed once and never again")
    create.add_argument("name")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--area", help="code of the area the role is held for; without it the whole county")
    revoke = acts.add_parser("revoke", help="end a token and every wall screen that was opened with it")
    revoke.add_argument("name")
    acts.add_parser("list", help="all tokens")


def run(args: argparse.Namespace) -> int:
    """Raises ConflictError for a name in use, NotFoundError for an unknown token or area."""
    import re

    from app.auth.secrets import digest, new_token
    from cli.commands.user import operator
    from core.clock import system_clock
    from core.errors import InputError
    from core.settings import load_settings
    from store import audit, sessions
    from store.connection import connect

    with connect(load_settings().need_database(), name="anlan-token") as connection:
        if args.act == "list":
            for token in sessions.tokens(connection):
                state = f"revoked {token.revoked_at:%F}" if token.revoked_at else "active"
                used = f"{token.last_used_at:%F %H:%M} UTC" if token.last_used_at else "never used"
                print(f"{token.name}\t{token.role}\t{token.area or 'whole county'}\t{state}\t{used}")
            return 0
        if args.act == "create":
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", args.name):
                raise InputError(
                    "token_name", "a token's name has 1 to 64 letters, digits, points and dashes"
                )
            secret = new_token()
            sessions.add_token(connection, args.name, digest(secret), Role(args.role), args.area, operator())
            detail = {"role": args.role, "area": args.area}
        else:
            sessions.revoke_token(connection, args.name, system_clock())
            secret, detail = f"{args.name}: revoked", {}
        audit.append(
            connection,
            actor=operator(),
            action=f"token.{args.act}",
            subject=f"token:{args.name}",
            detail=detail,
        )
        connection.commit()
    print(secret)
    return 0
