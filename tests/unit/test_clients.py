"""Which connections make room for others."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from gunicorn.config import Config

from app.serving.clients import Clients
from app.serving.connections import Connection
from app.serving.readiness import Readiness


@pytest.fixture
def readiness() -> Iterator[Readiness]:
    made = Readiness()
    yield made
    made.close()


def test_the_first_that_has_sent_nothing_makes_room(readiness: Readiness) -> None:
    clients = Clients(readiness, lambda _: True, lambda *_: None)
    clients.idle_seconds = 60
    with ExitStack() as opened:
        pairs = [socket.socketpair() for _ in range(3)]
        for pair in pairs:
            for each in pair:
                opened.enter_context(each)
            clients.enter(Connection(1000, Config(), pair[0], "client", "server"))
        (_, first), (_, second), (_, third) = pairs
        first.sendall(b"GET")
        assert clients.make_room()
        assert second.recv(1) == b""
        assert len(clients) == 2
        third.sendall(b"GET")
        assert not clients.make_room()
        assert {each.sock for each in readiness.now()} == {pairs[0][0], pairs[2][0]}
