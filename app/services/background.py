"""Work that a process does beside its requests, in a thread of its own."""

import threading
from collections.abc import Callable

import structlog

from app.dao.errors import StoreUnavailable

log = structlog.get_logger()


class Background:
    """Runs ``task`` every ``seconds``, and at once when it is woken."""

    def __init__(self, task: Callable[[], None], seconds: float) -> None:
        self._task = task
        self._seconds = seconds
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def stopping(self) -> bool:
        """Whether a long task should come to an end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """In this process; one that forks starts it after the fork."""
        self._stopping.clear()
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        # Only now, as a signal may come in between, and `stop` cannot wait for what never ran.
        self._thread = thread

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Wait for the end of the task that is at work. Harmless when it was not started."""
        self._stopping.set()
        self._woken.set()
        if self._thread:
            self._thread.join()
        self._thread = None

    def _run(self) -> None:
        while not self.stopping:
            try:
                self._task()
            except StoreUnavailable as error:
                log.warning("background_task_put_off", reason=type(error).__name__)
            except Exception:
                log.exception("background_task_failed")
            self._woken.wait(self._seconds)
            self._woken.clear()
