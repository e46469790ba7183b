"""The command `anlan`: finds the asked command's module and runs it, nothing else."""

import argparse
import importlib
import importlib.util
import os
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

from cli import commands
from cli.services.record import Record
from cli.setup import state
from cli.setup.steps import SetupError
from core.errors import AnlanError

_WITHOUT_SERVICES = {"services", "demo", "test"}
"""Commands which bring services of their own, or none."""


def main(words: list[str] | None = None) -> int:
    """Exit code 2 and a readable message for what the person at the keyboard can mend."""
    words = sys.argv[1:] if words is None else words
    names = command_names()
    if not words or words[0] in ("-h", "--help", "help"):
        _print_help(names)
        return 0 if words else 2
    name = words[0]
    if name not in names:
        return _complain(f"unknown command {name!r}; anlan --help lists the commands")
    module = _command(name)
    parser = argparse.ArgumentParser(prog=f"anlan {name}", description=module.HELP)
    module.configure(parser)
    passes_on = getattr(module, "PASSES_ON", False)
    arguments, rest = parser.parse_known_args(words[1:]) if passes_on else _read(parser, words[1:])
    if rest and not passes_on:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        if name not in _WITHOUT_SERVICES:
            _use_embedded_services()
        result: int = module.run(arguments)
        return result
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    except AnlanError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away (`| head`): not a fault, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _read(parser: argparse.ArgumentParser, words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Options may stand between a command's words: `decode sl651 --base-level-m 20 FILE`."""
    try:
        return parser.parse_known_intermixed_args(words)
    except TypeError:
        # A command with sub-commands, which bring options of their own.
        return parser.parse_known_args(words)


def command_names() -> list[str]:
    """Every command. `import` is a word of Python: its module is `import_`."""
    return sorted(module.name.removesuffix("_") for module in pkgutil.iter_modules(commands.__path__))


def _use_embedded_services() -> None:
    """Where nothing is configured and the checkout's services run, they are meant.

    `./anlan services start` and then `./anlan replay …` is what a newcomer types.
    """
    configured = os.environ.get("ANLAN_CONFIG", "anlan.toml")
    if any(name.startswith("ANLAN_DATABASE_URL") for name in os.environ) or Path(configured).exists():
        return
    home = state.home()
    if Record.read(home).is_supervised():
        from cli.services import Services  # needed only here, and slow to load

        for name, value in Services(home).env().items():
            os.environ.setdefault(name, value)


def _command(name: str) -> ModuleType:
    module = f"cli.commands.{name}"
    return importlib.import_module(module if importlib.util.find_spec(module) else f"{module}_")


def _print_help(names: list[str]) -> None:
    print("usage: anlan COMMAND …\n")
    for name in names:
        print(f"  {name:<12} {_command(name).HELP}")
    print("\nanlan COMMAND --help tells more of each.")


def _complain(message: str) -> int:
    print(f"anlan: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
