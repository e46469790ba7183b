"""One module for each command: `HELP`, `configure(parser)` and `run(arguments) -> int`."""
