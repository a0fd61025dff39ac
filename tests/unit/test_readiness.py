"""Whom the bell wakes."""

import socket
from contextlib import closing

from gunicorn.config import Config

from app.serving.connections import Connection
from app.serving.readiness import Readiness


def test_rings_that_nobody_has_heard_do_not_add_up() -> None:
    ours, theirs = socket.socketpair()
    with closing(Readiness()) as readiness, ours, theirs:
        for _ in range(3):
            readiness.ring(2)
        assert [readiness.wait(), readiness.wait()] == [None, None]
        conn = Connection(1000, Config(), ours, "client", "server")
        readiness.watch(conn)
        theirs.sendall(b"GET")
        assert readiness.wait() is conn
        readiness.ring(1)
        assert readiness.wait() is None
