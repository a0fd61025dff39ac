"""Rate limits: how many requests a caller may send in a second, over all workers of a host.

By GCRA, the generic cell rate algorithm of ATM networks (ITU-T I.371): all that is kept of a
caller is one moment, when the allowance would be whole again if nothing came any more.
"""

import fcntl
import mmap
import secrets
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

NANOSECONDS = 10**9
SLOTS = 1 << 16
NEIGHBOURS = 8

_SLOT = struct.Struct("=Qq")
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of an allowance of ``limit`` requests, which is whole after ``reset``
    seconds. ``wait``: seconds until the next one is taken, 0 where this one was."""

    limit: int
    remaining: int
    reset: int
    wait: int


class Limiter:
    """An allowance for each caller, refilled all the time, whole after a second.

    It lies in ``file``, which processes share by its name, and is guarded by a lock of the
    kernel, which frees it when a process dies. Without a file it is this process's own. Of more
    callers in a second than there is room for, some share an allowance.
    """

    def __init__(
        self,
        per_second: int,
        clock: Callable[[], int] = time.monotonic_ns,
        file: Path | None = None,
    ) -> None:
        self._limit = per_second
        self._interval = NANOSECONDS // per_second
        self._clock = clock
        # The kernel's lock is one of processes, and tells no threads apart.
        self._lock = threading.Lock()
        self._file: IO[bytes] = file.open("a+b") if file else TemporaryFile()  # noqa: SIM115
        with self._locked():
            self._key = self._shared_key()
        self._slots = mmap.mmap(self._file.fileno(), _KEY_BYTES + SLOTS * _SLOT.size)

    def spend(self, caller: str, times: int = 1) -> Rate:
        """Take one request from what ``caller`` has left, if there is any.

        ``times``: how much larger than others this caller's allowance is.
        """
        return self._rate(caller, self._interval // times)

    def give_back(self, caller: str, times: int = 1) -> None:
        """Undo a `spend` that was granted."""
        self._rate(caller, -(self._interval // times))

    def _rate(self, caller: str, cost: int) -> Rate:
        mark = int.from_bytes(blake2b(caller.encode(), digest_size=8, key=self._key).digest())
        whole = self._interval * self._limit
        with self._locked():
            now = self._clock()
            place, stored = self._find(mark)
            used = max(stored - now, 0)
            wait = max(used + cost - whole, 0)
            if not wait:
                used = max(used + cost, 0)
                _SLOT.pack_into(self._slots, place, mark, now + used)
        left = (whole - used) // self._interval
        return Rate(self._limit, left, _seconds(used), _seconds(wait))

    def _shared_key(self) -> bytes:
        """That of the process which came first, and made the file what it is."""
        self._file.seek(0)
        if found := self._file.read(_KEY_BYTES):
            return found
        made = secrets.token_bytes(_KEY_BYTES)
        self._file.write(made)
        self._file.truncate(_KEY_BYTES + SLOTS * _SLOT.size)
        return made

    def _find(self, mark: int) -> tuple[int, int]:
        """The place of the caller, or the best one to put it, and the moment to start from."""
        places = [_KEY_BYTES + (mark + step) % SLOTS * _SLOT.size for step in range(NEIGHBOURS)]
        held = {place: _SLOT.unpack_from(self._slots, place) for place in places}
        for place, (owner, moment) in held.items():
            if owner == mark:
                return place, moment
        best = min(places, key=lambda place: held[place][1])
        return best, held[best][1]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _seconds(nanoseconds: int) -> int:
    """Rounded up."""
    return -(-nanoseconds // NANOSECONDS)


def limiter(per_second: int, folder: Path | None) -> Limiter | None:
    """Shared by the processes with the same ``folder``. None for 0, which limits nothing."""
    if not per_second:
        return None
    return Limiter(per_second, file=folder / "rates" if folder else None)
