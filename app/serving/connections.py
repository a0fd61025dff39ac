"""The connections of a worker, in bounds: how many, how long in silence, how much unsent.

gunicorn's protocol closes a connection that is idle after a request. It waits without end for the
first request of one, and for a client to read.
"""

import asyncio
import resource
from collections import Counter
from http import HTTPStatus
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol

from app.http_problems import HTTP_PROBLEMS
from app.parts import WATCH
from app.serving.refusals import refusal
from app.settings import WrongSetting
from app.watching.identifiers import request_id

MOST = 1000
"""Connections of one worker."""

LEAST = 56
OTHER_FILES = 200
"""What a worker has open beside them, at most: the store, its log, bodies on their way."""

CLOSED_AT_ONCE = 20
"""Where there are too many; so not every further one has to look for the oldest."""

FIRST_HEAD_SECONDS = 30
"""Until the first request of a connection has to have its head."""

UNREAD_SECONDS = 30
"""A client may read slowly, but not nothing for so long."""

MAX_UNSENT = 64 * 1024 * 1024
"""Bytes of all answers that clients have not read."""


class BoundedProtocol(ASGIProtocol):  # type: ignore[misc]
    """One connection, whose malformed requests are answered in the service's own words."""

    _has_ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if isinstance(peer, tuple) else ""
        self._timer = self.worker.loop.call_later(FIRST_HEAD_SECONDS, self._end_if_silent)
        super().connection_made(transport)
        self.worker.connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self.worker.connections.leave(self)
        super().connection_lost(exc)

    def eof_received(self) -> bool:
        """The client closes its half: it still gets the answers to all that it has sent whole
        (RFC 9112 section 9.6), where the base class would drop them."""
        self._has_ended = True
        encrypted = self.transport.get_extra_info("ssl_object")  # then there is no half
        return self._has_whole_request() and not encrypted

    def _has_whole_request(self) -> bool:
        receiver = self._body_receiver
        return bool(self._current_request and receiver and receiver._complete)  # noqa: SLF001

    def _feed_callback_parser(self, data: bytes) -> bool:
        """What was sent behind a request; after the end of all, nothing makes it whole."""
        if self._closed:
            return False
        fed: bool = super()._feed_callback_parser(data)
        if fed and self._has_ended and not self._has_whole_request():
            self._close_transport()
            return False
        return fed

    def _arm_keepalive_timer(self) -> None:
        """It is idle from here on."""
        self.worker.connections.move_to_end(self)
        if self._has_ended:
            self.worker.loop.call_soon(self.end)
        else:
            super()._arm_keepalive_timer()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is answered."""
        super().pause_writing()
        self.worker.connections.hold(self)
        self._await_reading()

    def resume_writing(self) -> None:
        self.worker.connections.release(self)
        super().resume_writing()

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> bool:
        """Answer in the task of the connection, as nothing goes on behind an answer: 8 % of a
        query on Cassandra (docs/decisions/one-server.md)."""
        kept: bool = await self._handle_http_request(request, sockname, peername)
        return kept

    @property
    def waits(self) -> bool:
        """Whether it is idle, silent since its start, or in the middle of a head."""
        begins = self._request_ready is not None and not self._request_ready.is_set()
        return begins and (self._awaiting_request or not self.req_count)

    @property
    def stalls(self) -> bool:
        """Whether its client is in the middle of a body, or does not read what it is answered."""
        receiver = self._body_receiver
        return bool(self.unsent or (receiver and not receiver._complete))  # noqa: SLF001

    @property
    def unsent(self) -> int:
        """Bytes that the client has not read."""
        size: int = self.transport.get_write_buffer_size()
        return size

    def end(self) -> None:
        """Close it, as nothing is done on it; what its client has not read is lost."""
        if self.stalls:
            self.transport.abort()
        else:
            self._keepalive_timeout()

    def _end_if_silent(self) -> None:
        if self.req_count <= 1 and self.waits:
            self.end()

    def _await_reading(self) -> None:
        self._timer.cancel()
        self._timer = self.worker.loop.call_later(UNREAD_SECONDS, self._look, self.unsent)

    def _look(self, unsent_before: int) -> None:
        if not self.unsent:
            return
        if self.unsent >= unsent_before:
            self.transport.abort()
        else:
            self._await_reading()

    def _close_transport(self) -> None:
        """Close it when all is sent; whoever does not read must not keep it open."""
        super()._close_transport()
        if self.unsent:
            self._await_reading()

    def _send_error_response(self, status: int, message: str, extra_headers: Any = ()) -> None:
        """Answer what is no HTTP as gunicorn's parser reads it, or a failure of the bridge; not
        one who has gone in the middle of a request."""
        if self._closed:
            return
        status = status if status in HTTP_PROBLEMS else HTTPStatus.BAD_REQUEST
        watch = self.worker.wsgi.extensions[WATCH]
        watch.malformed(status, HTTP_PROBLEMS[status].code)
        self._safe_write(refusal(HTTPStatus(status), request_id("")))


def most() -> int:
    """`MOST`, or as many as this process may have open, which it raises as far as it may: beyond
    that, no connection could be taken in, and no file opened.

    :raises WrongSetting: that is next to nothing.
    """
    wanted = MOST + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST
    soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft < LEAST + OTHER_FILES:
        raise WrongSetting(
            f"The limit of open files is {soft}: raise it to {wanted} (ulimit -n {wanted})."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(MOST, soft - OTHER_FILES)


class Connections:
    """All connections of a worker; those that have been idle, or have begun, for longest first."""

    def __init__(self) -> None:
        self._most = most()
        self._open: dict[BoundedProtocol, None] = {}
        self._unread: dict[BoundedProtocol, None] = {}

    def enter(self, conn: BoundedProtocol) -> None:
        """Take in ``conn``, for which others may have to go."""
        self._open[conn] = None
        if len(self._open) > self._most and not self._make_room(conn):
            conn.transport.abort()

    def move_to_end(self, conn: BoundedProtocol) -> None:
        """It was answered just now."""
        self._open[conn] = self._open.pop(conn, None)

    def leave(self, conn: BoundedProtocol) -> None:
        self._open.pop(conn, None)
        self._unread.pop(conn, None)

    def hold(self, conn: BoundedProtocol) -> None:
        """``conn`` does not read as fast as it is answered. If too much is unsent, whoever has
        not read for longest loses it."""
        self._unread.setdefault(conn)
        unsent = sum(each.unsent for each in self._unread)
        for each in list(self._unread):
            if unsent <= MAX_UNSENT:
                return
            unsent -= each.unsent
            each.transport.abort()
            self._unread.pop(each)

    def release(self, conn: BoundedProtocol) -> None:
        self._unread.pop(conn, None)

    def end_waiting(self) -> None:
        """Close those that have no request under way."""
        for conn in [each for each in self._open if each.waits]:
            conn.end()

    def _make_room(self, come: BoundedProtocol) -> bool:
        """Close some of the address that has most on which nothing is done: those that wait
        first, the oldest first, and never the one that has just come. Whether there were any."""
        others = (each for each in self._open if each is not come)
        inactive = [each for each in others if each.waits or each.stalls]
        if not inactive:
            return False
        greatest, _ = Counter(each.address for each in inactive).most_common(1)[0]
        theirs = [each for each in inactive if each.address == greatest]
        for conn in sorted(theirs, key=lambda each: each.stalls)[:CLOSED_AT_ONCE]:
            conn.end()
        return True
