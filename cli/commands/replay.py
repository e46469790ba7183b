"""`anlan replay SCENARIO`: sends a past flood through MQTT and says what became of every reading."""

from __future__ import annotations

import argparse

HELP = "send a past flood through MQTT, in time order, and count what arrived"


def configure(parser: argparse.ArgumentParser) -> None:
    """Scenario, speed, and what is proved of the arrival."""
    from drill.scenario import READINGS, names

    parser.add_argument("scenario", nargs="?", help=f"one of: {', '.join(names(READINGS))}")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=3600.0,
        help="seconds of the flood per second of the clock (default 3600)",
    )
    parser.add_argument(
        "--shift", action="store_true", help="move the flood so that it ends now (default: its own times)"
    )
    parser.add_argument(
        "--seq",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="number the messages and resend until the centre acknowledges (default), or not",
    )
    parser.add_argument("--exercise", metavar="CODE", help="play within this exercise (created if it is new)")
    parser.add_argument("--end", action="store_true", help="end the exercise when all has arrived")
    parser.add_argument("--stop", metavar="CODE", help="send nothing, only end this exercise")
    parser.add_argument(
        "--patience", type=float, default=180.0, metavar="S", help="give up after so long without any answer"
    )


def run(args: argparse.Namespace) -> int:
    """0 only if every reading is in the database exactly once with its value."""
    from cli.replaying import Playing, stop_exercise
    from core.errors import InputError

    if args.stop:
        return stop_exercise(args.stop)
    if args.scenario is None:
        raise InputError("no_scenario", "name the scenario to play, as in: anlan replay ditwah-2025")
    return Playing(
        scenario=args.scenario,
        speed=args.speed,
        shift=args.shift,
        numbered=args.seq,
        exercise=args.exercise,
        end=args.end,
        patience_s=args.patience,
    ).play()


def _speed(text: str) -> float:
    speed = float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError("the speed is a number above 0")
    return speed
