"""The clients of a worker: what is done with a connection that has sent something."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice

from app.http_problems import HTTP_PROBLEMS
from app.serving.buffering import Arrived
from app.serving.connections import BYTES_AT_ONCE, Connection
from app.serving.readiness import Readiness
from app.serving.refusals import refusal

REQUEST_SECONDS = 30
"""From the first byte of a request to its last one."""

LINGER_SECONDS = 2.0
"""For a client to read its last answer and close the connection."""

MAX_BUFFERED = 64 * 1024 * 1024
"""Bytes of the requests that are not all there, of one worker."""

MAX_DISCARDED = 4 * 1024 * 1024
"""Bytes that a client may send after its last answer."""

_FAIR_BYTES = 64 * 1024
_LOOKED_AT = 16  # each costs a call of the system
_REFUSED = {
    Arrived.CUT: HTTPStatus.BAD_REQUEST,
    Arrived.LONG_HEAD: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Arrived.LONG_BODY: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class Clients:
    """All connections of a worker, for all its threads; whoever has taken one says what next.

    Each either comes back to be watched, or is closed.
    """

    def __init__(
        self,
        readiness: Readiness,
        answer: Callable[[Connection], bool],
        refused: Callable[[int, str], None],
    ) -> None:
        """``answer`` answers a whole request, and says whether the connection may be kept.
        ``refused`` is told the status and the code of each that was not looked at.
        """
        self._readiness = readiness
        self._answer = answer
        self._refused = refused
        self._lock = threading.Lock()
        self._count = 0
        self.idle_seconds = 0.0

    def __len__(self) -> int:
        return self._count

    def enter(self, conn: Connection) -> None:
        """A new one."""
        with self._lock:
            self._count += 1
        self._wait(conn, self.idle_seconds)

    def receive(self, conn: Connection) -> bool:
        """Whether a whole request is there; what else comes is dealt with."""
        if conn.lingers:
            self._discard(conn)
            return False
        begun = len(conn.arrival) > 0
        arrived = conn.read()
        if arrived is Arrived.WHOLE:
            return True
        if arrived is Arrived.PART and begun and self._is_out_of_proportion(conn):
            self.refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._go_on(conn, arrived, begun=begun)
        return False

    def answer(self, conn: Connection) -> None:
        """Answer the whole request that is there, and those that came right behind it."""
        arrived: Arrived | None = Arrived.WHOLE
        while arrived is Arrived.WHOLE:
            if not self._answer(conn):
                self._linger(conn)
                return
            arrived = conn.look()
        self._go_on(conn, arrived)

    def refuse_whole(self, conn: Connection) -> None:
        """There are too many; the connection is kept where the next request surely begins."""
        if conn.arrival.ends_surely:
            conn.arrival.take()
            self._send(conn, HTTPStatus.SERVICE_UNAVAILABLE, closes=False)
            self._go_on(conn, conn.look())
        else:
            self.refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)

    def refuse(self, conn: Connection, status: HTTPStatus) -> None:
        """Answer a request that has not come to its end."""
        self._send(conn, status)
        self._linger(conn)

    def expire(self, *, idle_until: float | None = None, force: bool = False) -> None:
        """End what takes too long, or all that nobody has by ``force``.

        ``idle_until``: idle ones stay no longer than that.
        """
        now = time.monotonic()
        for conn in self._readiness.watched():
            begun = len(conn.arrival) > 0
            if idle_until is not None and not begun:
                conn.timeout = min(conn.timeout, idle_until)
            if (conn.timeout > now and not force) or not self._readiness.take(conn):
                continue
            if begun and not conn.lingers and not force:
                self.refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
            else:
                self.drop(conn)

    def make_room(self) -> bool:
        """Close the one that has been idle for longest. Whether there was one, of a few."""
        watched = self._readiness.watched()
        idle = (each for each in watched if not len(each.arrival) and not each.lingers)
        for conn in islice(idle, _LOOKED_AT):
            if not self._readiness.take(conn):
                continue
            if not conn.has_sent():
                self.drop(conn)
                return True
            self._wait(conn, None)
        return False

    def drop(self, conn: Connection) -> None:
        """Close it."""
        with self._lock:
            self._count -= 1
        conn.close()

    def _go_on(self, conn: Connection, arrived: Arrived | None, *, begun: bool = False) -> None:
        """Refuse, drop, or wait for more, as what has come asks for."""
        if arrived is None:
            self.drop(conn)
        elif arrived in _REFUSED:
            self.refuse(conn, _REFUSED[arrived])
        elif not len(conn.arrival):
            self._wait(conn, self.idle_seconds)
        else:
            conn.consent()
            self._wait(conn, None if begun else REQUEST_SECONDS)

    def _wait(self, conn: Connection, seconds: float | None) -> None:
        """Watch it for so long, or for as long as before."""
        if seconds is not None:
            conn.timeout = time.monotonic() + seconds
        self._readiness.watch(conn)

    def _send(self, conn: Connection, status: HTTPStatus, *, closes: bool = True) -> None:
        self._refused(status.value, HTTP_PROBLEMS[status].code)
        with contextlib.suppress(OSError):
            conn.sock.send(refusal(status, closes=closes))

    def _linger(self, conn: Connection) -> None:
        """Close it when the client does: else what it still sends destroys the answer that it
        has not read (RFC 9112 section 9.6)."""
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(conn)
        else:
            conn.lingers = True
            self._wait(conn, LINGER_SECONDS)

    def _discard(self, conn: Connection) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = conn.sock.recv(BYTES_AT_ONCE)
        conn.discarded += len(data)
        if not data or conn.discarded > MAX_DISCARDED:
            self.drop(conn)
        else:
            self._wait(conn, None)

    def _is_out_of_proportion(self, conn: Connection) -> bool:
        """Whether all that has come is too much, and not little of it is this one's."""
        if len(conn.arrival) <= _FAIR_BYTES:
            return False
        return sum(len(each.arrival) for each in self._readiness.watched()) > MAX_BUFFERED
