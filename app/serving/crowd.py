"""How many connections each worker of this host has, in memory that all of them share."""

import mmap

SLOTS = 128
"""Worker number 129 has that of the first, which is hardly there any more; if it is, connections
are spread a little less evenly."""

# Made when the master imports this, so that all workers inherit it.
_SHARED = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("i")
_GONE = 0


def tell(worker: int, connections: int) -> None:
    """Worker number ``worker`` has so many ``connections``."""
    _SHARED[worker % SLOTS] = connections + 1


def leave(worker: int) -> None:
    """Worker number ``worker`` has ended."""
    _SHARED[worker % SLOTS] = _GONE


def least() -> int:
    """How many the worker has that has fewest, 0 where none has told.

    A worker tells it when it looks for new connections, and at least each second.
    """
    return min((each for each in _SHARED if each != _GONE), default=1) - 1
