"""The command `anlan`: finds the asked command's module and runs it, nothing else."""

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType

from cli import commands
from cli.setup.steps import SetupError


def main(words: list[str] | None = None) -> int:
    """Exit code 2 and one readable message for what the person at the keyboard can mend."""
    words = sys.argv[1:] if words is None else words
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    if not words or words[0] in ("-h", "--help", "help"):
        _print_help(names)
        return 0 if words else 2
    name = words[0]
    if name not in names:
        return _complain(f"unknown command {name!r}; type ./anlan --help for the list")
    module = importlib.import_module(f"cli.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"anlan {name}", description=module.HELP)
    module.configure(parser)
    arguments = parser.parse_args(words[1:])
    try:
        result: int = module.run(arguments)
        return result
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _print_help(names: list[str]) -> None:
    print("usage: anlan COMMAND …\n")
    for name in names:
        module: ModuleType = importlib.import_module(f"cli.commands.{name}")
        print(f"  {name:<12} {module.HELP}")


def _complain(message: str) -> int:
    print(f"anlan: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
