"""Messages to Cassandra, sent by the threads that have them: whole, one after the other."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from cassandra.io import libevwrapper

from app.dao.cassandra.reactor import PromptConnection

SIZE = 50_000
MESSAGES = [bytes([number]) * SIZE for number in range(64)]


@contextmanager
def connected() -> Iterator[tuple[PromptConnection, socket.socket]]:
    """A connection over a socket that takes little at once, and the other end of that."""
    near, far = socket.socketpair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    near.settimeout(0)
    conn = object.__new__(PromptConnection)  # without the handshake that a node would answer
    conn.deque, conn._deque_lock, conn._sending = deque(), threading.Lock(), threading.Lock()
    conn._socket, conn._socket_writable = near, True
    PromptConnection.initialize_reactor()
    with near, far:
        yield conn, far


class Sluggish:
    """Takes three bytes at a time; ``meanwhile`` happens in another thread the first time."""

    def __init__(self, near: Any, meanwhile: Callable[[], None]) -> None:
        self._near = near
        self._meanwhile = threading.Thread(target=meanwhile)

    def send(self, data: bytes) -> int:
        if self._meanwhile.ident is None:
            self._meanwhile.start()
            self._meanwhile.join(0.2)
        sent: int = self._near.send(data[:3])
        return sent

    def join(self) -> None:
        self._meanwhile.join()


def drained(conn: PromptConnection, far: socket.socket) -> bytes:
    """What has come when the loop has sent all."""
    while conn.deque:
        conn.handle_write(None, libevwrapper.EV_WRITE)
    return far.recv(1000)


def received(far: socket.socket, count: int) -> list[bytes]:
    with far.makefile("rb") as file:
        return [file.read(SIZE) for _ in range(count)]


def test_a_message_goes_out_in_the_thread_that_has_it() -> None:
    with connected() as (conn, far):
        conn.push(b"short")
        assert far.recv(10) == b"short"


def test_messages_of_many_threads_go_out_whole() -> None:
    with connected() as (conn, far), ThreadPoolExecutor(9) as pool:
        reading = pool.submit(received, far, len(MESSAGES))
        pushed = [pool.submit(conn.push, each) for each in MESSAGES]
        while not reading.done():
            conn.handle_write(None, libevwrapper.EV_WRITE)
        assert sorted(reading.result()) == MESSAGES
        assert [each.result() for each in pushed] == [None] * len(MESSAGES)


def test_what_comes_while_a_message_is_sent_goes_behind_it() -> None:
    with connected() as (conn, far):
        near = conn._socket = Sluggish(conn._socket, lambda: conn.push(b"second"))
        conn.push(b"the first")
        near.join()
        assert drained(conn, far) == b"the firstsecond"


def test_what_comes_while_the_loop_sends_goes_behind_it() -> None:
    with connected() as (conn, far):
        conn.deque.append(b"the first")
        near = conn._socket = Sluggish(conn._socket, lambda: conn.push(b"second"))
        conn.handle_write(None, libevwrapper.EV_WRITE)
        near.join()
        assert drained(conn, far) == b"the firstsecond"
