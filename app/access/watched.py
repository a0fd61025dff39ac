"""A file that is read again when it changes."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from app.concurrency.single_flight import SingleFlight
from app.concurrency.waiting import outcome
from schemas.faults import Invalid

log = structlog.get_logger()

T = TypeVar("T")
Stamp = tuple[int, ...]
"""What changes with the file; empty before it was looked at."""

PAUSE_SECONDS = 1
LOOK_SECONDS = 0.5
SECONDS_OF_LOOK = 2


class Watched(Generic[T]):
    """What ``read`` makes of the file's text: of its last version that could be read.

    ``is_refused``: whether the version that is there now is another one.
    """

    def __init__(
        self, path: Path, read: Callable[[str], T], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``read`` raises `Invalid` of a version that is faulty."""
        self._path = path
        self._read = read
        self._clock = clock
        self._looking = SingleFlight(self._look)
        self._looked_at = -math.inf
        self._version: Stamp | None = ()
        self._value: T | None = None
        self.is_refused = False

    def current(self) -> T | None:
        """Looks for a new version where nobody did for `PAUSE_SECONDS`; None before the first
        good one.

        A process that begins beside a faulty version thus waits for a better one.
        """
        if self._value is None or self._clock() - self._looked_at >= PAUSE_SECONDS:
            self.look()
        return self._value

    def look(self) -> None:
        """Look for a new version, and wait for what comes of it, but not for long."""
        self._looked_at = self._clock()
        with suppress(TimeoutError):
            outcome(self._looking.begin(), SECONDS_OF_LOOK)

    def _look(self) -> None:
        before, self._version = self._version, self._stamp()
        if self._version == before:
            return
        try:
            self._value = self._read(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Invalid) as error:
            self.is_refused = True
            log.warning("access_file_refused", path=str(self._path), reason=str(error))
        else:
            self.is_refused = False
            log.info("access_file_read", path=str(self._path))

    def _stamp(self) -> Stamp | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        # Not when it was modified: that can be set back, and stays when it may be read at last.
        return status.st_ino, status.st_ctime_ns, status.st_size
