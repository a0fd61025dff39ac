"""Logs: one JSON object a line, on standard error; never a customer's data."""

import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from app.watching.identifiers import IDS

MAX_FRAMES = 30
_STANDARD_ERROR = 2


class JsonLines(logging.Formatter):
    """The lines of libraries, in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "logger": record.name,
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1]:
            told["exception"] = traceback_of(record.exc_info[1])
        return orjson.dumps(told, default=str).decode()


class _Lines(FileIO):
    """A line for which there is no room is lost, but not the answer to the request it tells of."""

    def write(self, line: Any) -> int:
        try:
            return super().write(line)
        except OSError:
            return len(line)


def configure_logs() -> None:
    """For the service's own lines, and what libraries warn of."""
    structlog.configure(
        processors=[
            _tell_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _tell_exception,
            structlog.processors.JSONRenderer(serializer=_dump),
        ],
        # Unbuffered: each line is one write, so that those of several workers do not mix.
        logger_factory=structlog.BytesLoggerFactory(_Lines(_STANDARD_ERROR, "w", closefd=False)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler])


def traceback_of(error: BaseException) -> list[dict[str, Any]]:
    """Where ``error`` and those that led to it were raised, the last one first.

    Without their texts and without the values of variables: these may be a customer's.
    """
    return [
        {
            "type": type(each).__qualname__,
            "at": [
                f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_qualname}"
                for frame, line in list(traceback.walk_tb(each.__traceback__))[-MAX_FRAMES:]
            ],
        }
        for each in _chain(error)
    ]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found and found not in seen:
        yield found
        seen.append(found)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _tell_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**IDS.get(), **event}


def _tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error:
        event["exception"] = traceback_of(error)
    return event


def _dump(event: EventDict, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
