"""A file that is read again when it changes."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from schemas.faults import Invalid

log = structlog.get_logger()

T = TypeVar("T")
Stamp = tuple[int, ...]
"""What changes with the file; empty before it was looked at."""

PAUSE_SECONDS = 1


class Watched(Generic[T]):
    """What ``read`` makes of the file's text: of its last version that could be read."""

    def __init__(
        self, path: Path, read: Callable[[str], T], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``read`` raises `Invalid` of a version that is faulty."""
        self._path = path
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = -math.inf
        self._version: Stamp | None = ()
        self._value: T | None = None

    def current(self) -> T | None:
        """Looks for a new version at most once in `PAUSE_SECONDS`; None before the first good one.

        A process that begins beside a faulty version thus waits for a better one.
        """
        none = self._value is None
        due = none or self._clock() - self._looked_at >= PAUSE_SECONDS
        if due and self._lock.acquire(blocking=none):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._value

    def _look(self) -> None:
        self._looked_at = self._clock()
        before, self._version = self._version, self._stamp()
        if self._version == before:
            return
        try:
            self._value = self._read(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Invalid) as error:
            log.warning("access_file_refused", path=str(self._path), reason=str(error))
        else:
            if before != ():
                log.info("access_file_read", path=str(self._path))

    def _stamp(self) -> Stamp | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        # Not when it was modified: that can be set back, and stays when it may be read at last.
        return status.st_ino, status.st_ctime_ns, status.st_size
