"""How requests come in: each thread takes the next one that is there, and what is too much is
refused.

gunicorn's thread worker hands each request from its loop to a thread and back, gives a connection
to a thread with its first byte, so that a few clients who send slowly occupy all threads, and lets
requests wait without a bound. Here the threads wait for the clients themselves, and only answer
what is there. The loop accepts, ends what takes too long, and refuses what no thread takes.
"""

import errno
import socket
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from ssl import SSLContext
from typing import Any

from gunicorn.http.message import Request
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from app.dao import deadline
from app.parts import SETTINGS, WATCH
from app.serving import crowd, plain
from app.serving.clients import Clients
from app.serving.connections import Connection
from app.serving.readiness import Readiness
from app.settings import Settings

LOOK_SECONDS = 0.01
"""How often the loop looks for what no thread has taken, once all were at work."""

CALM_LOOKS = 100
"""After so many in a row that found none and a thread to spare, it looks no more."""

AT_ONCE = 8
"""Connections that it takes in between two looks; more would go to one worker of several."""

EXPIRY_SECONDS = 0.5
"""How often it looks for what takes too long."""

HEALTH_THREADS = 2
YIELD_SECONDS = REST_SECONDS = 0.01
SPREAD_SECONDS = 0.002
"""How long a worker that has more connections than another leaves the next to that one."""

_TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
_NOTHING_THERE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


class Intake(ThreadWorker):  # type: ignore[misc]
    """A thread worker whose threads read the requests."""

    def run(self) -> None:
        """Serve, until a signal to end."""
        self._settings: Settings = self.wsgi.extensions[SETTINGS]
        self._tls: SSLContext | None = ssl_context(self.cfg) if self.cfg.is_ssl else None
        self._plain = plain.Requests(self.cfg) if plain.are_enough(self.cfg, self.log) else None
        self._readiness = Readiness()
        self._clients = Clients(self._readiness, self._answer, self.wsgi.extensions[WATCH].unread)
        self._clients.idle_seconds = self.cfg.keepalive
        self._waiting: deque[Connection] = deque()
        self._health = ThreadPoolExecutor(HEALTH_THREADS)
        self._health_room = threading.Semaphore(2 * HEALTH_THREADS)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._threads: int = self.cfg.threads
        self._busy = 0
        self._looks_for = 0
        self._ended = self._yields = False
        self._accepts_from = self._expires_at = 0.0
        self.worker_connections = sys.maxsize  # `accept` makes room instead
        crowd.tell(self.age, 0)
        for _ in range(self._threads):
            self.tpool.submit(self._work)
        try:
            super().run()
        finally:
            self._ended = True
            self._readiness.ring(self._threads)
            self._health.shutdown(wait=False)

    # What the threads do

    def _work(self) -> None:
        """Answer one request after the other."""
        while not self._ended:
            conn = self._next()
            if conn is None:
                continue
            self._meet(conn)

    def _next(self) -> Connection | None:
        """One that has waited, or has sent something; None: look again.

        The loop comes first: between the threads it would get the interpreter too rarely to
        refuse faster than requests come.
        """
        with self._turn:
            if self._waiting:
                return self._waiting.popleft()
        return self._readiness.wait()

    def _meet(self, conn: Connection) -> None:
        """Answer it, if it has sent a whole request."""
        try:
            if conn.whole_at is not None or self._clients.receive(conn):
                self._clients.answer(conn)
        except Exception:
            self.log.exception("A connection could not be handled")
            self._clients.drop(conn)

    def _begin(self) -> None:
        with self._lock:
            self._busy += 1
        if self._is_full and not self._looks_for:
            self._looks_for = CALM_LOOKS
            self.method_queue.defer(lambda: None)

    def _answer(self, conn: Connection) -> bool:
        """Answer a request. Whether the connection may be kept."""
        self._begin()
        try:
            return self._answer_in_time(conn)
        finally:
            with self._lock:
                self._busy -= 1

    def _answer_in_time(self, conn: Connection) -> bool:
        whole_at = conn.whole_at or time.monotonic()
        conn.whole_at = None
        with deadline.until(whole_at + self._settings.deadline):
            environ = self._plain_environ(conn)
            if environ:
                conn.arrival.pass_over()
                return self._answer_plain(conn, environ)
            kept = bool(self.handle(conn))
        if kept:
            conn.take_back()
        return kept

    def _plain_environ(self, conn: Connection) -> plain.Environ | None:
        request = conn.arrival.request
        if request is None or self._plain is None:
            return None
        return self._plain.read(*request, conn.client, conn.server)

    def _answer_plain(self, conn: Connection, environ: plain.Environ) -> bool:
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        answer, kept = plain.Answer(environ), self.alive and plain.keeps(environ)
        try:
            body = self.wsgi(environ, answer.start)
            text = answer.text(body, kept=kept)
        except Exception as error:  # noqa: BLE001 - the application answers its own
            self.handle_error(None, conn.sock, conn.client, error)
            return False
        return conn.send(text) and kept

    def handle_request(self, req: Request, conn: Connection) -> Any:
        """Let the application answer what is not plain."""
        if conn.consented:
            req._expected_100_continue = False  # noqa: SLF001 - or the base class consents again
        try:
            return super().handle_request(req, conn)
        except TimeoutError:  # the client does not read the answer
            return False

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """What the application left of a body is passed over, if it has come; the base class
        would wait for it."""
        conn.parser.unreader.waits = False
        return keepalive and bool(conn.parser.finish_body())

    # What the loop does

    def accept(self, listener: socket.socket) -> None:
        """Take in a new connection, or some while requests come faster than they are answered.

        The worker with the fewest gets it, and one that has a thread to spare before one that has
        none, as the others look away for a moment.
        """
        if seconds := self._seconds_to_yield():
            self._look_away(seconds)
            return
        with self._turn:
            for _ in range(AT_ONCE if self._looks_for == CALM_LOOKS else 1):
                if not self._enter_one(listener):
                    return

    def _enter_one(self, listener: socket.socket) -> bool:
        """Whether there was a new connection, and there is room for another."""
        if not self._has_room and not self._clients.make_room():
            self._look_away(REST_SECONDS)
            return False
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _TOO_MANY_FILES:
                self._look_away(REST_SECONDS)
            elif error.errno not in _NOTHING_THERE:
                raise
            return False
        try:
            sock = self._secured(sock)
        except OSError:  # it has gone already
            sock.close()
            return True
        made = (self.cfg, sock, client, listener.getsockname())
        self._clients.enter(Connection(self._settings.max_body, *made))
        return self._has_room

    def set_accept_enabled(self, enabled: bool) -> None:
        """The base class asks for it before each round of events."""
        super().set_accept_enabled(enabled and time.monotonic() >= self._accepts_from)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """One round of events."""
        rest = self._accepts_from - time.monotonic()
        timeout = min(timeout, rest) if rest > 0 else timeout
        if self._looks_for or not self.alive:
            timeout = min(timeout, LOOK_SECONDS)
        super().wait_for_and_dispatch_events(timeout)
        self.nr_conns = len(self._clients)
        crowd.tell(self.age, self.nr_conns)
        if not self.alive:
            self._clients.idle_seconds = STOP_KEEPALIVE_LINGER
        if self._is_full:
            self._looks_for = CALM_LOOKS
        if self._looks_for:
            self._looks_for = CALM_LOOKS if self._relieve() else self._looks_for - 1
        if self._waiting and not self._is_full:
            self._readiness.ring(len(self._waiting))

    def _relieve(self) -> bool:
        """Let some of the requests wait that no thread has taken, and refuse the others. Whether
        there were any."""
        found = False
        with self._turn:
            for conn in self._readiness.now():
                found = True
                if self._clients.receive(conn):
                    self._put_off(conn)
        return found

    def _put_off(self, conn: Connection) -> None:
        if conn.arrival.is_for_health and self._health_room.acquire(blocking=False):
            self._health.submit(self._meet, conn).add_done_callback(
                lambda _: self._health_room.release()
            )
        elif len(self._waiting) < self._settings.waiting:
            self._waiting.append(conn)
        else:
            self._clients.refuse_whole(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what took too long, or all that is idle."""
        now = time.monotonic()
        if force or now >= self._expires_at:
            self._expires_at = now + EXPIRY_SECONDS
            self._clients.expire(force=force)

    def murder_pending(self) -> None:
        """`murder_keepalived` has done it."""

    def _cap_keepalive(self, until: float) -> None:
        self._clients.expire(idle_until=until)

    @property
    def _is_full(self) -> bool:
        return self._busy >= self._threads

    @property
    def _has_room(self) -> bool:
        return len(self._clients) < int(self.cfg.worker_connections)

    def _seconds_to_yield(self) -> float:
        """Never for long, so that no queue grows in the kernel."""
        if self.cfg.workers == 1:
            return 0
        if self._is_full:
            waited = time.monotonic() <= self._accepts_from + YIELD_SECONDS
            return 0 if waited else YIELD_SECONDS
        crowd.tell(self.age, len(self._clients))
        self._yields = len(self._clients) > crowd.least() and not self._yields
        return SPREAD_SECONDS if self._yields else 0

    def _look_away(self, seconds: float) -> None:
        self._accepts_from = time.monotonic() + seconds
        self.set_accept_enabled(False)

    def _secured(self, sock: socket.socket) -> socket.socket:
        """With TLS where that is configured; the handshake comes when the client is read."""
        if self._tls is None:
            return sock
        return self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
