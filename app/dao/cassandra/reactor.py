"""The driver's connections on the event loop of a worker.

A request that waits for a node then needs no thread, and its answer no hand-over between two.
The driver's own asyncio connections have a loop and a thread of their own, and cannot do TLS.
"""

import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from cassandra.connection import NONBLOCKING, Connection, ConnectionShutdown
from cassandra.io.libevreactor import LibevConnection

from app.concurrency.greenlets import LoopWaiting

_READ_BYTES = 64 * 1024
_TLS_WAITS = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LoopTimer:
    """A timer of the driver; it may be made and cancelled in any thread."""

    def __init__(self, on: LoopWaiting, seconds: float, callback: Callable[[], None]) -> None:
        self._on = on
        self._callback: Callable[[], None] | None = callback
        on.call(self._begin, seconds)

    def cancel(self) -> None:
        self._callback = None

    def _begin(self, seconds: float) -> None:
        self._on.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        if self._callback:
            self._callback()


class LoopConnection(Connection):  # type: ignore[misc]
    """A connection to one node. It is made in a thread, as the driver connects and waits for
    the node's first answers, and from then on belongs to the loop."""

    on: ClassVar[LoopWaiting]
    is_closed: bool
    in_buffer_size = _READ_BYTES

    def __init__(self, *of_base: Any, **named: Any) -> None:
        super().__init__(*of_base, **named)
        self._unsent: deque[bytes] = deque()
        self._sends = self._is_full = False
        self._connect_socket()
        self._socket.setblocking(0)
        self.on.call(self.on.loop.add_reader, self._socket, self._read)
        self._send_options_message()

    @classmethod
    def create_timer(cls, timeout: float, callback: Callable[[], None]) -> LoopTimer:
        return LoopTimer(cls.on, timeout, callback)

    def push(self, data: bytes) -> None:
        """Send ``data`` behind all that waits, in one piece with what comes in the same turn."""
        self.on.call(self._add, data)

    def close(self) -> None:
        with self.lock:
            if self.is_closed:
                return
            self.is_closed = True
        self.on.call(self._close)
        if not self.is_defunct:
            self.error_all_requests(ConnectionShutdown(f"Connection to {self.endpoint} closed"))
            self.connected_event.set()  # whoever waits for the first answers

    def _close(self) -> None:
        self.on.loop.remove_reader(self._socket)
        self.on.loop.remove_writer(self._socket)
        self._socket.close()

    def _add(self, data: bytes) -> None:
        self._unsent.append(data)
        if not self._sends:
            self._sends = True
            self.on.loop.call_soon(self._send)

    def _send(self) -> None:
        """Send what waits; what the socket does not take now goes when it can."""
        data = b"".join(self._unsent)
        self._unsent.clear()
        sent = 0 if self.is_closed else self._tried(self._socket.send, data) or 0
        if self.is_closed:
            return
        if sent < len(data):
            self._unsent.append(data[sent:])
            self.on.loop.add_writer(self._socket, self._send)
            self._is_full = True
        else:
            self._sends = False
            if self._is_full:
                self.on.loop.remove_writer(self._socket)
                self._is_full = False

    def _read(self) -> None:
        """Take what has come, and answer whoever waits for it."""
        while not self.is_closed:
            data = self._tried(self._socket.recv, self.in_buffer_size)
            if not data:
                if data is not None:
                    self.close()
                return
            self._iobuf.write(data)
            self.process_io_buffer()
            if len(data) < self.in_buffer_size and not self.ssl_context:
                return

    def _tried(self, call: Callable[[Any], Any], argument: Any) -> Any:
        """What a call of the socket returns."""
        try:
            return call(argument)
        except _TLS_WAITS:
            return None
        except OSError as error:
            if error.errno not in NONBLOCKING:
                self.defunct(error)
            return None


def connection_class() -> type[Connection]:
    """Those on the loop of this process where it serves on one, else the driver's own."""
    on = LoopWaiting.serving
    return type("ServingConnection", (LoopConnection,), {"on": on}) if on else LibevConnection
