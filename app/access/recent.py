"""A small memory of what was found out lately, and is dear to find out again."""

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_KEPT = 1024


class Recent(Generic[T]):
    """Values by digest, each for its own time; beyond `MAX_KEPT` the oldest ones go."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[bytes, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> T | None:
        until, value = self._kept.get(digest, (-math.inf, None))
        return value if until > self._clock() else None

    def keep(self, digest: bytes, value: T, seconds: float) -> None:
        with self._lock:
            self._kept.pop(digest, None)
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[digest] = (self._clock() + seconds, value)
