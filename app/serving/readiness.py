"""Which connections have sent something: asked by all threads of a worker, told to one of them."""

import contextlib
import os
import select
import threading
from collections.abc import Iterator

from app.serving.connections import Connection

_ONCE = select.EPOLLIN | select.EPOLLONESHOT


class Readiness:
    """The connections that nobody has. Whoever takes one has it, and gives it back by `watch`.

    The kernel wakes one thread for each; so none hands a request to another.
    """

    def __init__(self) -> None:
        self._ready = select.epoll()
        self._watched: dict[int, Connection] = {}
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._ready.register(self._bell, select.EPOLLIN)
        self._rung = 0
        self._lock = threading.Lock()

    def watch(self, conn: Connection) -> None:
        """From here on, it may be taken when the client sends something."""
        fd = conn.sock.fileno()
        self._watched[fd] = conn
        try:
            self._ready.modify(fd, _ONCE)
        except FileNotFoundError:
            self._ready.register(fd, _ONCE)

    def take(self, conn: Connection) -> bool:
        """Whether nobody had it."""
        return self._watched.pop(conn.sock.fileno(), None) is conn

    def wait(self) -> Connection | None:
        """The next one that has sent something; None: somebody rang."""
        for fd, _ in self._ready.poll(maxevents=1):
            if fd == self._bell:
                self._hear()
            elif conn := self._watched.pop(fd, None):
                return conn
        return None

    def now(self) -> Iterator[Connection]:
        """Those that have sent something."""
        for fd, _ in self._ready.poll(0):
            if conn := self._watched.pop(fd, None):
                yield conn

    def ring(self, times: int) -> None:
        """Let so many threads that wait look up, those included that have yet to hear a former
        call: else each would come back for every call, long after its reason."""
        with self._lock:
            more = times - self._rung
            if more > 0:
                os.eventfd_write(self._bell, more)
                self._rung += more

    def watched(self) -> list[Connection]:
        """Those that nobody has, in the order in which they were given back."""
        return list(self._watched.values())

    def close(self) -> None:
        """When no thread waits any more."""
        self._ready.close()
        os.close(self._bell)

    def _hear(self) -> None:
        with self._lock, contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)
            self._rung -= 1
