"""A client's connection, as the threads of a worker and its loop hand it to one another."""

import contextlib
import select
import ssl
import time
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from app.dao import deadline
from app.serving.buffering import Arrival, Arrived

WIRE_SECONDS = 5.0
"""For what a thread has to send, or still has to read."""

BYTES_AT_ONCE = 64 * 1024
_CONSENT = b"HTTP/1.1 100 Continue\r\n\r\n"
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


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
    """A connection and what it has sent; ``sock``, ``parser`` and ``timeout`` are the base's.

    Its socket does not block, but while gunicorn has it, from `init` to `take_back`.
    """

    initialized: bool
    timeout: float
    """When what is waited for has taken too long, in the seconds of `time.monotonic`."""

    def __init__(self, max_body: int, *of_base: Any) -> None:
        super().__init__(*of_base)
        self.data_ready = True  # no thread waits for the first byte
        self.arrival = Arrival(max_body)
        self.consented = False
        self.lingers = False
        self.discarded = 0
        self.whole_at: float | None = None

    def has_sent(self) -> bool:
        """Whether there is something to read."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def read(self) -> Arrived | None:
        """How much of a request is there, after one more read; None: there will be none.

        The first time it also does its part of the TLS handshake.
        """
        try:
            data = self.sock.recv(BYTES_AT_ONCE) + self._decrypted()
        except _NOT_NOW:
            return Arrived.PART
        except OSError:
            return None
        if not data:
            return Arrived.CUT if len(self.arrival) else None
        self.arrival.add(data)
        return self.look()

    def look(self) -> Arrived:
        """How much of a request is there; that it is ``whole_at`` is noted once."""
        arrived = self.arrival.look()
        self.whole_at = time.monotonic() if arrived is Arrived.WHOLE else None
        return arrived

    def send(self, data: bytes) -> bool:
        """Whether all of ``data`` could be sent; that may take `WIRE_SECONDS`."""
        try:
            sent = self.sock.send(data)
        except _NOT_NOW:
            sent = 0
        except OSError:
            return False
        return sent == len(data) or self._send_slowly(data[sent:])

    def _send_slowly(self, data: bytes) -> bool:
        self.sock.settimeout(WIRE_SECONDS)
        try:
            self.sock.sendall(data)
            self.sock.settimeout(0)
        except OSError:
            return False
        return True

    def init(self) -> None:
        """From here on gunicorn has it, for one request, with all that has come."""
        if not self.initialized:
            self.initialized = True
            self.parser = RequestParser(self.cfg, self.sock, self.client)
            self.parser.unreader = Unreader(self.sock)
        self.sock.settimeout(WIRE_SECONDS)
        self.parser.unreader.waits = True
        self.parser.unreader.unread(self.arrival.take())

    def take_back(self) -> None:
        """From gunicorn, with what has come of the next request."""
        self.sock.settimeout(0)
        self.consented = False
        self.arrival.add(self.parser.unreader.take_buffered() + self._decrypted())

    def consent(self) -> None:
        """Let the client send the body that it announced, if it waits for that."""
        if not self.consented and self.arrival.awaits_consent:
            self.consented = True
            with contextlib.suppress(OSError):
                self.sock.send(_CONSENT)

    def _decrypted(self) -> bytes:
        """What was taken from the socket, so that no poller tells of it."""
        if not isinstance(self.sock, ssl.SSLSocket) or not self.sock.pending():
            return b""
        return self.sock.recv(self.sock.pending())
