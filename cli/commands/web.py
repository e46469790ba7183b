"""`anlan web`: pages, REST interface and live push."""

from __future__ import annotations

import argparse

HELP = "the pages and the HTTP interface"


def configure(parser: argparse.ArgumentParser) -> None:
    """Address and port, for once instead of those of the configuration."""
    parser.add_argument("--host", help="address to listen on (web.host)")
    parser.add_argument("--port", type=int, help="port to listen on (web.port); 0 takes a free one")


def run(args: argparse.Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C. Raises ConfigurationError without a database address."""
    from app.serve import serve
    from core.settings import load_settings

    settings = load_settings()
    host = settings.web.host if args.host is None else args.host
    port = settings.web.port if args.port is None else args.port
    return serve(settings, host, port)
