"""Bytes to and from a service, without a client that knows better."""

import contextlib
import json
import re
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
from urllib3 import HTTPHeaderDict

from tests.support.server import Service

PATIENCE_SECONDS = 60
LIVE = b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n"
NOBODY = b"GET /profiles/nobody HTTP/1.1\r\nHost: h\r\n\r\n"
POST = (
    b"POST /profiles HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)


@dataclass(frozen=True, slots=True)
class Received:
    """An answer."""

    status: int
    fields: HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, bind: str, source: str = "", window: int | None = None) -> None:
        """``source``: the client's address. ``window``: bytes that may come unread, about."""
        host, _, port = bind.rpartition(":")
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_SECONDS)
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.bind((source, 0))
        self.socket.connect((host, int(port)))
        self._read = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def end(self) -> None:
        """Send nothing else; still read."""
        with contextlib.suppress(OSError):  # the service may have closed it already
            self.socket.shutdown(socket.SHUT_WR)

    def receive(self) -> Received:
        """The next answer.

        :raises AssertionError: the connection ended before it.
        """
        first = self._read.readline()
        assert first, "the connection has ended"
        fields = HTTPHeaderDict()
        for line in iter(self._read.readline, b"\r\n"):
            assert line, "the connection has ended within a head"
            name, _, text = line.decode().strip().partition(": ")
            fields[name] = text
        body = self._read.read(int(fields.get("Content-Length", 0)))
        return Received(int(first.split()[1]), fields, body)

    def receive_some(self, size: int) -> bytes:
        """At most so many bytes of what comes next; none at the end."""
        return self._read.read1(size)

    def rest(self) -> bytes:
        """All that comes until the service closes the connection; waits for that."""
        received = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while part := self._read.read1():
                received += part
        return bytes(received)

    def has_ended(self) -> bool:
        """Whether nothing else comes; waits for that."""
        return self.rest() == b""

    def close(self) -> None:
        self._read.close()
        self.socket.close()


@contextlib.contextmanager
def wires(
    service: Service, count: int, source: str = "", window: int | None = None
) -> Iterator[list[Wire]]:
    """Connections, closed at the end."""
    opened = list[Wire]()
    try:
        for _ in range(count):
            opened.append(Wire(service.bind, source, window))
        yield opened
    finally:
        for each in opened:
            each.close()


def answered(waiting: list[Wire]) -> list[Wire]:
    """Those of ``waiting`` that something has come on."""
    poll = select.poll()
    for each in waiting:
        poll.register(each.socket, select.POLLIN)
    ready = {number for number, _ in poll.poll(0)}
    return [each for each in waiting if each.socket.fileno() in ready]


def exchanged(bind: str, *pieces: bytes, ends: bool = False) -> bytes:
    """All that is answered until the service closes the connection.

    ``ends``: the client closes its half of it when all is sent.
    """
    wire = Wire(bind)
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may refuse early
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                wire.send(piece)
            if ends:
                wire.end()
        return wire.rest()
    finally:
        wire.close()


def statuses(received: bytes) -> list[int]:
    """Of the answers in ``received``."""
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


def held(service: Service) -> list[int]:
    """How many connections each worker has."""
    port = int(service.bind.rpartition(":")[2])
    return [
        sum(
            each.status != psutil.CONN_LISTEN and each.laddr.port == port
            for each in worker.net_connections()
        )
        for worker in service.workers()
    ]
