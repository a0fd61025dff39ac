"""Tracebacks for the log, which never holds a customer's data."""

import traceback
from collections.abc import Iterator

from structlog.typing import ExcInfo


def traceback_without_texts(exc_info: ExcInfo) -> str:
    """Where it failed and with what type of exception; those that led to it come first.

    The text of an unexpected exception is left out, as it often quotes a value.
    """
    told = list(_told(exc_info[1]))
    return "\n".join(reversed(told))


def _told(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        yield f"{frames}{type(error).__qualname__}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
