"""`anlan watch`: on a second machine; misses the centre's heartbeat, and calls by its own path."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by

HELP = "on a second machine: miss the centre's heartbeat and call by its own path"


def configure(parser: argparse.ArgumentParser) -> None:
    """`--test` proves the path before it is needed."""
    parser.add_argument(
        "--test", action="store_true", help="look once, send everybody a test message, and end"
    )


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C. A test ends with 1 if the centre was not heard or nobody could be told."""
    from alerts.watching.watcher import ROLE, Watcher
    from core.clock import system_clock

    settings = begin(ROLE)
    watcher = Watcher(settings, system_clock)
    if args.test:
        heard, told = watcher.test()
        print(
            f"the centre {'answers' if heard else 'does not answer'}; {told} of {len(settings.watcher.numbers)} told"
        )
        return 0 if heard and told else 1
    end_by(watcher.stop.set)
    watcher.run()
    return 0
