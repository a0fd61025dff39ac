"""Logs: one JSON object a line, on standard error; never a customer's data."""

import sys

import structlog

from app.tracebacks import traceback_without_texts


def configure_logs() -> None:
    """Tracebacks are told without the values of variables and without what exceptions say."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(traceback_without_texts),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
