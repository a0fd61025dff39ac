"""Work that several callers want at the same time is done once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class SingleFlight:
    """Runs ``work`` in a thread of its own, once at a time however many ask for it.

    The lock is held while a run is begun, never until its end.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._last: Future[None] | None = None

    def begin(self) -> Future[None]:
        """The run that is under way, or else a new one."""
        with self._lock:
            if self._last is None or self._last.done():
                self._last = self._thread.submit(self._work)
            return self._last

    def is_under_way(self) -> bool:
        with self._lock:
            return self._last is not None and not self._last.done()
