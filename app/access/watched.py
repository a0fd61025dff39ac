"""A file that is read again when it changes."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from schemas.faults import Invalid

log = structlog.get_logger()

T = TypeVar("T")

PAUSE_SECONDS = 1


class Watched(Generic[T]):
    """What ``read`` makes of the file's text: of its last version that could be read."""

    def __init__(
        self, path: Path, read: Callable[[str], T], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        :raises Invalid: ``read`` does.
        :raises OSError: it cannot be read. Also UnicodeDecodeError.
        """
        self._path = path
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._version = self._stamp()
        self._value = read(path.read_text(encoding="utf-8"))

    def current(self) -> T:
        """Looks for a new version at most once in `PAUSE_SECONDS`."""
        if self._clock() - self._looked_at >= PAUSE_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._value

    def _look(self) -> None:
        self._looked_at = self._clock()
        version = self._stamp()
        if version == self._version:
            return
        self._version = version
        try:
            self._value = self._read(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Invalid) as error:
            log.warning("access_file_refused", path=str(self._path), reason=str(error))
        else:
            log.info("access_file_read", path=str(self._path))

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
