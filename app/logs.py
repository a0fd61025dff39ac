"""Logs: one JSON object a line, on standard error; never a customer's data."""

import sys

import structlog


def configure_logs() -> None:
    """Tracebacks are told without the values of variables, which may be a customer's."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
