"""A client's connection, as the loop of a worker and its threads hand it to one another."""

import contextlib
import ssl
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from app.dao import deadline
from app.serving.buffering import Arrival

WIRE_SECONDS = 5.0
"""For what a thread has to send, or still has to read."""

BYTES_AT_ONCE = 64 * 1024
_CONSENT = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True)
class Lane:
    """Threads, and how many requests they may have at once, with those that wait for one."""

    pool: ThreadPoolExecutor
    most: int
    busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def has_room(self) -> bool:
        return self.busy < self.most

    def enter(self) -> None:
        """One more request, as the loop tells."""
        with self._lock:
            self.busy += 1

    def leave(self) -> None:
        """One less, as its thread tells: a client may send the next before the loop knows."""
        with self._lock:
            self.busy -= 1


class Unreader(SocketUnreader):  # type: ignore[misc]
    """Reads from the socket what has not come yet, no longer than the request may take.

    ``waits``: whether it does; else there is only what has come.
    """

    waits = True

    def chunk(self, size_hint: int | None = None) -> bytes:
        """:raises TimeoutError: it did not come."""
        if not self.waits or deadline.has_passed():
            raise TimeoutError
        usual = self.sock.gettimeout()
        self.sock.settimeout(deadline.left(usual))
        try:
            data: bytes = super().chunk(size_hint)
        finally:
            self.sock.settimeout(usual)
        return data


class Connection(TConn):  # type: ignore[misc]
    """A connection and what it has sent; ``sock``, ``parser`` and ``timeout`` are the base's."""

    initialized: bool
    lane: Lane
    queue: "deque[Connection]"

    def __init__(self, max_body: int, *of_base: Any) -> None:
        super().__init__(*of_base)
        self.data_ready = True  # no thread waits for the first byte
        self.arrival = Arrival(max_body)
        self.consented = False
        self.handed_over_at = 0.0
        self.discarded = 0
        self._given = b""

    def hand_over(self, lane: Lane) -> None:
        """From here on a thread has it, with all that has come."""
        self.lane = lane
        self.handed_over_at = time.monotonic()
        self._given = self.arrival.take()

    def init(self) -> None:
        """In the thread, for each request."""
        if not self.initialized:
            self.initialized = True
            self.parser = RequestParser(self.cfg, self.sock, self.client)
            self.parser.unreader = Unreader(self.sock)
        self.sock.settimeout(WIRE_SECONDS)
        self.parser.unreader.waits = True
        self.parser.unreader.unread(self._given)
        self._given = b""

    def take_back(self) -> None:
        """From the thread, with what has come of the next request."""
        self.sock.settimeout(0)
        self.consented = False
        self.arrival.add(self.parser.unreader.take_buffered() + self._decrypted())

    def receive(self) -> bytes | None:
        """What has come now, None: nothing; empty: nothing will come any more.

        The first time it also does its part of the TLS handshake.

        :raises OSError: the connection is broken.
        """
        try:
            data: bytes = self.sock.recv(BYTES_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        return data + self._decrypted()

    def _decrypted(self) -> bytes:
        """What was taken from the socket, so that no poller tells of it."""
        if not isinstance(self.sock, ssl.SSLSocket) or not self.sock.pending():
            return b""
        return self.sock.recv(self.sock.pending())

    def consent(self) -> None:
        """Let the client send the body that it announced, if it waits for that."""
        if not self.consented and self.arrival.awaits_consent:
            self.consented = True
            with contextlib.suppress(OSError):
                self.sock.send(_CONSENT)
