"""`anlan field`: the simulated field of a demo: stations, screens, loudspeakers, phones, cameras."""

from __future__ import annotations

import argparse
from datetime import datetime

HELP = "prepare and run the simulated field of a scenario"


def configure(parser: argparse.ArgumentParser) -> None:
    """`prepare` once, then `run`; `part` is one of its processes."""
    from drill.field.parts import PARTS
    from drill.scenario import STORM, names

    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, words in (
        ("prepare", "import the invented county, make broker accounts and device keys"),
        ("run", "run all parts, supervised, until SIGTERM"),
        ("part", "run one part (what `run` starts)"),
    ):
        one = verbs.add_parser(verb, help=words)
        if verb == "part":
            one.add_argument("name", choices=list(PARTS))
        one.add_argument("--scenario", default="typhoon-2026", choices=names(STORM))
        if verb != "prepare":
            one.add_argument(
                "--speed",
                type=_speed,
                default=30.0,
                help="storm seconds per second of the clock (default 30)",
            )
        if verb == "part":
            one.add_argument("--origin", required=True, help="when the story began, with its zone")


def run(args: argparse.Namespace) -> int:
    """Raises ConflictError on a database with real stations, ConfigurationError for what is missing."""
    if args.verb == "prepare":
        from cli.preparing import prepare

        prepare(args.scenario)
        return 0
    from cli import field

    if args.verb == "run":
        field.run(args.scenario, args.speed)
    else:
        field.run_part(args.name, args.scenario, args.speed, datetime.fromisoformat(args.origin))
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError("the speed is a number above 0")
    return speed
