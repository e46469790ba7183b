"""Logs: one JSON object a line on standard error, the same for every role."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict


def configure_logs(level: str, role: str) -> None:
    """Sets up structlog for this process; `role` stands in every line. `level` as in the settings."""

    def add_role(logger: Any, method: str, event: EventDict) -> EventDict:
        # Not a context variable: those are one thread's, and libraries call us back on threads of their own.
        event["role"] = role
        return event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_role,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
