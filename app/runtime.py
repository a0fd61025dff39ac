"""The folder that the processes of one running service share.

The master makes it before the first worker and removes it at its end. It is for what is worth
nothing after that: the files of the metrics and of the rate limits, and locks between the workers.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

_FOLDER = "PROFILES_RUNTIME_FOLDER"
# prometheus-client reads it when it is first imported, so only a worker may import that.
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def make_folder() -> None:
    """In the master, before it forks; workers learn of it by their environment."""
    made = Path(tempfile.mkdtemp(prefix="profiles-"))
    (made / "metrics").mkdir()
    os.environ |= {_FOLDER: str(made), _METRICS: str(made / "metrics")}


def remove_folder() -> None:
    """In the master, at its end."""
    shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)


def folder() -> Path | None:
    """None in a process that no master started."""
    found = os.environ.get(_FOLDER)
    return Path(found) if found else None


class Election:
    """One worker is elected for ``task``; at its end the next one that asks is."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._held: IO[bytes] | None = None

    def won(self) -> bool:
        """Whether this process is the one; always where it is the only one."""
        shared = folder()
        if shared is None or self._held:
            return True
        lock = (shared / f"{self._task}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._held = lock
        return True
