"""How requests come in: read without a thread, handed over whole, refused when there are many.

gunicorn's thread worker gives a connection to a thread with its first byte, so that a few clients
who send slowly occupy all threads; and it lets requests wait without a bound. Here the loop of the
worker reads, and a thread only gets what is there.
"""

import contextlib
import errno
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from itertools import takewhile
from selectors import EVENT_READ
from ssl import SSLContext
from typing import Any

from gunicorn.http.message import Request
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from app.dao import deadline
from app.http_problems import HTTP_PROBLEMS
from app.parts import SETTINGS, WATCH
from app.serving.buffering import Arrived
from app.serving.connections import BYTES_AT_ONCE, Connection, Lane
from app.serving.refusals import refusal
from app.settings import Settings

REQUEST_SECONDS = 30
"""From the first byte of a request to its last one."""

LINGER_SECONDS = 2.0
"""For a client to read its last answer and close the connection."""

MAX_BUFFERED = 64 * 1024 * 1024
"""Bytes of the requests that are not all there, of one worker."""

MAX_DISCARDED = 4 * 1024 * 1024
"""Bytes that a client may send after its last answer."""

SWITCH_SECONDS = 0.001
"""How long a thread keeps the loop from its next step; of Python's 0.005 the loop falls behind."""

HEALTH_THREADS = 2
YIELD_SECONDS = REST_SECONDS = 0.01
_FAIR_BYTES = 64 * 1024
_TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
_NOTHING_THERE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)
_REFUSED = {
    Arrived.CUT: HTTPStatus.BAD_REQUEST,
    Arrived.LONG_HEAD: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Arrived.LONG_BODY: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}

Met = Callable[[Connection, socket.socket], None]


class Intake(ThreadWorker):  # type: ignore[misc]
    """A thread worker whose loop reads the requests.

    The base class's ``keepalived_conns`` are here all connections that are idle, its
    ``pending_conns`` those with a part of a request.
    """

    def __init__(self, *of_base: Any) -> None:
        super().__init__(*of_base)
        self._lingering: deque[Connection] = deque()
        self._accepts_from = 0.0

    def run(self) -> None:
        """Serve, until a signal to end."""
        sys.setswitchinterval(SWITCH_SECONDS)
        threads = self.cfg.threads
        self._tls: SSLContext | None = ssl_context(self.cfg) if self.cfg.is_ssl else None
        self._lane = Lane(self.tpool, threads + max(1, threads // 4))
        self._health = Lane(ThreadPoolExecutor(HEALTH_THREADS), 2 * HEALTH_THREADS)
        super().run()
        self._health.pool.shutdown(wait=False)

    def accept(self, listener: socket.socket) -> None:
        """Take in a new connection; one that has a thread to spare gets it before one that has
        none, as that one looks away for a moment from time to time."""
        if self._is_to_yield():
            self._look_away(YIELD_SECONDS)
            return
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _TOO_MANY_FILES:
                self._look_away(REST_SECONDS)
            elif error.errno not in _NOTHING_THERE:
                raise
            return
        try:
            sock = self._secured(sock)
        except OSError:  # it has gone already
            sock.close()
            return
        self.nr_conns += 1
        made = (self.cfg, sock, client, listener.getsockname())
        self._go_on(Connection(self._settings.max_body, *made), Arrived.PART)

    def set_accept_enabled(self, enabled: bool) -> None:
        """The base class asks for it before each round of events."""
        super().set_accept_enabled(enabled and time.monotonic() >= self._accepts_from)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """One round of events."""
        rest = self._accepts_from - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, rest) if rest > 0 else timeout)

    def handle(self, conn: Connection) -> Any:
        """Answer a request, in a thread and in time. Whether the connection may be kept."""
        try:
            with deadline.until(conn.handed_over_at + self._settings.deadline):
                kept = super().handle(conn)
        finally:
            conn.lane.leave()
        if kept:
            conn.take_back()
        return kept

    def handle_request(self, req: Request, conn: Connection) -> Any:
        """Let the application answer."""
        if conn.consented:
            req._expected_100_continue = False  # noqa: SLF001 - or the base class consents again
        try:
            return super().handle_request(req, conn)
        except TimeoutError:  # the client does not read the answer
            return False

    def finish_request(self, conn: Connection, done: Future[Any]) -> None:
        """A thread has given the connection back."""
        if done.cancelled() or done.exception() or not done.result():
            self._linger(conn)
        else:
            self._go_on(conn, conn.arrival.look())

    def murder_pending(self) -> None:
        """Close what took too long."""
        for conn in _expired(self.pending_conns):
            self._leave(conn)
            self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
        for conn in _expired(self._lingering):
            self._leave(conn)
            self._drop(conn)

    @property
    def _settings(self) -> Settings:
        found: Settings = self.wsgi.extensions[SETTINGS]
        return found

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """What the application left of a body is passed over, if it has come; the base class
        would wait for it."""
        conn.parser.unreader.waits = False
        return keepalive and bool(conn.parser.finish_body())

    def _read(self, conn: Connection) -> Arrived | None:
        """How much of a request is there, after one more read; None: there will be none."""
        try:
            data = conn.receive()
        except OSError:
            return None
        if data is None:
            return Arrived.PART
        if not data:
            return Arrived.CUT if len(conn.arrival) else None
        conn.arrival.add(data)
        return conn.arrival.look()

    def _read_more(self, conn: Connection, _: socket.socket) -> None:
        arrived = self._read(conn)
        if arrived is Arrived.PART and conn.queue is self.pending_conns:
            conn.consent()
            if self._is_out_of_proportion(conn):
                self._leave(conn)
                self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)
        elif not (conn.queue is self.keepalived_conns and self._is_refused(conn, arrived)):
            self._leave(conn)
            self._go_on(conn, arrived)

    def _go_on(self, conn: Connection, arrived: Arrived | None) -> None:
        """Hand over, refuse, drop, or wait for more, as what has come asks for."""
        if arrived is None:
            self._drop(conn)
        elif arrived in _REFUSED:
            self._refuse(conn, _REFUSED[arrived])
        elif arrived is Arrived.WHOLE:
            self._hand_over(conn)
        elif len(conn.arrival):
            conn.consent()
            self._wait(conn, self.pending_conns, REQUEST_SECONDS, self._read_more)
        else:
            idle = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
            self._wait(conn, self.keepalived_conns, idle, self._read_more)

    def _is_to_yield(self) -> bool:
        """Never for long, so that no queue grows in the kernel."""
        alone = self.cfg.workers == 1 or self._lane.busy < self.cfg.threads
        return not alone and time.monotonic() > self._accepts_from + YIELD_SECONDS

    def _look_away(self, seconds: float) -> None:
        self._accepts_from = time.monotonic() + seconds
        self.set_accept_enabled(False)

    def _secured(self, sock: socket.socket) -> socket.socket:
        """With TLS where that is configured; the handshake comes when the client is read."""
        if self._tls is None:
            return sock
        return self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    def _lane_of(self, conn: Connection) -> Lane:
        return self._health if conn.arrival.is_for_health else self._lane

    def _is_refused(self, conn: Connection, arrived: Arrived | None) -> bool:
        """Whether it was refused, as there are too many, and the connection is kept.

        It costs a system call or two: each one lets the threads go on first.
        """
        if arrived is not Arrived.WHOLE or self._lane_of(conn).has_room:
            return False
        if not conn.arrival.ends_surely:
            return False
        conn.arrival.take()
        self._answer(conn, HTTPStatus.SERVICE_UNAVAILABLE, closes=False)
        return True

    def _hand_over(self, conn: Connection) -> None:
        lane = self._lane_of(conn)
        if not lane.has_room:
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)
            return
        lane.enter()
        conn.hand_over(lane)
        done = lane.pool.submit(self.handle, conn)
        done.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def _refuse(self, conn: Connection, status: HTTPStatus) -> None:
        """Answer a request that has not come to its end."""
        self._answer(conn, status)
        self._linger(conn)

    def _answer(self, conn: Connection, status: HTTPStatus, *, closes: bool = True) -> None:
        self.wsgi.extensions[WATCH].unread(status.value, HTTP_PROBLEMS[status].code)
        with contextlib.suppress(OSError):
            conn.sock.send(refusal(status, closes=closes))

    def _linger(self, conn: Connection) -> None:
        """Close it when the client does: else what it still sends destroys the answer that it
        has not read (RFC 9112 section 9.6)."""
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._wait(conn, self._lingering, LINGER_SECONDS, self._discard)

    def _discard(self, conn: Connection, _: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = conn.sock.recv(BYTES_AT_ONCE)
        conn.discarded += len(data)
        if not data or conn.discarded > MAX_DISCARDED:
            self._leave(conn)
            self._drop(conn)

    def _is_out_of_proportion(self, conn: Connection) -> bool:
        """Whether all that has come is too much, and not little of it is this one's."""
        if len(conn.arrival) <= _FAIR_BYTES:
            return False
        return sum(len(each.arrival) for each in self.pending_conns) > MAX_BUFFERED

    def _wait(self, conn: Connection, queue: deque[Connection], seconds: float, met: Met) -> None:
        """Let ``met`` be called when the client sends something; it may take so long."""
        conn.queue, conn.timeout = queue, time.monotonic() + seconds
        queue.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(met, conn))

    def _leave(self, conn: Connection) -> None:
        """Undo `_wait`."""
        conn.queue.remove(conn)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()


def _expired(queue: deque[Connection]) -> list[Connection]:
    """Those whose time is over; all of a queue have the same time, so they stand in order."""
    now = time.monotonic()
    return list(takewhile(lambda conn: conn.timeout <= now, queue))
