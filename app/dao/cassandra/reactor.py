"""The driver's connections, which send in the thread that has something to send."""

import threading
from typing import Any

from cassandra.connection import NONBLOCKING
from cassandra.io.libevreactor import LibevConnection


class PromptConnection(LibevConnection):  # type: ignore[misc]
    """Sends at once; the driver's own leaves that to its event loop, and has to wake it.

    What does not go out at once is left to the loop, and so is all with TLS: only one thread at
    a time may use such a socket.
    """

    def __init__(self, *of_base: Any, **named: Any) -> None:
        self._sending = threading.Lock()
        super().__init__(*of_base, **named)

    def push(self, data: bytes) -> None:
        """Send ``data``, behind all that waits."""
        if self.ssl_context or not self._sending.acquire(blocking=False):
            super().push(data)
            return
        try:
            self._push_now(data)
        finally:
            self._sending.release()

    def handle_write(self, *of_base: Any, **named: Any) -> None:
        """The loop sends what waits."""
        with self._sending:
            super().handle_write(*of_base, **named)

    def _push_now(self, data: bytes) -> None:
        if self.deque:
            super().push(data)
            return
        try:
            sent = self._socket.send(data)
        except OSError as error:
            if error.errno not in NONBLOCKING:
                self.defunct(error)
                return
            sent = 0
        if sent < len(data):
            with self._deque_lock:
                self.deque.appendleft(data[sent:])
            super().push(b"")  # wakes the loop
